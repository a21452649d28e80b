"""Features of the workbench's own that eFEL has not, or has only on a grid of 0.1 ms."""

import numpy as np

from workbench.features.measure import feature
from workbench.features.values import Floats, Missing, Window
from workbench.protocols import Trace, rounding_ms


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


@feature
def maximum(trace: Trace, window: Window) -> Floats | Missing:
    """Return the largest value within the window, in the recording's unit."""
    inside = _inside(trace, window)
    return inside if isinstance(inside, Missing) else np.array([inside.values.max()])


@feature
def minimum(trace: Trace, window: Window) -> Floats | Missing:
    """Return the smallest value within the window, in the recording's unit."""
    inside = _inside(trace, window)
    return inside if isinstance(inside, Missing) else np.array([inside.values.min()])


@feature
def swing(trace: Trace, window: Window) -> Floats | Missing:
    """Return how far maximum and minimum of the window are apart, in the recording's unit."""
    inside = _inside(trace, window)
    return inside if isinstance(inside, Missing) else np.array([np.ptp(inside.values)])


@feature
def value_at_end(trace: Trace, window: Window) -> Floats | Missing:
    """Return the value at the end of the window, interpolated linearly."""
    if not trace.t_ms[0] <= window.end_ms <= trace.t_ms[-1] + rounding_ms(trace.t_ms):
        return Missing(f"the trace does not reach {window.end_ms:g} ms")
    return np.array([np.interp(window.end_ms, trace.t_ms, trace.values)])


@feature
def width_above_threshold(trace: Trace, window: Window) -> Floats | Missing:
    """Return how long (ms) the trace is above the threshold within the window, in all.

    The width of a dendritic calcium spike as Hay et al. 2011 measure it, at -55 mV.
    """
    inside = _inside(trace, window)
    if isinstance(inside, Missing):
        return inside
    above = inside.values - window.threshold_mV
    if not (above > 0).any():
        return Missing(f"it is never above {window.threshold_mV:g} mV")
    rise, high = np.minimum(above[:-1], above[1:]), np.maximum(above[:-1], above[1:])
    share = np.where(high > 0, high / np.where(high > rise, high - rise, 1.0), 0.0)
    return np.array([float(np.sum(np.diff(inside.t_ms) * np.where(rise >= 0, 1.0, share)))])


def crossings_ms(trace: Trace, threshold: float) -> Floats:
    """Return the times of all upward crossings of a threshold, interpolated linearly, (n,)."""
    below = trace.values < threshold
    before = np.flatnonzero(below[:-1] & ~below[1:])
    t0, t1 = trace.t_ms[before], trace.t_ms[before + 1]
    v0, v1 = trace.values[before], trace.values[before + 1]
    return np.asarray(t0 + (threshold - v0) / (v1 - v0) * (t1 - t0), dtype=float)


def _inside(trace: Trace, window: Window) -> Trace | Missing:
    """Return the part of a trace within the window, with values at both ends of it.

    Interpolated linearly between the integrator's steps, so that what is measured does not depend
    on where these fall. A window that reaches beyond the trace ends with it.
    """
    begin_ms, end_ms = max(window.begin_ms, trace.t_ms[0]), min(window.end_ms, trace.t_ms[-1])
    if not begin_ms < end_ms:
        return Missing(f"the trace has nothing in the window {window} ms")
    within = (trace.t_ms >= begin_ms) & (trace.t_ms <= end_ms)
    t_ms = np.concatenate([[begin_ms], trace.t_ms[within], [end_ms]])
    first, last = np.interp([begin_ms, end_ms], trace.t_ms, trace.values)
    values = np.concatenate([[first], trace.values[within], [last]])
    return Trace(trace.name, t_ms, values)
