"""The distance of a simulated voltage from a recorded one, in closed form."""

import math

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.features import Against, Missing, Window, trace_distance
from workbench.protocols import Trace, VoltageFile

WINDOW = Window(10.0, 90.0)
T_ms = np.arange(0.0, 100.5, 0.5)


def flat(v_mV=-70.0, t_ms=T_ms):
    return VoltageFile("recording.csv", t_ms, np.full(t_ms.size, v_mV))


def spiking(*peaks_ms, t_ms=T_ms):
    """Return -70 mV with triangles of 2 ms up to 30 mV, which cross -20 mV 0.5 ms before."""
    v_mV = np.full(t_ms.size, -70.0)
    for peak_ms in peaks_ms:
        v_mV += 100.0 * np.clip(1 - np.abs(t_ms - peak_ms), 0.0, None)
    return Trace("soma.v", t_ms, v_mV)


def recorded(trace):
    return VoltageFile("recording.csv", trace.t_ms, trace.values)


def distance(trace, against, window=WINDOW, **more):
    found = trace_distance(trace, against, window, **more)
    return found.reason if isinstance(found, Missing) else found.item()


def test_an_offset_is_its_own_distance():
    assert distance(Trace("soma.v", T_ms, np.full(T_ms.size, -67.0)), Against(flat())) == 3.0


def test_a_sine_is_its_amplitude_over_the_root_of_two():
    """Over whole periods, however they are sampled."""
    t_ms = np.arange(0.0, 100.0, 0.01)
    sine = Trace("soma.v", t_ms, -70 + 4 * np.sin(2 * np.pi * t_ms / 8))
    [found] = [distance(sine, Against(flat(t_ms=T_ms)), Window(10.0, 89.5))]
    assert found == pytest.approx(4 / math.sqrt(2), rel=1e-12)


def test_the_simulated_voltage_is_interpolated_at_the_times_of_the_recording():
    """A straight line of two samples is the same line at all times between."""
    line = Trace("soma.v", np.array([0.0, 100.0]), np.array([-70.0, -60.0]))
    assert distance(line, Against(VoltageFile("a.csv", T_ms, -70 + T_ms / 10))) < 1e-12
    assert distance(line, Against(flat(-64.0)), Window(20.0, 20.2)) == pytest.approx(4.0)


def test_samples_outside_of_the_window_do_not_count():
    v_mV = np.where((T_ms < 10) | (T_ms > 90), 0.0, -70.0)
    assert distance(Trace("soma.v", T_ms, v_mV), Against(flat())) == 0.0
    assert distance(Trace("soma.v", T_ms, v_mV), Against(flat()), Window(9.5, 90.0)) > 1.0


def test_what_is_cut_out_around_the_spikes_of_either():
    """By hand: triangles at 30 ms here and 60 ms there are cut, or are three samples too far.

    Each triangle is 100 mV at its peak and 50 mV at the samples beside it, of 161 samples.
    """
    mine, theirs = spiking(30.0), recorded(spiking(60.0))
    whole = math.sqrt(2 * (100**2 + 2 * 50**2) / 161)
    assert distance(mine, Against(theirs)) == pytest.approx(whole)
    assert distance(mine, Against(theirs, (2.0, 5.0))) == 0.0


def test_the_margins_hold_their_ends():
    """The threshold is crossed at 29.5 ms: before 0.5 and after 1 leave 29 to 30.5 ms out."""
    crossing = spiking(30.0)
    counted = Against(recorded(crossing), (0.5, 1.0)).counted(WINDOW)
    inside = WINDOW.holds(T_ms)
    assert T_ms[inside & ~counted].tolist() == [29.0, 29.5, 30.0, 30.5]
    other = Window(10.0, 90.0, threshold_mV=5.0)
    at_5_mV = Against(recorded(crossing), (0.5, 1.0)).counted(other)
    assert T_ms[inside & ~at_5_mV].tolist() == [29.5, 30.0, 30.5]


def test_a_spike_outside_of_the_window_cuts_into_it():
    before = spiking(9.0)
    assert distance(before, Against(flat())) == 0.0
    counted = Against(flat(), (2.0, 5.0)).counted(WINDOW, before)
    assert T_ms[counted][0] == 14.0


def test_where_an_individual_spikes_all_the_time_there_is_no_distance():
    busy = spiking(*np.arange(0.0, 100.0, 4.0))
    assert distance(busy, Against(flat(), (2.0, 5.0))) == (
        "spikes cut out all that recording.csv has in [10, 90] ms"
    )


def test_what_is_wrong_with_a_simulated_voltage_is_the_reason_for_none():
    nan = Trace("soma.v", T_ms, np.where(T_ms > 40, np.nan, -70.0))
    assert distance(nan, Against(flat())) == "soma.v is nan at 40.500 ms"
    short = Trace("soma.v", T_ms[:60], np.full(60, -70.0))
    assert "ends at 29.500 ms" in distance(short, Against(flat()), until_ms=100.0)
    assert distance(short, Against(flat())) == "soma.v does not reach over the window [10, 90] ms"


@pytest.mark.parametrize(
    ("against", "window", "says"),
    [
        (Against(flat()), Window(10.0, 101.0), "recording.csv reaches from 0 to 100 ms"),
        (Against(flat(t_ms=T_ms + 20)), WINDOW, "reaches from 20 to 120 ms; take a window inside"),
        (Against(flat()), Window(10.1, 10.2), "has no sample in the window"),
        (
            Against(recorded(spiking(30.0)), (2.0, 5.0)),
            Window(28.0, 32.0),
            "no sample in the window [28, 32] ms that its own spikes do not cut out",
        ),
    ],
)
def test_a_window_without_anything_to_compare_with_is_refused(against, window, says):
    with pytest.raises(InputError) as caught:
        against.check(window)
    assert says in str(caught.value)
