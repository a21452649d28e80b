"""Which individuals are the best ones."""

import heapq
from collections.abc import Callable, Iterable, Iterator

from workbench.evaluations.records import Row


def rank(row: Row) -> tuple[float, int, int]:
    """Return the key that puts the best first: the sum of scores, then who came first."""
    return float(row.scores.sum()), row.generation, row.individual


def best_row(rows: Iterable[Row]) -> Row | None:
    """Return the row of the best individual; one that failed or was beaten never wins."""
    return min((row for row in rows if row.evaluation.whole), key=rank, default=None)


def best_rows(
    rows: Iterable[Row], most: int, key: Callable[[Row], tuple[float, int, int]] = rank
) -> list[Row]:
    """Return the best individuals, the best first, each parameter set once.

    None that failed or was beaten is among them.

    Parameters
    ----------
    rows
        In the order of their keys: of equal parameter sets the first one counts.
    most
        How many there are at most.
    key
        What the best has the least of.
    """
    sound = (row for row in rows if row.evaluation.whole)
    return heapq.nsmallest(most, _distinct(sound), key=key)


def _distinct(rows: Iterable[Row]) -> Iterator[Row]:
    """Pass on the first row of each parameter set: searches propose some of them again."""
    seen = set()
    for row in rows:
        key = row.parameters.tobytes()
        if key not in seen:
            seen.add(key)
            yield row
