"""What a fit writes down of its individuals, and finds again."""

from collections.abc import Callable, Iterable, Iterator

from workbench.arrays import Floats
from workbench.errors import LedgerError
from workbench.evaluations import writing
from workbench.evaluations.ledger import Ledger
from workbench.evaluations.records import Entry, Row
from workbench.fitting.tasks import AnyProblem
from workbench.workers.task import Answer, same


def written(
    answers: Iterable[Answer],
    ledger: Ledger,
    population: int,
    entries_of: Callable[[Answer], list[Entry]],
) -> Iterator[list[tuple[Answer, Row]]]:
    """Write down answers as `evaluations.writing.written` does; `resume` goes on.

    Raises
    ------
    AllFailed
        If a whole population was given up.
    """
    return writing.written(answers, ledger, population, entries_of, "`workbench resume`")


def entry_of(
    problem: AnyProblem,
    answer: Answer,
    key: tuple[int, int],
    parameters: Floats,
    asked_after: int | None = None,
) -> Entry:
    """Return what the ledger keeps of an answer about an individual, with its scores.

    The other parameters are those of `evaluations.writing.entry_of`.
    """
    measures = len(problem.objectives)
    return writing.entry_of(answer, key, parameters, measures, problem.score, asked_after)


def compare(ledger: Ledger, row: Row, proposed: Floats | None) -> None:
    """Refuse a search that does not propose, to the last bit, the individual of a row.

    Raises
    ------
    LedgerError
        If its parameters, (d,), are others, or None.
    """
    if proposed is None or not same(row.parameters, proposed):
        raise LedgerError(
            f"{ledger.path}: the search proposes another individual {row.individual} of "
            f"generation {row.generation} than this run has evaluated. The run was made with "
            "another version or on another kind of processor; start a new run"
        )
