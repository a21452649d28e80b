"""The workbench's own features, on traces of straight lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.features import Missing, Window, conduction_velocity, measure
from workbench.features.spikes import crossings_ms
from workbench.protocols import Trace

WINDOW = Window(100.0, 900.0)


def spiking(spikes_ms, step_ms=0.1, until_ms=1000.0):
    """Return spikes of 100 mV from -70 mV, 1 ms up and 1 ms down: -20 mV is crossed half-way."""
    t_ms = np.arange(0.0, until_ms + step_ms / 2, step_ms)
    values = np.full(t_ms.size, -70.0)
    for spike_ms in spikes_ms:
        values += 100.0 * np.clip(1.0 - np.abs(t_ms - spike_ms), 0.0, None)
    return Trace("soma.v", t_ms, values)


def found(trace, *names, window=WINDOW):
    return {
        name: values.reason if isinstance(values, Missing) else np.round(values, 6).tolist()
        for name, values in measure(trace, names, window).items()
    }


def test_spikes_are_counted_and_timed_at_the_threshold_within_the_window():
    trace = spiking((50.0, 200.0, 210.0, 400.0, 950.0))
    assert found(trace, "spike_times", "spike_count", "first_spike", "spike_intervals") == {
        "spike_times": [199.5, 209.5, 399.5],
        "spike_count": [3.0],
        "first_spike": [199.5],
        "spike_intervals": [10.0, 190.0],
    }
    assert found(trace, "mean_interval") == {"mean_interval": [100.0]}


@pytest.mark.parametrize(
    ("intervals_ms", "b2"),
    [
        # Of 20 60 20 60: mean 40, variance 1600/3; of the pairs 80 80 80: variance 0.
        ([20.0, 60.0, 20.0, 60.0], 1600 / 3 / 1600),
        ([50.0, 50.0, 50.0, 50.0], 0.0),
        # Of 10 20 60: mean 30, variance 700; of the pairs 30 80: variance 1250.
        ([10.0, 20.0, 60.0], (1400 - 1250) / 1800),
    ],
)
def test_the_burst_measure_of_van_elburg_and_van_ooyen(intervals_ms, b2):
    """(2 var(I) - var(I + next I)) / (2 mean^2), sample variances, worked out by hand."""
    trace = spiking(np.cumsum([200.0, *intervals_ms]))
    assert found(trace, "burst_b2") == {"burst_b2": [pytest.approx(b2, abs=1e-6)]}


def test_the_burst_measure_drops_intervals_above_3_s():
    spikes_ms = np.cumsum([200.0, 20.0, 60.0, 3500.0, 20.0, 60.0])
    window = Window(100.0, 5000.0)
    trace = spiking(spikes_ms, until_ms=5000.0)
    b2 = 1600 / 3 / 1600
    assert found(trace, "burst_b2", window=window) == {"burst_b2": [pytest.approx(b2, abs=1e-6)]}
    few = found(spiking((200.0, 300.0, 400.0)), "burst_b2")["burst_b2"]
    assert few == "fewer than 3 intervals of at most 3000 ms between spikes that cross -20 mV"


def test_times_are_interpolated_between_uneven_steps():
    """From -70 at 0.3 ms to 30 mV at 0.8 ms: -20 mV at 0.55 ms."""
    trace = Trace("soma.v", np.array([0.0, 0.3, 0.8, 5.0]), np.array([-70.0, -70.0, 30.0, -70.0]))
    assert crossings_ms(trace, -20.0) == pytest.approx([0.55])
    assert crossings_ms(trace, -70.0).tolist() == []
    assert crossings_ms(trace, 30.0) == pytest.approx([0.8])


def test_a_silent_cell_has_no_spikes():
    reasons = found(spiking(()), "spike_count", "spike_times", "spike_intervals", "burst_times")
    assert reasons.pop("spike_count") == [0.0]
    assert all("-20 mV" in reason for reason in reasons.values()), reasons


def test_one_spike_has_no_interval():
    assert "fewer than two spikes" in found(spiking((200.0,)), "spike_intervals")["spike_intervals"]
    assert "fewer than two bursts" in found(spiking((200.0,)), "burst_periods")["burst_periods"]


def test_bursts_are_counted_single_spikes_too():
    trace = spiking((50.0, 200.0, 210.0, 225.0, 400.0, 950.0))
    assert found(trace, "burst_count") == {"burst_count": [2.0]}
    assert found(spiking(()), "burst_count") == {"burst_count": [0.0]}


def test_a_velocity_is_the_distance_over_the_time_between_two_places():
    """20 mm in 4 ms are 5 m/s; spikes before the window and behind the first do not count."""
    near, far = spiking((200.0, 300.0)), spiking((204.0, 305.0))
    assert conduction_velocity(near, far, 20_000, WINDOW) == pytest.approx(5.0)
    assert conduction_velocity(far, near, 20_000, WINDOW) == pytest.approx(-5.0)
    same = conduction_velocity(near, near, 20_000, WINDOW)
    assert same == Missing("both places fire at the same time")
    for pair, place in (((spiking(()), far), "first"), ((near, spiking(())), "second")):
        silent = conduction_velocity(*pair, 20_000, WINDOW)
        assert silent == Missing(f"no spike crosses -20 mV at the {place} place")


def test_a_velocity_is_that_of_one_spike_within_the_window_at_both_places():
    """An earlier spike arrives when the window begins; the next one takes 12 ms as well."""
    window = Window(200.0, 800.0)
    near, far = spiking((190.0, 201.0)), spiking((202.0, 213.0))
    assert conduction_velocity(near, far, 12_000, window) == pytest.approx(1.0)
    late = conduction_velocity(spiking((795.0,)), spiking((807.0,)), 12_000, window)
    assert late == Missing("no spike crosses -20 mV at the second place")
    early = conduction_velocity(spiking((250.0,)), spiking((150.0, 262.0)), 12_000, window)
    assert early == pytest.approx(1.0)
    twice = conduction_velocity(spiking((250.0, 260.0)), spiking((262.0,)), 12_000, window)
    assert twice.reason.startswith("2 spikes cross the first place and 1 the second")
    crossed = conduction_velocity(spiking((150.0, 795.0)), spiking((250.0, 807.0)), 12_000, window)
    assert crossed == Missing("no spike crosses both places within the window")


def test_bursts_are_spikes_less_than_50_ms_apart():
    trace = spiking((50.0, 200.0, 210.0, 225.0, 400.0, 600.0, 645.0, 950.0))
    names = ("burst_times", "burst_spikes", "burst_durations", "burst_periods")
    assert found(trace, *names) == {
        "burst_times": [199.5, 399.5, 599.5],
        "burst_spikes": [3.0, 1.0, 2.0],
        "burst_durations": [25.0, 0.0, 45.0],
        "burst_periods": [200.0, 200.0],
    }


def test_a_burst_belongs_to_where_it_begins():
    """One that began before the window is none; one that outlasts it keeps all its spikes."""
    trace = spiking((90.0, 120.0, 300.0, 880.0, 910.0))
    assert found(trace, "burst_times", "burst_spikes") == {
        "burst_times": [299.5, 879.5],
        "burst_spikes": [1.0, 2.0],
    }


def test_extremes_and_the_end_of_the_window():
    t_ms = np.arange(0.0, 1001.0)
    ramp = Trace("soma.cai", t_ms, t_ms / 1000)
    names = ("minimum", "maximum", "swing", "value_at_end")
    assert found(ramp, *names) == {
        "minimum": [0.1],
        "maximum": [0.9],
        "swing": [0.8],
        "value_at_end": [0.9],
    }
    between = Window(100.25, 200.75)
    assert found(ramp, "value_at_end", window=between) == {"value_at_end": [0.20075]}
    nowhere = Window(1000.5, 1000.75)
    reasons = found(ramp, *names, window=nowhere)
    assert all(isinstance(reason, str) for reason in reasons.values())


LEVEL = ("maximum", "minimum", "swing")
WIDTH = "width_above_threshold"
corners = st.lists(st.tuples(st.floats(0.5, 20.0), st.floats(-80.0, 40.0)), min_size=2, max_size=9)


@given(corners, st.lists(st.floats(0.0, 1.0), max_size=9), st.floats(0, 0.6), st.floats(0.05, 0.4))
def test_levels_and_widths_do_not_depend_on_where_steps_fall(corners, more, begins, long):
    """The same straight lines, sampled at their corners alone and at other places too."""
    steps_ms, heights = zip(*corners, strict=True)
    t_ms = np.cumsum(steps_ms)
    length_ms = t_ms[-1] - t_ms[0]
    begin_ms = t_ms[0] + begins * length_ms
    window = Window(begin_ms, begin_ms + long * length_ms, -20.0)
    often = np.unique(np.concatenate([t_ms, t_ms[0] + np.array(more, float) * length_ms]))
    seldom = Trace("soma.v", t_ms, np.array(heights))
    dense = Trace("soma.v", often, np.interp(often, t_ms, heights))
    for name in LEVEL:
        [one], [other] = (measure(trace, [name], window)[name] for trace in (seldom, dense))
        assert one == pytest.approx(other, abs=1e-9)
    one, other = (measure(t, [WIDTH], window)[WIDTH] for t in (seldom, dense))
    widths = [0.0 if isinstance(found, Missing) else found[0] for found in (one, other)]
    assert widths[0] == pytest.approx(widths[1], abs=1e-6)


def test_a_window_between_two_steps():
    """From -70 mV at 0 to 30 mV at 100 ms: -60 at 10 ms, -50 at 20 ms, above -55 from 15 ms on."""
    ramp = Trace("soma.v", np.array([0.0, 100.0]), np.array([-70.0, 30.0]))
    window = Window(10.0, 20.0, threshold_mV=-55.0)
    assert found(ramp, *LEVEL, WIDTH, window=window) == {
        "maximum": [-50.0],
        "minimum": [-60.0],
        "swing": [10.0],
        WIDTH: [5.0],
    }


@pytest.mark.parametrize("error_ms", [-1e-8, 0.0, 1e-8])
def test_times_that_are_sums_of_steps_reach_the_ends_of_the_window(error_ms):
    """NEURON's time is 299.99999999986 after 12,000 steps of 0.025 ms."""
    t_ms = np.arange(0.0, 300.01, 0.025) + error_ms
    ramp = Trace("soma.cai", t_ms, np.linspace(0.0, 0.3, t_ms.size))
    assert found(ramp, "value_at_end", "maximum", window=Window(100.0, 300.0)) == {
        "value_at_end": [0.3],
        "maximum": [0.3],
    }
    assert found(ramp, "minimum", window=Window(100.0, 300.0)) == {"minimum": [0.1]}


@pytest.mark.parametrize("step_ms", [0.1, 0.25])
def test_the_width_above_the_threshold(step_ms):
    """A triangle of 100 mV, 2 ms wide at its foot, is 1 ms wide half-way up."""
    trace = spiking((200.0, 400.0), step_ms)
    assert found(trace, "width_above_threshold") == {"width_above_threshold": [2.0]}
    low = Window(100.0, 900.0, threshold_mV=-60.0)
    assert found(trace, "width_above_threshold", window=low) == {"width_above_threshold": [3.6]}
    high = Window(100.0, 900.0, threshold_mV=31.0)
    reason = found(trace, "width_above_threshold", window=high)["width_above_threshold"]
    assert "never above 31 mV" in reason


def test_means_integrals_and_times_of_peaks():
    """A calcium current of -3 for 20 ms, with edges of 1 ms: the area of a trapezium is 63."""
    t_ms = np.arange(0.0, 1000.5, 0.5)
    current = Trace("soma.ica", t_ms, np.interp(t_ms, [199, 200, 220, 221], [0, -3.0, -3.0, 0]))
    assert found(current, "integral", "mean", "time_of_minimum", "time_of_maximum") == {
        "integral": [-63.0],
        "mean": [-63.0 / 800.0],
        "time_of_minimum": [200.0],
        "time_of_maximum": [100.0],
    }
    part = found(current, "integral", "mean", window=Window(210.25, 215.25))
    assert part == {"integral": [-15.0], "mean": [-3.0]}
