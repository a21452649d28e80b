"""Features of two recordings, on traces of straight lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.features.test_own import spiking
from workbench.engines import Failure, FailureKind
from workbench.errors import InputError
from workbench.evaluations import Measure, evaluation_of
from workbench.features import Missing, Window, check_names, check_names_of_two, measure_two
from workbench.protocols import Protocol, Trace, Traces

WINDOW = Window(100.0, 900.0)


def hill(peak_ms, height, base=-70.0):
    """Return a trace that rises for 100 ms to its peak and falls as fast."""
    t_ms = np.arange(0.0, 1001.0)
    return Trace("v", t_ms, base + height * np.clip(1 - np.abs(t_ms - peak_ms) / 100, 0.0, None))


def found(first, second, window=WINDOW):
    names = ["spike_delay", "peak_delay", "attenuation"]
    return {
        name: one.reason if isinstance(one, Missing) else one.tolist()
        for name, one in measure_two(first, second, names, window).items()
    }


def test_a_spike_that_travels():
    axon, soma = spiking((200.0, 300.0)), spiking((200.4, 300.9))
    assert found(axon, soma)["spike_delay"] == [pytest.approx(0.4)]
    assert found(soma, axon)["spike_delay"] == [pytest.approx(-0.4)]
    assert found(axon, axon)["spike_delay"] == [0.0]
    silent = found(axon, spiking(()))["spike_delay"]
    assert silent == "no spike crosses -20 mV at the second place"


@given(st.floats(1.0, 50.0), st.floats(1.0, 50.0), st.integers(300, 700), st.integers(300, 700))
def test_a_potential_that_spreads(first, second, first_ms, second_ms):
    one, other = hill(first_ms, first), hill(second_ms, second)
    there = found(one, other)
    assert there["attenuation"] == [pytest.approx(first / second)]
    assert there["peak_delay"] == [second_ms - first_ms]
    back = found(other, one)
    assert back["attenuation"][0] * there["attenuation"][0] == pytest.approx(1.0)
    below = found(hill(first_ms, -first), hill(second_ms, -second, base=-60.0))
    assert below["attenuation"] == [pytest.approx(first / second)]


def test_a_place_that_does_not_follow_has_no_attenuation():
    reason = "v does not change in the window [100, 900] ms"
    assert found(hill(500, 10.0), hill(500, 0.0))["attenuation"] == reason
    assert found(hill(500, 0.0), hill(500, 10.0))["peak_delay"] == reason


def test_a_trace_with_a_defect_has_no_value():
    broken = Trace("v", np.arange(1001.0), np.full(1001, np.nan))
    assert found(hill(500, 10.0), broken)["attenuation"] == "v is nan at 0.000 ms"


def test_names_of_one_and_of_two_are_told_apart():
    with pytest.raises(InputError, match=r"under \[<protocol>.<recording>.to.<recording>"):
        check_names(["attenuation"])
    with pytest.raises(InputError, match="unknown feature of two recordings 'spike_dealy'; did"):
        check_names_of_two(["spike_dealy"])


def test_an_evaluation_reads_both_recordings():
    window = Window(10.0, 900.0)
    one, other = hill(300, 20.0), hill(310, 5.0)
    protocol = Protocol("Step", 1000.0, (), ())
    traces = Traces("Step", one.t_ms, {"soma.v": one.values, "dend.v": other.values})
    measures = (
        Measure("Step", "soma", "attenuation", window, to="dend"),
        Measure("Step", "dend", "attenuation", window, to="soma"),
        Measure("Step", "soma", "peak_delay", window, to="dend"),
        Measure("Step", "soma", "maximum", window),
    )
    assert measures[0].name == "Step.soma.to.dend.attenuation"
    evaluation = evaluation_of(measures, [protocol], {"Step": traces})
    assert np.concatenate(evaluation.measured) == pytest.approx([4.0, 0.25, 10.0, -50.0])
    failed = Failure(FailureKind.ABSURD, "it grew")
    assert evaluation_of(measures, [protocol], {"Step": failed}).reasons == ("it grew",) * 4
