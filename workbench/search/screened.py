"""MO-CMA-ES that breeds many children and proposes those that promise most.

Pre-selection by a metamodel (Emmerich, Giannakoglou & Naujoks 2006, IEEE Trans Evol Comput
10:421-439) before the search of `mo_cma`: of `CHILDREN` times the population those with the least
predicted sum of scores are proposed; see `surrogate`. Each child still belongs to its parent, whose
step grows and shrinks with its success: a model that is wrong costs children, not the search.
"""

from typing import Any, ClassVar

import numpy as np

from workbench.arrays import Floats
from workbench.search.mo_cma import MOCMA
from workbench.search.surrogate import predicted_sums

CHILDREN = 10
"""How many are bred for each that is proposed."""


class ScreenedMOCMA(MOCMA):
    """A front of parents whose children are screened before they are evaluated.

    Parameters
    ----------
    setting, sigma, hypervolume_weight, samples
        As in `mo-cma`.
    """

    algorithm: ClassVar[str] = "screened"

    def _next(self, scores: Floats) -> Floats:
        told = {"known_rows": 0.5 * self._memory["rows"] + 0.5, "known_scores": scores}
        for name, new in told.items():
            known = self._memory.get(name, new[:0])
            self._memory[name] = np.concatenate([known, new])
        return super()._next(scores)

    def _offspring(self, strategy: Any) -> list[Any]:
        strategy.lambda_ = CHILDREN * self.population
        children = super()._offspring(strategy)
        strategy.lambda_ = self.population
        unit = 0.5 * np.array(children) + 0.5
        known, scores = self._memory["known_rows"], self._memory["known_scores"]
        order = np.argsort(predicted_sums(known, scores, unit), kind="stable")
        return [children[place] for place in order[: self.population]]
