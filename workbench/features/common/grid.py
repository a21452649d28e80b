"""A trace on eFEL's grid: interpolated once, its spikes found once.

The numbers are eFEL's to the last bit (5.7.34 on x86-64): its sums are made in its order.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.features.values import Setting, Window
from workbench.protocols import Trace

Places = NDArray[np.int64]


class LackingError(Exception):
    """What a trace lacks, as the end of a sentence about the feature."""


@dataclass(frozen=True, eq=False)
class Gridded:
    """What eFEL sees of a trace.

    Attributes
    ----------
    t_ms, v
        The grid and the values on it, (n,); of a membrane in mV.
    window
        The stimulus window.
    settings
        All of eFEL's settings but the threshold, which is the window's.
    stimulus_nA
        By how much the current of the window is above that before it; None if it is not known.
    """

    t_ms: Floats
    v: Floats
    window: Window
    settings: Mapping[str, Setting]
    stimulus_nA: float | None

    @property
    def strict(self) -> bool:
        """Whether only the spikes of the window count."""
        return bool(self.settings["strict_stiminterval"])

    @cached_property
    def peaks(self) -> Places:
        """Where spikes are highest: between a rise through the threshold and the next fall.

        Both from one point of the grid to the next one; a point on the threshold is neither above
        nor below. Of equal points the first.
        """
        above, below = self.v > self.window.threshold_mV, self.v < self.window.threshold_mV
        rises = np.flatnonzero(below[:-1] & above[1:]) + 1
        falls = np.flatnonzero(above[:-1] & below[1:]) + 1
        if rises.size:
            falls = falls[np.searchsorted(falls, rises[0]) :]
        pairs = zip(rises, falls, strict=False)
        highest = [a + self.v[a : b + 1].argmax() for a, b in pairs if a <= b]
        peaks = np.array(highest, dtype=np.int64)
        if self.strict:
            t_ms = self.t_ms[peaks]
            return peaks[(t_ms >= self.window.begin_ms) & (t_ms <= self.window.end_ms)]
        return peaks

    @cached_property
    def peaks_ms(self) -> Floats:
        """The times of the peaks."""
        return self.t_ms[self.peaks]

    @cached_property
    def troughs(self) -> Places:
        """Where the first minimum after each peak is, before the next one.

        Behind the last peak it is sought up to the end of the trace, or of the window if that is
        strict; if it is the last point there, there is none.
        """
        end = self.first(self.window.end_ms) if self.strict else self.v.size
        bounds = [*self.peaks, end]
        lowest = [_first_minimum(self.v, *bounds[n : n + 2]) for n in range(self.peaks.size)]
        return np.array([at for at in lowest if at != end - 1], dtype=np.int64)

    @cached_property
    def slow_troughs(self) -> Places:
        """Where it is lowest `sahp_start` ms after a peak and later, before the next peak.

        From the second peak on.
        """
        waited = self.peaks_ms[1:-1] + float(self.settings["sahp_start"])
        begins = np.minimum(np.searchsorted(self.t_ms, waited), self.peaks[2:])
        pairs = zip(begins, self.peaks[2:], strict=True)
        lowest = [a + self.v[a:b].argmin() if a < b else b for a, b in pairs]
        return np.array(lowest, dtype=np.int64)

    @cached_property
    def slopes(self) -> Floats:
        """The slope at each point, from its neighbours (per ms)."""
        return _central(self.v) / _central(self.t_ms)

    @cached_property
    def onsets(self) -> Places:
        """Where spikes begin: the slope is above `DerivativeThreshold` from there on.

        Of each peak behind the window's begin, sought from the peak back to the minimum before: the
        last rise of the slope after which it stays up for `DerivativeWindow` points. Without such a
        rise the peak has no onset.

        Raises
        ------
        LackingError
            If there are more peaks than minima between them.
        """
        level = float(self.settings["DerivativeThreshold"])
        width = int(self.settings["DerivativeWindow"])
        begin = self.first(self.window.begin_ms)
        minima = [max(begin - 2, 0), *self.troughs[self.troughs > begin]]
        peaks = self.peaks[self.peaks > begin]
        if len(minima) < peaks.size:
            raise LackingError("finds more peaks than minima between them")
        flat = np.flatnonzero(self.slopes <= level)
        low = self.slopes < level
        found = [
            _onset(flat, low, *ends, width) for ends in zip(minima, peaks.tolist(), strict=False)
        ]
        return np.array([at for at in found if at is not None], dtype=np.int64)

    def first(self, t_ms: float) -> int:
        """Return the first point of the grid at a time or later, or their number."""
        return int(np.searchsorted(self.t_ms, t_ms))


def gridded(
    trace: Trace,
    window: Window,
    settings: Mapping[str, Setting],
    stimulus_nA: float | None = None,
) -> Gridded:
    """Return a sound trace on the grid.

    Between two samples the values are on a line. What has two samples at one time has the first
    one's value there. As in eFEL, a trace of two samples, or of two at its begin, is left as it is.
    """
    t_ms, v = trace.t_ms, trace.values
    step_ms = float(settings["interp_step"])
    if t_ms.size < 3 or t_ms[0] == t_ms[1]:
        return Gridded(t_ms, v, window, settings, stimulus_nA)
    count = math.ceil((t_ms[-1] - t_ms[0]) / step_ms)
    grid = _grid_ms(float(t_ms[0]), step_ms, count + 1)
    if not grid[count - 1] < t_ms[-1]:
        grid = grid[:count]
    on_grid = np.interp(grid, t_ms, v)
    # eFEL reaches a sample along the line before it, numpy stands on it.
    near = np.rint((t_ms - t_ms[0]) / step_ms).astype(np.int64).clip(max=grid.size - 1)
    on = np.flatnonzero((grid[near[1:]] == t_ms[1:]) & (t_ms[1:] > t_ms[:-1]))
    slope = (v[on + 1] - v[on]) / (t_ms[on + 1] - t_ms[on])
    on_grid[near[on + 1]] = v[on] + slope * (t_ms[on + 1] - t_ms[on])
    return Gridded(grid, on_grid, window, settings, stimulus_nA)


@lru_cache(maxsize=8)
def _grid_ms(begin_ms: float, step_ms: float, count: int) -> Floats:
    """Return times of one step, each with the rounding errors of all before it."""
    steps_ms = np.full(count, step_ms)
    steps_ms[0] = begin_ms
    grid_ms = np.add.accumulate(steps_ms)
    grid_ms.setflags(write=False)
    return grid_ms


def _first_minimum(v: Floats, begin: int, end: int) -> int:
    """Return the first point that neither of the next two is below, or the lowest of all."""
    part = v[begin:end]
    if part.size == 0:
        return end
    turned = (part[1:-1] >= part[:-2]) & (part[2:] >= part[:-2])
    if turned.any():
        return begin + int(turned.argmax())
    return begin + int(part.argmin())


def _central(values: Floats) -> Floats:
    """Return the differences of neighbours of each point, halved; at the ends those of one step."""
    ends = values[1:2] - values[:1], values[-1:] - values[-2:-1]
    return np.concatenate([ends[0], (values[2:] - values[:-2]) / 2, ends[1]])


def _onset(flat: Places, low: NDArray[np.bool_], minimum: int, peak: int, width: int) -> int | None:
    """Return where a spike begins between a minimum and its peak.

    `flat` are the points at which it does not rise, `low` tells of each point whether it is below.
    """
    while minimum < peak:
        last = np.searchsorted(flat, peak) - 1
        begin = int(flat[last]) + 1 if last >= 0 and flat[last] >= minimum else minimum
        begin = min(begin, low.size - width)
        if begin == minimum:
            return None
        if not low[begin : begin + width].any():
            return begin
        peak = begin - 1
    return None
