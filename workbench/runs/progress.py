"""How far a fit is: counted from its rows, as a value that can be printed and shown."""

import html
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workbench.evaluations import Row


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

    def __str__(self) -> str:
        best = "none yet" if self.best is None else f"{self.best:.2f} SD"
        left = "unknown" if self.left_s is None else _clock(self.left_s)
        reasons = ", ".join(f"{count} {status}" for status, count in sorted(self.failed.items()))
        return (
            f"generation {self.generation}/{self.generations}  "
            f"evaluations {self.evaluations}/{self.planned}  best sum {best}  "
            f"{self.per_minute:.1f}/min  left {left}" + (f"  failed: {reasons}" if reasons else "")
        )

    def _repr_html_(self) -> str:
        bar = f'<progress value="{self.evaluations}" max="{self.planned}"></progress>'
        return f"<div>{bar} {html.escape(str(self))}</div>"


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
    """

    def __init__(
        self, population: int, generations: int, known: int, show: Callable[[Progress], None]
    ) -> None:
        self._population, self._generations = population, generations
        self._show = show
        self._begun = time.monotonic()
        self._here = -known
        self._done: Counter[int] = Counter()
        self._failed: Counter[str] = Counter()
        self._best: float | None = None

    def __call__(self, row: Row) -> None:
        """Take a row that was evaluated, or found in the ledger."""
        self._done[row.generation] += 1
        self._here += 1
        if row.evaluation.failed:
            self._failed[row.evaluation.status] += 1
        else:
            total = float(row.scores.sum())
            self._best = total if self._best is None else min(self._best, total)
        if self._here > 0:
            self._show(self._now(row.generation))

    def _now(self, generation: int) -> Progress:
        done, planned = self._done.total(), self._population * self._generations
        seconds = time.monotonic() - self._begun
        a_second = self._here / seconds if seconds > 0 else 0.0
        return Progress(
            generation + 1,
            self._generations,
            done,
            planned,
            self._best,
            60 * a_second,
            (planned - done) / a_second if a_second > 0 else None,
            dict(self._failed),
            whole=self._done[generation] == self._population,
        )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
