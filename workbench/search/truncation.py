"""Truncation: the best of parents and children by the sum of their scores live on.

The genetic search of Gouwens et al. 2018 (Nat Commun 9:710): one objective, crossover of few pairs,
mutation of every child. They had a population of 1200 and 500 generations.
"""

from typing import Any, ClassVar

import numpy as np
from deap.tools import selBest

from workbench.search.evolution import Evolution
from workbench.search.setting import Setting, number


class Truncation(Evolution):
    """Parents are the best of parents and children, in the order of their sums.

    Who was there before comes first among equal sums. Pairs are mated of neighbours in this order.

    Parameters
    ----------
    setting : Setting
        What the search sees of several objectives is their sum. Rows are varied in the unit cube,
        whatever `bounds` are.
    eta, crossover, mutation
        As in `ibea`.
    gene_mutation : float
        Probability that a number of a mutated child is mutated.
    """

    algorithm: ClassVar[str] = "truncation"

    def __init__(
        self,
        setting: Setting,
        *,
        eta: float = 10.0,
        crossover: float = 0.1,
        mutation: float = 1.0,
        gene_mutation: float = 0.35,
    ) -> None:
        super().__init__(
            setting,
            eta=eta,
            crossover=crossover,
            mutation=mutation,
            gene_mutation=number("gene_mutation", gene_mutation, least=0.0, most=1.0),
        )
        known = setting.first_rows
        self.setting = Setting(
            setting.dimension, setting.objectives, setting.population, setting.seed, known
        )

    def beaten_above(self) -> float:
        """Return the largest sum among the parents: as many as survive are not above it."""
        sums = self._memory["parent_scores"].sum(axis=1) if self.generation else np.empty(0)
        return float(sums.max()) if len(sums) else float("inf")

    def _select(self, candidates: list[Any]) -> list[Any]:
        chosen: list[Any] = selBest(candidates, self.population)
        return chosen
