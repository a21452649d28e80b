"""The contract between whoever has work and whoever does it: tasks, rows, answers."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from typing import Protocol as Interface

import numpy as np

from workbench.arrays import Floats

Rows = Iterable[Floats]
"""An array (n, d), or rows (d,) that are made one by one when somebody is free for the next."""


@dataclass(frozen=True)
class Answer:
    """What a worker says of one row.

    Attributes
    ----------
    row
        Number of the row in the call.
    value
        What the task returned; None while `lost` or when given up.
    lost
        Why the attempt came to nothing, or an empty text.
    again
        Whether the lost attempt will be run again.
    excused
        Whether the loss says nothing about the row: it does not count among its attempts.
    more
        Whether another one has ended already and follows at once.
    """

    row: int
    worker: str
    seconds: float
    value: Any = None
    lost: str = ""
    again: bool = False
    excused: bool = False
    more: bool = False


class Task(Interface):
    """A value that a worker is given once; `open` returns what answers a row of floats."""

    @property
    def digest(self) -> str:
        """Equal tasks have equal digests."""

    @property
    def loads(self) -> str:
        """What a process loads for it and cannot put away again, such as a compiled library.

        Tasks that differ in this never share a process.
        """

    def open(self) -> Callable[[Floats], Any]:
        """Prepare this process and return the function from a row, (d,), to an answer."""


class Workers(Interface):
    """Whoever runs tasks."""

    @property
    def places(self) -> int:
        """How many rows are worked on at once."""

    def run(self, task: Task, rows: Rows) -> Iterator[Answer]:
        """Yield an answer for each row as they end, and one for each lost attempt.

        A row is taken from `rows` when somebody is free for it, and not before.
        """


def batches(answers: Iterable[Answer]) -> Iterator[list[Answer]]:
    """Group the answers that came together."""
    batch = []
    for answer in answers:
        batch.append(answer)
        if not answer.more:
            yield batch
            batch = []


def same(one: Floats, other: Floats) -> bool:
    """Whether two rows agree to the last bit."""
    return one.tobytes() == np.asarray(other, dtype=float).tobytes()
