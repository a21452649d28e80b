"""MO-CMA-ES: each parent is a small CMA-ES of its own, the set of parents a front.

Voss, Hansen & Igel (2010), GECCO 2010:487-494, in DEAP's implementation and with BluePyOpt's
settings (`DEAPOptimisationCMA`, multi-objective): half a population of parents, chosen by the rank
of their hypervolume and the rank of their sum of scores; the box is [-1, 1]^d as in `cma_es`.
BluePyOpt estimates the hypervolume with a million draws over all points (seconds a generation);
here each point has `samples` draws where they count, and a region that i points share counts by
1/i as in the paper on HypE (BluePyOpt 1.14 has 1/i^(i-1)); see `hypervolume`.
"""

from typing import Any, ClassVar

import numpy as np
from bluepyopt.deapext.utils import WSListIndividual, bound
from deap.cma import StrategyMultiObjective
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.search.base import Search
from workbench.search.generators import lent, seeded, uniform_rows
from workbench.search.hypervolume import hype
from workbench.search.setting import Setting, number, whole

_PER_PARENT = ("sigmas", "A", "invCholesky", "pc", "psucc")

# A parent that never succeeds shrinks for ever, and one among equal scores grows for ever, since
# a child wins a tie: without limits the numbers underflow or overflow.
_STEPS = (1e-12, 10.0)

# BluePyOpt's view of the objective space: scores count up to 250 standard deviations, an objective
# in which nothing is below 240 is left out, and the reference point lies 2 beyond the worst.
_CEILING = 250.0
_HOPELESS = 240.0
_MARGIN = 2.0
_DEPTH = 5


class MOCMA(Search):
    """A front of parents, each with its own step size and covariance.

    Parameters
    ----------
    setting : Setting
        Two objectives at least; for one there is `cma`.
    sigma : float
        First step size in units of the half range of each parameter.
    hypervolume_weight : float
        Weight of the rank in hypervolume; that of the rank in the sum of scores is the rest to 1.
    samples : int
        Draws per point for the hypervolume.
    """

    algorithm: ClassVar[str] = "mo-cma"
    least_objectives: ClassVar[int] = 2

    def __init__(
        self,
        setting: Setting,
        *,
        sigma: float = 0.4,
        hypervolume_weight: float = 0.5,
        samples: int = 500,
    ) -> None:
        self._sigma = number("sigma", sigma, least=1e-6, most=10.0)
        self._weight = number("hypervolume_weight", hypervolume_weight, least=0.0, most=1.0)
        self._samples = whole("samples", samples, least=1, most=1_000_000)
        super().__init__(
            setting, sigma=self._sigma, hypervolume_weight=self._weight, samples=self._samples
        )

    def _first(self) -> Floats:
        self._memory = seeded(self.setting.seed)
        with lent(self._memory):
            rows = np.array(uniform_rows(self.population, self._box()))
        known = self.setting.first_rows
        rows[: len(known)] = 2.0 * known - 1.0
        self._memory |= {"parents": np.empty((0, self.dimension)), "rows": rows}
        return 0.5 * rows + 0.5

    def _next(self, scores: Floats) -> Floats:
        strategy = self._learnt(scores)
        return self._remember(strategy, self._offspring(strategy))

    def _offspring(self, strategy: Any) -> list[Any]:
        """Return the next population, put back into the box."""
        with lent(self._memory):
            offspring: list[Any] = strategy.generate(self._individual)
        bound(offspring, *self._box().T)
        return offspring

    def _learnt(self, scores: Floats) -> Any:
        """Return the strategy after it was told the scores of the last population."""
        told = self._individuals(self._memory["rows"], scores)
        if len(self._memory["parents"]):
            strategy = self._recall()
            for individual, parent in zip(told, self._memory["origins"].tolist(), strict=True):
                individual._ps = "o", parent
            strategy.update(told)
            strategy.sigmas = np.clip(strategy.sigmas, *_STEPS).tolist()
        else:
            strategy = self._strategy(told)
        return strategy

    def _strategy(self, parents: list[Any]) -> Any:
        strategy = StrategyMultiObjective(
            parents, self._sigma, mu=self.population // 2, lambda_=self.population
        )
        strategy._select = self._select
        return strategy

    def _select(self, candidates: list[Any]) -> tuple[list[Any], list[Any]]:
        """Return the parents of the next generation and the rest."""
        scores = np.array([individual.fitness.values for individual in candidates])
        order = best_first(scores, self._weight, self._samples)
        ranked = [candidates[i] for i in order]
        return ranked[: self.population // 2], ranked[self.population // 2 :]

    def _box(self) -> Floats:
        return np.tile([-1.0, 1.0], (self.dimension, 1))

    def _individual(self, row: Floats) -> Any:
        return WSListIndividual(row, obj_size=self.objectives)

    def _individuals(self, rows: Floats, scores: Floats) -> list[Any]:
        individuals = [self._individual(row) for row in rows]
        for individual, values in zip(individuals, scores.tolist(), strict=True):
            individual.fitness.values = values
        return individuals

    def _remember(self, strategy: Any, offspring: list[Any]) -> Floats:
        rows = np.array(offspring)
        self._memory |= {
            "parents": np.array(strategy.parents),
            "parent_scores": np.array([parent.fitness.values for parent in strategy.parents]),
            "rows": rows,
            "origins": np.array([individual._ps[1] for individual in offspring]),
            **{name: np.array(getattr(strategy, name)) for name in _PER_PARENT},
        }
        return 0.5 * rows + 0.5

    def _recall(self) -> Any:
        parents = self._individuals(self._memory["parents"], self._memory["parent_scores"])
        strategy = self._strategy(parents)
        for i, parent in enumerate(parents):
            parent._ps = "p", i
        for name in _PER_PARENT:
            setattr(strategy, name, list(self._memory[name]))
        return strategy


def best_first(scores: Floats, hypervolume_weight: float, samples: int) -> NDArray[np.intp]:
    """Return the indices of the rows of scores, the best first, by two weighted ranks."""
    mixed = (1.0 - hypervolume_weight) * _ranks(scores.sum(axis=1))
    if hypervolume_weight > 0.0:
        mixed += hypervolume_weight * _ranks(-_hypervolumes(scores, samples))
    return np.argsort(mixed, kind="stable")


def _hypervolumes(scores: Floats, samples: int) -> Floats:
    points = np.minimum(scores, _CEILING)
    points = points[:, points.min(axis=0) < _HOPELESS]
    if points.shape[1] == 0:
        return np.zeros(len(scores))
    scale = points.max() or 1.0
    points = (points - points.min(axis=0)) / scale
    return hype(points, points.max(axis=0) + _MARGIN, _DEPTH, samples)


def _ranks(values: Floats) -> Floats:
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks
