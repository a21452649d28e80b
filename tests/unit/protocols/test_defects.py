import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from workbench.protocols import DefectKind, Trace, find_defect

T_ms = np.arange(0.0, 100.0, 1.0)


def trace(values=None, t_ms=T_ms, name="soma.v", **at):
    values = np.full(t_ms.size, -70.0) if values is None else np.array(values)
    for index, value in at.items():
        values[int(index[1:])] = value
    return Trace(name, t_ms.copy(), values)


def test_a_silent_cell_is_sound():
    assert find_defect(trace()) is None
    assert find_defect(trace(), 99.0) is None


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_not_finite(value):
    kind, message = find_defect(trace(_40=value), 99.0)
    assert kind is DefectKind.NOT_FINITE
    assert message == f"soma.v is {value} at 40.000 ms"


@pytest.mark.parametrize("value", [201.0, -201.0, 1e6])
def test_absurd_voltage(value):
    kind, message = find_defect(trace(_40=value), 99.0)
    assert kind is DefectKind.ABSURD
    assert "soma.v" in message
    assert "mV at 40.000 ms" in message


def test_the_first_bad_sample_is_named():
    assert "at 3.000 ms" in find_defect(trace(_3=np.nan, _2=-60.0, _50=np.inf)).message


def test_extreme_voltages_of_living_cells_are_sound():
    assert find_defect(trace(_40=80.0, _41=-110.0)) is None


def test_only_voltages_have_physiological_bounds():
    assert find_defect(trace(np.full(100, 1e4), name="soma.ica")) is None
    assert find_defect(trace(name="soma.ica", _1=np.nan)).kind is DefectKind.NOT_FINITE


def test_truncated():
    kind, message = find_defect(trace(), 600.0)
    assert kind is DefectKind.UNFINISHED
    assert message == "soma.v ends at 99.000 ms instead of 600 ms"


def test_the_end_may_be_off_by_rounding():
    """0.025 ms added 40,000 times is not 1000."""
    t_ms = np.cumsum(np.full(40_000, 0.025))
    assert t_ms[-1] != 1000.0
    assert find_defect(trace(t_ms=t_ms), 1000.0) is None


def test_the_rounding_grows_with_the_run():
    """NEURON adds half a step twice: after 2,000,000 steps of 0.025 ms it is 2.7e-6 ms behind."""
    t_ms = np.cumsum(np.full(2_000_000, 0.025))
    t_ms[-1] = 50_000 - 2.7e-6
    assert find_defect(trace(t_ms=t_ms), 50_000) is None
    t_ms[-1] = 50_000 - 0.001
    assert find_defect(trace(t_ms=t_ms), 50_000).kind is DefectKind.UNFINISHED


@pytest.mark.parametrize("count", [0, 1])
def test_empty(count):
    kind, message = find_defect(trace(t_ms=np.zeros(count)))
    assert kind is DefectKind.UNFINISHED
    assert message == f"soma.v has {count} samples"


@pytest.mark.parametrize(
    "t_ms",
    [np.array([0.0, 2.0, 1.0]), np.array([0.0, np.nan, 1.0]), np.array([0.0, 1.0, np.inf])],
    ids=str,
)
def test_times_that_do_not_increase(t_ms):
    kind, message = find_defect(trace(t_ms=t_ms))
    assert kind is DefectKind.NOT_FINITE
    assert "times of soma.v do not increase" in message


def test_time_that_stands_still():
    assert find_defect(trace(t_ms=np.zeros(50))).kind is DefectKind.NOT_FINITE


def test_two_samples_at_an_event_are_sound():
    """CVODE ends a step at the onset of a clamp and begins the next one there."""
    assert find_defect(trace(t_ms=np.array([0.0, 1.0, 1.0, 2.0])), 2.0) is None


@given(arrays(float, 100, elements=st.floats(-200.0, 200.0)))
def test_any_finite_voltage_within_the_bounds_is_sound(values):
    assert find_defect(trace(values), 99.0) is None


@given(
    st.integers(0, 99),
    st.sampled_from([np.nan, np.inf, -np.inf]) | st.floats(min_value=200.001, max_value=1e300),
)
def test_one_bad_sample_anywhere_is_found(index, value):
    values = np.full(100, -70.0)
    values[index] = value
    assert f"at {index:.3f} ms" in find_defect(trace(values), 99.0).message
