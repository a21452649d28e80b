"""What a fit does in each generation: evaluate, write down, tell."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.evaluations.answered import Listener
from workbench.evaluations.ledger import Ledger
from workbench.evaluations.records import Entry, Row
from workbench.fitting.barren import refuse_if_all_failed
from workbench.fitting.entries import compare, entry_of, written
from workbench.fitting.objectives import sides_of
from workbench.fitting.problem import Problem
from workbench.fitting.stages import StageProblem
from workbench.fitting.tasks import AnyProblem, raced, task_of
from workbench.search import Search, pack_state, unpack_state
from workbench.workers.task import Answer, Workers
from workbench.workers.together import run_together


def run_generations(
    problem: AnyProblem,
    search: Search,
    workers: Workers,
    ledger: Ledger,
    generations: range,
    listeners: Sequence[Listener],
    *,
    racing: bool = False,
) -> None:
    """Run a search in these generations of a run, from wherever the ledger stands.

    `racing` individuals end after the morphology that beats them, as the search says before each
    generation.

    Raises
    ------
    LedgerError
        If the search proposes other individuals than the ledger holds.
    AllFailed
        If every individual of the first generation failed in one way.
    """
    last = ledger.last_state()
    if last and last[0] in generations:
        search.restore(unpack_state(last[1]))
    known = -1 if last is None else last[0]
    for generation in generations:
        if generation <= known:
            for row in ledger.rows(generation):
                for listener in listeners:
                    listener(row)
            continue
        unit = search.ask()
        above = search.beaten_above() if racing else None
        rows = evaluate_generation(problem, unit, workers, ledger, generation, listeners, above)
        if generation == generations.start:
            refuse_if_all_failed(ledger, generation)
        scores = np.array([row.scores for row in rows])
        sides = np.array([sides_of(problem.objectives, row.evaluation) for row in rows])
        if isinstance(problem, StageProblem):  # its search never hears of what does not count
            scores, sides = scores[:, problem.counted], sides[:, problem.counted]
        elif isinstance(problem, Problem):
            scores, sides = problem.told(scores, sides)
        search.tell(unit, scores, sides)
        ledger.told(generation, pack_state(search.state()))


def evaluate_generation(
    problem: AnyProblem,
    unit: Floats,
    workers: Workers,
    ledger: Ledger,
    generation: int,
    listeners: Sequence[Listener],
    above: float | None = None,
) -> list[Row]:
    """Return the rows of a generation; what the ledger holds is not run again.

    Parameters
    ----------
    unit
        Its individuals in the unit cube, (n, d).
    above
        The sum of scores above which an individual is beaten, if they race.
    """
    parameters = problem.physical(unit)
    found: dict[int, Row] = {}

    def take(row: Row) -> None:
        found[row.individual] = row
        for listener in listeners:
            listener(row)

    for row in ledger.rows(generation):
        known = row.individual < len(unit)
        compare(ledger, row, parameters[row.individual] if known else None)
        take(row)
    twins = _twins(parameters, np.array([i not in found for i in range(len(unit))]))

    def entries_of(answer: Answer) -> list[Entry]:
        alike = twins[answer.row][:1] if answer.again else twins[answer.row]
        return [entry_of(problem, answer, (generation, i), parameters[i]) for i in alike]

    first = parameters[[alike[0] for alike in twins]]
    task = task_of(problem)
    if above is not None:
        task, first = raced(problem), np.column_stack([first, np.full(len(first), above)])
    answers = run_together(workers, task, first)
    for rows in written(answers, ledger, len(twins), entries_of):
        for _, row in rows:
            take(row)
    return [found[individual] for individual in range(len(unit))]


def _twins(parameters: Floats, pending: NDArray[np.bool_]) -> list[list[int]]:
    """Group the pending individuals that have the same parameters: one is simulated for all."""
    groups: dict[bytes, list[int]] = {}
    for individual in np.flatnonzero(pending).tolist():
        groups.setdefault(parameters[individual].tobytes(), []).append(individual)
    return list(groups.values())
