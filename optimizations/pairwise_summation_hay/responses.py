"""What reaches the soma of excitation, of inhibition and of both, when that of excitation peaks."""

import numpy as np

EVERY_ms = 500
"""Excitation alone comes first, then inhibition alone, then both."""

FIRST_ms = 700


def excitation(traces):
    """Return the peak of what excitation does alone, in mV."""
    return _responses(traces)[0]


def inhibition(traces):
    """Return what inhibition does alone, as long after its event."""
    return _responses(traces)[1]


def both(traces):
    """Return what they do together, as long after their events."""
    return _responses(traces)[2]


def _responses(traces):
    t_ms, values = traces["soma.v"].t_ms, traces["soma.v"].values
    alone = (t_ms >= FIRST_ms) & (t_ms < FIRST_ms + EVERY_ms)
    peak_ms = t_ms[alone][np.argmax(values[alone])]
    late_ms = EVERY_ms * np.arange(3)
    return np.interp(peak_ms + late_ms, t_ms, values) - np.interp(FIRST_ms + late_ms, t_ms, values)
