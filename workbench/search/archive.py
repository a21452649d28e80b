"""The best rows told so far, by the fitness of IBEA."""

import numpy as np

from workbench.arrays import Floats

KAPPA = 0.05
"""How much more a close competitor counts than a distant one, as in BluePyOpt and the paper."""

LEAST_SPREAD = 1e-9
"""Scores that differ by less are equal but for rounding; scaled up, they would drown the others."""

_LARGEST_EXPONENT = 300.0  # sums of such costs do not overflow


class Archive:
    """At most `size` rows; whenever one more is added, the least fit of all leaves.

    What row a costs row b is exp(-I(a, b) / (c kappa)), where I is the additive epsilon indicator,
    the most by which a is worse than b in any objective: much if a is better throughout, little if
    a is far worse somewhere. A row's fitness is the sum of what the others cost it, and the row
    with the largest sum leaves (Zitzler & Künzli 2004, adaptive IBEA, steps 2 and 3 for one child).

    Objectives are scaled to the range that they have in the archive, and c is the largest |I|, as
    in the paper. Both are renewed whenever `size` more rows were added, and all sums with them; in
    between a row costs O(size x objectives).

    Attributes
    ----------
    rows : array (size + 1, d)
        One place is free, the others hold a row each once the archive is full.
    costs : array (size + 1,)
        The fitness of each, lower is better.
    free : int
        The place that holds none.
    """

    def __init__(self, size: int, dimension: int, objectives: int) -> None:
        places = size + 1
        self.size = size
        self.free = 0
        self.rows = np.zeros((places, dimension))
        self.costs = np.zeros(places)
        self._scores = np.zeros((objectives, places))
        self._scaled = np.zeros((objectives, places))
        self._range = np.ones(objectives)
        self._steepness = 0.0
        self._matrix = np.zeros((places, places))
        self._added = 0

    @property
    def is_full(self) -> bool:
        """Whether there are `size` rows, so that fitness is known."""
        return self._added >= self.size

    def add(self, row: Floats, scores: Floats) -> None:
        """Add a row, (d,), with its scores, (k,)."""
        place = self.free
        self.rows[place], self._scores[:, place] = row, scores
        self._added += 1
        if self._added <= self.size:
            self.free += 1
        else:
            self._scaled[:, place] = scores / self._range
            self._compare(place)
            self.free = int(self.costs.argmax())
            self.costs -= self._matrix[self.free]
        if self._added % self.size == 0:
            self._scale()

    def _compare(self, place: int) -> None:
        """Fill in what the row at a place costs the others, and they it."""
        worse = self._scaled[:, place, None] - self._scaled
        self._matrix[place] = self._cost(worse.max(axis=0))
        self._matrix[:, place] = self._cost(-worse.min(axis=0))
        self._matrix[place, place] = 0.0
        self.costs += self._matrix[place]
        self.costs[place] = self._matrix[:, place].sum()

    def _cost(self, indicator: Floats) -> Floats:
        exponent = np.minimum(-indicator * self._steepness, _LARGEST_EXPONENT)
        result: Floats = np.exp(exponent)
        return result

    def _scale(self) -> None:
        """Scale the objectives anew, and fill in the whole matrix."""
        members = np.delete(self._scores, self.free, axis=1)
        extent = np.ptp(members, axis=1)
        self._range = np.where(extent > LEAST_SPREAD, extent, 1.0)
        self._scaled = self._scores / self._range[:, None]
        # A free place that looks like a member does not stretch the largest indicator.
        self._scaled[:, self.free] = self._scaled[:, self.free - 1]
        indicator = np.array([(s[:, None] - self._scaled).max(axis=0) for s in self._scaled.T])
        largest = np.abs(indicator).max()
        self._steepness = 1.0 / (KAPPA * (largest if largest > LEAST_SPREAD else 1.0))
        self._matrix = self._cost(indicator)
        np.fill_diagonal(self._matrix, 0.0)
        self._matrix[self.free] = 0.0
        self.costs = self._matrix.sum(axis=0)
