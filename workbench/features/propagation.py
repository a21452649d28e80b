"""What takes two recordings of one simulation: how fast a spike travels."""

import numpy as np

from workbench.features.spikes import crossings_ms
from workbench.features.values import Measured, Missing, Window, as_measured
from workbench.protocols import Trace


def conduction_velocity(near: Trace, far: Trace, distance_um: float, window: Window) -> Measured:
    """Return the velocity (m/s) of the first spike of the window, one value.

    Where both places fire equally often during the run, the first spike of one is the first of the
    other, and so on; a spike under way when the window begins is not taken for the next one.

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
    all_ms = [crossings_ms(trace, window.threshold_mV) for trace in (near, far)]
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
    delay_ms = pair_ms[1] - pair_ms[0]
    if delay_ms == 0:
        return Missing("both places fire at the same time")
    return as_measured(np.array([distance_um / delay_ms / 1000]), "conduction_velocity")
