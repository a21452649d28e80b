"""The Pareto archive of a run: the compromises between its protocols, from the ledger alone.

What is kept depends on the evaluations and on nothing else, so it is the same after a kill and a
resume, and whoever was quicker.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, unknown
from workbench.evaluations import Ledger, Row, flat, without_morphology
from workbench.fitting import Objective, rank
from workbench.runs.facts import record_told_by
from workbench.runs.record import ProblemRecord
from workbench.runs.record_aims import ObjectiveRecord
from workbench.search.pareto import non_dominated, spread_out

MOST = 100
_AT_ONCE = 500


BY = ("protocols", "features")


@dataclass(frozen=True)
class Archive:
    """Individuals of a run that no other is at least as good as in every score.

    Attributes
    ----------
    axes
        What they are compared in: names of protocols, or of features.
    rows
        The smallest sum of scores first.
    scores
        By individual and axis, in SD times weights, (n, k). That of a protocol is the sum of its
        features'; a feature of two protocols counts for the first. Those of several morphologies
        are added: they are what the search was told.
    found
        How many such individuals there were; where that is more than `MOST`, `rows` are those
        that stand for all.
    """

    axes: tuple[str, ...]
    rows: tuple[Row, ...]
    scores: Floats
    found: int


def read_archive(folder: Path, by: str | None = None) -> Archive:
    """Return the archive of a run.

    Parameters
    ----------
    by
        What individuals are compared in: the scores of `protocols` or of `features`. By default
        protocols, and features where there is one protocol.

    Raises
    ------
    InputError
        If `by` is neither.
    LedgerError
        If the run cannot be read.
    """
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return archive_of(
            ledger.competitors(), record_told_by(ledger, folder).problem.objectives, by
        )


def archive_of(
    rows: Iterable[Row], objectives: Sequence[Objective | ObjectiveRecord], by: str | None = None
) -> Archive:
    """Return the archive of rows, which come in the order of their keys.

    The failed are left out, and those that were not run on all morphologies. Of individuals with
    the same scores the first one is taken.
    """
    axes = axes_of(objectives, by)
    front: list[Row] = []
    waiting: list[Row] = []
    for row in rows:
        if row.evaluation.whole:
            waiting.append(row)
        if len(waiting) >= max(_AT_ONCE, len(front)):
            front, waiting = _front([*front, *waiting], axes), []
    front = sorted(_front([*front, *waiting], axes), key=rank)
    # A further SD is much near the target, and little where a feature is missing.
    few = spread_out(np.log1p(_points(front, axes)), MOST)
    kept = tuple(front[place] for place in few)
    return Archive(tuple(axes), kept, _points(kept, axes), len(front))


def archive_table(folder: Path, by: str | None = None) -> list[dict[str, Any]]:
    """Return the individuals of a run's archive as rows of a table.

    `pick` is an individual's number in the archive; the scores of protocols follow the sum, and
    what a table of evaluations holds follows them.
    """
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        problem = record_told_by(ledger, folder).problem
        archive = archive_of(ledger.competitors(), problem.objectives, by)
    return [_flat(number, row, problem) for number, row in enumerate(archive.rows, start=1)]


def _flat(number: int, row: Row, problem: ProblemRecord) -> dict[str, Any]:
    protocols = axes_of(problem.objectives, "protocols")
    scores = zip(protocols, _points([row], protocols)[0].tolist(), strict=True)
    whole = flat(row, [p.name for p in problem.parameters], [o.name for o in problem.objectives])
    key = {name: whole.pop(name) for name in ("generation", "individual", "status", "sum")}
    del key["status"]
    return {"pick": number, **key, **{f"{name} [SD]": one for name, one in scores}, **whole}


def axes_of(
    objectives: Sequence[Objective | ObjectiveRecord], by: str | None
) -> Mapping[str, Sequence[int]]:
    """Return of which objectives, by place, the score of each axis is the sum.

    `by` is as in `read_archive`.
    """
    if by is not None and by not in BY:
        raise InputError(unknown("way to compare individuals", by, BY))
    protocols: dict[str, list[int]] = {}
    features: dict[str, list[int]] = {}
    for place, one in enumerate(objectives):
        name = without_morphology(one.protocol, one.morphology)
        protocols.setdefault(name, []).append(place)
        features.setdefault(without_morphology(one.name, one.morphology), []).append(place)
    return features if by == "features" or (by is None and len(protocols) == 1) else protocols


def _points(rows: Sequence[Row], axes: Mapping[str, Sequence[int]]) -> Floats:
    points = np.zeros((len(rows), len(axes)))
    for column, places in enumerate(axes.values()):
        # Added one by one, so that a row's sums do not depend on who is beside it.
        for place in places:
            points[:, column] += [row.scores[place] for row in rows]
    return points


def _front(rows: Sequence[Row], axes: Mapping[str, Sequence[int]]) -> list[Row]:
    return [rows[place] for place in np.sort(non_dominated(_points(rows, axes)))]
