"""The best individual of a run as a file that anybody can read: `best.json`."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.evaluations import Ledger, Row
from workbench.features import Missing
from workbench.fitting import best_row
from workbench.runs.folder import write_whole
from workbench.runs.record import Record
from workbench.runs.record_aims import ObjectiveRecord

FILE = "best.json"


class Best:
    """A listener of a fit's rows that knows the best of them, and of those that were there.

    Of a fit in stages, the best of the last one that has begun.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.row = best_row(ledger.competitors())
        self._competing = ledger.competing
        self._stage = self._competing.stage(max(ledger.begun - 1, 0))

    def __call__(self, row: Row) -> None:
        """Take a row that was evaluated, or found in the ledger."""
        stage = self._competing.stage(row.generation)
        if stage < self._stage or not self._competing.takes_part(row):
            return
        if stage > self._stage:
            self._stage, self.row = stage, None
        self.row = best_row([row] if self.row is None else [self.row, row])


def write_best(folder: Path, record: Record, best: Row | None) -> None:
    """Write `best.json` into a run folder, whole or not at all; nothing if there is no best.

    Its `parameters` are what `--params` takes, with all their digits; scores are in SD times
    their weights, values of features in the feature's own unit. A relation has the side
    of the mean on which it holds.
    """
    if best is not None:
        said = json.dumps(_content(folder, record, best), indent=2, allow_nan=False)
        write_whole(folder / FILE, f"{said}\n")


def _content(folder: Path, record: Record, best: Row) -> dict[str, Any]:
    problem = record.problem
    names = [parameter.name for parameter in problem.parameters]
    measured = zip(problem.objectives, best.evaluation.measured, best.scores.tolist(), strict=True)
    return {
        "parameters": dict(zip(names, best.parameters.tolist(), strict=True)),
        "units": problem.units,
        "sum_SD": float(best.scores.sum()),
        "features": {
            one.name: {
                "mean": one.mean,
                "std": one.std,
                **({} if one.weight == 1 else {"weight": one.weight}),
                **({"side": one.side} if one.side else {}),
                **({"recording": one.against.file} if one.against else {}),
                "score_SD": score,
                **({"reason": m.reason} if isinstance(m, Missing) else {"values": _values(one, m)}),
            }
            for one, m, score in measured
        },
        "run": folder.absolute().name,
        "generation": best.generation,
        "individual": best.individual,
        "study": record.study.name,
        "problem": problem.digest,
        "integrator": problem.integrator,
    }


def _values(one: ObjectiveRecord, values: Floats) -> list[float]:
    """Return all values; of a recorded voltage the distance, however many samples there are."""
    if one.against is None:
        return list(values.tolist())
    return [float(np.sqrt(np.mean(np.square(values))))]
