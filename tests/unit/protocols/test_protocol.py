import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import StudyError
from workbench.morphology import parse_site
from workbench.protocols import EPSP, Protocol, Recording, Step, Train

SOMA = parse_site("soma(0.5)")
currents_nA = st.floats(-1e6, 1e6)


def steps(*stimuli, duration_ms=3000.0, **parameters):
    return Protocol("Step1", duration_ms, tuple(stimuli), (Recording("soma", SOMA),), parameters)


STEP1 = steps(
    Step(SOMA, 700.0, 2000.0, "amplitude_nA"),
    Step(SOMA, 0.0, 3000.0, "holding_nA"),
    amplitude_nA=0.458,
    holding_nA=-0.126,
)


def amplitudes(protocol):
    return [stimulus.amplitude_nA for stimulus in protocol.bound().stimuli]


def test_stimuli_take_the_defaults_of_the_parameters():
    assert amplitudes(STEP1) == [0.458, -0.126]
    assert STEP1.bound().parameters == {}


@given(currents_nA)
def test_one_protocol_serves_many_amplitudes(amplitude_nA):
    assert amplitudes(STEP1.with_parameters({"amplitude_nA": amplitude_nA})) == [
        amplitude_nA,
        -0.126,
    ]
    assert amplitudes(STEP1) == [0.458, -0.126]


def test_times_may_be_parameters_too():
    protocol = steps(Step(SOMA, "delay_ms", "length_ms", 1.0), delay_ms=100.0, length_ms=50.0)
    assert protocol.window_ms() == (100.0, 150.0)
    assert protocol.with_parameters({"length_ms": 25.0}).window_ms() == (100.0, 125.0)


def test_an_unknown_parameter_is_refused_with_the_nearest():
    with pytest.raises(StudyError, match=r"Step1: .*'amplitude_pA'; did you mean 'amplitude_nA'"):
        STEP1.with_parameters({"amplitude_pA": 458.0})


def test_a_stimulus_that_names_no_parameter_is_refused_when_the_protocol_is_made():
    with pytest.raises(StudyError, match=r"amplitude_nA: unknown parameter 'amp'.*Allowed: amp_nA"):
        steps(Step(SOMA, 0.0, 1.0, "amp"), amp_nA=1.0)


def test_the_window_is_that_of_the_first_stimulus():
    assert STEP1.window_ms() == (700.0, 2700.0)


def test_the_window_ends_with_the_run():
    assert steps(Step(SOMA, 700.0, 2000.0, 1.0), duration_ms=1000.0).window_ms() == (700.0, 1000.0)


def test_without_stimuli_the_window_is_the_run():
    assert steps().window_ms() == (0.0, 3000.0)


@pytest.mark.parametrize("duration_ms", [0.0, -1.0, math.nan, math.inf, 1e9])
def test_a_run_has_a_length(duration_ms):
    with pytest.raises(
        StudyError, match=r"Step1: duration_ms is .*above 0 and at most 1e\+06 \(1000 s\)"
    ):
        steps(duration_ms=duration_ms)


def test_a_time_of_a_stimulus_has_a_limit():
    with pytest.raises(StudyError, match=r"Step1: delay_ms is 1e\+300, it must be at most 1e\+09"):
        steps(Step(SOMA, 1e300, 5.0, 1.0))


@pytest.mark.parametrize(("delay_ms", "duration_ms"), [(-1.0, 5.0), (5.0, -1.0)])
def test_no_time_is_below_0(delay_ms, duration_ms):
    with pytest.raises(StudyError, match=r"(delay|duration)_ms is -.*below 0"):
        steps(Step(SOMA, delay_ms, duration_ms, 1.0))
    late = steps(Step(SOMA, "delay", "duration", 1.0), delay=1.0, duration=1.0)
    with pytest.raises(StudyError, match=r"(delay|duration)_ms is -.*below 0"):
        late.with_parameters({"delay": delay_ms, "duration": duration_ms})


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", range(3))
def test_no_number_of_a_stimulus_is_infinite(number, place):
    numbers = [1.0, 1.0, 1.0]
    numbers[place] = number
    with pytest.raises(StudyError, match=r"Step1.*finite"):
        steps(Step(SOMA, *numbers))
    with pytest.raises(StudyError, match=r"amplitude_nA is .*finite"):
        STEP1.with_parameters({"amplitude_nA": number})


def test_recordings_are_named_by_place_and_variable():
    site = parse_site("apical@660um last")
    assert Recording("dend1", site).name == "dend1.v"
    assert Recording("dend1", site, "cai").name == "dend1.cai"


def test_two_recordings_of_one_name_are_refused():
    twice = (Recording("soma", SOMA), Recording("soma", parse_site("soma(0.1)")))
    with pytest.raises(StudyError, match=r"two recordings are named soma\.v"):
        Protocol("Step1", 10.0, (), twice)
    both = (Recording("soma", SOMA), Recording("soma", SOMA, "cai"))
    assert len(Protocol("Step1", 10.0, (), both).recordings) == 2


DENDRITE = parse_site("apical@100um")


@pytest.mark.parametrize(
    ("window_ms", "stimuli", "step_nA"),
    [
        ((100, 400), [Step(SOMA, 100, 300, -0.01)], -0.01),
        ((100, 400), [Step(SOMA, 100, 300, -0.01), Step(SOMA, 0, 500, 0.3)], -0.01),
        ((100, 400), [Step(SOMA, 100, 300, 0.1), Step(DENDRITE, 0, 1000, 0.3)], 0.1),
        ((100, 400), [Step(SOMA, 100, 300, 0.1), Step(SOMA, 100, 400, 0.2)], 0.3),
        ((100, 400), [Step(SOMA, 0, 100, 0.1), Step(SOMA, 100, 300, 0.3)], 0.2),
        ((100, 400), [Step(SOMA, 450, 10, 5.0)], 0.0),
        ((100, 400), [], 0.0),
        # It does not begin with the window, ends before it, or begins in the base.
        ((150, 350), [Step(SOMA, 100, 300, 0.1)], 0.0),
        ((100, 400), [Step(SOMA, 120, 280, 0.1)], None),
        ((100, 400), [Step(SOMA, 100, 200, 0.1)], None),
        ((100, 400), [Step(SOMA, 95, 305, 0.1)], None),
        ((100, 400), [Step(SOMA, 100, 300, 0.1), Step(DENDRITE, 100, 300, 0.2)], None),
        ((100, 400), [Train(SOMA, 100, 2, 0.1, 50, 10)], None),
        ((100, 400), [Train(SOMA, 420, 2, 0.1, 50, 3)], 0.0),
        ((100, 400), [EPSP(SOMA, 150, 0.5, 5, 0.1)], None),
        ((0, 400), [Step(SOMA, 0, 400, 0.1)], 0.1),
    ],
)
def test_the_step_of_a_window(window_ms, stimuli, step_nA):
    found = steps(*stimuli, duration_ms=500).step_nA(*window_ms)
    assert found == (None if step_nA is None else pytest.approx(step_nA))
