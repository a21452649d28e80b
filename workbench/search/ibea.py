"""IBEA, the indicator-based evolutionary algorithm: BluePyOpt's default search.

Zitzler & Künzli (2004), Indicator-based selection in multiobjective search, PPSN VIII,
LNCS 3242:832-842, with the additive epsilon indicator.
"""

from typing import Any, ClassVar

from bluepyopt.deapext.tools import selIBEA

from workbench.search.evolution import Evolution


class IBEA(Evolution):
    """Parents win tournaments among parents and children; a good one may win several times."""

    algorithm: ClassVar[str] = "ibea"

    def _select(self, candidates: list[Any]) -> list[Any]:
        chosen: list[Any] = selIBEA(candidates, self.population)
        return chosen
