"""Sections for other tools: their names, as these number them, and their frusta."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from workbench.arrays import Floats
from workbench.morphology import ARRAYS, REGIONS, Morphology, Section


def stock_names(tree: Morphology) -> list[str]:
    """Return the sections' names where pieces of cut ones are numbered as all others are."""
    numbers = {i: n for region in REGIONS for n, i in enumerate(tree.indices(region))}
    return [f"{ARRAYS[one.region]}[{numbers[i]}]" for i, one in enumerate(tree.sections)]


def straight(shape: Section, begin: float, end: float) -> Iterator[tuple[Floats, Floats]]:
    """Yield the frusta of a section between two places on it, as x, y, z, diameter in um."""
    points = np.asarray(shape.points, dtype=float)
    arcs = shape.arcs_um / shape.arcs_um[-1]
    inside = [point for arc, point in zip(arcs, points, strict=True) if begin < arc < end]
    ends = [np.array([np.interp(x, arcs, column) for column in points.T]) for x in (begin, end)]
    yield from pairwise([ends[0], *inside, ends[1]])
