"""NSGA-II, the non-dominated sorting genetic algorithm.

Deb, Pratap, Agarwal & Meyarivan (2002), IEEE Trans Evol Comput 6:182-197, without its mating
tournament, as `DEAPOptimisation(selector_name="NSGA2")` runs it.
"""

from typing import Any, ClassVar

from deap.tools import selNSGA2

from workbench.search.evolution import Evolution


class NSGA2(Evolution):
    """Parents are the best fronts of parents and children, the last front cut by crowding."""

    algorithm: ClassVar[str] = "nsga2"

    def _select(self, candidates: list[Any]) -> list[Any]:
        chosen: list[Any] = selNSGA2(candidates, self.population)
        return chosen
