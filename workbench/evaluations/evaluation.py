"""What is known of one individual after it was simulated and measured."""

from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.features import Measured, Missing, Penalised

OK = "OK"

BEATEN = "BEATEN"
"""The status of an individual that was not run on all morphologies, for it could not survive."""

_BEATEN_AFTER = "beaten after "


@dataclass(frozen=True)
class Evaluation:
    """All feature values of one individual.

    Attributes
    ----------
    measured
        By objective, all values of its feature or the reason why there is none.
    status
        `OK`, `BEATEN`, or the name of the first `FailureKind` among its simulations.
    """

    measured: tuple[Measured, ...]
    status: str = OK

    @property
    def failed(self) -> bool:
        """Whether a simulation of it failed."""
        return self.status not in (OK, BEATEN)

    @property
    def whole(self) -> bool:
        """Whether all of it was simulated and nothing failed: no other individual is the best."""
        return self.status == OK

    @property
    def said(self) -> str:
        """The status; of one that was beaten, on how many morphologies it had been run."""
        if self.status != BEATEN:
            return self.status
        found = (reason for reason in self.reasons if reason.startswith(_BEATEN_AFTER))
        return next(found, self.status)

    @property
    def saved(self) -> int:
        """On how many morphologies it was not run, because it was beaten."""
        said = next((one for one in self.reasons if one.startswith(_BEATEN_AFTER)), "")
        words = said.removeprefix(_BEATEN_AFTER).split()
        return int(words[2]) - int(words[0]) if said else 0

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


def beaten_after(count: int, of: int) -> Missing:
    """Return why there is no value on the morphologies that an individual was not run on."""
    return Missing(f"{_BEATEN_AFTER}{count} of {of} morphologies")


def was_run(measured: Measured) -> bool:
    """Whether that was simulated of which a value was asked."""
    return not (isinstance(measured, Missing) and measured.reason.startswith(_BEATEN_AFTER))


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
