"""A cell's shape as NeuroML has it: frusta that end where NEURON's segments end, in cables.

A section is one cable with as many internal divisions as it has segments. One whose values differ
from segment to segment is a cable for each of them, since NeuroML's values are those of groups of
whole cables: joined end to end they have the resistances of the one.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import count as counting

import numpy as np

from workbench.arrays import Floats
from workbench.exports.model import Model
from workbench.exports.sections import straight
from workbench.morphology import Section

Segment = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Frustum:
    """A segment of NeuroML's: its id, and both ends as x, y, z and diameter in um.

    Attributes
    ----------
    parent, fraction
        The id of the one that it grows from (-1: none), and where on it.
    """

    number: int
    parent: int
    fraction: float
    begin: Floats
    end: Floats


@dataclass(frozen=True)
class Cable:
    """An unbranched stretch.

    Attributes
    ----------
    divisions
        How many of NEURON's segments it has.
    """

    name: str
    region: str
    divisions: int
    frusta: list[Frustum] = field(default_factory=list)


@dataclass(frozen=True)
class Shape:
    """Cables, and by section and segment the name of its cable, and its frusta."""

    cables: list[Cable] = field(default_factory=list)
    cable_of: dict[Segment, str] = field(default_factory=dict)
    frusta: dict[Segment, list[Frustum]] = field(default_factory=dict)

    def middle(self, segment: Segment) -> tuple[int, float]:
        """Return the frustum with the middle of a segment, and where on it that is."""
        return _within(self.frusta[segment], 0.5)

    def place(self, section: int, x: float, count: int) -> tuple[int, float]:
        """Return the frustum of a place on a section of so many segments, and where on it."""
        if x in (0.0, 1.0):
            segment = section, 0 if x == 0 else count - 1
            return self.frusta[segment][0 if x == 0 else -1].number, x
        inside = min(int(x * count), count - 1)
        return self.middle((section, inside))


def shape_of(model: Model, uneven: Collection[int]) -> Shape:
    """Return a cell's shape; of the sections `uneven` each segment is a cable."""
    found = Shape()
    tree, counts = model.recipe.morphology, model.recipe.segment_counts
    numbers = counting()
    for section, (shape, count) in enumerate(zip(tree.sections, counts, strict=True)):
        name = model.names[section].replace("[", "_").replace("]", "")
        on = (-1, 1.0)
        if shape.parent >= 0:
            on = found.place(shape.parent, shape.parent_x, counts[shape.parent])
        cable = Cable(name, shape.region, count)
        for n in range(count):
            if section in uneven:
                cable = Cable(f"{name}_{n}", shape.region, 1)
            frusta = found.frusta.setdefault((section, n), [])
            for begin, end in _frusta(shape, n / count, (n + 1) / count):
                frusta.append(Frustum(next(numbers), *on, begin, end))
                on = frusta[-1].number, 1.0
            cable.frusta.extend(frusta)
            found.cable_of[section, n] = cable.name
            if section in uneven or n == 0:
                found.cables.append(cable)
    return found


def _frusta(shape: Section, begin: float, end: float) -> Iterator[tuple[Floats, Floats]]:
    """Yield the frusta between two places, but for jumps of the diameter at one point."""
    for one, other in straight(shape, begin, end):
        if not np.array_equal(one[:3], other[:3]):
            yield one, other


def _within(frusta: list[Frustum], part: float) -> tuple[int, float]:
    lengths_um = [float(np.linalg.norm(one.end[:3] - one.begin[:3])) for one in frusta]
    left_um = part * sum(lengths_um)
    for one, length_um in zip(frusta, lengths_um, strict=True):
        if left_um <= length_um:
            return one.number, left_um / length_um
        left_um -= length_um
    return frusta[-1].number, 1.0
