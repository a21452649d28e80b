"""Which search a study is fitted with, how large and how long."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import InputError, unknown
from workbench.fitting import AnyProblem, Problem, Segment, Stage, Stages, segments_of
from workbench.search import GENERATIONAL, RACING, AnySearch, make_search, whole
from workbench.studies.study import Study
from workbench.studies.tables import LARGEST_POPULATION, MOST_GENERATIONS, FitTable

STAGES = "stages"
"""What stands for the search of a fit in stages."""


@dataclass(frozen=True)
class Beginning:
    """Individuals of another run with which a search begins; that run may be gone since.

    Attributes
    ----------
    asked
        What was asked for: `runs/first`, `runs/first:last`.
    run, problem
        That run's folder, and the digest of its problem.
    individuals
        Generation and number of each there.
    rows
        The same in the unit cube of the new problem, (n, d).
    notes
        What is not as it was there, in sentences.
    """

    asked: str
    run: str
    problem: str
    individuals: tuple[tuple[int, int], ...]
    rows: tuple[tuple[float, ...], ...]
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Beginning: {len(self.rows)} individuals of {self.run}>"


@dataclass(frozen=True)
class SearchPlan:
    """Which search, how large, how long, from which seed, and with whom it begins."""

    algorithm: str
    population: int
    generations: int
    seed: int
    options: dict[str, float] = field(default_factory=dict)
    begin: Beginning | None = None
    stages: tuple[Stage, ...] = ()
    racing: bool = False

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The generations of each search of a fit in stages, in order."""
        return segments_of(self.stages)

    @property
    def words(self) -> str:
        """Which search, how large and how long, in words."""
        if self.stages:
            return f"stages {'; '.join(map(str, self.stages))}; seed {self.seed}"
        return (
            f"{self.algorithm}, population {self.population}, {self.generations} generations, seed "
            f"{self.seed}" + ", racing" * self.racing
        )

    def searched(self, problem: Problem) -> AnySearch | Stages:
        """Return the search at its beginning, or the stages in its place."""
        return Stages(self.stages, self.seed) if self.stages else self.search(problem)

    def search(self, problem: AnyProblem, initial: ArrayLike | None = None) -> AnySearch:
        """Return the search at its beginning, with these rows of the unit cube among the first.

        Without any, the rows of `begin` are. The genetic searches vary parameters in their own
        bounds, as stock BluePyOpt does.
        """
        bounds = [
            (p.low, p.high) if p.scale == "linear" else (0.0, 1.0) for p in problem.parameters
        ]
        if initial is None and self.begin is not None:
            initial = self.begin.rows
        return make_search(
            self.algorithm,
            len(problem.parameters),
            len(problem.axes) if isinstance(problem, Problem) else len(problem.objectives),
            self.population,
            self.seed,
            initial=initial,
            bounds=np.array(bounds),
            **self.options,
        )


def evaluator_plan(
    algorithm: str | None = None,
    population: int | None = None,
    generations: int | None = None,
    seed: int | None = None,
    options: Mapping[str, float] | None = None,
) -> SearchPlan:
    """Return the plan of a fit without a study; what is None is as in a study that says nothing."""
    given = {
        "algorithm": algorithm,
        "population": population,
        "generations": generations,
        "seed": seed,
    }
    return _plan(FitTable(), given | {"options": dict(options or {})})


def plan_of(study: Study, **given: Any) -> SearchPlan:
    """Return the study's own plan with what was given in its place; None is not given.

    The study's options and its racing hold for its own algorithm only. An algorithm takes the place
    of its stages. `seeds` searches, each with the next seed, are one fit.
    """
    study.check_targets()
    seeds = given.pop("seeds", None)
    if study.stages and given.get("algorithm") is None:
        return _staged(study.stages, study, given, seeds)
    plan = _plan(study.fit, given)
    if plan.racing:
        _check_race(study, plan)
    if seeds is None or seeds == 1:
        return plan
    if plan.algorithm not in GENERATIONAL:
        raise InputError(unknown("search with several seeds", plan.algorithm, GENERATIONAL))
    whole("seeds", seeds, least=1, most=1000)
    if study.morphologies:
        raise InputError(
            f"{study.name} has several morphologies, and seeds is {seeds}; give each seed a run of "
            "its own: --seed"
        )
    stage = Stage(
        "all",
        study.problem.parameter_names,
        tuple(one.name for one in study.problem.objectives),
        plan.algorithm,
        plan.search(study.problem).population,
        plan.generations,
        plan.options,
        seeds,
    )
    return _staged((stage,), study, {"seed": plan.seed})


def _check_race(study: Study, plan: SearchPlan) -> None:
    """Refuse a race that nobody can run, or that would change who survives."""
    if not study.morphologies:
        raise InputError(
            f"{study.name} has one morphology, and racing is for several; leave racing out"
        )
    if plan.algorithm not in RACING:
        raise InputError(
            f"{plan.algorithm} ranks all individuals by whole scores, which a race would change; "
            f"racing is for {', '.join(RACING)}: take it, or leave racing out"
        )


def _staged(
    stages: tuple[Stage, ...], study: Study, given: Mapping[str, Any], seeds: int | None = None
) -> SearchPlan:
    for word, value in {**given, "seeds": seeds}.items():
        if value is not None and word != "seed":
            raise InputError(
                f"{study.name} is fitted in stages, which say their {word} themselves; change it "
                "under [[stage]] in study.toml, or name an algorithm to fit all at once"
            )
    population = max(stage.population for stage in stages)
    seed = given.get("seed")
    seed = whole("seed", study.fit.seed if seed is None else seed, least=0, most=2**32 - 1001)
    generations = sum(stage.planned for stage in stages)
    return SearchPlan(STAGES, population, generations, seed, stages=stages)


def _plan(table: FitTable, given: Mapping[str, Any]) -> SearchPlan:
    chosen = {name: value for name, value in given.items() if value is not None}
    if chosen.get("algorithm", table.algorithm) == table.algorithm:
        chosen.setdefault("options", dict(table.options))
    else:
        chosen.setdefault("racing", False)
    own = {
        n: getattr(table, n) for n in ("algorithm", "population", "generations", "seed", "racing")
    }
    plan = SearchPlan(**{**own, **chosen})
    for name, most in (("population", LARGEST_POPULATION), ("generations", MOST_GENERATIONS)):
        whole(name, getattr(plan, name), least=1, most=most)
    return plan
