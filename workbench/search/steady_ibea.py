"""IBEA without generations: a (mu + 1) search for workers that take differently long.

Selection is that of IBEA (Zitzler & Künzli 2004, PPSN VIII, LNCS 3242:832-842) for one child at a
time: it joins the `population` best, and the least fit of them leaves. That the selection may be
steady-state is Durillo, Nebro, Luna & Alba 2009 (EMO 2009, LNCS 5467:183-197), who found it to
help NSGA-II and SPEA2; that the child may be one that was bred from what was known when its worker
fell idle is their asynchronous master-slave scheme (Durillo et al. 2008, IPDPS, NIDISC) and that of
Depolli, Trobec & Filipič 2013 (Evol Comput 21:261-291).

Children are bred as in `evolution`, from parents that win tournaments as in BluePyOpt's IBEA. A
search that takes answers as they come takes more of those that come quickly while the workers are
many and the tellings few (Scott & De Jong 2016, GECCO 2016:845-852): let the tellings be many times
the workers.
"""

import random
from typing import ClassVar

import numpy as np

from workbench.arrays import Floats
from workbench.search.archive import Archive
from workbench.search.evolution import in_box, in_unit_cube, toolbox
from workbench.search.generators import stream, uniform_rows
from workbench.search.setting import Setting, number
from workbench.search.steady import SteadySearch

_TOURNAMENT = 4  # fixed in BluePyOpt's selIBEA


class SteadyIBEA(SteadySearch):
    """The `population` best by IBEA's indicator, and children of theirs, one at a time.

    Until so many were told rows are uniform. With the results of one worker it is a sequential
    search; with those of many, its rows depend on who was how quick.

    Parameters
    ----------
    setting, eta, crossover, mutation
        As in `ibea`.
    """

    algorithm: ClassVar[str] = "steady-ibea"

    def __init__(
        self, setting: Setting, *, eta: float = 10.0, crossover: float = 1.0, mutation: float = 1.0
    ) -> None:
        super().__init__(setting)
        self._crossover = number("crossover", crossover, least=0.0, most=1.0)
        self._mutation = number("mutation", mutation, least=0.0, most=1.0)
        self._operators = toolbox(setting, number("eta", eta, least=0.0, most=1e6))
        self._archive = Archive(setting.population, setting.dimension, setting.objectives)

    def _row(self, number: int) -> Floats:
        with stream(self.setting.seed, number):
            if self._archive.is_full:
                row = self._child()
            else:
                [row] = uniform_rows(1, self.setting.box)
        return in_unit_cube(np.array(row), self.setting)

    def _learn(self, row: Floats, scores: Floats) -> None:
        self._archive.add(in_box(row, self.setting), scores)

    def _child(self) -> list[float]:
        child, other = self._parent(), self._parent()
        if random.random() < self._crossover:
            self._operators.mate(child, other)
        if random.random() < self._mutation:
            self._operators.mutate(child)
        return child

    def _parent(self) -> list[float]:
        """Return a copy of the row that wins a tournament, as Python floats."""
        archive = self._archive
        places = [int(random.random() * archive.size) for _ in range(_TOURNAMENT)]
        winner = min((p + (p >= archive.free) for p in places), key=archive.costs.item)
        row: list[float] = archive.rows[winner].tolist()
        return row
