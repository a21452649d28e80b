"""What every asynchronous search has in common: rows are proposed and told one by one.

    search = make_search("steady-ibea", dimension=20, objectives=35, population=100, seed=1)
    row = search.propose(0)             # (20,), every number in [0, 1], read-only
    search.tell(row, evaluate(row))     # (35,), lower is better

Nobody waits for anybody: any number of rows may be under way, and scores are told in whatever
order they come. A proposal depends on its number and on what has been told before, in that order,
and on nothing else, so whoever writes down the order of telling, and after how many tellings each
row was asked, can find every row again.
"""

from abc import abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from workbench.arrays import Floats
from workbench.search.base import SizedSearch, check_scores
from workbench.search.setting import Setting, locked


class SteadySearch(SizedSearch):
    """A search that never waits for a generation.

    A subclass implements `_row` and `_learn`; `_row` changes nothing.

    Attributes
    ----------
    tellings : int
        Number of rows told so far.
    """

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self.tellings = 0

    def propose(self, number: int) -> Floats:
        """Return the row of a number, shape (dimension,), in [0, 1], read-only.

        The same number gives the same row again until more is told. A row may be equal to another.
        """
        known = self.setting.first_rows
        return locked(known[number].copy() if number < len(known) else self._row(number))

    def tell(self, x: ArrayLike, f: ArrayLike) -> None:
        """Give the scores of a row that was proposed.

        Parameters
        ----------
        x : array (dimension,)
            The row.
        f : array (objectives,)
            Its scores: finite, not negative, lower is better.

        Raises
        ------
        ValueError
            If a shape is another, x leaves the unit cube, or a score is NaN, infinite or negative.
            The search is unchanged then.
        """
        row, scores = np.array(x, dtype=float), np.array(f, dtype=float)
        if row.shape != (self.dimension,):
            raise ValueError(f"told a row of shape {row.shape}, expected ({self.dimension},)")
        if not ((row >= 0) & (row <= 1)).all():
            raise ValueError("told a row outside of the unit cube")
        check_scores(np.atleast_2d(scores), (1, self.objectives))
        self._learn(row, np.ravel(scores))
        self.tellings += 1

    @abstractmethod
    def _row(self, number: int) -> Floats:
        """Return a row that depends on what was learnt and on a random stream of this number."""

    @abstractmethod
    def _learn(self, row: Floats, scores: Floats) -> None:
        """Learn from the scores of a row."""
