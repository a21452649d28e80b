"""The fit that never waits: a worker has its next row before the search has heard of its last.

Individual `i` of generation `g` is proposal number `g * population + i`: a generation is a count,
nothing ends with it. Rows are told in the order in which the ledger holds them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.evaluations.answered import Listener
from workbench.evaluations.ledger import Ledger
from workbench.evaluations.records import Entry, Row
from workbench.fitting.barren import refuse_if_all_failed
from workbench.fitting.entries import compare, entry_of, written
from workbench.fitting.problem import Problem
from workbench.fitting.tasks import AnyProblem, task_of
from workbench.search import SteadySearch
from workbench.workers.task import Answer, Workers
from workbench.workers.together import run_together


@dataclass(frozen=True)
class _Asked:
    """A row that was proposed, and how much the search had been told by then."""

    number: int
    asked_after: int
    unit: Floats
    parameters: Floats


def fit_steadily(
    problem: AnyProblem,
    search: SteadySearch,
    workers: Workers,
    ledger: Ledger,
    generations: int,
    listeners: Sequence[Listener] = (),
) -> None:
    """Run `generations * population` evaluations, from wherever the ledger stands.

    What was in flight when the process ended is asked anew under its number.

    Raises
    ------
    LedgerError
        If the search proposes other individuals than the ledger holds.
    AllFailed
        If the first individuals, as many as a generation has, all failed in one way.
    """
    known = _replay(problem, search, ledger, listeners)
    _count(search, ledger)
    asked: dict[int, _Asked] = {}

    def rows() -> Iterator[Floats]:
        numbers = (n for n in range(generations * search.population) if n not in known)
        for row, number in enumerate(numbers):
            asked[row] = _ask(problem, search, number)
            yield asked[row].parameters

    def entries_of(answer: Answer) -> list[Entry]:
        one = asked[answer.row]
        key = divmod(one.number, search.population)
        return [entry_of(problem, answer, key, one.parameters, one.asked_after)]

    answers = run_together(workers, task_of(problem), rows())
    for found in written(answers, ledger, search.population, entries_of):
        for answer, row in found:
            _tell(problem, search, asked.pop(answer.row).unit, row, listeners)
        _count(search, ledger)


def _ask(problem: AnyProblem, search: SteadySearch, number: int) -> _Asked:
    unit = search.propose(number)
    return _Asked(number, search.tellings, unit, problem.physical(unit[None, :])[0])


def _tell(
    problem: AnyProblem,
    search: SteadySearch,
    unit: Floats,
    row: Row,
    listeners: Sequence[Listener],
) -> None:
    scores = row.scores
    if isinstance(problem, Problem):
        [scores], _ = problem.told(scores[None, :], np.zeros((1, len(scores)), dtype=np.int8))
    search.tell(unit, scores)
    for listener in listeners:
        listener(row)


def _count(search: SteadySearch, ledger: Ledger) -> None:
    """Note in the ledger each time that so many more rows are told as a generation has."""
    last = ledger.last_state()
    first = 0 if last is None else last[0] + 1
    for generation in range(first, search.tellings // search.population):
        if generation == 0:
            refuse_if_all_failed(ledger)
        ledger.told(generation, b"")


def _replay(
    problem: AnyProblem, search: SteadySearch, ledger: Ledger, listeners: Sequence[Listener]
) -> set[int]:
    """Tell the search what the ledger holds; return the numbers of those proposals.

    Each is proposed again, after as many tellings as then, and must be the same to the last bit. A
    salvaged row does not know when it was asked, and is told as it is.
    """
    tellings = ledger.tellings()
    numbers = [generation * search.population + i for generation, i, _ in tellings]
    waiting: dict[int | None, list[int]] = defaultdict(list)
    for number, (_, _, asked_after) in zip(numbers, tellings, strict=True):
        waiting[asked_after].append(number)
    units = {}
    for number, (_, _, asked_after), row in zip(
        numbers, tellings, ledger.rows_as_written(), strict=True
    ):
        for other in waiting.pop(search.tellings, ()):
            units[other] = search.propose(other)
        if asked_after is None:
            unit = np.clip(problem.unit(row.parameters[None, :])[0], 0.0, 1.0)
        else:
            unit = units.pop(number, None)
            proposed = None if unit is None else problem.physical(unit[None, :])[0]
            compare(ledger, row, proposed)
        _tell(problem, search, unit, row, listeners)
    return set(numbers)
