"""Which search a study is fitted with, how large and how long."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.fitting import AnyProblem
from workbench.search import AnySearch, make_search, whole
from workbench.studies.study import Study
from workbench.studies.tables import LARGEST_POPULATION, MOST_GENERATIONS, FitTable


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
            len(problem.objectives),
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

    The study's options hold for its own algorithm only.
    """
    study.check_targets()
    return _plan(study.fit, given)


def _plan(table: FitTable, given: Mapping[str, Any]) -> SearchPlan:
    chosen = {name: value for name, value in given.items() if value is not None}
    if chosen.get("algorithm", table.algorithm) == table.algorithm:
        chosen.setdefault("options", dict(table.options))
    own = {n: getattr(table, n) for n in ("algorithm", "population", "generations", "seed")}
    plan = SearchPlan(**{**own, **chosen})
    for name, most in (("population", LARGEST_POPULATION), ("generations", MOST_GENERATIONS)):
        whole(name, getattr(plan, name), least=1, most=most)
    return plan
