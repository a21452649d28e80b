"""How much the spikes of a simulated voltage are those of a recorded one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.features.spikes import crossings_ms
from workbench.features.trains import coincidence, explained_variance
from workbench.features.values import Measured, Missing, Window, as_measured
from workbench.protocols import Trace, VoltageFile, find_defect
from workbench.units import amount

COINCIDENCE, EXPLAINED = "coincidence", "explained_variance"
LIKENESS = (COINCIDENCE, EXPLAINED)
"""The names of what is measured, as targets.toml has them."""


@dataclass(frozen=True)
class Train:
    """Recorded spikes with which simulated ones are compared.

    Attributes
    ----------
    name
        That of the file.
    times_ms
        Of the upward crossings of the threshold in the window; time 0 is the begin of the run.
    within_ms
        How far two spikes may be apart that coincide.
    sigma_ms
        Of the Gaussian with which trains are convolved for the explained variance.
    """

    name: str
    times_ms: tuple[float, ...]
    within_ms: float = 4.0
    sigma_ms: float = 10.0

    @classmethod
    def read(
        cls, recorded: VoltageFile, window: Window, within_ms: float, sigma_ms: float
    ) -> "Train":
        """Return the spikes of a recorded voltage in a window.

        Raises
        ------
        InputError
            If there are none, the recording does not reach over the window, or spikes coincide by
            chance alone.
        """
        first_ms, last_ms = recorded.t_ms[[0, -1]]
        if window.begin_ms < first_ms or window.end_ms > last_ms:
            raise InputError(
                f"window_ms is {window}, but {recorded.name} reaches from {first_ms:g} to "
                f"{last_ms:g} ms; take a window inside"
            )
        for name, value in (("within_ms", within_ms), ("sigma_ms", sigma_ms)):
            if not 0 < amount(name, value) <= (window.end_ms - window.begin_ms) / 2:
                raise InputError(
                    f"{name} is {value:g}, it must be above 0 and at most half the window {window}"
                )
        times_ms = _within(Trace(recorded.name, recorded.t_ms, recorded.v_mV), window)
        if not times_ms.size:
            raise InputError(
                f"{recorded.name} has no spike in the window {window} ms: it never crosses "
                f"threshold_mV = {window.threshold_mV:g} there"
            )
        return cls(recorded.name, tuple(times_ms.tolist()), within_ms, sigma_ms)

    def __str__(self) -> str:
        return f"the {len(self.times_ms)} spikes of {self.name}"


def likeness(
    trace: Trace,
    train: Train,
    features: Sequence[str],
    window: Window,
    *,
    until_ms: float | None = None,
) -> dict[str, Measured]:
    """Return the coincidence and the explained variance of spikes with recorded ones.

    Both are 1 for equal trains. A cell that does not fire is as far from them as a train can be by
    chance, 0, not without a value.

    Parameters
    ----------
    trace
        The simulated voltage; one with NaN, or that ends early, has none.
    features
        Some of `LIKENESS`.
    until_ms
        Where it should end; None if that is not known.
    """
    if defect := find_defect(trace, until_ms):
        return dict.fromkeys(features, Missing(defect.message))
    length_ms = window.end_ms - window.begin_ms
    recorded_ms = np.array(train.times_ms) - window.begin_ms
    model_ms = _within(trace, window) - window.begin_ms
    found: dict[str, Measured] = {}
    for name in features:
        if name == EXPLAINED:
            value = explained_variance(recorded_ms, model_ms, train.sigma_ms, length_ms)
        elif 2 * train.within_ms * model_ms.size >= length_ms:
            found[name] = Missing(
                f"{model_ms.size} spikes in {length_ms:g} ms are within {train.within_ms:g} ms of "
                "any by chance"
            )
            continue
        else:
            value = coincidence(recorded_ms, model_ms, train.within_ms, length_ms)
        found[name] = as_measured(value, name)
    return found


def _within(trace: Trace, window: Window) -> Floats:
    times_ms = crossings_ms(trace, window.threshold_mV)
    return np.asarray(times_ms[window.holds(times_ms)])
