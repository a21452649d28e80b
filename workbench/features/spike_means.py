"""Means over the spikes of a window: widths, and the troughs that follow.

What a recipe scores as the distance of means, where eFEL's features have a value a spike. After
Gouwens et al. 2018, Nat Commun 9:710. Spikes are upward crossings of the threshold; the last one of
the window counts for nothing but intervals, since nothing tells where it ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from workbench.arrays import Floats
from workbench.features.measure import feature
from workbench.features.spikes import crossings_ms
from workbench.features.values import Missing, Window
from workbench.protocols import Trace

FLAT = 0.01
"""The fast trough is where dV/dt has come back to this share of the steepest fall."""
LONGEST_ms = 5.0
"""How far the fast trough is from the peak at most."""


@dataclass(frozen=True)
class _Spike:
    """From its upward crossing to that of the next: places in `t_ms` and `v_mV`."""

    t_ms: Floats
    v_mV: Floats
    interval_ms: tuple[float, float]
    peak: int
    fast: int
    lowest: int


@feature
def mean_spike_width(trace: Trace, window: Window) -> Floats | Missing:
    """Return the mean width (ms) of spikes, halfway between peak and lowest voltage behind it."""

    def width(spike: _Spike) -> float:
        half = (spike.v_mV[spike.peak] + spike.v_mV[spike.lowest]) / 2
        peak_ms = spike.t_ms[spike.peak]
        near = (trace.t_ms >= peak_ms - LONGEST_ms) & (trace.t_ms <= spike.t_ms[-1])
        t_ms, v_mV = trace.t_ms[near], trace.values[near]
        rises = crossings_ms(Trace(trace.name, t_ms, v_mV), half)
        falls = crossings_ms(Trace(trace.name, t_ms, -v_mV), -half)
        rises, falls = rises[rises <= peak_ms], falls[falls >= peak_ms]
        return float(falls[0] - rises[-1]) if rises.size and falls.size else np.nan

    return _mean(trace, window, width)


@feature
def mean_fast_trough(trace: Trace, window: Window) -> Floats | Missing:
    """Return the mean voltage (mV) at which the fall of spikes ends.

    That is where dV/dt has come back to 1 % of the steepest fall, or the lowest point within 5 ms
    of the peak.
    """
    return _mean(trace, window, lambda spike: float(spike.v_mV[spike.fast]))


@feature
def mean_slow_trough_depth(trace: Trace, window: Window) -> Floats | Missing:
    """Return how far (mV) the voltage falls, in the mean, from the fast trough to the lowest."""
    return _mean(
        trace, window, lambda spike: float(spike.v_mV[spike.fast] - spike.v_mV[spike.lowest])
    )


@feature
def mean_slow_trough_time(trace: Trace, window: Window) -> Floats | Missing:
    """Return when the voltage between two spikes is lowest: the mean share of their interval."""

    def share(spike: _Spike) -> float:
        begin_ms, end_ms = spike.interval_ms
        return float((spike.t_ms[spike.lowest] - begin_ms) / (end_ms - begin_ms))

    return _mean(trace, window, share)


@feature
def mean_adaptation(trace: Trace, window: Window) -> Floats | Missing:
    """Return by how much intervals grow: the mean of (b - a)/(b + a) of each and the next.

    Of all intervals between upward crossings of the threshold, the first one too.
    """
    times = crossings_ms(trace, window.threshold_mV)
    intervals = np.diff(times[window.holds(times)])
    if intervals.size < 2:
        return Missing(f"fewer than three spikes cross {window.threshold_mV:g} mV")
    return np.array([np.mean(np.diff(intervals) / (intervals[1:] + intervals[:-1]))])


def _mean(trace: Trace, window: Window, value: Callable[[_Spike], float]) -> Floats | Missing:
    times = crossings_ms(trace, window.threshold_mV)
    times = times[window.holds(times)]
    if times.size < 2:
        return Missing(f"fewer than two spikes cross {window.threshold_mV:g} mV")
    values = np.array([value(_spike(trace, pair)) for pair in pairwise(times.tolist())])
    values = values[np.isfinite(values)]
    return np.array([values.mean()]) if values.size else Missing("no spike has a width")


def _spike(trace: Trace, interval_ms: tuple[float, float]) -> _Spike:
    inside = (trace.t_ms > interval_ms[0]) & (trace.t_ms <= interval_ms[1])
    t_ms, v_mV = trace.t_ms[inside], trace.values[inside]
    # What lies beyond the lowest point is the rise to the next spike.
    lowest = int(v_mV.argmin())
    peak = int(v_mV[: lowest + 1].argmax())
    fast = peak + _fast(t_ms[peak : lowest + 1], v_mV[peak : lowest + 1])
    return _Spike(t_ms, v_mV, interval_ms, peak, fast, lowest)


def _fast(t_ms: Floats, v_mV: Floats) -> int:
    """Return the place of the fast trough on the way from a peak to the lowest point behind it."""
    near = int(np.count_nonzero(t_ms <= t_ms[0] + LONGEST_ms))
    if near < 2:
        return 0
    slope = np.diff(v_mV[:near]) / np.diff(t_ms[:near])
    steepest = int(slope.argmin())
    flat = np.flatnonzero(slope[steepest:] > FLAT * slope[steepest])
    return steepest + int(flat[0]) if flat.size else int(v_mV[:near].argmin())
