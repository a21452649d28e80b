"""What limits what in a run: features that cost one another, parameters that go together, models.

All of it is read from the ledger; nothing is simulated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.arrays import Floats
from workbench.evaluations import Ledger, Row
from workbench.fitting import best_rows
from workbench.fitting.parameters import to_unit
from workbench.runs.archive import archive_of, axes_of
from workbench.runs.facts import record_told_by
from workbench.runs.record import ProblemRecord
from workbench.runs.table import NEAR_SD

FEWEST = 10
"""Individuals below which nothing is said of correlations."""

CONFLICT = -0.3
GOOD = 2.0
APART = 0.1
_MOST_GOOD = 200


@dataclass(frozen=True)
class Conflict:
    """Two features of which one is met at the expense of the other.

    Attributes
    ----------
    rho
        Spearman's correlation of their scores over the archive, below -0.3.
    first_SD, second_SD
        The least score that one had where the other's was within 2 SD, in SD times weight; None if
        that was nowhere.
    """

    first: str
    second: str
    rho: float
    first_SD: float | None
    second_SD: float | None


@dataclass(frozen=True)
class Cluster:
    """Good models that are alike.

    Attributes
    ----------
    best
        The one with the smallest sum.
    count
        How many there are.
    low, high
        The range of each parameter among them, (d,).
    """

    best: Row
    count: int
    low: Floats
    high: Floats

    @property
    def ranges(self) -> list[tuple[float, float]]:
        """The range of each parameter as pairs."""
        return list(zip(self.low.tolist(), self.high.tolist(), strict=True))

    @property
    def name(self) -> str:
        """What `--params RUN:` takes for its best."""
        return f"{self.best.generation}/{self.best.individual}"


@dataclass(frozen=True)
class Limits:
    """What limits what in a run.

    Attributes
    ----------
    features, parameters
        Names, k and d of them.
    compared
        How many individuals the archive of features holds.
    between_features
        Spearman's correlation of their scores over that archive, (k, k); NaN where a score does
        not vary, or where there are fewer than 10 individuals.
    conflicts
        The strongest first.
    good
        How many parameter sets have at most twice the best sum; of more than 200 the best.
    between_parameters
        Pearson's correlation over these of where they lie between their bounds, on their scales,
        (d, d); NaN as above.
    clusters
        Of these, the best first. Two clusters differ by more than a tenth of the bounds, in the
        root mean square over parameters and the mean over pairs.
    """

    features: tuple[str, ...]
    parameters: tuple[str, ...]
    compared: int
    between_features: Floats
    conflicts: tuple[Conflict, ...]
    good: int
    between_parameters: Floats
    clusters: tuple[Cluster, ...]


def read_limits(folder: Path) -> Limits:
    """Return what limits what in a run.

    Raises
    ------
    LedgerError
        If the run cannot be read.
    """
    from scipy.stats import rankdata

    with Ledger.open(folder / "ledger.sqlite") as ledger:
        problem = record_told_by(ledger, folder).problem
        front = archive_of(ledger.competitors(), problem.objectives, "features")
        best = best_rows(ledger.competitors(), _MOST_GOOD)
    axes = axes_of(problem.objectives, "features")
    ranks = rankdata(front.scores, axis=0) if len(front.rows) else front.scores
    rho = correlations(ranks)
    good = [row for row in best if row.scores.sum() <= GOOD * best[0].scores.sum()]
    values = np.array([row.parameters for row in good]).reshape(len(good), len(problem.parameters))
    places = to_unit(problem.parameters, values)
    return Limits(
        features=tuple(axes),
        parameters=tuple(one.name for one in problem.parameters),
        compared=len(front.rows),
        between_features=rho,
        conflicts=_conflicts(tuple(axes), _weights(problem, axes), front.scores, rho),
        good=len(good),
        between_parameters=correlations(places),
        clusters=_clusters(good, places),
    )


def correlations(columns: Floats) -> Floats:
    """Return Pearson's correlation of columns, (n, k) to (k, k); NaN where one does not vary."""
    count = columns.shape[1]
    found = np.full((count, count), np.nan)
    if len(columns) < FEWEST:
        return found
    varies = np.flatnonzero(np.ptp(columns, axis=0) > 0)
    if varies.size:
        together = np.atleast_2d(np.corrcoef(columns[:, varies], rowvar=False))
        found[np.ix_(varies, varies)] = np.clip(together, -1.0, 1.0)
    return found


def _weights(problem: ProblemRecord, axes: Mapping[str, Sequence[int]]) -> Floats:
    """Return what 1 SD is in the score of each axis: of several morphologies all, or the worst."""
    each = [[problem.objectives[place].weight for place in places] for places in axes.values()]
    worst = problem.rule.morphologies == "worst"
    return np.array([weights[0] if worst else sum(weights) for weights in each])


def _conflicts(
    features: Sequence[str], weights: Floats, scores: Floats, rho: Floats
) -> tuple[Conflict, ...]:
    near = scores <= NEAR_SD * weights
    found = []
    for i, first in enumerate(features):
        for j, second in enumerate(features[i + 1 :], start=i + 1):
            if rho[i, j] <= CONFLICT:
                least = _least(scores[near[:, j], i]), _least(scores[near[:, i], j])
                found.append(Conflict(first, second, float(rho[i, j]), *least))
    return tuple(sorted(found, key=lambda one: one.rho))


def _least(scores: Floats) -> float | None:
    return float(scores.min()) if scores.size else None


def _clusters(rows: Sequence[Row], places: Floats) -> tuple[Cluster, ...]:
    from scipy.cluster.hierarchy import fcluster, linkage

    if not rows:
        return ()
    labels = np.ones(len(rows), dtype=int)
    if len(rows) > 1 and places.shape[1]:
        tree = linkage(places / np.sqrt(places.shape[1]), "average")
        labels = fcluster(tree, APART, "distance")
    found = []
    for label in dict.fromkeys(labels.tolist()):
        members = [row for row, own in zip(rows, labels, strict=True) if own == label]
        values = np.array([row.parameters for row in members])
        found.append(Cluster(members[0], len(members), values.min(axis=0), values.max(axis=0)))
    return tuple(found)
