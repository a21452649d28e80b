"""What a worker's answer means for the ledger."""

from collections.abc import Callable

from workbench.engines import FailureKind
from workbench.evaluations.evaluation import Evaluation
from workbench.evaluations.records import Attempt, Row
from workbench.features import Missing
from workbench.workers.task import Answer

Listener = Callable[[Row], None]
"""Told of each evaluation when it is in the ledger."""


def attempt_of(answer: Answer, asked_after: int | None = None) -> Attempt:
    """Return what the ledger says of the attempt."""
    outcome = answer.lost or "done"
    return Attempt(answer.worker, answer.seconds, outcome, asked_after=asked_after)


def evaluation_from_answer(answer: Answer, measures: int) -> Evaluation:
    """Return the evaluation, that of a failure of so many measures if the row was given up."""
    if not answer.lost:
        evaluation: Evaluation = answer.value
        return evaluation
    missing = tuple(Missing(answer.lost) for _ in range(measures))
    return Evaluation(missing, FailureKind.WORKER_DIED.name)
