"""What is drawn on a trace of triangles, of which all is known: peaks, troughs, intervals."""

import numpy as np
import pytest

from workbench.features import Missing, Window
from workbench.features.spikes import spike_count, spike_intervals
from workbench.protocols import Trace
from workbench.reports.marks import Marks, marks_of
from workbench.runs.spiking import spikes_of

T_ms = np.arange(0.0, 100.5, 0.5)
V_mV = np.interp(T_ms, [0, 20, 22, 26, 50, 52, 57, 100], [-70, -60, 30, -80, -60, 20, -75, -70])
WINDOW = Window(10.0, 90.0, -20.0)


def marks(feature, *values):
    return marks_of(feature, np.array(values, dtype=float), T_ms, V_mV, WINDOW)


def test_spikes_have_a_peak_and_the_lowest_place_before_the_next():
    found = spikes_of(T_ms, V_mV, WINDOW)
    assert found.peaks == ((22.0, 30.0), (52.0, 20.0))
    assert found.troughs == ((26.0, -80.0), (57.0, -75.0))
    assert found.crossings_ms == (21.0, 51.0)


def test_a_spike_outside_the_window_is_none():
    found = spikes_of(T_ms, V_mV, Window(30.0, 45.0, -20.0))
    assert (found.peaks, found.troughs, found.crossings_ms) == ((), (), ())
    cut_off = spikes_of(T_ms, V_mV, Window(10.0, 51.0, -20.0))
    assert [t_ms for t_ms, _ in cut_off.peaks] == [22.0, 51.0]


@pytest.mark.parametrize(
    ("feature", "values", "expected"),
    [
        ("AP_height", (30, 20), Marks(points=((22, 30), (52, 20)), target="level")),
        ("AHP_depth_abs", (-80, -75), Marks(points=((26, -80), (57, -75)), target="level")),
        ("spike_count", (2,), Marks(points=((22, 30), (52, 20)))),
        ("spike_intervals", (30,), Marks(spans_ms=((21, 51),))),
        ("voltage_base", (-68,), Marks(levels=(-68,), target="level")),
        ("maximum", (30,), Marks(points=((22, 30),), target="level")),
        ("minimum", (-80,), Marks(points=((26, -80),), target="level")),
        ("value_at_end", (-71,), Marks(points=((90, -71),), target="level")),
        ("time_to_first_spike", (12,), Marks(times_ms=(22,), target="time", origin_ms=10)),
        ("first_spike", (21,), Marks(times_ms=(21,), target="time")),
        ("spike_times", (21, 51), Marks(times_ms=(21, 51))),
        ("burst_b2", (0.1,), Marks()),
    ],
)
def test_what_is_drawn_of_a_feature(feature, values, expected):
    assert marks(feature, *values) == expected


def test_values_of_other_spikes_than_are_seen_are_drawn_where_the_trace_is():
    assert marks("AP_height", 29.0).points == ((22.0, 30.0), (52.0, 20.0))


def test_spikes_are_those_that_the_features_count():
    trace = Trace("soma.v", T_ms, V_mV)
    found = spikes_of(T_ms, V_mV, WINDOW)
    assert spike_count(trace, WINDOW).tolist() == [len(found.peaks)]
    assert not isinstance(spike_intervals(trace, WINDOW), Missing)
    assert np.diff(found.crossings_ms) == pytest.approx(spike_intervals(trace, WINDOW), abs=0.5)
