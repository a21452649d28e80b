"""The maps of a run, a part of the segments at a time.

What a map keeps, such as a width at half, needs a segment's whole trace. So as many segments are
recorded in a run as fit into memory, and the run is done again for the others: it is the same, bit
for bit, whoever is recorded.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, islice
from typing import NamedTuple

import numpy as np

from workbench.arrays import Floats
from workbench.cells import CellRecipe
from workbench.protocols import (
    Defect,
    Map,
    Mapped,
    Protocol,
    Trace,
    find_defect,
    mapped,
    segments_of,
)

MOST_MAPPED = 12_500_000
"""Samples of maps that a process holds at once, 8 bytes each: 100 MB."""


class Spot(NamedTuple):
    """One segment of a map."""

    map: Map
    section: int
    x: float


class Survey:
    """The maps of one protocol on one cell, and which of their segments are still to be seen.

    Parameters
    ----------
    protocol
        Bound.
    """

    def __init__(self, protocol: Protocol, recipe: CellRecipe) -> None:
        self._recipe = recipe
        self._until_ms = protocol.duration_ms
        self._pending = deque(
            Spot(one, section, x)
            for one in protocol.maps
            for section, x in segments_of(one, recipe)
        )
        self._seen: list[tuple[Map, Floats]] = []

    @property
    def done(self) -> bool:
        """Whether all have been seen."""
        return not self._pending

    def next(self, steps: int, runs: int) -> Sequence[Spot]:
        """Return the segments of the next run: of so many steps, one of so many at once."""
        most = max(1, MOST_MAPPED // (runs * max(steps, 1)))
        return list(islice(self._pending, most))

    def see(self, t_ms: Floats, values: Iterable[Floats]) -> Defect | None:
        """Take what the first of the segments that are left did; return what is wrong with it."""
        for each in values:
            spot = self._pending.popleft()
            where = f"{self._recipe.morphology.names[spot.section]}({spot.x:g})"
            trace = Trace(f"{where}.{spot.map.variable}", t_ms, each)
            if defect := find_defect(trace, self._until_ms):
                return defect
            self._seen.append((spot.map, spot.map.kept(trace.t_ms, trace.values)))
        return None

    def give_up(self) -> None:
        """See none of those that are left: the run has failed."""
        self._pending.clear()

    def maps(self) -> Mapping[str, Mapped]:
        """Return what came of each map, by name."""
        return {
            one.name: mapped(one, self._recipe, np.array([kept for _, kept in same]))
            for one, same in groupby(self._seen, key=lambda pair: pair[0])
        }
