"""The list of eFEL's features that are computed here, and what they share."""

from collections.abc import Callable
from functools import wraps

import numpy as np

from workbench.arrays import Floats
from workbench.features.common.grid import Gridded, LackingError

Common = Callable[[Gridded], Floats]
COMMON: dict[str, Common] = {}
"""What is computed here, by eFEL's names."""


def common(function: Common) -> Common:
    """Register a feature under its name."""
    COMMON[function.__name__] = function
    return function


def spiking(spikes: int) -> Callable[[Common], Common]:
    """Register a feature that needs so many spikes."""

    def register(function: Common) -> Common:
        @wraps(function)
        def checked(on: Gridded) -> Floats:
            if (there := on.peaks.size) < spikes:
                where = "window" if on.strict else "trace"
                raise LackingError(
                    f"needs {spikes} {'spike' if spikes == 1 else 'spikes'}, the {where} has "
                    f"{there or 'none'} across {on.window.threshold_mV:g} mV"
                )
            return function(on)

        return common(checked)

    return register


def mean(values: Floats) -> Floats:
    """Return the mean of values that are added in their order, which numpy's own sum is not."""
    return np.add.accumulate(values)[-1:] / values.size
