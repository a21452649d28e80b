"""Evaluate individuals and note the processor time of each."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.features import Missing
from workbench.fitting import Evaluation, FitTask, Problem, Workers

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Timed:
    """A `FitTask` that says how much processor time each evaluation took, in seconds."""

    problem: Problem

    @property
    def digest(self) -> str:
        """Digest of the problem, and that it is timed."""
        return f"timed {self.problem.digest}"

    def open(self) -> Callable[[Floats], tuple[Evaluation, float]]:
        """Return the evaluator, with NEURON started in this process."""
        evaluate = FitTask(self.problem).open()

        def timed(row: Floats) -> tuple[Evaluation, float]:
            begun = time.process_time()
            evaluation = evaluate(row)
            return evaluation, time.process_time() - begun

        return timed


Team = Callable[[], AbstractContextManager[Workers]]
"""Starts workers: a process can load one build, and settings differ in theirs."""


def evaluate(problem: Problem, rows: Floats, team: Team) -> list[tuple[Evaluation, float]]:
    """Return each row's evaluation and processor time; one that no worker survives fails."""
    nothing = Evaluation(tuple(Missing("no worker survived it") for _ in problem.objectives), "")
    answers = [(nothing, 0.0)] * len(rows)
    with team() as workers:
        for answer in workers.run(Timed(problem), rows):
            if not answer.again and not answer.lost:
                answers[answer.row] = answer.value
    return answers


def values_of(evaluation: Evaluation) -> list[float]:
    """Return the mean of each feature's values; NaN where it has none."""
    return [
        float("nan") if isinstance(measured, Missing) else float(np.mean(measured))
        for measured in evaluation.measured
    ]
