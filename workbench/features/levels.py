"""Levels: how high and how low a recording is, where it ends, and how long it is high."""

import numpy as np

from workbench.arrays import Floats
from workbench.features.measure import feature
from workbench.features.values import Missing, Window
from workbench.protocols import Trace, rounding_ms


@feature
def maximum(trace: Trace, window: Window) -> Floats | Missing:
    """Return the largest value within the window, in the recording's unit."""
    inside = clipped(trace, window)
    return inside if isinstance(inside, Missing) else np.array([inside.values.max()])


@feature
def minimum(trace: Trace, window: Window) -> Floats | Missing:
    """Return the smallest value within the window, in the recording's unit."""
    inside = clipped(trace, window)
    return inside if isinstance(inside, Missing) else np.array([inside.values.min()])


@feature
def swing(trace: Trace, window: Window) -> Floats | Missing:
    """Return how far maximum and minimum of the window are apart, in the recording's unit."""
    inside = clipped(trace, window)
    return inside if isinstance(inside, Missing) else np.array([np.ptp(inside.values)])


@feature
def mean(trace: Trace, window: Window) -> Floats | Missing:
    """Return the mean over the time of the window, in the recording's unit."""
    inside = clipped(trace, window)
    if isinstance(inside, Missing):
        return inside
    return np.array([np.trapezoid(inside.values, inside.t_ms) / np.ptp(inside.t_ms)])


@feature
def integral(trace: Trace, window: Window) -> Floats | Missing:
    """Return the integral over the window, in the recording's unit times ms.

    Of a density in mA/cm2 it is a charge in uC/cm2. The zero is that of the recording.
    """
    inside = clipped(trace, window)
    if isinstance(inside, Missing):
        return inside
    return np.array([np.trapezoid(inside.values, inside.t_ms)])


@feature
def time_of_maximum(trace: Trace, window: Window) -> Floats | Missing:
    """Return when (ms) the largest value of the window is reached first."""
    inside = clipped(trace, window)
    return inside if isinstance(inside, Missing) else inside.t_ms[[inside.values.argmax()]]


@feature
def time_of_minimum(trace: Trace, window: Window) -> Floats | Missing:
    """Return when (ms) the smallest value of the window is reached first."""
    inside = clipped(trace, window)
    return inside if isinstance(inside, Missing) else inside.t_ms[[inside.values.argmin()]]


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
    inside = clipped(trace, window)
    if isinstance(inside, Missing):
        return inside
    above = inside.values - window.threshold_mV
    if not (above > 0).any():
        return Missing(f"it is never above {window.threshold_mV:g} mV")
    rise, high = np.minimum(above[:-1], above[1:]), np.maximum(above[:-1], above[1:])
    share = np.where(high > 0, high / np.where(high > rise, high - rise, 1.0), 0.0)
    return np.array([float(np.sum(np.diff(inside.t_ms) * np.where(rise >= 0, 1.0, share)))])


def clipped(trace: Trace, window: Window) -> Trace | Missing:
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
