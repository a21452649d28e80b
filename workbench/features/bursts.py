"""Bursts: spikes that stand closer together than a gap."""

from collections.abc import Callable

import numpy as np

from workbench.arrays import Floats
from workbench.features.measure import feature
from workbench.features.spikes import crossings_ms, spike_intervals
from workbench.features.values import Missing, Window
from workbench.protocols import Trace

GAP_ms = 50.0
"""Spikes farther apart belong to different bursts."""

LONGEST_INTERVAL_ms = 3000.0
FEWEST_INTERVALS = 3
"""Of which `burst_b2` is made: two pairs, for a variance."""


@feature
def burst_times(trace: Trace, window: Window) -> Floats | Missing:
    """Return the time (ms) of the first spike of each burst that begins within the window."""
    return _of_bursts(trace, window, lambda burst: burst[0])


@feature
def burst_count(trace: Trace, window: Window) -> Floats | Missing:
    """Return the number of bursts, single spikes too, that begin within the window."""
    begins = burst_times(trace, window)
    return np.array([0.0 if isinstance(begins, Missing) else float(begins.size)])


@feature
def burst_spikes(trace: Trace, window: Window) -> Floats | Missing:
    """Return the number of spikes of each burst that begins within the window."""
    return _of_bursts(trace, window, lambda burst: float(burst.size))


@feature
def burst_durations(trace: Trace, window: Window) -> Floats | Missing:
    """Return the time (ms) from first to last spike of each burst that begins in the window."""
    return _of_bursts(trace, window, lambda burst: burst[-1] - burst[0])


@feature
def burst_periods(trace: Trace, window: Window) -> Floats | Missing:
    """Return the times (ms) between the first spikes of successive bursts."""
    begins = burst_times(trace, window)
    if isinstance(begins, Missing) or begins.size < 2:
        return Missing("fewer than two bursts begin in the window")
    return np.diff(begins)


@feature
def burst_b2(trace: Trace, window: Window) -> Floats | Missing:
    """Return how bursting the spikes of the window are: about 0 for regular firing, towards 1.

    (2 var(I_i) - var(I_i + I_(i+1))) / (2 mean(I)^2) of the intervals I between spikes, with
    variances of samples; intervals above 3 s are dropped (van Elburg & van Ooyen 2010, PLoS Comput
    Biol 6:e1000781).
    """
    intervals = spike_intervals(trace, window)
    if not isinstance(intervals, Missing):
        intervals = intervals[intervals <= LONGEST_INTERVAL_ms]
    if isinstance(intervals, Missing) or intervals.size < FEWEST_INTERVALS:
        return Missing(
            f"fewer than {FEWEST_INTERVALS} intervals of at most {LONGEST_INTERVAL_ms:g} ms "
            f"between spikes that cross {window.threshold_mV:g} mV"
        )
    pairs = intervals[:-1] + intervals[1:]
    return np.array([(2 * intervals.var(ddof=1) - pairs.var(ddof=1)) / (2 * intervals.mean() ** 2)])


def _of_bursts(
    trace: Trace, window: Window, measured: Callable[[Floats], float]
) -> Floats | Missing:
    times = crossings_ms(trace, window.threshold_mV)
    bursts = np.split(times, np.flatnonzero(np.diff(times) > GAP_ms) + 1)
    inside = [b for b in bursts if window.holds(b[:1]).any()]
    if not inside:
        return Missing(f"no spike crosses {window.threshold_mV:g} mV")
    return np.array([measured(burst) for burst in inside])
