"""CMA-ES on the sum of the scores.

Hansen & Ostermeier (2001), Evol Comput 9:159-195, in DEAP's implementation and with BluePyOpt's
settings (`DEAPOptimisationCMA`, single objective): the search lives in [-1, 1]^d, a number that
leaves the box is put back 1e-9 inside of it, and learning sees the row as put back.
"""

import math
from typing import Any, ClassVar

import numpy as np
from bluepyopt.deapext.utils import WSListIndividual, bound
from deap.cma import Strategy

from workbench.arrays import Floats
from workbench.search.base import Search
from workbench.search.generators import lent, seeded, uniform_rows
from workbench.search.setting import Setting, number

_KEPT = ("centroid", "sigma", "pc", "ps", "C", "diagD", "update_count")
_SMALLEST_STEP = 1e-12  # BluePyOpt stops below it (its TolX) and above this condition number
_WORST_CONDITION = 1e14


class CMAES(Search):
    """One normal distribution that moves and bends towards the better half of its population.

    It begins at the first of the `initial` rows, else at a random place. When it has shrunk to a
    point, where BluePyOpt would stop, or no sum differs any more (`tolerance`), it begins anew at
    a random place with the first step size: the caller decides how many generations there are,
    and none is spent on standing still.

    Parameters
    ----------
    setting : Setting
        What the search sees of several objectives is their sum.
    sigma : float
        First step size in units of the half range of each parameter.
    tolerance : float
        It has converged when the least sums of the last 10 + 30 d / population generations and
        all sums of the last one differ by less (TolFun of Hansen 2016, arXiv:1604.00772, B.3).
    """

    algorithm: ClassVar[str] = "cma"
    least_population: ClassVar[int] = 4

    def __init__(self, setting: Setting, *, sigma: float = 0.4, tolerance: float = 0.0) -> None:
        self._sigma = number("sigma", sigma, least=1e-6, most=10.0)
        self._tolerance = number("tolerance", tolerance, least=0.0, most=1e9)
        self._span = 10 + math.ceil(30 * setting.dimension / setting.population)
        super().__init__(setting, sigma=self._sigma, tolerance=self._tolerance)

    def _first(self) -> Floats:
        self._memory = seeded(self.setting.seed)
        known = 2.0 * self.setting.first_rows - 1.0
        self._memory["least_sums"] = np.empty(0)
        with lent(self._memory):
            strategy = self._begin(known[0].tolist() if len(known) else None)
            rows = self._generate(strategy)
        rows[: len(known)] = known
        return self._remember(strategy, rows)

    def _next(self, scores: Floats) -> Floats:
        strategy = self._recall()
        individuals = [self._individual(row) for row in self._memory["rows"]]
        for individual, values in zip(individuals, scores.tolist(), strict=True):
            individual.fitness.values = values
        with np.errstate(
            invalid="ignore", divide="ignore"
        ):  # a covariance that lost its rank begins anew below
            strategy.update(individuals)
        sums = scores.sum(axis=1)
        least_sums = np.append(self._memory["least_sums"], sums.min())[-self._span :]
        with lent(self._memory):
            if _is_exhausted(strategy) or self._has_converged(least_sums, sums):
                strategy, least_sums = self._begin(None), np.empty(0)
            rows = self._generate(strategy)
        self._memory["least_sums"] = least_sums
        return self._remember(strategy, rows)

    def _has_converged(self, least_sums: Floats, sums: Floats) -> bool:
        if len(least_sums) < self._span:
            return False
        return bool(np.ptp(np.concatenate([least_sums, sums])) < self._tolerance)

    def _begin(self, centre: list[float] | None) -> Any:
        start = uniform_rows(1, self._box())[0] if centre is None else centre
        return Strategy(start, self._sigma, lambda_=self.population)

    def _generate(self, strategy: Any) -> Floats:
        individuals = strategy.generate(self._individual)
        bound(individuals, *self._box().T)
        return np.array(individuals)

    def _individual(self, row: Floats) -> Any:
        return WSListIndividual(row, obj_size=self.objectives)

    def _box(self) -> Floats:
        return np.tile([-1.0, 1.0], (self.dimension, 1))

    def _remember(self, strategy: Any, rows: Floats) -> Floats:
        kept = {name: np.array(getattr(strategy, name)) for name in _KEPT}
        # DEAP's B lies in memory column by column, and products of matrices round differently in
        # another layout: its transpose is stored, whose layout every file format keeps.
        self._memory |= {**kept, "axes": np.ascontiguousarray(strategy.B.T), "rows": rows}
        return 0.5 * rows + 0.5

    def _recall(self) -> Any:
        strategy = self._begin(self._memory["centroid"].tolist())
        for name in _KEPT:
            kept = self._memory[name]
            setattr(strategy, name, kept.copy() if kept.ndim else kept.item())
        strategy.B = self._memory["axes"].T
        return strategy


def _is_exhausted(strategy: Any) -> bool:
    steps = strategy.sigma * strategy.diagD
    usable = np.isfinite(steps).all() and 0.0 < strategy.cond < _WORST_CONDITION
    return not usable or steps.max() < _SMALLEST_STEP
