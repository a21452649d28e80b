"""What workers answer is written down before anybody is told of it, in fits and experiments."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from workbench.arrays import Floats
from workbench.engines import FailureKind
from workbench.errors import AllFailed
from workbench.evaluations.answered import attempt_of, evaluation_from_answer
from workbench.evaluations.evaluation import Evaluation
from workbench.evaluations.ledger import Ledger
from workbench.evaluations.records import Entry, Row
from workbench.workers.task import Answer, batches


def written(
    answers: Iterable[Answer],
    ledger: Ledger,
    population: int,
    entries_of: Callable[[Answer], list[Entry]],
    go_on: str,
) -> Iterator[list[tuple[Answer, Row]]]:
    """Write down answers as they come, and yield the rows of all that came together.

    Parameters
    ----------
    population
        How many rows have to be given up, and nobody come through, for the run to end.
    entries_of
        Return what the ledger keeps of an answer.
    go_on
        What goes on with the run: "`workbench resume`".

    Raises
    ------
    AllFailed
        If a whole population was given up.
    """
    for batch in _keep_for_now(batches(answers), ledger, population, go_on):
        pairs = [(answer, entry) for answer in batch for entry in entries_of(answer)]
        ledger.extend([entry for _, entry in pairs])
        yield [(answer, entry.row) for answer, entry in pairs if entry.row is not None]


def entry_of(
    answer: Answer,
    key: tuple[int, int],
    parameters: Floats,
    measures: int,
    score: Callable[[Evaluation], Floats],
    asked_after: int | None = None,
) -> Entry:
    """Return what the ledger keeps of an answer: no row if it was lost.

    Parameters
    ----------
    key
        Generation and number of the individual.
    parameters
        What the row says of it, (d,).
    measures
        How many there are.
    score
        Return the scores of an evaluation, (k,).
    asked_after
        As in `Attempt`.
    """
    attempt = attempt_of(answer, asked_after)
    if answer.again:
        return Entry(*key, attempt)
    evaluation = evaluation_from_answer(answer, measures)
    return Entry(*key, attempt, Row(*key, parameters, evaluation, score(evaluation)))


def _keep_for_now(
    batches: Iterable[list[Answer]], ledger: Ledger, population: int, go_on: str
) -> Iterator[list[Answer]]:
    """Pass on what may be written down; a row that was given up, once somebody has come through.

    Where whatever is tried ends its workers, the machine or what was built is likelier to be at
    fault than the individuals. They are not written down then: whoever mends it and goes on has
    them evaluated.

    Raises
    ------
    AllFailed
        If a whole population was given up and nobody came through.
    """
    through = not ledger.empty
    given_up: list[Answer] = []
    for batch in batches:
        if not through:
            through = any(not answer.lost for answer in batch)
            given_up += [answer for answer in batch if answer.lost and not answer.again]
            batch = [answer for answer in batch if answer.again or not answer.lost]
            if through:
                batch = [*given_up, *batch]
            elif len(given_up) >= population:
                yield batch
                break
        if batch:
            yield batch
    if given_up and not through:
        yield [replace(answer, again=True) for answer in given_up]
        raise AllFailed(
            f"{FailureKind.WORKER_DIED.value}: none of {len(given_up)} could be evaluated; the "
            f"last was {given_up[-1].lost}. None of them is written down: when that is mended, "
            f"{go_on} evaluates them"
        )
