"""How far a fit is: counted from its rows, as a value that can be printed and shown."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workbench.evaluations import Row
from workbench.evaluations.counting import Count, bar, pace_words
from workbench.fitting import Segment


@dataclass(frozen=True)
class Progress:
    """How far a fit is, after one of its evaluations.

    Attributes
    ----------
    generation
        That of the evaluation, from 1 on, of `generations`.
    evaluations
        How many there are in the run's ledger, of `planned`.
    best
        The smallest sum of scores so far, in SD; None if all failed.
    per_minute
        Evaluations a minute since this process began with the run.
    left_s
        How long the rest takes at this pace; None if nothing tells.
    failed
        How many evaluations failed, by status.
    whole
        Whether it was the last evaluation of its generation.
    stage
        The stage, of a fit in stages; `best` is of it alone then.
    beaten
        How many were not run on all morphologies.
    """

    generation: int
    generations: int
    evaluations: int
    planned: int
    best: float | None
    per_minute: float
    left_s: float | None
    failed: Mapping[str, int]
    whole: bool
    stage: str = ""
    beaten: int = 0

    def __str__(self) -> str:
        best = "none yet" if self.best is None else f"{self.best:.2f} SD"
        best += f"  {self.beaten} beaten" * (self.beaten > 0)
        return (
            f"{self.stage and f'{self.stage}: '}generation {self.generation}/{self.generations}  "
            f"evaluations {self.evaluations}/{self.planned}  best sum {best}  "
            f"{pace_words(self.per_minute, self.left_s, self.failed)}"
        )

    def _repr_html_(self) -> str:
        return bar(self.evaluations, self.planned, str(self))


class Watch:
    """A listener of a fit's rows that tells how far it is, from the first new one on.

    Parameters
    ----------
    population, generations
        How many rows a generation has, and how many generations the fit.
    known
        How many rows the ledger holds already; the fit passes them on first.
    show
        Told after each evaluation.
    segments
        Of a fit in stages; `population` and `generations` do not matter then.
    """

    def __init__(
        self,
        population: int,
        generations: int,
        known: int,
        show: Callable[[Progress], None],
        segments: Sequence[Segment] = (),
    ) -> None:
        self._segments = segments or (Segment("", 0, generations, population),)
        self._generations = self._segments[-1].end
        self._stage = ""
        self._show = show
        self._count = Count(known)
        self._done: Counter[int] = Counter()
        self._best: float | None = None

    def __call__(self, row: Row) -> None:
        """Take a row that was evaluated, or found in the ledger."""
        self._done[row.generation] += 1
        new = self._count.take(row)
        segment = self._segment(row.generation)
        if segment.stage != self._stage:
            self._stage, self._best = segment.stage, None
        if row.evaluation.whole:
            total = float(row.scores.sum())
            self._best = total if self._best is None else min(self._best, total)
        if new:
            self._show(self._now(row.generation))

    def _now(self, generation: int) -> Progress:
        segment = self._segment(generation)
        planned = self._planned(segment)
        return Progress(
            generation + 1,
            self._generations,
            self._count.done,
            planned,
            self._best,
            *self._count.pace(planned),
            dict(self._count.failed),
            whole=self._done[generation] == segment.population,
            stage=segment.stage,
            beaten=self._count.beaten,
        )

    def _planned(self, now: Segment) -> int:
        """Return how many evaluations there will be: a stage may have ended before its last."""
        before = sum(count for number, count in self._done.items() if number < now.begin)
        left = [one for one in self._segments if one.begin >= now.begin]
        return before + sum((one.end - one.begin) * one.population for one in left)

    def _segment(self, generation: int) -> Segment:
        return next((one for one in self._segments if generation < one.end), self._segments[-1])
