"""What is known of one individual after it was simulated and measured."""

from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.features import Measured, Missing

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
        """By objective, how many values there are."""
        return tuple(0 if isinstance(m, Missing) else m.size for m in self.measured)

    @property
    def values(self) -> Floats:
        """All values one after the other, (sum of `counts`,)."""
        present = [m for m in self.measured if not isinstance(m, Missing)]
        return np.concatenate(present) if present else np.empty(0)


def evaluation_from(
    counts: tuple[int, ...], values: Floats, reasons: tuple[str, ...], status: str
) -> Evaluation:
    """Return the evaluation that these columns describe."""
    measured: list[Measured] = []
    begin = 0
    for count, reason in zip(counts, reasons, strict=True):
        measured.append(values[begin : begin + count] if count else Missing(reason))
        begin += count
    return Evaluation(tuple(measured), status)
