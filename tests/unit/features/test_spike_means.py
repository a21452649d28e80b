"""Means over spikes on traces of straight lines, where they can be read off."""

import numpy as np
import pytest

from workbench.features import Missing, Window, measure
from workbench.protocols import Trace

# By time (ms) and voltage (mV): a spike falls fast to -55, then slowly to -60 at 40 ms, and rises
# to the next at 60 ms, which falls to -62 at once and only rises from there.
CORNERS = [
    (0, -70), (9, -70), (10, 30), (11, -55), (40, -60), (59, -50), (60, 30), (61, -62), (99, -50),
    (100, 30), (101, -62), (200, -60),
]  # fmt: skip
OF_SPIKES = [
    "mean_spike_width", "mean_fast_trough", "mean_slow_trough_depth",
    "mean_slow_trough_time",
]  # fmt: skip
FEATURES = [*OF_SPIKES, "mean_adaptation"]
WINDOW = Window(5, 150)


def trace(corners, step_ms=0.1):
    """Straight lines, with all corners among the samples."""
    times, values = np.array(corners, dtype=float).T
    t_ms = np.unique(np.round(np.concatenate([np.arange(0, times[-1], step_ms), times]), 6))
    return Trace("soma.v", t_ms, np.interp(t_ms, times, values))


def test_means_over_spikes():
    found = {
        name: value.item() for name, value in measure(trace(CORNERS), FEATURES, WINDOW).items()
    }
    # The fall of 85 mV/ms ends at 11 ms: behind it are 0.17 mV/ms, less than 1 % of it.
    assert found["mean_fast_trough"] == pytest.approx((-55 - 62) / 2)
    assert found["mean_slow_trough_depth"] == pytest.approx((5 + 0) / 2)
    # Halfway are -15 mV, of 100 mV up and 85 down, and -16 mV, of 80 up and 92 down.
    widths = [45 / 100 + 45 / 85, 46 / 80 + 46 / 92]
    assert found["mean_spike_width"] == pytest.approx(np.mean(widths))
    # Upward crossings of -20 mV: 50 of 100, 30 of 80 and 30 of 80 mV above the foot.
    first, second, third = 9 + 50 / 100, 59 + 30 / 80, 99 + 30 / 80
    shares = [(40 - first) / (second - first), (61 - second) / (third - second)]
    assert found["mean_slow_trough_time"] == pytest.approx(np.mean(shares))
    a, b = second - first, third - second
    assert found["mean_adaptation"] == pytest.approx((b - a) / (b + a))


def test_a_fall_that_does_not_end_has_its_trough_5_ms_behind_the_peak():
    corners = [(0, -70), (9, -70), (10, 30), (20, -20.5), (40, -71), (49, -70), (50, 30), (60, -70)]
    found = measure(trace(corners), FEATURES, Window(5, 150))
    fast = found["mean_fast_trough"].item()
    assert fast == pytest.approx(30 - 5 * 5.05)
    assert found["mean_slow_trough_depth"].item() == pytest.approx(fast + 71)


@pytest.mark.parametrize(("corners", "number"), [([(0, -70), (200, -70)], 0), (CORNERS[:5], 1)])
def test_fewer_than_two_spikes_have_no_troughs(corners, number):
    found = measure(trace([*corners, (210, -60)]), FEATURES, WINDOW)
    for name in OF_SPIKES:
        assert found[name] == Missing("fewer than two spikes cross -20 mV"), number
    assert found["mean_adaptation"] == Missing("fewer than three spikes cross -20 mV")


def test_two_spikes_have_troughs_and_no_adaptation():
    found = measure(trace(CORNERS), FEATURES, Window(5, 70))
    assert found["mean_fast_trough"].item() == pytest.approx(-55)
    assert isinstance(found["mean_adaptation"], Missing)


def test_a_window_may_hold_no_sample():
    found = measure(trace([(0, -70), (200, -70)], step_ms=50), FEATURES, Window(60, 70))
    assert all(isinstance(value, Missing) for value in found.values())
