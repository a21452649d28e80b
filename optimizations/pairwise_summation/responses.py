"""What reaches the soma of excitation, of inhibition and of both, when that of excitation peaks."""

import numpy as np

EVERY_ms = 250
"""Excitation alone comes first, then inhibition alone, then both."""

FIRST_ms = 20


def excitation(traces):
    """Return the peak of what excitation does alone, in mV or, of a clamped soma, nA."""
    return _responses(traces)[0]


def inhibition(traces):
    """Return what inhibition does alone, as long after its event."""
    return _responses(traces)[1]


def both(traces):
    """Return what they do together, as long after their events."""
    return _responses(traces)[2]


def _responses(traces):
    trace = traces["soma.v"] if "soma.v" in traces else traces["soma.i_clamp"]
    t_ms, values = trace.t_ms, trace.values
    alone = (t_ms >= FIRST_ms) & (t_ms < FIRST_ms + EVERY_ms)
    rest = values[alone][0]
    peak_ms = t_ms[alone][np.argmax(np.abs(values[alone] - rest))]
    return np.interp(peak_ms + EVERY_ms * np.arange(3), t_ms, values) - rest
