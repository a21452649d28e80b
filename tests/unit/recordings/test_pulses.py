"""Means of small pulses, and the window in which up and down mirror each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.recordings import Recordings, Sweep

DT_ms = 0.1


def sweep(name, amplitude_nA, *, onset_ms=10.0, bent_mV=0.0, base_mV=-70.0, pulse_ms=0.5):
    """An exponential answer of 20 mV/nA and 10 ms, with a slow part that has one sign always."""
    t_ms = np.arange(0, onset_ms + 60, DT_ms) - onset_ms
    later = np.clip(t_ms, 0, None)
    answer = 20 * amplitude_nA * np.exp(-later / 10) + bent_mV
    current = np.where((t_ms > -1e-9) & (t_ms < pulse_ms - 1e-9), amplitude_nA, 0.0)
    v_mV = base_mV + np.where(t_ms > -1e-9, answer, 0.0)
    return Sweep("cell", name, "pulse", (), DT_ms, v_mV, current)


def pulses(*sweeps):
    return Recordings(tuple(sweeps)).pulses()


def test_answers_are_measured_from_before_each_pulse_and_averaged():
    ups = [sweep("a", 0.2, base_mV=-70), sweep("b", 0.2, base_mV=-60, onset_ms=20)]
    found = pulses(*ups, sweep("c", -0.2, base_mV=-65))
    np.testing.assert_allclose(found.up_mV, 4 * np.exp(-found.t_ms / 10), rtol=1e-9)
    np.testing.assert_allclose(found.down_mV, -found.up_mV, rtol=1e-9)
    assert found.counts == (2, 1)
    assert found.duration_ms == pytest.approx(0.5)
    assert found.amplitude_nA == pytest.approx(0.2)
    assert found.window_ms == (1.0, found.t_ms[-1])


@given(st.floats(0.005, 0.2))
def test_the_window_ends_where_they_no_longer_mirror_each_other(bent_mV):
    """Up is 4 exp(-t/10) + b, down -4 exp(-t/10) + b: |2b/up| is 0.2 where exp is 9b/4."""
    found = pulses(sweep("a", 0.2, bent_mV=bent_mV), sweep("b", -0.2, bent_mV=bent_mV))
    begin_ms, end_ms = found.window_ms
    assert begin_ms == pytest.approx(1.0)
    # The rolling mean over 1 ms of a ratio that grows lags by half of that.
    expected = min(-10 * np.log(9 * bent_mV / 4) + 0.5, found.t_ms[-1])
    assert end_ms == pytest.approx(expected, abs=0.15)


def test_pulses_that_never_mirror_each_other_are_refused():
    found = pulses(sweep("a", 0.2, bent_mV=1.5), sweep("b", -0.2, bent_mV=1.5))
    with pytest.raises(InputError, match=r"1 pulses up and 1 down do not mirror each other 1 ms"):
        assert found.window_ms


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ([sweep("b", 0.1)], r"2 pulses up and 0 down"),
        ([sweep("b", -0.2, pulse_ms=1.0)], r"b: a pulse of 1 ms.*a: a pulse of 0\.5 ms"),
        ([sweep("b", -0.4)], r"b: one pulse of current is needed.*0\.3 nA large"),
        ([sweep("b", -0.2, pulse_ms=11.0)], r"b: one pulse.*up to 10 ms long"),
        ([sweep("b", 0.0)], r"b: one pulse of current is needed"),
        ([sweep("b", -0.2, onset_ms=0.0)], r"b: its pulse begins at once"),
    ],
)
def test_what_has_no_mean_is_refused_by_name(others, said):
    with pytest.raises(InputError, match=said):
        pulses(sweep("a", 0.2), *others)


def test_what_is_written_is_read_as_recorded_voltages(tmp_path):
    found = pulses(sweep("a", 0.2), sweep("b", -0.2))
    up, down = found.write(tmp_path / "new", -80.0, 20.0)
    for path, sign in ((up, 1), (down, -1)):
        t_ms, v_mV = np.loadtxt(path, delimiter=",", skiprows=1).T
        assert t_ms[0] == 20
        np.testing.assert_allclose(v_mV, -80 + sign * 4 * np.exp(-(t_ms - 20) / 10), atol=1e-5)
        assert path.read_text().splitlines()[0] == "time_ms,v_mV"
