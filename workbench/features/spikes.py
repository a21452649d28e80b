"""Spikes: upward crossings of a threshold, between the integrator's own steps.

eFEL has them only on a grid of 0.1 ms.
"""

import numpy as np

from workbench.arrays import Floats
from workbench.features.measure import feature
from workbench.features.values import Missing, Window
from workbench.protocols import Trace


@feature
def spike_times(trace: Trace, window: Window) -> Floats | Missing:
    """Return the times (ms) of upward crossings of the threshold within the window.

    Interpolated linearly between the integrator's own steps, not on eFEL's grid.
    """
    times = crossings_ms(trace, window.threshold_mV)
    times = times[window.holds(times)]
    return times if times.size else Missing(f"no spike crosses {window.threshold_mV:g} mV")


@feature
def first_spike(trace: Trace, window: Window) -> Floats | Missing:
    """Return the time (ms) of the first spike of `spike_times`."""
    times = spike_times(trace, window)
    return times if isinstance(times, Missing) else times[:1]


@feature
def spike_count(trace: Trace, window: Window) -> Floats | Missing:
    """Return the number of upward crossings of the threshold within the window."""
    found = spike_times(trace, window)
    return np.array([0.0 if isinstance(found, Missing) else float(found.size)])


@feature
def spike_intervals(trace: Trace, window: Window) -> Floats | Missing:
    """Return the times (ms) between successive spikes of `spike_times`, the first one too."""
    times = spike_times(trace, window)
    if isinstance(times, Missing) or times.size < 2:
        return Missing(f"fewer than two spikes cross {window.threshold_mV:g} mV")
    return np.diff(times)


@feature
def mean_interval(trace: Trace, window: Window) -> Floats | Missing:
    """Return the mean (ms) of `spike_intervals`."""
    intervals = spike_intervals(trace, window)
    return intervals if isinstance(intervals, Missing) else np.array([intervals.mean()])


def crossings_ms(trace: Trace, threshold: float) -> Floats:
    """Return the times of all upward crossings of a threshold, interpolated linearly, (n,)."""
    below = trace.values < threshold
    before = np.flatnonzero(below[:-1] & ~below[1:])
    t0, t1 = trace.t_ms[before], trace.t_ms[before + 1]
    v0, v1 = trace.values[before], trace.values[before + 1]
    return np.asarray(t0 + (threshold - v0) / (v1 - v0) * (t1 - t0), dtype=float)
