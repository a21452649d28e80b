"""Individuals under several settings at once: all that a check simulates, on any workers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.arrays import Floats
from workbench.calibration.evaluating import values_of
from workbench.digests import digest
from workbench.engines.tasks import build_of
from workbench.evaluations import Evaluation, in_rounds
from workbench.fitting import Problem
from workbench.workers.task import Workers
from workbench.workers.together import run_together


@dataclass(frozen=True)
class Trials:
    """The task of evaluating rows under problems that differ in segments and integrators alone.

    A row holds the number of its problem and then the parameters, (1 + d,). All problems run on
    one build.

    Attributes
    ----------
    together
        How many rows are best evaluated at once.
    """

    problems: tuple[Problem, ...]
    together: int

    @cached_property
    def digest(self) -> str:
        """Digest of the problems."""
        return digest(("trials", *(problem.digest for problem in self.problems)))

    @property
    def loads(self) -> str:
        """The build of the problems' mechanisms."""
        return build_of(self.problems[0].recipe, self.problems[0].integrator)

    def open(self) -> Callable[[Floats], Evaluation]:
        """Return the evaluator of one row, with its engine started in this process."""
        many = self.open_many()
        return lambda row: many(row[None, :])[0]

    def open_many(self) -> Callable[[Floats], list[Evaluation]]:
        """Return the evaluator of several rows, (n, 1 + d)."""
        from workbench.engines.opening import unproven_for

        # What is chosen in the end is compared with NEURON; all these trials need not be.
        engine = unproven_for(self.problems[0].recipe, self.problems[0].integrator)

        def many(rows: Floats) -> list[Evaluation]:
            problems = [self.problems[int(row[0])] for row in rows]
            asked = zip(problems, rows, strict=True)
            return in_rounds([one.evaluating(row[1:]) for one, row in asked], engine)

        return many


def values_under(problems: Sequence[Problem], rows: Floats, workers: Workers) -> Floats:
    """Return the mean of each feature of each row, (n, d), under each problem, (m, n, k).

    NaN where there is none, or no worker survived the row.
    """
    population = problems[0].integrator.engine == "population"
    task = Trials(tuple(problems), len(rows) if population else 1)
    found = np.full((len(problems), len(rows), len(problems[0].objectives)), np.nan)
    asked = [(m, n) for m in range(len(problems)) for n in range(len(rows))]
    told = (np.concatenate([[float(m)], rows[n]]) for m, n in asked)
    for answer in run_together(workers, task, told):
        if not answer.again and not answer.lost:
            found[asked[answer.row]] = values_of(answer.value)
    return found
