"""What a measurement gives: all values of a feature, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Missing:
    """Why a feature has no value; the sentence is shown to the user."""

    reason: str


Measured = Floats | Missing


@dataclass(frozen=True)
class Window:
    """How a trace is read: the stimulus window and eFEL's settings for it.

    Attributes
    ----------
    begin_ms, end_ms
        The stimulus as eFEL understands it (`stim_start`, `stim_end`).
    threshold_mV
        Crossings upward of it are spikes.
    settings
        Other eFEL settings by name, such as `interp_step`; all the rest are eFEL's defaults.
    """

    begin_ms: float
    end_ms: float
    threshold_mV: float = -20.0
    settings: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.begin_ms < self.end_ms:
            raise InputError(
                f"window_ms is [{self.begin_ms:g}, {self.end_ms:g}]; it must begin at 0 or later "
                "and end after it begins"
            )
