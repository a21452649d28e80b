"""Simulate an individual and measure it: what a worker does all day."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.arrays import Floats
from workbench.digests import digest
from workbench.engines import Engine
from workbench.engines.tasks import build_of, together_in
from workbench.evaluations import Evaluation, Rounds, in_rounds
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

    @property
    def together(self) -> int:
        """How many individuals are best evaluated at once."""
        return together_in(self.problem.integrator)

    def open_many(self) -> Callable[[Floats], list[Evaluation]]:
        """Return what evaluates several individuals, (n, d)."""
        return self.open().many

    def open(self) -> "Evaluator":
        """Return the evaluator, with its engine started in this process."""
        from workbench.engines.opening import engine_for

        problem = self.problem
        return Evaluator(problem, engine_for(problem.recipe, problem.integrator))


@dataclass(frozen=True)
class RaceTask(FitTask):
    """The task of a fit whose individuals race: a row has one more value, the bound of its race."""

    @property
    def digest(self) -> str:
        """Digest of the problem, and that it is raced for."""
        return digest(("race", self.problem))

    def open(self) -> "Evaluator":
        """Return the evaluator, which takes the bound from the end of a row."""
        evaluator = super().open()
        return Racing(evaluator.problem, evaluator.engine)


class Evaluator:
    """Evaluates individuals of one problem with one engine."""

    def __init__(self, problem: Problem, engine: Engine) -> None:
        self.problem = problem
        self.engine = engine

    def __call__(self, row: Floats) -> Evaluation:
        """Simulate and measure one individual, a row of parameter values, (d,)."""
        return self.many(row[None, :])[0]

    def many(self, rows: Floats) -> list[Evaluation]:
        """Simulate and measure several individuals, (n, d)."""
        return in_rounds([self.plan(row) for row in rows], self.engine)

    def plan(self, row: Floats) -> Rounds[Evaluation]:
        """Return the rounds of one individual."""
        return self.problem.evaluating(row)


class Racing(Evaluator):
    """Evaluates individuals, (d + 1,), until they are beaten: the sum that does it comes last."""

    def plan(self, row: Floats) -> Rounds[Evaluation]:
        """Return the rounds of one individual and its bound."""
        return self.problem.racing(row[:-1], float(row[-1]))
