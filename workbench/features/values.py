"""What a measurement gives: all values of a feature, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.units import amount

Setting = float | str
"""The value of one of eFEL's settings."""


@dataclass(frozen=True)
class Missing:
    """Why a feature has no value; the sentence is shown to the user."""

    reason: str


@dataclass(frozen=True)
class Penalised(Missing):
    """Why a feature does not count as it was measured, and which score it has in place of that."""

    score: float


Measured = Floats | Missing
"""All values of a feature, (n,) with n at least 1, or why there are none."""

LARGEST_SETTING = 1e9
SHORTEST_STEP_ms = 1e-4
ROUNDING_ms = 1e-6
"""By how much NEURON's time, a sum of steps, may miss the end of a window that it means."""


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
    settings: Mapping[str, Setting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        amount("threshold_mV", self.threshold_mV)
        if not 0 <= amount("window_ms", self.begin_ms) < amount("window_ms", self.end_ms):
            raise InputError(
                f"window_ms is {self}; it must begin at 0 or later and end after it begins"
            )
        for name, value in self.settings.items():
            if not isinstance(value, str):
                amount(name, value, (-LARGEST_SETTING, LARGEST_SETTING))
        # eFEL finds no spike in a trace that it cannot interpolate, and does not say why; a finer
        # one than this takes all memory.
        step_ms = self.settings.get("interp_step", 0.1)
        if isinstance(step_ms, str) or not step_ms >= SHORTEST_STEP_ms:
            given = repr(step_ms) if isinstance(step_ms, str) else f"{step_ms:g}"
            raise InputError(
                f"interp_step is {given}, it must be above 0, at least {SHORTEST_STEP_ms:g} ms"
            )

    def __str__(self) -> str:
        return f"[{self.begin_ms:g}, {self.end_ms:g}]"

    def check_end(self, end_ms: float) -> None:
        """Refuse a window that reaches beyond the end of what is measured.

        Features of a time that was never simulated are numbers nevertheless: eFEL counts spikes
        of the whole trace.

        Raises
        ------
        InputError
            If it does so by more than NEURON's rounding.
        """
        if self.end_ms > end_ms + ROUNDING_ms:
            raise InputError(
                f"window_ms is {self}, but the protocol ends at {end_ms:g} ms; end the window "
                "there or before, or give the protocol a longer duration_ms"
            )

    def holds(self, t_ms: Floats) -> NDArray[np.bool_]:
        """Return for each time whether it is within the window, its ends included."""
        late = t_ms >= self.begin_ms - ROUNDING_ms
        result: NDArray[np.bool_] = late & (t_ms <= self.end_ms + ROUNDING_ms)
        return result


def as_measured(found: object, whose: str, because: str = "") -> Measured:
    """Return what a feature found as a locked array, or `Missing` if it is no finite number.

    Parameters
    ----------
    found
        Numbers of any kind, or None.
    whose
        Who looked for them, as the beginning of a sentence: "eFEL".
    because
        Its own words on why it found nothing, or an empty text.
    """
    words = f": {because}" if because else ""
    if found is None:
        return Missing(f"{whose} cannot compute it on this trace{words}")
    values = np.atleast_1d(np.array(found, dtype=float))
    if values.size == 0:
        return Missing(f"{whose} finds nothing to measure on this trace{words}")
    if not np.isfinite(values).all():
        return Missing(f"{whose} gives {values[~np.isfinite(values)][0]}{words}")
    values.setflags(write=False)
    return values
