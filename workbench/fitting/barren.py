"""A fit in which no individual comes through stops after its first generation, and says why."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from workbench.engines import FailureKind
from workbench.errors import AllFailed
from workbench.evaluations.ledger import Ledger
from workbench.workers.task import Answer


def keep_for_now(
    batches: Iterable[list[Answer]], ledger: Ledger, population: int
) -> Iterator[list[Answer]]:
    """Pass on what may be written down; a row that was given up, once somebody has come through.

    Where whatever is tried ends its workers, the machine or what was built is likelier to be at
    fault than the individuals. They are not scored then: who mends it and resumes has them
    evaluated.

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
            f"{FailureKind.WORKER_DIED.value}: none of {len(given_up)} individuals could be "
            f"evaluated; the last was {given_up[-1].lost}. None of them is scored: when that is "
            "mended, `workbench resume` evaluates them"
        )


def refuse_if_all_failed(ledger: Ledger) -> None:
    """Refuse to go on with a search whose individuals have all failed in one way.

    Raises
    ------
    AllFailed
        With the way in which they failed, and what was said of one of them.
    """
    evaluations = [row.evaluation for row in ledger.rows()]
    [status, *others] = {evaluation.status for evaluation in evaluations}
    if others or not evaluations[0].failed:
        return
    raise AllFailed(
        f"all {len(evaluations)} individuals of the first generation failed in one way: "
        f"{FailureKind[status].value} ({evaluations[0].why_failed}). A search learns nothing from "
        "that: see to the cell, its bounds and protocols, and begin a new run"
    )
