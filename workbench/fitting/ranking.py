"""Which individual is the best one."""

from collections.abc import Iterable

from workbench.evaluations.records import Row


def rank(row: Row) -> tuple[float, int, int]:
    """Return the key that puts the best first: the sum of scores, then who came first."""
    return float(row.scores.sum()), row.generation, row.individual


def best_row(rows: Iterable[Row]) -> Row | None:
    """Return the row of the best individual; one whose simulation failed never wins."""
    return min((row for row in rows if not row.evaluation.failed), key=rank, default=None)
