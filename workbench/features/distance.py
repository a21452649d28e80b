"""How far a simulated voltage is from a recorded one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.features.spikes import crossings_ms
from workbench.features.values import Measured, Missing, ROUNDING_ms, Window, as_measured
from workbench.protocols import Trace, VoltageFile, find_defect
from workbench.units import amount

DISTANCE = "trace"
"""The name of what is measured, as targets.toml has it."""


@dataclass(frozen=True)
class Against:
    """A recording with which a simulated voltage is compared.

    Attributes
    ----------
    recorded
        Its samples; time 0 is the begin of the run.
    cut_ms
        Before and after each spike of either voltage, how long samples do not count; None where
        spikes count like all else. A spike is an upward crossing of the window's threshold.
    samples
        Whether the difference of each sample is wanted, in place of their root mean square.
    """

    recorded: VoltageFile
    cut_ms: tuple[float, float] | None = None
    samples: bool = False

    def __post_init__(self) -> None:
        for name, given in zip(("before", "after"), self.cut_ms or (), strict=False):
            amount(f"spike_{name}_ms", given, (0.0, 1e6))

    def __str__(self) -> str:
        if self.cut_ms is None:
            return self.recorded.name
        before_ms, after_ms = self.cut_ms
        return f"{self.recorded.name} without spikes ({before_ms:g} ms before, {after_ms:g} after)"

    def check(self, window: Window) -> None:
        """Refuse a window in which the recording has nothing to compare with.

        Raises
        ------
        InputError
            If it reaches beyond the recording, or no sample is in it, or left by the recording's
            own spikes.
        """
        first_ms, last_ms = self.recorded.t_ms[[0, -1]]
        if window.begin_ms < first_ms - ROUNDING_ms or window.end_ms > last_ms + ROUNDING_ms:
            raise InputError(
                f"window_ms is {window}, but {self.recorded.name} reaches from {first_ms:g} to "
                f"{last_ms:g} ms; take a window inside"
            )
        if not self.counted(window).any():
            own = "" if self.cut_ms is None else " that its own spikes do not cut out"
            raise InputError(f"{self.recorded.name} has no sample in the window {window} ms{own}")

    def counted(self, window: Window, *others: Trace) -> NDArray[np.bool_]:
        """Return which samples of the recording count beside other voltages, (n,)."""
        t_ms = self.recorded.t_ms
        counted = window.holds(t_ms)
        if self.cut_ms is not None:
            own = Trace(self.recorded.name, t_ms, self.recorded.v_mV)
            for trace in (own, *others):
                spikes_ms = crossings_ms(trace, window.threshold_mV)
                counted &= ~_near(t_ms, spikes_ms, self.cut_ms)
        return counted


def trace_distance(
    trace: Trace, against: Against, window: Window, *, until_ms: float | None = None
) -> Measured:
    """Return the root mean square of a voltage minus a recorded one, in mV, one value.

    Or, if `against` says so, the difference of each sample. They are those of the recording in the
    window, its ends included; the simulated voltage is interpolated linearly at their times. All of
    them weigh the same, however far apart they are.

    Parameters
    ----------
    trace
        The simulated voltage; one with NaN, or that ends early, has no distance.
    until_ms
        Where it should end; None if that is not known.
    """
    if defect := find_defect(trace, until_ms):
        return Missing(defect.message)
    counted = against.counted(window, trace)
    if not counted.any():
        return Missing(f"spikes cut out all that {against.recorded.name} has in {window} ms")
    t_ms, v_mV = against.recorded.t_ms[counted], against.recorded.v_mV[counted]
    if t_ms[0] < trace.t_ms[0] - ROUNDING_ms or t_ms[-1] > trace.t_ms[-1] + ROUNDING_ms:
        return Missing(f"{trace.name} does not reach over the window {window} ms")
    away_mV = np.interp(t_ms, trace.t_ms, trace.values) - v_mV
    if against.samples:
        return as_measured(away_mV, DISTANCE)
    return as_measured(np.sqrt(np.mean(np.square(away_mV))), DISTANCE)


def _near(t_ms: Floats, spikes_ms: Floats, cut_ms: tuple[float, float]) -> NDArray[np.bool_]:
    """Return which times lie around a spike, both ends of what is cut out included."""
    before_ms, after_ms = cut_ms
    begun = np.searchsorted(spikes_ms - before_ms, t_ms, side="right")
    ended = np.searchsorted(spikes_ms + after_ms, t_ms, side="left")
    near: NDArray[np.bool_] = begun > ended
    return near
