"""Evaluate individuals and note the processor time of each."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.engines import Outcome
from workbench.engines.neuron import companies
from workbench.evaluations import Evaluation, evaluation_of
from workbench.features import Missing
from workbench.fitting import FitTask, Problem
from workbench.workers.task import Workers


@dataclass(frozen=True)
class Timed:
    """A `FitTask` that says how much processor time each protocol took, in seconds, (p,).

    What protocols share, a run in which they are together or the measuring of features, they
    share in equal parts.
    """

    problem: Problem

    @property
    def digest(self) -> str:
        """Digest of the problem, and that it is timed."""
        return f"timed {self.problem.digest}"

    @property
    def loads(self) -> str:
        """The build of the problem's mechanisms."""
        return FitTask(self.problem).loads

    def open(self) -> Callable[[Floats], tuple[Evaluation, Floats]]:
        """Return the evaluator, with NEURON started in this process."""
        engine = FitTask(self.problem).open().engine

        def timed(row: Floats) -> tuple[Evaluation, Floats]:
            jobs = self.problem.jobs(row)
            seconds = np.zeros(len(jobs))
            outcomes: dict[str, Outcome] = {}
            for company in companies(jobs, [job.protocol.bound() for job in jobs]):
                begun = time.process_time()
                together = [jobs[number] for number in company]
                names = [job.protocol.name for job in together]
                outcomes.update(zip(names, engine(together), strict=True))
                seconds[company] = (time.process_time() - begun) / len(company)
            begun = time.process_time()
            evaluation = evaluation_of(self.problem.objectives, self.problem.protocols, outcomes)
            return evaluation, seconds + (time.process_time() - begun) / len(jobs)

        return timed


Team = Callable[[], AbstractContextManager[Workers]]
"""Starts workers: a process can load one build, and settings differ in theirs."""


Answered = tuple[Evaluation, Floats]
"""A row's evaluation, and its time by protocol in s, (p,)."""


def evaluate(
    problem: Problem,
    rows: Floats,
    team: Team,
    ended: Callable[[int, Answered], None] = lambda number, answer: None,
) -> list[Answered | str]:
    """Return each row's evaluation and time by protocol, or why there is none.

    A row that no worker survives is tried once more, by new ones: it says more of the machine than
    of the row, whose own failures are evaluations. `ended` is told of each row as it ends.
    """
    answers: list[Answered | str] = [""] * len(rows)
    for _ in range(2):
        left = [row for row, answer in enumerate(answers) if isinstance(answer, str)]
        if left:
            with team() as workers:
                for answer in workers.run(Timed(problem), rows[left]):
                    if not answer.again:
                        answers[left[answer.row]] = answer.lost or answer.value
                    if not answer.again and not answer.lost:
                        ended(left[answer.row], answer.value)
    return answers


def values_of(evaluation: Evaluation) -> list[float]:
    """Return the mean of each feature's values; NaN where it has none."""
    return [
        float("nan") if isinstance(measured, Missing) else float(np.mean(measured))
        for measured in evaluation.measured
    ]
