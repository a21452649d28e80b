"""A fit in stages: what each frees, what counts in it, which search it has and how it begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from workbench.arrays import Floats
from workbench.digests import digest
from workbench.evaluations import Evaluation, Row
from workbench.features import Measured, Missing
from workbench.fitting.evaluator import FitTask
from workbench.fitting.objectives import Objective
from workbench.fitting.parameters import Parameter, to_physical, to_unit
from workbench.fitting.problem import Problem

LEAST_SQUARES = "least-squares"
"""The search of a stage that walks to the least sum of squares."""

NOT_COUNTED = "no target of this stage"


@dataclass(frozen=True)
class Stage:
    """A part of a fit.

    Attributes
    ----------
    free
        Names of the parameters that it varies. The others have the values of the best individual of
        the stage before, or of `others`.
    targets
        Names of the objectives that count, and of the block check; only their protocols are
        simulated.
    search
        The name of a search that goes by generations, or `least-squares`.
    population, generations, options
        Of the search; generations of `least-squares` are its most steps.
    seeds
        How many searches there are, one after the other, each with a seed of its own.
    begin
        With how many of the best individuals of the stage before it begins.
    others
        Values, by name, of parameters that no stage has varied yet.
    """

    name: str
    free: tuple[str, ...]
    targets: tuple[str, ...]
    search: str
    population: int
    generations: int
    options: dict[str, float] = field(default_factory=dict)
    seeds: int = 1
    begin: int = 1
    others: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        seeds = "" if self.seeds == 1 else f" x {self.seeds} seeds"
        return f"{self.name}: {self.search} {self.population} x {self.generations}{seeds}"

    def competes(self, row: Row) -> bool:
        """Whether an individual may be the best: not those beside a step of least squares."""
        return self.search != LEAST_SQUARES or row.individual == 0

    @property
    def planned(self) -> int:
        """How many generations all its searches have."""
        return self.seeds * self.generations


@dataclass(frozen=True)
class Segment:
    """Generations of a run, from `begin` to before `end`, in which one search of a stage works."""

    stage: str
    begin: int
    end: int
    population: int


def segments_of(stages: Sequence[Stage]) -> tuple[Segment, ...]:
    """Return the segments of a run, one for each seed of each stage."""
    found, begin = [], 0
    for stage in stages:
        for _ in range(stage.seeds):
            end = begin + stage.generations
            found.append(Segment(stage.name, begin, end, stage.population))
            begin = end
    return tuple(found)


@dataclass(frozen=True)
class StageProblem:
    """A problem as a stage sees it: rows of all its parameters, of which some vary.

    Attributes
    ----------
    whole
        The problem of the run.
    stage
        The stage.
    values
        All parameters, (d,); of those that vary the value does not matter.
    samples
        Whether a recorded voltage gives the difference of every sample, in place of one distance.
    """

    whole: Problem
    stage: Stage
    values: tuple[float, ...]
    samples: bool = False

    @property
    def name(self) -> str:
        """Of the whole problem."""
        return self.whole.name

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """All of the whole problem's, of which `counted` count."""
        return self.whole.objectives

    @cached_property
    def counted(self) -> list[int]:
        """The places of the objectives that count."""
        return [i for i, one in enumerate(self.objectives) if one.name in self.stage.targets]

    @property
    def checks_block(self) -> bool:
        """Whether the block check is one of what counts."""
        block = self.whole.block
        return block is not None and block.name in self.stage.targets and not self.samples

    @cached_property
    def columns(self) -> list[int]:
        """The places of the parameters that vary."""
        names = self.whole.parameter_names
        return [place for place, name in enumerate(names) if name in self.stage.free]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters that vary, s of them."""
        return tuple(self.whole.parameters[column] for column in self.columns)

    def physical(self, unit: Floats) -> Floats:
        """Map rows of the unit cube, (n, s), to values of all parameters, (n, d)."""
        rows = np.tile(np.array(self.values), (len(unit), 1))
        rows[:, self.columns] = to_physical(self.parameters, unit)
        return rows

    def unit(self, values: Floats) -> Floats:
        """Map values of all parameters, (n, d), to rows of the unit cube, (n, s)."""
        return np.clip(to_unit(self.parameters, values[:, self.columns]), 0.0, 1.0)

    def score(self, evaluation: Evaluation) -> Floats:
        """Return the scores of all objectives, (k,); 0 where one does not count."""
        scores = np.zeros(len(self.objectives))
        scores[self.counted] = self.whole.score(evaluation)[self.counted]
        return scores

    @cached_property
    def task(self) -> "StageTask":
        """What a worker is given: the cell with what varies, and the protocols that count."""
        whole, columns = self.whole, self.columns
        fixed = {
            name: value
            for place, (name, value) in enumerate(
                zip(whole.parameter_names, self.values, strict=True)
            )
            if place not in columns
        }
        objectives = tuple(whole.objectives[place] for place in self.counted)
        aimed_at = {name for one in objectives for name in one.protocols}
        if self.samples:
            objectives = tuple(map(_of_samples, objectives))
        part = replace(
            whole,
            recipe=whole.recipe.with_values(fixed),
            parameters=self.parameters,
            protocols=tuple(one for one in whole.protocols if one.name in aimed_at),
            objectives=objectives,
            own_integrators=tuple(one for one in whole.own_integrators if one[0] in aimed_at),
            penalties=tuple(one for one in whole.penalties if one.protocol in aimed_at),
            block=whole.block if self.checks_block else None,
        )
        return StageTask(part, tuple(columns), tuple(self.counted), len(whole.objectives))


def counts(measured: Measured) -> bool:
    """Whether a measured value counts in the stage of its individual."""
    return not isinstance(measured, Missing) or measured.reason != NOT_COUNTED


def _of_samples(objective: Objective) -> Objective:
    if objective.against is None:
        return objective
    return replace(objective, against=replace(objective.against, samples=True))


@dataclass(frozen=True)
class StageTask:
    """The task of a stage: a row of all parameters in, an `Evaluation` of all objectives out.

    What does not count has no value.
    """

    problem: Problem
    columns: tuple[int, ...]
    places: tuple[int, ...]
    measures: int

    @property
    def digest(self) -> str:
        """Of what is simulated and where it stands in rows."""
        return digest((self.problem, self.columns, self.places, self.measures))

    @property
    def loads(self) -> str:
        """The build of the problem's mechanisms."""
        return FitTask(self.problem).loads

    @property
    def together(self) -> int:
        """How many individuals are best evaluated at once."""
        return FitTask(self.problem).together

    def open(self) -> Callable[[Floats], Evaluation]:
        """Return what evaluates an individual, (d,)."""
        many = self.open_many()
        return lambda row: many(row[None, :])[0]

    def open_many(self) -> Callable[[Floats], list[Evaluation]]:
        """Return what evaluates several individuals, (n, d)."""
        evaluator = FitTask(self.problem).open()
        columns = list(self.columns)
        return lambda rows: [self._whole(one) for one in evaluator.many(rows[:, columns])]

    def _whole(self, part: Evaluation) -> Evaluation:
        measured: list[Measured] = [Missing(NOT_COUNTED)] * self.measures
        for place, value in zip(self.places, part.measured, strict=True):
            measured[place] = value
        return Evaluation(tuple(measured), part.status)
