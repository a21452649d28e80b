"""Simulate an individual and measure it: what a worker does all day."""

from dataclasses import dataclass

from workbench.arrays import Floats
from workbench.engines import Engine
from workbench.engines.tasks import build_of
from workbench.evaluations import Evaluation, evaluation_of
from workbench.fitting.problem import Problem


@dataclass(frozen=True)
class FitTask:
    """The task of a fit: a row of parameter values in, an `Evaluation` out."""

    problem: Problem

    @property
    def digest(self) -> str:
        """Digest of the problem."""
        return self.problem.digest

    @property
    def loads(self) -> str:
        """The build of the problem's mechanisms."""
        return build_of(self.problem.recipe, self.problem.integrator)

    def open(self) -> "Evaluator":
        """Return the evaluator, with NEURON started in this process."""
        from workbench.engines.opening import engine_for

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
        return evaluation_of(self.problem.objectives, self.problem.protocols, outcomes)
