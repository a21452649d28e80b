"""Stretches of sections: what lies on a way or within reach, and points at shares of them."""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from workbench.arrays import Floats
from workbench.morphology import Morphology, Section

Point = tuple[int, float]
"""A section's index in the morphology, and the place on it, 0 to 1."""

By = Literal["length", "area"]


class Stretch(NamedTuple):
    """A part of a section, from one place on it to another."""

    section: int
    from_x: float
    to_x: float


def way(morphology: Morphology, here: Point, there: Point) -> tuple[Stretch, ...] | None:
    """Return the way out between two points, from the one nearer to soma(0.5).

    None if neither lies between soma(0.5) and the other.
    """

    def far_um(point: Point) -> float:
        return float(morphology.path_distance_um(*point))

    (last, last_x), (section, x) = sorted((here, there), key=far_um)
    found = []
    while section != last:
        if section == 0:
            return None
        found.append(Stretch(section, 0.0, x))
        section, x = morphology.sections[section].parent, morphology.sections[section].parent_x
    begin = 0.5 if section == 0 else 0.0
    if not min(begin, x) <= last_x <= max(begin, x):
        return None
    return (Stretch(section, last_x, x), *reversed(found))


def reached(
    morphology: Morphology, centre: Point, within_um: float, *, across_soma: bool = False
) -> tuple[Stretch, ...]:
    """Return what is not farther from a point along the tree, in the order of the sections.

    A way may begin in the soma, but lead over it only where that is said.
    """
    found = []
    ahead = [(centre[0], centre[1], within_um, -1)]
    while ahead:
        index, x, left_um, before = ahead.pop()
        here = morphology.sections[index]
        if here.region == "somatic" and index != centre[0] and not across_soma:
            continue
        reach = left_um / here.length_um
        found.append(Stretch(index, max(x - reach, 0.0), min(x + reach, 1.0)))
        for child in morphology.children[index]:
            on_um = left_um - abs(morphology.sections[child].parent_x - x) * here.length_um
            if child != before and on_um > 0:
                ahead.append((child, 0.0, on_um, index))
        on_um = left_um - x * here.length_um
        if index > 0 and here.parent != before and on_um > 0:
            ahead.append((here.parent, here.parent_x, on_um, index))
    return tuple(sorted(found))


def points_at(
    morphology: Morphology, stretches: Sequence[Stretch], shares: Floats, by: By = "length"
) -> tuple[Point, ...]:
    """Return the points up to which stretches, one after the other, have shares of their extent.

    Parameters
    ----------
    stretches
        By area, whole sections.
    shares
        (n,) between 0 and 1, of the length or the membrane area of all.
    """
    rulers = [_ruler(morphology.sections[one.section], one, by) for one in stretches]
    ends = np.cumsum([one.extent for one in rulers])
    at = shares * ends[-1]
    which = np.minimum(np.searchsorted(ends, at, side="right"), len(rulers) - 1)
    return tuple(
        (stretches[n].section, rulers[n].place(up_to - (float(ends[n]) - rulers[n].extent)))
        for n, up_to in zip(which.tolist(), at.tolist(), strict=True)
    )


class _Length:
    def __init__(self, section: Section, stretch: Stretch) -> None:
        self._from_x, self._way = stretch.from_x, stretch.to_x - stretch.from_x
        self.extent = abs(self._way) * section.length_um

    def place(self, at_um: float) -> float:
        """Return the place, 0 to 1, up to which the stretch has this length."""
        part = at_um / self.extent if self.extent else 0.0
        return self._from_x + self._way * min(max(part, 0.0), 1.0)


class _Area:
    """The sides of a section's frusta."""

    def __init__(self, section: Section) -> None:
        self._arcs_um = section.arcs_um
        diameters_um = np.array(section.points[:, 3], dtype=float)
        self._from, self._to = diameters_um[:-1], diameters_um[1:]
        slant_um = np.hypot(np.diff(self._arcs_um), (self._to - self._from) / 2)
        self._extents = np.pi * (self._from + self._to) / 2 * slant_um
        self._ends = np.cumsum(self._extents)
        self.extent = float(self._ends[-1])

    def place(self, at_um2: float) -> float:
        """Return the place, 0 to 1, up to which the section has this area."""
        piece = min(int(np.searchsorted(self._ends, at_um2)), len(self._ends) - 1)
        part = (at_um2 - (self._ends[piece] - self._extents[piece])) / (self._extents[piece] or 1.0)
        near, far = self._from[piece], self._to[piece]
        # The side of a cone up to the part u of its length is near u + (far - near) u^2 / 2.
        part = min(max(float(part), 0.0), 1.0)
        u = part * (near + far) / (near + math.sqrt(near**2 + part * (far**2 - near**2)))
        length_um = self._arcs_um[piece] + u * (self._arcs_um[piece + 1] - self._arcs_um[piece])
        return min(max(float(length_um / self._arcs_um[-1]), 0.0), 1.0)


def _ruler(section: Section, stretch: Stretch, by: By) -> _Length | _Area:
    return _Area(section) if by == "area" else _Length(section, stretch)
