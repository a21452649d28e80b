"""Simulate an individual and measure it: what a worker does all day."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.engines import Engine, Failure, Outcome
from workbench.features import STIMULUS, Measured, Missing, measure
from workbench.fitting.evaluation import OK, Evaluation
from workbench.fitting.objectives import Objective
from workbench.fitting.problem import Problem

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FitTask:
    """The task of a fit: a row of parameter values in, an `Evaluation` out."""

    problem: Problem

    @property
    def digest(self) -> str:
        """Digest of the problem."""
        return self.problem.digest

    def open(self) -> "Evaluator":
        """Return the evaluator, with NEURON started in this process."""
        from workbench.engines.neuron import engine_for

        problem = self.problem
        return Evaluator(problem, engine_for(problem.recipe, problem.integrator))


class Evaluator:
    """Evaluates individuals of one problem with one engine."""

    def __init__(self, problem: Problem, engine: Engine) -> None:
        self.problem = problem
        self.engine = engine

    def __call__(self, row: Floats) -> Evaluation:
        """Simulate and measure one individual, a row of parameter values, (d,)."""
        jobs = self.problem.jobs(row)
        outcomes = dict(zip((j.protocol.name for j in jobs), self.engine(jobs), strict=True))
        return evaluation_of(self.problem, outcomes)


def evaluation_of(problem: Problem, outcomes: Mapping[str, Outcome]) -> Evaluation:
    """Measure every objective on the outcomes, by protocol name."""
    found: dict[str, Measured] = {}
    for objectives in _by_trace(problem.objectives):
        first = objectives[0]
        outcome = outcomes[first.protocol]
        if isinstance(outcome, Failure):
            found.update({o.name: Missing(outcome.message) for o in objectives})
            continue
        protocol = next(p for p in problem.protocols if p.name == first.protocol)
        values = measure(
            outcome[first.recording],
            [o.feature for o in objectives],
            first.window,
            until_ms=protocol.duration_ms,
            stimulus_nA=protocol.step_nA(first.window.begin_ms, first.window.end_ms)
            if STIMULUS.intersection(o.feature for o in objectives)
            else None,
        )
        found.update({o.name: values[o.feature] for o in objectives})
    failures = [o.kind.name for o in outcomes.values() if isinstance(o, Failure)]
    measured = tuple(found[o.name] for o in problem.objectives)
    return Evaluation(measured, failures[0] if failures else OK)


def _by_trace(objectives: tuple[Objective, ...]) -> list[list[Objective]]:
    """Group objectives that one call can measure: the same trace, window and settings."""
    groups: list[list[Objective]] = []
    for objective in objectives:
        for group in groups:
            same = group[0]
            if (same.protocol, same.recording) == (objective.protocol, objective.recording) and (
                same.window == objective.window
            ):
                group.append(objective)
                break
        else:
            groups.append([objective])
    return groups
