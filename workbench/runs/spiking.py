"""Where the spikes of a trace are: crossings, peaks, and the troughs after them."""

from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.features import Window

Points = tuple[tuple[float, float], ...]
"""Times (ms) and values."""


@dataclass(frozen=True)
class Spikes:
    """The spikes of a trace in a window: crossings upward of its threshold, peaks, and troughs.

    A trough is the lowest sample between a peak and the next crossing, or the window's end.
    """

    crossings_ms: tuple[float, ...]
    peaks: Points
    troughs: Points


def spikes_of(t_ms: Floats, values: Floats, window: Window) -> Spikes:
    """Return the spikes of a trace within a window."""
    above = values >= window.threshold_mV
    rises = np.flatnonzero(above[1:] & ~above[:-1]) + 1
    rises = rises[window.holds(t_ms[rises])]
    last = int(np.searchsorted(t_ms, window.end_ms, side="right"))
    ends = [*rises[1:].tolist(), max(last, int(rises[-1]) + 1)] if rises.size else []
    peaks, troughs = [], []
    for begin, end in zip(rises.tolist(), ends, strict=True):
        falls = np.flatnonzero(~above[begin:end])
        top = begin + int(values[begin : begin + int(falls[0]) if falls.size else end].argmax())
        low = top + int(values[top:end].argmin())
        peaks.append((float(t_ms[top]), float(values[top])))
        troughs.append((float(t_ms[low]), float(values[low])))
    return Spikes(tuple(t_ms[rises].tolist()), tuple(peaks), tuple(troughs))
