"""Free parameters: what the search sees as the unit cube, the cell sees in its own units."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.arrays import Floats
from workbench.errors import StudyError, unknown


@dataclass(frozen=True)
class Parameter:
    """One free parameter, named as the field writes it: `gNaTs2_tbar_NaTs2_t.apical`.

    On a `log` scale equal steps of the search are equal factors.
    """

    name: str
    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"

    def __post_init__(self) -> None:
        given = f"parameter {self.name} has bounds [{self.low:g}, {self.high:g}]"
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise StudyError(f"{given}; the lower bound comes first and below the upper one")
        if self.scale not in ("linear", "log"):
            raise StudyError(f"{given}; {unknown('scale', self.scale, ('linear', 'log'))}")
        if self.scale == "log" and self.low <= 0:
            raise StudyError(f"{given}; on a log scale both must be above 0")

    def to_physical(self, unit: Floats) -> Floats:
        """Map the unit interval to the bounds, any shape."""
        if self.scale == "log":
            value = self.low * np.power(self.high / self.low, unit)
        else:
            value = self.low + unit * (self.high - self.low)
        return np.clip(value, self.low, self.high)

    def to_unit(self, value: Floats) -> Floats:
        """Map the bounds to the unit interval, any shape."""
        if self.scale == "log":
            return np.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def to_physical(parameters: Sequence[Parameter], unit: Floats) -> Floats:
    """Map rows of the unit cube, (n, d), to rows of parameter values, (n, d)."""
    columns = [p.to_physical(unit[:, i]) for i, p in enumerate(parameters)]
    return np.column_stack([np.zeros((len(unit), 0)), *columns])


def to_unit(parameters: Sequence[Parameter], values: Floats) -> Floats:
    """Map rows of parameter values, (n, d), to rows of the unit cube, (n, d)."""
    columns = [p.to_unit(values[:, i]) for i, p in enumerate(parameters)]
    return np.column_stack([np.zeros((len(values), 0)), *columns])
