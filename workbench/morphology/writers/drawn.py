"""A cell as files of traced cells have it: each section in space, and grown from an end.

Sections here may be cylinders without a place, hang anywhere on their parent and begin away from
it. Files know points, each of which goes on from another.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.section import Section, as_kept
from workbench.morphology.tree import Morphology

FAN_rad = np.pi / 6
"""The angle between cylinders that grow from one place."""

STEP = 3e-7
"""Of a number: more than the steps between those that files keep."""


def drawn(morphology: Morphology) -> Morphology:
    """Return the cell with points for cylinders, cut where others grow from.

    Lengths, diameters and the ways between all places stay, to single precision. A section that
    begins away from where it hangs is moved there with all that grows from it; one on the inside
    of the soma stays where it is. A soma is not cut. Its regions are the four.
    """
    return drawn_in_pieces(morphology)[0]


def drawn_in_pieces(morphology: Morphology) -> tuple[Morphology, tuple[tuple[int, ...], ...]]:
    """Return the drawn cell, and for each section of the other one what it is there."""
    made = _Drawing()
    for index, section in enumerate(morphology.sections):
        parent, parent_x = made.attachment(section)
        points = made.placed(section, parent, parent_x)
        cuts = [] if index == 0 and section.region == "somatic" else _inner(morphology, index)
        made.add(
            index,
            [Section(section.region, parent, parent_x, piece) for piece in _cut(points, cuts)],
            cuts,
        )
    cell = replace(morphology, sections=tuple(made.sections), regions=())
    return cell, tuple(tuple(new for _, new in pieces) for pieces in made.pieces)


def in_space(morphology: Morphology) -> tuple[Floats, ...]:
    """Return the points of every section, (n, 4) each in um: x, y, z, diameter.

    They are the section's own, where NEURON sees them; cylinders, which have no place in space, are
    laid out in x and y from where they hang.
    """
    found: list[Floats] = []
    grown: dict[tuple[int, float], int] = {}
    for section in morphology.sections:
        if not section.is_cylinder:
            found.append(section.points)
        elif section.parent < 0:
            found.append(_lying(section))
        else:
            place = section.parent, section.parent_x
            count = grown[place] = grown.get(place, -1) + 1
            found.append(_laid(section, found[section.parent], section.parent_x, count))
    return tuple(found)


def place_um(section: Section, x: float) -> Floats:
    """Return where a place on a section is, (3,)."""
    at = x * section.length_um
    return np.array([np.interp(at, section.arcs_um, column) for column in section.points.T[:3]])


class _Drawing:
    """The sections made so far, and which pieces an old section became."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self.pieces: list[list[tuple[float, int]]] = []  # (x where it ends, new index)
        self._grown: dict[tuple[int, float], int] = {}

    def attachment(self, section: Section) -> tuple[int, float]:
        """Return the new parent, and the place on it."""
        if section.parent < 0:
            return -1, 0.0
        pieces, x = self.pieces[section.parent], section.parent_x
        first = self.sections[pieces[0][1]]
        if x == 0 and first.parent >= 0:
            return first.parent, first.parent_x
        if len(pieces) == 1:
            return pieces[0][1], x
        return next((new, float(end == x)) for end, new in pieces if end >= x)

    def placed(self, section: Section, parent: int, parent_x: float) -> Floats:
        """Return the section's points, the first where it hangs."""
        if parent < 0:
            return _lying(section) if section.is_cylinder else section.points
        on = self.sections[parent]
        if section.is_cylinder:
            count = self._grown[parent, parent_x] = self._grown.get((parent, parent_x), -1) + 1
            return _laid(section, on.points, parent_x, count)
        if on.region == "somatic" and 0 < parent_x < 1:
            return section.points
        points = section.points.copy()
        points[:, :3] += place_um(on, parent_x) - points[0, :3]
        return points

    def add(self, index: int, pieces: list[Section], cuts: list[float]) -> None:
        """Add the pieces of the old section `index`, each on the end of the one before."""
        assert index == len(self.pieces)
        ends = []
        for number, (piece, end) in enumerate(zip(pieces, [*cuts, 1.0], strict=True)):
            if number:
                piece = replace(piece, parent=len(self.sections) - 1, parent_x=1.0)
            ends.append((end, len(self.sections)))
            self.sections.append(piece)
        self.pieces.append(ends)


def _lying(section: Section) -> Floats:
    """Return a root's cylinder along x."""
    return section.points[:, [2, 0, 1, 3]]


def _laid(section: Section, on: Floats, x: float, count: int) -> Floats:
    """Return a cylinder that grows from a place in a direction of its own, in x and y.

    `on` are the points of what it grows from at `x`, where `count` others have been laid out. What
    single precision takes from its length there is given back in z.
    """
    along = np.diff(on[:, :2], axis=0).sum(axis=0)
    heading = np.arctan2(along[1], along[0])
    heading += np.pi if x == 0 else 0.0 if x == 1 else np.pi / 2
    heading += FAN_rad * (count + 1) / 2 * (1 if count % 2 else -1)
    arcs = _arcs(on)
    here = _at(on, arcs, x * arcs[-1])[:3].astype(np.float32).astype(float)
    way = section.length_um * np.array([np.cos(heading), np.sin(heading)])
    there = np.append(_no_farther(here[:2], way), here[2])
    short_um2 = section.length_um**2 - float(((there - here) ** 2).sum())
    there[2:] = as_kept(there[2:] + max(short_um2, 0.0) ** 0.5)
    return np.column_stack([np.vstack([here, there]), section.points[:, 3]])


def _no_farther(here: Floats, way: Floats) -> Floats:
    """Return the end of a way as files keep it, no farther from its start on either axis."""
    end = as_kept(here + way)
    beyond = np.abs(end - here) > np.abs(way)
    return np.where(beyond, as_kept(end - np.copysign(STEP * np.abs(end), way)), end)


def _inner(morphology: Morphology, index: int) -> list[float]:
    places = {morphology.sections[child].parent_x for child in morphology.children[index]}
    return sorted(x for x in places if 0 < x < 1)


def _cut(points: Floats, cuts: list[float]) -> Iterator[Floats]:
    """Yield the points between places, with points added at these."""
    if not cuts:
        yield points
        return
    arcs = _arcs(points)
    ends = np.array([0.0, *cuts, 1.0]) * arcs[-1]
    for low, high in pairwise(ends):
        inside = points[(arcs > low) & (arcs < high)]
        first, last = (_at(points, arcs, arc) for arc in (low, high))
        yield np.vstack([first, inside, last])


def _arcs(points: Floats) -> Floats:
    steps = np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _at(points: Floats, arcs: Floats, arc: float) -> Floats:
    return np.array([np.interp(arc, arcs, column) for column in points.T])
