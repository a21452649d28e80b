"""What the genetic searches share: BluePyOpt's evolution of a population, crossover and mutation.

A generation is that of BluePyOpt's `DEAPOptimisation` (Van Geit et al. 2016, Front Neuroinform
10:17): `population` parents are copied, mated in pairs by simulated binary crossover (Deb & Agrawal
1995, Complex Systems 9:115-148), mutated polynomially, both within the bounds as in Deb's own code
of NSGA-II, and the next parents are selected among parents and children together. For equal seeds,
bounds and scores the children are those of `DEAPOptimisation`, bit for bit.

Every child is asked, also one that variation left as it was, where BluePyOpt would keep the
parent's scores: with scores that depend on the row alone the search is the same.
"""

from abc import abstractmethod
from typing import Any

import numpy as np
from bluepyopt.deapext.optimisations import WSListIndividual
from deap.algorithms import varAnd
from deap.base import Toolbox
from deap.tools import cxSimulatedBinaryBounded, mutPolynomialBounded

from workbench.arrays import Floats
from workbench.search.base import Search
from workbench.search.generators import lent, seeded, uniform_rows
from workbench.search.setting import Setting, number

GENE_MUTATION = 0.5
"""Chance of each number of a mutated child, fixed in DEAPOptimisation."""


class Evolution(Search):
    """A genetic search with parents and children.

    Parameters
    ----------
    setting : Setting
        With `bounds`, rows are varied in these physical bounds and mapped to the unit cube only on
        their way out. Variation rounds differently in another box, and the crossover passes over
        numbers closer than 1e-14 in absolute value, so this is what makes a search agree with
        BluePyOpt in the same bounds. Where that does not matter, leave them out: in the unit cube
        all parameters are treated alike.
    eta : float
        Crowding degree of crossover and mutation: the higher, the closer children stay.
    crossover : float
        Probability that a pair is mated.
    mutation : float
        Probability that a child is mutated.
    """

    def __init__(
        self,
        setting: Setting,
        *,
        eta: float = 10.0,
        crossover: float = 1.0,
        mutation: float = 1.0,
        **own: float,
    ) -> None:
        self._eta = number("eta", eta, least=0.0, most=1e6)
        self._crossover = number("crossover", crossover, least=0.0, most=1.0)
        self._mutation = number("mutation", mutation, least=0.0, most=1.0)
        self._gene_mutation = own.get("gene_mutation", GENE_MUTATION)
        super().__init__(
            setting, eta=self._eta, crossover=self._crossover, mutation=self._mutation, **own
        )

    @abstractmethod
    def _select(self, candidates: list[Any]) -> list[Any]:
        """Return `population` parents, repeats allowed, from scored DEAP individuals."""

    def _first(self) -> Floats:
        self._memory = seeded(self.setting.seed)
        with lent(self._memory):
            children = np.array(uniform_rows(self.population, self.setting.box))
        known = self.setting.first_rows
        children[: len(known)] = in_box(known, self.setting)
        self._memory |= {
            "parents": np.empty((0, self.dimension)),
            "parent_scores": np.empty((0, self.objectives)),
            "children": children,
        }
        return in_unit_cube(children, self.setting)

    def _next(self, scores: Floats) -> Floats:
        parents = _individuals(self._memory["parents"], self._memory["parent_scores"])
        children = _individuals(self._memory["children"], scores)
        with lent(self._memory):
            chosen = self._select(parents + children) if parents else children
            operators = toolbox(self.setting, self._eta, self._gene_mutation)
            offspring = varAnd(chosen, operators, self._crossover, self._mutation)
        self._memory |= {
            "parents": np.array(chosen),
            "parent_scores": np.array([parent.fitness.values for parent in chosen]),
            "children": np.array(offspring),
        }
        return in_unit_cube(self._memory["children"], self.setting)


def toolbox(setting: Setting, eta: float, gene_mutation: float = GENE_MUTATION) -> Any:
    """Return DEAP's crossover `mate` and mutation `mutate` within the bounds of a search."""
    lower, upper = setting.box.T.tolist()
    box = {"eta": eta, "low": lower, "up": upper}
    operators = Toolbox()
    operators.register("mate", cxSimulatedBinaryBounded, **box)
    operators.register("mutate", mutPolynomialBounded, indpb=gene_mutation, **box)
    return operators


def in_unit_cube(rows: Floats, setting: Setting) -> Floats:
    """Map rows within the bounds of a search, (n, d), to the unit cube."""
    lower, upper = setting.box.T
    mapped: Floats = (rows - lower) / (upper - lower)
    return mapped


def in_box(rows: Floats, setting: Setting) -> Floats:
    """Map rows of the unit cube, (n, d), to the bounds of a search."""
    lower, upper = setting.box.T
    mapped: Floats = np.clip(lower + rows * (upper - lower), lower, upper)
    return mapped


def _individuals(rows: Floats, scores: Floats) -> list[Any]:
    """Return DEAP individuals of Python floats, whose powers round as BluePyOpt's do."""
    individuals = [WSListIndividual(row, obj_size=scores.shape[1]) for row in rows.tolist()]
    for individual, values in zip(individuals, scores.tolist(), strict=True):
        individual.fitness.values = values
    return individuals
