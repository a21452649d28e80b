"""Fits whose scores an evaluator of BluePyOpt's computes: its parameters, objectives and scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.digests import digest
from workbench.errors import InputError
from workbench.evaluations import Evaluation
from workbench.features import Measured, Missing, Window
from workbench.fitting.objectives import Objective, ScoreRule
from workbench.fitting.parameters import Parameter, to_physical, to_unit
from workbench.fitting.sources import EvaluatorSource, telling

_NO_WINDOW = Window(0.0, 1.0)


@dataclass(frozen=True)
class EvaluatorProblem:
    """What a fit of an evaluator solves.

    Attributes
    ----------
    parameters
        Its `params`.
    objectives
        Its `objectives`: the value of each is the evaluator's score, and so is its score here.
    max_score
        The score of what is no finite number, and of each objective of an individual that ended
        its workers.
    """

    source: EvaluatorSource
    parameters: tuple[Parameter, ...]
    objectives: tuple[Objective, ...]
    max_score: float = 250.0

    @property
    def name(self) -> str:
        """Of the source."""
        return self.source.name

    @property
    def rule(self) -> ScoreRule:
        """The evaluator's scores as they are."""
        return ScoreRule(self.max_score, None, self.max_score)

    @cached_property
    def parts(self) -> Mapping[str, str]:
        """Digest by part."""
        return {
            "parameters": digest(self.parameters),
            "objectives": digest((self.objectives, self.rule)),
        }

    @cached_property
    def digest(self) -> str:
        """Of parameters, bounds and objectives: what is simulated the evaluator alone knows."""
        return digest(tuple(self.parts.items()))

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters, in the order of a row."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def task(self) -> "EvaluatorTask":
        """What a worker is given."""
        return EvaluatorTask(self.source, tuple(one.name for one in self.objectives))

    def physical(self, unit: Floats) -> Floats:
        """Map rows of the unit cube, (n, d), to parameter values, (n, d)."""
        return to_physical(self.parameters, unit)

    def unit(self, values: Floats) -> Floats:
        """Map parameter values, (n, d), to rows of the unit cube, (n, d)."""
        return to_unit(self.parameters, values)

    def score(self, evaluation: Evaluation) -> Floats:
        """Return the scores, one an objective, (k,), non-negative and finite."""
        if evaluation.failed:
            return np.full(len(self.objectives), self.max_score)
        measured = zip(self.objectives, evaluation.measured, strict=True)
        return np.array([self.rule.score(objective, values) for objective, values in measured])


@dataclass(frozen=True)
class EvaluatorTask:
    """A row of parameter values in, an `Evaluation` out whose values are the evaluator's scores."""

    source: EvaluatorSource
    objectives: tuple[str, ...]
    together: int = 1

    @property
    def digest(self) -> str:
        """Of the source."""
        return digest((self.source, self.objectives))

    @property
    def loads(self) -> str:
        """All that the evaluator imports, compiled mechanisms among it."""
        return f"the evaluator {self.source.digest}"

    def open_many(self) -> Callable[[Floats], list[Evaluation]]:
        """Return what evaluates several individuals, (n, d), one after the other."""
        one = self.open()
        return lambda rows: [one(row) for row in rows]

    def open(self) -> Callable[[Floats], Evaluation]:
        """Make the evaluator, and return what evaluates an individual, (d,)."""
        evaluator = self.source.made()
        # What BluePyOpt's own optimisations call, where there is one.
        evaluate = getattr(
            evaluator, "init_simulator_and_evaluate_with_lists", evaluator.evaluate_with_lists
        )
        return lambda row: self._evaluated(evaluate, row)

    def _evaluated(
        self, evaluate: Callable[[list[float]], Sequence[Any]], row: Floats
    ) -> Evaluation:
        with telling(f"{self.source} raised an error at {row.tolist()}"):
            scores = [float(score) for score in evaluate(row.tolist())]
        if len(scores) != len(self.objectives):
            raise InputError(
                f"{self.source} has {len(self.objectives)} objectives and gave {len(scores)} scores"
            )
        pairs = zip(self.objectives, scores, strict=True)
        return Evaluation(tuple(_measured(name, score) for name, score in pairs))


def _measured(name: str, score: float) -> Measured:
    if not np.isfinite(score):
        return Missing(f"the evaluator gave {score}")
    if score < 0:
        raise InputError(
            f"the score of {name} is {score:g}; searches take scores of 0 or more, the less the "
            "better: let the evaluator add a constant"
        )
    return np.array([score])


@dataclass(frozen=True)
class Described:
    """The task of telling what an evaluator has: parameters and bounds, objectives."""

    source: EvaluatorSource

    @property
    def digest(self) -> str:
        """Of the source."""
        return digest(("described", self.source))

    @property
    def loads(self) -> str:
        """What the evaluator's own task loads."""
        return EvaluatorTask(self.source, ()).loads

    def open(self) -> Callable[[Floats], tuple[list[tuple[str, Any]], list[str]]]:
        """Make the evaluator, and return what tells."""
        found = self.source.made()

        def told(_: Floats) -> tuple[list[tuple[str, Any]], list[str]]:
            with telling(f"{self.source} does not tell its parameters"):
                params = [
                    (str(one.name), tuple(map(float, one.bounds or ()))) for one in found.params
                ]
                return params, [str(one.name) for one in found.objectives]

        return told


def problem_told(
    source: EvaluatorSource, told: tuple[list[tuple[str, Any]], list[str]], max_score: float
) -> EvaluatorProblem:
    """Return the problem of an evaluator that has told what it has.

    Raises
    ------
    InputError
        If a parameter has no bounds, or a name stands twice, or there is none.
    """
    params, names = told
    for name, bounds in params:
        if len(bounds) != 2:
            raise InputError(f"{source}: its parameter {name} has no bounds; give it a pair")
    for what, found in (("parameters", [name for name, _ in params]), ("objectives", names)):
        twice = [name for name in found if found.count(name) > 1]
        if twice or not found:
            raise InputError(
                f"{source}: two of its {what} are named {twice[0]}"
                if twice
                else f"{source} has no {what}"
            )
    return EvaluatorProblem(
        source,
        tuple(Parameter(name, *bounds) for name, bounds in params),
        tuple(Objective("", "", name, _NO_WINDOW, mean=0.0, std=1.0) for name in names),
        max_score,
    )
