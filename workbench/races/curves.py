"""The best sum of each run of a race, evaluation by evaluation, and what is told of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.errors import LedgerError
from workbench.evaluations import Ledger
from workbench.races.entrants import Entrant

_SHARES = (1 / 8, 1 / 4, 1 / 2, 1)


@dataclass(frozen=True)
class Curves:
    """What the runs of a race had found after each evaluation.

    Attributes
    ----------
    study
        The study's name.
    seeds
        Of each search, in this order.
    best
        By search, the smallest sum of scores in SD of the first 1, 2, ... evaluations of each seed,
        (seeds, evaluations); infinite as long as all failed.
    """

    study: str
    seeds: tuple[int, ...]
    best: Mapping[Entrant, Floats]

    def __repr__(self) -> str:
        names = ", ".join(entrant.name for entrant in self.best)
        return (
            f"<Curves of {self.study}: {names}; {len(self.seeds)} seeds, "
            f"{self.evaluations} evaluations>"
        )

    @property
    def evaluations(self) -> int:
        """How many each run has."""
        count: int = next(iter(self.best.values())).shape[1]
        return count

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each search, the one with the least median at the end first.

        Medians over the seeds after an eighth, a quarter and half of the evaluations and after all
        of them, then the least and the largest after all; None where every individual failed.
        """
        marks = dict.fromkeys(max(1, int(share * self.evaluations)) for share in _SHARES)
        rows = [
            {
                "search": entrant.algorithm,
                "population": entrant.population,
                "seeds": len(self.seeds),
                **{f"median at {mark}": _plain(np.median(best[:, mark - 1])) for mark in marks},
                "least": _plain(best[:, -1].min()),
                "most": _plain(best[:, -1].max()),
            }
            for entrant, best in self.best.items()
        ]
        last = f"median at {self.evaluations}"
        return sorted(rows, key=lambda row: (row[last] is None, row[last]))

    def steps(self) -> list[dict[str, Any]]:
        """Return a row wherever a run found something better, and one for its last evaluation."""
        rows = []
        for entrant, best in self.best.items():
            for seed, curve in zip(self.seeds, best, strict=True):
                better = np.flatnonzero(curve < np.append(np.inf, curve[:-1]))
                for at in dict.fromkeys([*better.tolist(), len(curve) - 1]):
                    rows.append(
                        {
                            "search": entrant.algorithm,
                            "population": entrant.population,
                            "seed": seed,
                            "evaluations": at + 1,
                            "best": _plain(curve[at]),
                        }
                    )
        return rows


def read_curves(
    study: str, folders: Mapping[Entrant, Mapping[int, Path]], evaluations: int
) -> Curves:
    """Read the runs of a race, given by search and seed, as far as `evaluations`.

    Raises
    ------
    LedgerError
        If one has fewer, or cannot be read.
    """
    best = {
        entrant: np.array([_best_so_far(folder, evaluations) for folder in runs.values()])
        for entrant, runs in folders.items()
    }
    return Curves(study, tuple(next(iter(folders.values()))), best)


def _best_so_far(folder: Path, evaluations: int) -> Floats:
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        sums = [
            float(row.scores.sum()) if row.evaluation.whole else np.inf for row in ledger.rows()
        ]
    if len(sums) < evaluations:
        raise LedgerError(f"{folder} has {len(sums)} evaluations, not yet {evaluations}")
    return np.minimum.accumulate(np.array(sums[:evaluations]))


def _plain(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None
