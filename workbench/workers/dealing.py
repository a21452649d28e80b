"""Deal rows to whoever is free, one at a time: what all kinds of workers share."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol as Interface
from typing import TypeVar

from workbench.arrays import Floats
from workbench.errors import StoppedEarly
from workbench.workers.stopping import Stop
from workbench.workers.task import Answer, Rows, Task

ATTEMPTS = 3


class Place(Interface):
    """Where one row at a time is worked on."""

    there: bool
    """Whether it may be given a row; one that is not may be again."""

    def begin(self, task: Task, number: int, row: Floats) -> None:
        """Begin to work on a row, (d,)."""

    def drop(self) -> None:
        """Give up the row that is worked on."""


P = TypeVar("P", bound=Place)
Listen = Callable[[], Iterator[tuple[P, Answer]]]
"""Wait a moment, then yield what has ended, and where; it may be nothing."""


def deal(
    task: Task, rows: Rows, places: Sequence[P], listen: Listen[P], stop: Stop
) -> Iterator[Answer]:
    """Yield an answer for each row as it ends, and one for each lost attempt.

    A row that was lost is dealt again, `ATTEMPTS` times in all; then it is given up with a
    reason. Losses that say nothing about the row are not counted. A place that has ended a row has
    its next one before its answer is yielded. Rows are taken one by one, each when there is a place
    for it.

    Raises
    ------
    StoppedEarly
        If `stop` asks for it.
    """
    deck = _Deck(rows)
    free, busy = list(reversed(places)), set[P]()
    ended: list[Answer] = []
    try:
        while True:
            while not stop.asked and (place := _next(free)) is not None:
                if (dealt := deck.draw()) is None:
                    free.append(place)
                    break
                busy.add(place)
                place.begin(task, *dealt)
            yield from _marked(ended)
            if not busy and deck.draw() is None:
                return
            if stop.due or not busy:
                raise StoppedEarly(stop.reason)
            ended = []
            for place, answer in listen():
                busy.discard(place)
                free.append(place)
                ended.append(deck.settle(answer))
    finally:
        for place in busy:
            place.drop()


def _next(free: list[P]) -> P | None:
    """Take the last place out of a list that may be given a row."""
    for i in reversed(range(len(free))):
        if free[i].there:
            return free.pop(i)
    return None


class _Deck:
    """The rows that are still to be dealt, and how often those under way were lost."""

    def __init__(self, rows: Rows) -> None:
        self._new = enumerate(rows)
        self._again: deque[int] = deque()
        self._out: dict[int, tuple[Floats, int]] = {}

    def draw(self) -> tuple[int, Floats] | None:
        """Return the next row with its number; None if there is none now."""
        if self._again:
            number = self._again.popleft()
            return number, self._out[number][0]
        if (drawn := next(self._new, None)) is not None:
            self._out[drawn[0]] = drawn[1], 0
        return drawn

    def settle(self, answer: Answer) -> Answer:
        """Put a lost row back, or give it up."""
        row, lost = self._out.pop(answer.row)
        if not answer.lost:
            return answer
        if answer.excused:
            self._out[answer.row] = row, lost
            self._again.appendleft(answer.row)
            return answer
        if lost + 1 < ATTEMPTS:
            self._out[answer.row] = row, lost + 1
            self._again.appendleft(answer.row)
            return answer
        why = f"given up after {lost + 1} attempts; the last: {answer.lost}"
        return Answer(answer.row, answer.worker, answer.seconds, lost=why)


def _marked(ended: list[Answer]) -> Iterator[Answer]:
    """Yield the answers of one look, each but the last with the mark that there are more."""
    for answer in ended[:-1]:
        yield replace(answer, more=True)
    yield from ended[-1:]
