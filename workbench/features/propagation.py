"""What takes two recordings of one simulation: how fast a spike travels."""

import numpy as np

from workbench.features.crossings import crossings_ms
from workbench.features.values import Measured, Missing, Window, as_measured
from workbench.protocols import Trace


def conduction_velocity(near: Trace, far: Trace, distance_um: float, window: Window) -> Measured:
    """Return the velocity (m/s) of the first spike of the window, one value.

    Parameters
    ----------
    near, far
        Voltages where the spike passes first and where it passes later.
    distance_um
        Between the two places, along the cell.
    window
        In which it passes the first place; both times are those of its threshold.

    Returns
    -------
    Measured
        Negative if the second place fires before the first; `Missing` if one does not fire.
    """
    times = [crossings_ms(trace, window.threshold_mV) for trace in (near, far)]
    passed = times[0][window.holds(times[0])]
    if not passed.size or not times[1].size:
        place = "second" if passed.size else "first"
        return Missing(f"no spike crosses {window.threshold_mV:g} mV at the {place} place")
    delay_ms = times[1][0] - passed[0]
    if delay_ms == 0:
        return Missing("both places fire at the same time")
    return as_measured(np.array([distance_um / delay_ms / 1000]), "conduction_velocity")
