"""What workers answer is written down before anybody is told of it, in every kind of fit."""

from collections.abc import Callable, Iterable, Iterator

from workbench.arrays import Floats
from workbench.errors import LedgerError
from workbench.evaluations.answered import attempt_of, evaluation_from_answer
from workbench.evaluations.ledger import Ledger
from workbench.evaluations.records import Entry, Row
from workbench.fitting.barren import keep_for_now
from workbench.fitting.problem import Problem
from workbench.workers.task import Answer, batches, same


def written(
    answers: Iterable[Answer],
    ledger: Ledger,
    population: int,
    entries_of: Callable[[Answer], list[Entry]],
) -> Iterator[list[tuple[Answer, Row]]]:
    """Write down answers as they come, and yield the rows of all that came together.

    Parameters
    ----------
    population
        How many rows have to be given up, and nobody come through, for the fit to end.
    entries_of
        Return what the ledger keeps of an answer.

    Raises
    ------
    AllFailed
        If a whole population was given up.
    """
    for batch in keep_for_now(batches(answers), ledger, population):
        pairs = [(answer, entry) for answer in batch for entry in entries_of(answer)]
        ledger.extend([entry for _, entry in pairs])
        yield [(answer, entry.row) for answer, entry in pairs if entry.row is not None]


def entry_of(
    problem: Problem,
    answer: Answer,
    key: tuple[int, int],
    parameters: Floats,
    asked_after: int | None = None,
) -> Entry:
    """Return what the ledger keeps of an answer about an individual: no row if it was lost.

    Parameters
    ----------
    key
        Generation and number of the individual.
    parameters
        Its parameters, (d,).
    asked_after
        As in `Attempt`.
    """
    attempt = attempt_of(answer, asked_after)
    if answer.again:
        return Entry(*key, attempt)
    evaluation = evaluation_from_answer(answer, len(problem.objectives))
    return Entry(*key, attempt, Row(*key, parameters, evaluation, problem.score(evaluation)))


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
