"""The fit: ask, evaluate, write down, tell. One loop serves every way to run it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from typing import Protocol as Interface

import numpy as np
from numpy.typing import NDArray

from workbench.engines import FailureKind
from workbench.errors import LedgerError
from workbench.features import Missing
from workbench.fitting.evaluation import Evaluation
from workbench.fitting.evaluator import FitTask
from workbench.fitting.ledger import Ledger
from workbench.fitting.problem import Problem
from workbench.fitting.records import Attempt, Row
from workbench.search import Search, pack_state, unpack_state

Floats = NDArray[np.float64]


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
    """

    row: int
    worker: str
    seconds: float
    value: Any = None
    lost: str = ""
    again: bool = False


class Task(Interface):
    """A value that a worker is given once; `open` returns what answers a row of floats."""

    @property
    def digest(self) -> str:
        """Equal tasks have equal digests."""

    def open(self) -> Callable[[Floats], Any]:
        """Prepare this process and return the function from a row, (d,), to an answer."""


class Workers(Interface):
    """Whoever runs tasks."""

    def run(self, task: Task, rows: Floats) -> Iterator[Answer]:
        """Yield an answer for each row of (n, d), as they end, and one for each lost attempt."""


Listener = Callable[[Row], None]


def fit(
    problem: Problem,
    search: Search,
    workers: Workers,
    ledger: Ledger,
    generations: int,
    listeners: Sequence[Listener] = (),
) -> None:
    """Run a search to its last generation, from wherever the ledger stands.

    Every evaluation is in the ledger before the next thing happens, so the process may be
    killed at any moment. Listeners are told every row, those found in the ledger too.

    Raises
    ------
    LedgerError
        If the search proposes other individuals than the ledger holds.
    """
    if last := ledger.last_state():
        search.restore(unpack_state(last[1]))
    first = 0 if last is None else last[0] + 1
    for generation in range(first, generations):
        unit = search.ask()
        scores = _evaluate(problem, unit, workers, ledger, generation, listeners)
        search.tell(unit, scores)
        ledger.told(generation, pack_state(search.state()))


def _evaluate(
    problem: Problem,
    unit: Floats,
    workers: Workers,
    ledger: Ledger,
    generation: int,
    listeners: Sequence[Listener],
) -> Floats:
    """Return the scores of a generation, (n, k); what the ledger holds is not run again."""
    parameters = problem.physical(unit)
    scores = np.full((len(unit), len(problem.objectives)), np.nan)

    def take(row: Row) -> None:
        scores[row.individual] = row.scores
        for listener in listeners:
            listener(row)

    for row in ledger.rows(generation):
        if row.individual >= len(unit) or not _same(row.parameters, parameters[row.individual]):
            raise LedgerError(
                f"{ledger.path}: the search proposes another individual {row.individual} of "
                f"generation {generation} than this run has evaluated. The run was made with "
                "another version or on another kind of processor; start a new run"
            )
        take(row)
    twins = _twins(parameters, np.isnan(scores).any(axis=1))
    for answer in workers.run(FitTask(problem), parameters[[same[0] for same in twins]]):
        individuals = twins[answer.row]
        attempt = Attempt(answer.worker, answer.seconds, answer.lost or "done")
        if answer.again:
            ledger.lost(generation, individuals[0], attempt)
            continue
        evaluation = _given_up(problem, answer.lost) if answer.lost else answer.value
        for individual in individuals:
            row = Row(
                generation,
                individual,
                parameters[individual],
                evaluation,
                problem.score(evaluation),
            )
            ledger.append(row, attempt)
            take(row)
    return scores


def _twins(parameters: Floats, pending: NDArray[np.bool_]) -> list[list[int]]:
    """Group the pending individuals that have the same parameters: one is simulated for all."""
    groups: dict[bytes, list[int]] = {}
    for individual in np.flatnonzero(pending).tolist():
        groups.setdefault(parameters[individual].tobytes(), []).append(individual)
    return list(groups.values())


def _same(one: Floats, other: Floats) -> bool:
    return one.tobytes() == np.asarray(other, dtype=float).tobytes()


def _given_up(problem: Problem, why: str) -> Evaluation:
    return Evaluation(tuple(Missing(why) for _ in problem.objectives), FailureKind.WORKER_DIED.name)
