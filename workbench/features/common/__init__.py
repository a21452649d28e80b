"""eFEL's common features, computed here in one pass over a trace: its own values, to the last bit.

eFEL interpolates a trace anew for each feature. What is not defined here is left to it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from workbench.features.common import levels, shapes, times  # noqa: F401 - they register features
from workbench.features.common.grid import LackingError, gridded
from workbench.features.common.registry import COMMON
from workbench.features.values import Measured, Missing, Setting, Window, as_measured
from workbench.protocols import Trace

__all__ = ["COMMON", "measure"]


def measure(
    trace: Trace,
    features: Sequence[str],
    window: Window,
    settings: Mapping[str, Setting],
    stimulus_nA: float | None = None,
) -> dict[str, Measured]:
    """Return every value of each feature, or why it has none.

    Parameters
    ----------
    trace
        A sound one.
    features
        Names in `COMMON`.
    window
        The stimulus window and the threshold.
    settings
        All of eFEL's settings but the threshold.
    stimulus_nA
        By how much the current of the window is above that before it; None if it is not known.
    """
    on = gridded(trace, window, settings, stimulus_nA)
    found: dict[str, Measured] = {}
    # What is no number is missing.
    with np.errstate(divide="ignore", invalid="ignore"):
        for name in features:
            try:
                found[name] = as_measured(COMMON[name](on), "eFEL")
            except LackingError as lacking:
                found[name] = Missing(f"eFEL's {name} {lacking}")
    return found
