"""The fit: ask, evaluate, write down, tell. One loop serves every way to run it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.evaluations.answered import Listener
from workbench.evaluations.ledger import Ledger
from workbench.evaluations.records import Entry, Row
from workbench.fitting.barren import refuse_if_all_failed
from workbench.fitting.entries import compare, entry_of, written
from workbench.fitting.steady import fit_steadily
from workbench.fitting.tasks import AnyProblem, task_of
from workbench.search import AnySearch, SteadySearch, pack_state, unpack_state
from workbench.workers.task import Answer, Workers
from workbench.workers.together import run_together


def fit(
    problem: AnyProblem,
    search: AnySearch,
    workers: Workers,
    ledger: Ledger,
    generations: int,
    listeners: Sequence[Listener] = (),
) -> None:
    """Run a search to its last generation, from wherever the ledger stands.

    Every evaluation is in the ledger before the search is told of it, so the process may be
    killed at any moment. Listeners are told every row, those found in the ledger too.

    The table of a `Search` is the same for any workers, killed or not. A `SteadySearch` waits for
    nobody: its `generations * population` rows depend on who was how quick, and only what one
    `SerialWorkers` computes is the same again.

    Raises
    ------
    LedgerError
        If the search proposes other individuals than the ledger holds.
    AllFailed
        If every individual of the first generation failed in one way.
    """
    if isinstance(search, SteadySearch):
        fit_steadily(problem, search, workers, ledger, generations, listeners)
        return
    if last := ledger.last_state():
        search.restore(unpack_state(last[1]))
    first = 0 if last is None else last[0] + 1
    for generation in range(first):
        for row in ledger.rows(generation):
            for listener in listeners:
                listener(row)
    for generation in range(first, generations):
        unit = search.ask()
        scores = _evaluate(problem, unit, workers, ledger, generation, listeners)
        if generation == 0:
            refuse_if_all_failed(ledger)
        search.tell(unit, scores)
        ledger.told(generation, pack_state(search.state()))


def _evaluate(
    problem: AnyProblem,
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
        known = row.individual < len(unit)
        compare(ledger, row, parameters[row.individual] if known else None)
        take(row)
    twins = _twins(parameters, np.isnan(scores).any(axis=1))

    def entries_of(answer: Answer) -> list[Entry]:
        alike = twins[answer.row][:1] if answer.again else twins[answer.row]
        return [entry_of(problem, answer, (generation, i), parameters[i]) for i in alike]

    first = parameters[[alike[0] for alike in twins]]
    answers = run_together(workers, task_of(problem), first)
    for rows in written(answers, ledger, len(twins), entries_of):
        for _, row in rows:
            take(row)
    return scores


def _twins(parameters: Floats, pending: NDArray[np.bool_]) -> list[list[int]]:
    """Group the pending individuals that have the same parameters: one is simulated for all."""
    groups: dict[bytes, list[int]] = {}
    for individual in np.flatnonzero(pending).tolist():
        groups.setdefault(parameters[individual].tobytes(), []).append(individual)
    return list(groups.values())
