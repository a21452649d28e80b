"""Responses: how far a recording rises above where the window begins, and how quickly.

Time to peak and width at half the peak are the shape indices by which Rall 1967 (J Neurophysiol
30:1138) tells where on a neuron a synaptic input is. They do not depend on the amplitude.
"""

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.features.levels import clipped
from workbench.features.measure import feature
from workbench.features.values import Missing, Window
from workbench.protocols import Trace


@feature
def peak_amplitude(trace: Trace, window: Window) -> Floats | Missing:
    """Return by how much the largest value exceeds the first one of the window."""
    found = _response(trace, window)
    return found if isinstance(found, Missing) else np.array([found.values.max()])


@feature
def time_to_peak(trace: Trace, window: Window) -> Floats | Missing:
    """Return the time (ms) from the window's begin to its largest value."""
    found = _response(trace, window)
    if isinstance(found, Missing):
        return found
    return np.array([found.t_ms[found.values.argmax()] - found.t_ms[0]])


@feature
def time_to_half(trace: Trace, window: Window) -> Floats | Missing:
    """Return the time (ms) from the window's begin to half of the peak amplitude."""
    found = _response(trace, window)
    return found if isinstance(found, Missing) else np.array([_rise_ms(found) - found.t_ms[0]])


@feature
def width_at_half(trace: Trace, window: Window) -> Floats | Missing:
    """Return how long (ms) the response lasts, between half of the peak amplitude and half of it.

    From the first crossing upwards to the last one downwards, on straight lines between samples.
    """
    found = _response(trace, window)
    if isinstance(found, Missing):
        return found
    last = _high(found)[-1]
    if last == found.t_ms.size - 1:
        return Missing(f"it is still above half of its peak at {found.t_ms[-1]:g} ms")
    return np.array([_crossing_ms(found, last) - _rise_ms(found)])


def _response(trace: Trace, window: Window) -> Trace | Missing:
    """Return the trace within the window, above its first value there."""
    within = clipped(trace, window)
    if isinstance(within, Missing):
        return within
    above = within.values - within.values[0]
    if not above.max() > 0:
        return Missing(f"it never rises above its value at {within.t_ms[0]:g} ms")
    return Trace(trace.name, within.t_ms, above)


def _high(response: Trace) -> NDArray[np.int64]:
    """Return which samples reach half of the peak; the first one never does."""
    return np.flatnonzero(response.values >= response.values.max() / 2)


def _rise_ms(response: Trace) -> float:
    return _crossing_ms(response, _high(response)[0] - 1)


def _crossing_ms(response: Trace, at: int) -> float:
    """Return where half of the peak lies between a sample and the next one."""
    one, other = response.values[at : at + 2]
    share = (response.values.max() / 2 - one) / (other - one)
    return float(response.t_ms[at] + share * (response.t_ms[at + 1] - response.t_ms[at]))
