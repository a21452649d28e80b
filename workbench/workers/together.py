"""Rows that are answered together, for tasks that do several in little more than the time of one.

A bundle of rows is a row to the workers, so that all kinds of them take it. What loses its worker
is tried row by row in the end: nobody is given up for whom it was bundled with.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any
from typing import Protocol as Interface

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.digests import digest
from workbench.workers.task import Answer, Rows, Task, Workers

_APART = 1e-9


class TogetherTask(Task, Interface):
    """A task of which several rows may be answered at once, each as if it were alone."""

    @property
    def together(self) -> int:
        """How many rows are best answered at once."""

    def open_many(self) -> Callable[[npt.NDArray[np.float64]], Sequence[Any]]:
        """Prepare this process and return the function from rows, (n, d), to n answers."""


@dataclass(frozen=True)
class _Bundles:
    """The task of answering bundles of rows of a width, laid end to end."""

    task: TogetherTask
    width: int

    @property
    def digest(self) -> str:
        return digest(("bundles", self.task.digest, self.width))

    @property
    def loads(self) -> str:
        return self.task.loads

    def open(self) -> Callable[[Floats], Sequence[Any]]:
        many, width = self.task.open_many(), self.width
        return lambda row: many(row.reshape(-1, width))


def run_together(workers: Workers, task: TogetherTask, rows: Rows) -> Iterator[Answer]:
    """Yield an answer for each row as they end, and one for each lost attempt, as `Workers.run`.

    Rows are taken as many at a time as the task answers at once. An array of rows is divided
    evenly, so that no place is idle while another has a whole bundle left.
    """
    if task.together <= 1:
        yield from workers.run(task, rows)
        return
    numbered = enumerate(rows)
    first = next(numbered, None)
    if first is None:
        return
    left = chain([first], numbered)
    most = task.together
    if isinstance(rows, np.ndarray):
        most = _evenly(len(rows), workers.places, most)
    bundles: list[dict[int, Floats]] = []
    alone: dict[int, Floats] = {}

    def laid_end_to_end() -> Iterator[Floats]:
        while bundle := dict(islice(left, most)):
            bundles.append(bundle)
            yield np.concatenate(list(bundle.values()))

    for answer in workers.run(_Bundles(task, first[1].size), laid_end_to_end()):
        bundle = bundles[answer.row]
        given_up = bool(answer.lost) and not answer.again and len(bundle) > 1
        if given_up:
            alone |= bundle
        yield from _each(answer, list(bundle), again=answer.again or given_up)
    numbers = list(alone)
    for answer in workers.run(task, iter(alone.values())):
        yield replace(answer, row=numbers[answer.row])


def _evenly(rows: int, places: int, most: int) -> int:
    """Return how many rows a bundle has where each place is given as many bundles."""
    rounds = math.ceil(rows / (places * most))
    return math.ceil(rows / (places * rounds))


def _each(answer: Answer, numbers: Sequence[int], *, again: bool) -> Iterator[Answer]:
    """Yield the answer of each row of a bundle."""
    values = [None] * len(numbers) if answer.lost else answer.value
    for place, (number, value) in enumerate(zip(numbers, values, strict=True)):
        yield replace(
            answer,
            row=number,
            # Equal times would be those of twins, of which one is simulated for all.
            seconds=answer.seconds / len(numbers) * (1 + place * _APART),
            value=value,
            again=again,
            more=answer.more or number != numbers[-1],
        )
