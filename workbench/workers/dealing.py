"""Deal rows to whoever is free, one at a time: what all kinds of workers share."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol as Interface
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.errors import StoppedEarly
from workbench.fitting import Answer, Task
from workbench.workers.stopping import Stop

Floats = NDArray[np.float64]

ATTEMPTS = 3


class Place(Interface):
    """Where one row at a time is worked on."""

    def begin(self, task: Task, number: int, row: Floats) -> None:
        """Begin to work on a row, (d,)."""

    def drop(self) -> None:
        """Give up the row that is worked on."""


P = TypeVar("P", bound=Place)
Listen = Callable[[], Iterator[tuple[P, Answer]]]
"""Wait a moment, then yield what has ended, and where; it may be nothing."""


def deal(
    task: Task, rows: Floats, places: Sequence[P], listen: Listen[P], stop: Stop
) -> Iterator[Answer]:
    """Yield an answer for each row of (n, d) as it ends, and one for each lost attempt.

    A row that was lost is dealt again, `ATTEMPTS` times in all; then it is given up with a
    reason. A place that has ended a row has its next one before its answer is yielded.

    Raises
    ------
    StoppedEarly
        If `stop` asks for it.
    """
    queue = deque(range(len(rows)))
    lost = [0] * len(rows)
    free, busy = list(reversed(places)), set[P]()
    ended: list[Answer] = []
    try:
        while queue or busy:
            while queue and free and not stop.asked:
                busy.add(place := free.pop())
                place.begin(task, number := queue.popleft(), rows[number])
            yield from ended
            if stop.due or (stop.asked and not busy):
                raise StoppedEarly(stop.reason)
            ended = []
            for place, answer in listen():
                busy.discard(place)
                free.append(place)
                ended.append(_settled(answer, queue, lost))
        yield from ended
    finally:
        for place in busy:
            place.drop()


def _settled(answer: Answer, queue: deque[int], lost: list[int]) -> Answer:
    """Put a lost row back in the queue, or give it up."""
    if not answer.lost:
        return answer
    lost[answer.row] += 1
    if lost[answer.row] < ATTEMPTS:
        queue.appendleft(answer.row)
        return answer
    why = f"given up after {lost[answer.row]} attempts; the last: {answer.lost}"
    return Answer(answer.row, answer.worker, answer.seconds, lost=why)
