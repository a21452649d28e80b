"""What takes two recordings of one simulation: how a spike or a potential travels."""

import numpy as np

from workbench.arrays import Floats
from workbench.features.levels import clipped
from workbench.features.measure import feature_of_two
from workbench.features.spikes import crossings_ms
from workbench.features.values import Measured, Missing, Window, as_measured
from workbench.protocols import Trace


@feature_of_two
def spike_delay(first: Trace, second: Trace, window: Window) -> Floats | Missing:
    """Return by how much (ms) the first spike comes later at the second place than at the first.

    Below 0 if the second place fires first. Where both places fire equally often during the run,
    the first spike of one is the first of the other, and so on; a spike under way when the window
    begins is not taken for the next one.
    """
    all_ms = [crossings_ms(trace, window.threshold_mV) for trace in (first, second)]
    within = [window.holds(times_ms) for times_ms in all_ms]
    for place, holds in zip(("first", "second"), within, strict=True):
        if not holds.any():
            return Missing(f"no spike crosses {window.threshold_mV:g} mV at the {place} place")
    if all_ms[0].size == all_ms[1].size:
        both = within[0] & within[1]
        if not both.any():
            return Missing("no spike crosses both places within the window")
        pair_ms = [times_ms[both][0] for times_ms in all_ms]
    else:
        counts = [int(holds.sum()) for holds in within]
        if counts[0] != counts[1]:
            return Missing(
                f"{counts[0]} spikes cross the first place and {counts[1]} the second within the "
                "window: which belong together is not known"
            )
        pair_ms = [times_ms[holds][0] for times_ms, holds in zip(all_ms, within, strict=True)]
    return np.array([pair_ms[1] - pair_ms[0]])


@feature_of_two
def peak_delay(first: Trace, second: Trace, window: Window) -> Floats | Missing:
    """Return by how much (ms) the peak comes later at the second place than at the first.

    A peak is the farthest from the value with which the window begins, above or below it.
    """
    one, other = _peak(first, window), _peak(second, window)
    if isinstance(one, Missing):
        return one
    return other if isinstance(other, Missing) else np.array([other[0] - one[0]])


@feature_of_two
def attenuation(first: Trace, second: Trace, window: Window) -> Floats | Missing:
    """Return the amplitude at the first place over that at the second; 1 if nothing is lost.

    An amplitude is how far the peak is from the value with which the window begins. The ratio
    A = V1 / V2 of Zador, Agmon-Snir and Segev, J Neurosci 15:1669 (1995).
    """
    one, other = _peak(first, window), _peak(second, window)
    if isinstance(one, Missing):
        return one
    return other if isinstance(other, Missing) else np.array([one[1] / other[1]])


def conduction_velocity(near: Trace, far: Trace, distance_um: float, window: Window) -> Measured:
    """Return the velocity (m/s) of the first spike of the window, one value.

    The time is `spike_delay`.

    Parameters
    ----------
    near, far
        Voltages where the spike passes first and where it passes later.
    distance_um
        Between the two places, along the cell.
    window
        In which it passes both places; both times are those of its threshold.

    Returns
    -------
    Measured
        Negative if the second place fires before the first; `Missing` if one does not fire in the
        window, or if nobody knows which spikes are the same.
    """
    delay_ms = spike_delay(near, far, window)
    if isinstance(delay_ms, Missing):
        return delay_ms
    if delay_ms[0] == 0:
        return Missing("both places fire at the same time")
    return as_measured(distance_um / delay_ms / 1000, "conduction_velocity")


def _peak(trace: Trace, window: Window) -> tuple[float, float] | Missing:
    """Return when the peak is (ms), and by how much it differs from the window's first value."""
    inside = clipped(trace, window)
    if isinstance(inside, Missing):
        return inside
    away = inside.values - inside.values[0]
    place = int(np.abs(away).argmax())
    if away[place] == 0:
        return Missing(f"{trace.name} does not change in the window {window} ms")
    return float(inside.t_ms[place]), float(away[place])
