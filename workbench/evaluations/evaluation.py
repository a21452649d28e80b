"""What is known of one individual after it was simulated and measured."""

from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.features import Measured, Missing, Penalised

OK = "OK"


@dataclass(frozen=True)
class Evaluation:
    """All feature values of one individual.

    Attributes
    ----------
    measured
        By objective, all values of its feature or the reason why there is none.
    status
        `OK`, or the name of the first `FailureKind` among its simulations.
    """

    measured: tuple[Measured, ...]
    status: str = OK

    @property
    def failed(self) -> bool:
        """Whether a simulation of it failed."""
        return self.status != OK

    @property
    def reasons(self) -> tuple[str, ...]:
        """By objective, why there is no value, or an empty text."""
        return tuple(m.reason if isinstance(m, Missing) else "" for m in self.measured)

    @property
    def why_failed(self) -> str:
        """What was said of a simulation that failed, as far as an objective wanted it."""
        # Protocols that ended well may have features without a value: not why it failed.
        return next((r for r in self.reasons if r and not r.startswith("eFEL")), "")

    @property
    def counts(self) -> tuple[int, ...]:
        """By objective, how many values there are; 1 of a penalty, whose score is kept."""
        return tuple(part.size for part in self._parts)

    @property
    def values(self) -> Floats:
        """All values one after the other, (sum of `counts`,)."""
        return np.concatenate(self._parts) if self.measured else np.empty(0)

    @property
    def _parts(self) -> list[Floats]:
        return [_kept(measured) for measured in self.measured]


def _kept(measured: Measured) -> Floats:
    """Return what is kept as numbers: a value beside a reason is the score of a penalty."""
    if isinstance(measured, Penalised):
        return np.array([measured.score])
    return np.empty(0) if isinstance(measured, Missing) else measured


def evaluation_from(
    counts: tuple[int, ...], values: Floats, reasons: tuple[str, ...], status: str
) -> Evaluation:
    """Return the evaluation that these columns describe."""
    measured: list[Measured] = []
    begin = 0
    for count, reason in zip(counts, reasons, strict=True):
        own = values[begin : begin + count]
        if reason and count:
            measured.append(Penalised(reason, float(own[0])))
        else:
            measured.append(own if count else Missing(reason))
        begin += count
    return Evaluation(tuple(measured), status)
