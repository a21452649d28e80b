"""Counts over all individuals of a run, made in one pass over its rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.engines import FailureKind
from workbench.evaluations import Competing, Row
from workbench.features import Missing
from workbench.fitting import Objective, ScoreRule, rank
from workbench.runs.morphologies import Race

_UNCAPPED = ScoreRule(cap=None)


@dataclass(frozen=True)
class Generation:
    """The sums of scores of one generation; None where every individual failed.

    Attributes
    ----------
    best, median
        Of the individuals of this generation that did not fail.
    best_so_far
        The lowest sum in this generation and all before it; in stages, those of its own.
    scores
        By objective, the scores of the individual with that sum.
    """

    number: int
    evaluated: int
    failed: int
    best: float | None
    median: float | None
    best_so_far: float | None
    scores: tuple[float, ...] | None = None


@dataclass(frozen=True)
class FailureCount:
    """How many individuals failed in one way, and the message of one of them."""

    status: str
    meaning: str
    count: int
    example: str


def distances_SD(objectives: Sequence[Objective], row: Row) -> Floats:
    """Return how far a row is from every target, (k,): the mean of |value - mean| / SD.

    Unlike a score it has no cap, and it is NaN where there is no value.
    """
    measured = zip(objectives, row.evaluation.measured, strict=True)
    return np.array(
        [np.nan if isinstance(v, Missing) else _UNCAPPED.score(o, v) for o, v in measured]
    )


class Tally:
    """Counts rows as they pass, so that those of a long ledger need not fit into memory."""

    def __init__(self, objectives: tuple[Objective, ...], competing: Competing) -> None:
        self._objectives = objectives
        self._competing = competing
        self._sums: dict[int, list[float]] = {}
        self._leaders: dict[int, Row] = {}
        self._sound: Counter[int] = Counter()
        self._failed: Counter[int] = Counter()
        self._beaten: Counter[int] = Counter()
        self._morphologies = len({one.morphology for one in objectives})
        self._saved = self._cut_short = 0
        self._statuses: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        self._closest = np.full(len(objectives), np.inf)

    def competitors(self, rows: Iterable[Row], begun: int) -> Iterator[Row]:
        """Count every row and pass on those that may be the best, of `begun` generations."""
        last = self._competing.stage(begun - 1)
        for row in self.sound(rows):
            stage = self._competing.stage(row.generation)
            if stage == last and self._competing.takes_part(row):
                yield row

    def sound(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Count every row and pass on those that did not fail and were not beaten."""
        for row in rows:
            sums = self._sums.setdefault(row.generation, [])
            self._saved += row.evaluation.saved
            self._cut_short += row.evaluation.saved > 0
            if row.evaluation.failed:
                self._add_failure(row)
                continue
            if not row.evaluation.whole:
                self._beaten[row.generation] += 1
                continue
            self._sound[row.generation] += 1
            if self._competing.takes_part(row):
                sums.append(float(row.scores.sum()))
                leader = self._leaders.setdefault(row.generation, row)
                self._leaders[row.generation] = min(leader, row, key=rank)
            distances = distances_SD(self._objectives, row)
            self._closest = np.fmin(self._closest, distances)
            yield row

    def _add_failure(self, row: Row) -> None:
        status = row.evaluation.status
        self._failed[row.generation] += 1
        self._statuses[status] += 1
        self._examples.setdefault(status, row.evaluation.why_failed)

    def generations(self) -> tuple[Generation, ...]:
        """Return the generations that were seen, in order."""
        found = []
        best_so_far: float | None = None
        scores: tuple[float, ...] | None = None
        stage = 0
        for number, sums in sorted(self._sums.items()):
            if self._competing.stage(number) > stage:
                stage, best_so_far, scores = self._competing.stage(number), None, None
            best = min(sums, default=None)
            if best is not None and (best_so_far is None or best < best_so_far):
                best_so_far = best
                scores = tuple(self._leaders[number].scores.tolist())
            median = float(np.median(sums)) if sums else None
            failed = self._failed[number]
            whole = self._sound[number] + failed + self._beaten[number]
            found.append(Generation(number, whole, failed, best, median, best_so_far, scores))
        return tuple(found)

    def race(self) -> Race:
        """Return what racing saved."""
        evaluated = sum(one.evaluated for one in self.generations())
        return Race(self._cut_short, self._saved, evaluated * self._morphologies)

    def closest_SD(self) -> Floats:
        """Return the least distance to each target, (k,); NaN where there was no value."""
        closest = np.where(np.isfinite(self._closest), self._closest, np.nan)
        closest.setflags(write=False)
        return closest

    def failures(self) -> tuple[FailureCount, ...]:
        """Return the ways in which individuals failed, the most frequent first."""
        return tuple(
            FailureCount(status, _meaning(status), count, self._examples[status])
            for status, count in sorted(self._statuses.items(), key=lambda item: (-item[1], item))
        )


def _meaning(status: str) -> str:
    return FailureKind[status].value if status in FailureKind.__members__ else status
