"""What is said of a number: with traces of straight lines instead of simulations."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.engines import Failure, FailureKind
from workbench.errors import InputError
from workbench.features import Window
from workbench.protocols import Traces
from workbench.studies import (
    EngineChoice,
    converge,
    load_expected,
    load_study,
    reproduce,
    reproduce_under,
    reproduction,
)
from workbench.workers.task import Answer

SPIKES_ms = (10.0, 14.0, 24.0)


class Spiking:
    """Workers whose every cell spikes at given times, later by `shift` of CVODE's tolerance."""

    def __init__(self, shift=lambda atol: 0.0, outcome=None):
        self.shift, self.outcome, self.atols = shift, outcome, []

    def run(self, task, rows):
        for row in range(len(rows)):
            job = task.jobs[row]
            atol = job.integrator.atol
            self.atols.append(atol)
            answer = self.outcome or self.spikes(self.shift(atol), job.protocol.duration_ms)
            yield Answer(row, "here", 0.0, answer, again=False)

    def spikes(self, later_ms, duration_ms):
        t_ms = np.arange(0.0, max(duration_ms, 40.0) + 0.25, 0.25)
        v_mV = np.full(t_ms.size, -70.0)
        for spike_ms in SPIKES_ms:
            v_mV += 100.0 * np.clip(1.0 - np.abs(t_ms - spike_ms - 0.5), 0.0, None)
        return Traces("step", t_ms + later_ms, {"soma.v": v_mV})


@pytest.fixture
def number():
    """Return a number of the patch with other values and settings."""
    [first] = [n for n in load_expected(load_study("hodgkin_huxley")) if len(n.values) == 7]

    def number(*values, feature="spike_times", take=None, tolerance=0.0):
        return replace(
            first,
            measure=replace(first.measure, feature=feature, window=Window(0.0, 39.0)),
            values=values,
            tolerance=(tolerance,) * len(values),
            take=take,
        )

    return number


def test_values_are_compared_one_by_one(number):
    [result] = reproduce([number(10.0, 14.25, 24.0, tolerance=0.3)], Spiking())
    assert result.found == SPIKES_ms
    assert result.differences == (0.0, -0.25, 0.0)
    assert result.holds
    [result] = reproduce([number(10.0, 14.25, 24.0, tolerance=0.2)], Spiking())
    assert not result.holds


def test_what_is_taken_of_several_values(number):
    second, mean = number(14.0, take=1), number(16.0, take="mean")
    assert [r.found for r in reproduce([second, mean], Spiking())] == [(14.0,), (16.0,)]
    [result] = reproduce([number(14.0, take=3)], Spiking())
    assert (result.found, result.reason, result.holds) == ((), "there are only 3 values", False)


def test_a_list_of_another_length_does_not_hold(number):
    [result] = reproduce([number(10.0, 14.0, tolerance=99.0)], Spiking())
    assert not result.holds


def test_half_a_digit_is_met_by_a_value_between_two_digits(number):
    """18.075 - 18.07 is more than 0.005 in binary digits; 10.25 - 10.245 too."""
    assert abs(10.25 - 10.245) > 0.005
    early = number(10.245, feature="first_spike", tolerance=0.005)
    assert [r.holds for r in reproduce([early], Spiking(lambda _: 0.25))] == [True]
    near = number(10.244, feature="first_spike", tolerance=0.005)
    assert [r.holds for r in reproduce([near], Spiking(lambda _: 0.25))] == [False]


def test_a_failed_simulation_says_why(number):
    failure = Failure(FailureKind.ABSURD, "soma.v is 1e9 mV")
    [result] = reproduce([number(1.0)], Spiking(outcome=failure))
    assert (result.found, result.reason, result.holds) == ((), "soma.v is 1e9 mV", False)


def test_what_shares_a_simulation_is_run_once(number):
    workers = Spiking()
    assert len(list(reproduce([number(10.0, take=0), number(14.0, take=1)], workers))) == 2
    assert len(workers.atols) == 1


def test_a_number_has_converged_if_the_last_tolerance_no_longer_moves_it(number):
    workers = Spiking(lambda atol: 2e4 * atol)
    [result] = converge([number(10.0, feature="first_spike", tolerance=0.1)], workers)
    # Late by 0.2, 0.02, 0.002, 0.0002 ms.
    assert workers.atols == [1e-5, 1e-6, 1e-7, 1e-8]
    assert result.converged == pytest.approx((10.0002,))
    assert result.missed_at == (1e-5,)


def test_a_number_of_a_fixed_step_may_be_far_from_its_converged_one(number):
    [result] = converge([number(5.0, feature="first_spike", tolerance=0.1)], Spiking())
    assert result.converged == (10.0,)
    assert result.missed_at == (1e-5, 1e-6, 1e-7, 1e-8)


def test_a_number_that_holds_by_accident_of_one_tolerance(number):
    """A cell of two patterns: 10 ms late at 1e-6. The last two being equal would not show it."""
    bistable = Spiking(lambda atol: 10.0 if atol == 1e-6 else 0.0)
    first = number(10.0, feature="first_spike", tolerance=0.1)
    either = replace(first, values=(10.0, 20.0), tolerance=(0.1, 0.1), any_of=True)
    accident, sound = converge([first, either], bistable)
    assert (accident.converged, accident.missed_at) == ((10.0,), (1e-6,))
    assert sound.missed_at == ()


def test_one_of_several_values_is_enough_and_the_nearest_is_compared(number):
    alternatives = replace(
        number(9.5, 14.0, 23.5, tolerance=0.6, feature="first_spike"), any_of=True
    )
    for later, difference, holds in ((0.0, 0.5, True), (4.25, 0.25, True), (2.0, -2.0, False)):
        [result] = reproduce([alternatives], Spiking(lambda _, later=later: later))
        assert result.differences == (difference,)
        assert result.holds is holds
    all_of_them = replace(alternatives.measure, feature="spike_times")
    [several] = reproduce([replace(alternatives, measure=all_of_them)], Spiking())
    assert not several.holds


def test_a_number_that_never_settles_has_no_value(number):
    moving = Spiking(lambda atol: -np.log10(atol) / 10)
    still = number(3.0, feature="spike_count")
    results = converge([number(10.0, feature="first_spike", tolerance=0.1), still], moving)
    assert [r.converged for r in results] == [(), (3.0,)]


def test_a_lower_bound_holds_for_more_and_not_for_less(number):
    def count(at_least, tolerance=0.0):
        bound = number(at_least, feature="spike_count", tolerance=tolerance)
        return replace(bound, at_least=True)

    results = reproduce([count(2), count(3), count(4), count(4, tolerance=1.0)], Spiking())
    assert [r.holds for r in results] == [True, True, False, True]


def test_a_velocity_is_that_between_two_segments():
    """Sites half and three quarters along 201 segments of an axon lie 50 segments apart."""
    study = load_study("hodgkin_huxley")
    velocities = [n for n in load_expected(study) if n.route]
    coarse = replace(velocities[1], values=(50 * 100 / 201,), tolerance=(1e-9,))
    recording, window = coarse.measure.recording, replace(coarse.measure.window, end_ms=39.0)
    coarse = replace(coarse, measure=replace(coarse.measure, window=window))
    assert coarse.route.distance_um == pytest.approx(50 * 100_000 / 201)

    class Passing(Spiking):
        def spikes(self, later_ms, duration_ms):
            traces = super().spikes(later_ms, duration_ms)
            early = traces["soma.v"].values
            late = np.roll(early, 4)
            return Traces("step", traces.t_ms, {recording: early, coarse.route.to: late})

    [result] = reproduce([coarse], Passing())
    assert result.holds, result.found


def test_what_an_engine_refuses_is_not_tried(number, monkeypatch):
    monkeypatch.setattr(reproduction, "refusal", lambda job: f"{job.protocol.name} is too much")
    workers = Spiking()
    [result] = reproduce([number(1.0)], workers)
    assert (result.refused, result.holds, result.reason) == (True, False, "step is too much")
    assert not workers.atols


def test_other_words_replace_what_a_number_is_simulated_with(number):
    workers = Spiking()
    [result] = reproduce_under([number(*SPIKES_ms)], workers, EngineChoice(cvode=1e-4))
    assert workers.atols == [1e-4]
    assert result.holds
    assert str(result.expected.integrator) == "NEURON, CVODE atol 0.0001"


def test_a_number_of_a_fixed_step_that_others_miss_stands_beside_cvode(number):
    """Published are 11, 15 and 25 ms of a fixed step; all finer steps give 10, 14 and 24."""
    published = number(11.0, 15.0, 25.0, tolerance=0.2)
    assert published.integrator.dt_ms is not None
    late = Spiking(lambda atol: 0.1 if atol == 1e-4 else 0.0)
    [result] = reproduce_under([published], late, EngineChoice(cvode=1e-4))
    assert late.atols == [1e-4, 1e-6]
    assert result.expected.values == SPIKES_ms
    assert result.differences == pytest.approx((0.1,) * 3)
    assert result.holds
    assert "beside it NEURON, CVODE atol 1e-06" in result.expected.source
    later = Spiking(lambda atol: 0.3 if atol == 1e-4 else 0.0)
    [missed] = reproduce_under([published], later, EngineChoice(cvode=1e-4))
    assert not missed.holds


def test_a_number_keeps_its_temperature(number):
    with pytest.raises(InputError, match="a temperature of its own"):
        reproduce_under([number(1.0)], Spiking(), EngineChoice(celsius=20.0))
    with pytest.raises(InputError, match="unknown engine 'auto'"):
        reproduce_under([number(1.0)], Spiking(), "auto")
