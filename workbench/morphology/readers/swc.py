"""SWC files, cut into sections as NEURON's Import3d cuts them.

An SWC file lists points, each with its kind and its parent; where sections begin and how they
hang on the soma is the reader's choice. The choices here are those of `Import3d_SWC_read`
(read_swc.hoc in NEURON).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.morphology.readers.branches import Branch, Notes
from workbench.morphology.readers.soma import point_soma
from workbench.morphology.readers.swc_rows import KINDS, SOMA, IntArray, Points

BoolArray = npt.NDArray[np.bool_]

ROOTS = "trees without a parent hang on the middle of the soma"
SINGLE = "trees without a parent begin with a single point"
STRAY = "branches start at the first point of a dendrite whose next row"


@dataclass(frozen=True)
class Cut:
    """How the rows are cut into branches, and what decides where these hang."""

    lasts: IntArray  # the last row of each branch
    soma_children: IntArray  # for each row, how many soma rows grow from it if it is one
    at_wire: BoolArray  # rows that grow from the first row of a dendrite on the soma
    sphere: bool  # the soma's rows stand for a sphere


def swc_branches(points: Points) -> tuple[list[Branch], Notes]:
    """Return the branches of an SWC file, the root's first, and notes on how it was read.

    A soma of three points in the form of a sphere is one wherever its rows stand; trees without a
    parent hang on the middle of the soma.
    """
    moved: list[str] = []
    if sphere := is_three_point_sphere(points):
        points, moved = _together(points)
    cut = _cut(points, sphere)
    branches = [_root(points, cut), *(_branch(points, cut, k) for k in range(1, len(cut.lasts)))]
    unlike = (*moved, *_unlike_neuron(points, cut))
    return branches, Notes(tuple(_oddities(points)), unlike)


def soma_rows(points: Points) -> str:
    """Return the soma's rows as an SWC file of their own; nothing where there is no soma."""
    rows = zip(points.kinds, points.parents, points.places, strict=True)
    return "".join(
        f"{row + 1} 1 {x!r} {y!r} {z!r} {diameter / 2!r} {parent + 1 if parent >= 0 else -1}\n"
        for row, (kind, parent, place) in enumerate(rows)
        if kind == SOMA
        for x, y, z, diameter in [place.tolist()]
    )


def _cut(points: Points, sphere: bool) -> Cut:
    """Return where the rows are cut.

    A branch goes on with the next row where that is its last row's only child and of its kind.
    Two rules bend that: a soma is kept in one piece where it can be, and a dendrite's first row,
    which hangs on the soma by a wire, stays in its branch although others start from it.
    """
    kinds = points.kinds
    soma_children = _soma_children(points)
    parents = points.parents.copy()
    if sphere:
        parents[2] = 1  # one chain, of which only the first row is kept
    follows = np.append(parents[1:] == np.arange(len(points) - 1), False)
    alike = np.append(kinds[1:] == kinds[:-1], False)
    grown = np.bincount(parents[parents >= 0], minlength=len(points))
    goes_on = follows & alike & (grown == 1)
    at_wire = _grows_from_first(points) & follows[points.parents]
    for start in np.flatnonzero(at_wire):  # of several, the last decides
        goes_on[parents[start]] = kinds[start] == kinds[parents[start]]
    may_fork = np.append(True, soma_children[1:] <= 1)
    goes_on |= follows & alike & (kinds == SOMA) & may_fork
    return Cut(np.flatnonzero(~goes_on), soma_children, at_wire, sphere)


def _grows_from_first(points: Points) -> BoolArray:
    """Return which rows grow, other than as the next row, from a dendrite's first row.

    That is one whose parent is a soma point, or nothing.
    """
    kinds, parents = points.kinds, points.parents
    grand = parents[parents]
    on_soma = (grand < 0) | (kinds[grand] == SOMA)
    apart = (parents >= 0) & (parents != np.arange(len(points)) - 1)
    return np.asarray(apart & (parents != 1) & (kinds[parents] != SOMA) & on_soma)


def _soma_children(points: Points) -> IntArray:
    """Return for each soma point how many soma points grow from it."""
    kinds, parents = points.kinds, points.parents
    grown = [p for k, p in zip(kinds, parents, strict=True) if k == SOMA and p >= 0]
    counts = np.bincount(np.array(grown, dtype=np.intp), minlength=len(points))
    return np.where(kinds == SOMA, counts, 0)


def is_three_point_sphere(points: Points) -> bool:
    """Tell whether the soma is NeuroMorpho's way to write a sphere.

    A centre with two more points to its sides, from which nothing grows, all of one diameter,
    which is also the distance between the two.
    """
    soma = np.flatnonzero(points.kinds == SOMA)
    if len(soma) != 3 or (points.parents[soma[1:]] != 0).any():
        return False
    if np.isin(points.parents, soma[1:]).any():
        return False
    (first, *sides), diameter = points.places[soma, :3], points.places[0, 3]
    if not diameter > 0 or (np.abs(points.places[soma[1:], 3] - diameter) > 1e-11).any():
        return False
    length = sum(float(np.linalg.norm(side - first)) for side in sides)
    return bool(abs(length / diameter - 1) < 0.01)


def _together(points: Points) -> tuple[Points, list[str]]:
    """Return the points with the three of the soma in front, and a note if they were not there."""
    soma = points.kinds == SOMA
    if soma[:3].all():
        return points, []
    rows = np.arange(len(points))
    lines = ", ".join(str(line) for line in points.lines[soma])
    area_um2 = float(np.pi * points.places[0, 3] ** 2)
    note = (
        f"the soma's three points (lines {lines}) are the centre and the sides of a sphere, "
        f"{area_um2:.4g} um2; NEURON's Import3d, which wants them one after the other, adds two "
        "cylinders to it and gets twice as much"
    )
    return points.taken(np.concatenate([rows[soma], rows[~soma]])), [note]


def _root(points: Points, cut: Cut) -> Branch:
    rows = slice(1 if cut.sphere else int(cut.lasts[0]) + 1)
    places, lines = points.places[rows], _lines(points, rows)
    if len(places) == 1:
        places, lines = point_soma(places[0, :3], float(places[0, 3])), lines * 3
    return Branch(KINDS[int(points.kinds[0])], -1, 0.0, places, lines)


def _lines(points: Points, rows: slice | list[int]) -> tuple[int, ...]:
    return tuple(points.lines[rows].tolist())


def _branch(points: Points, cut: Cut, k: int) -> Branch:
    """Return branch k: the rows after branch k - 1, up to its last.

    It begins with its parent's point, in its own first diameter where it leaves the soma. It
    does so without that point ("by a wire") where the parent's point lies inside the soma, or
    where its own first row is in the same place.
    """
    kinds = points.kinds
    first, last = int(cut.lasts[k - 1]) + 1, int(cut.lasts[k])
    start = int(points.parents[first])
    region = KINDS[int(kinds[first])]
    if start < 0:
        own = slice(first, last + 1)
        return Branch(region, 0, 0.5, points.places[own], _lines(points, own))
    parent = int(np.searchsorted(cut.lasts, start))
    on_soma = bool(kinds[cut.lasts[parent]] == SOMA)
    leaves_soma = on_soma and bool(kinds[first] != SOMA)
    parent_x, by_wire = _attachment(
        start,
        parent_last=0 if parent == 0 and cut.sphere else int(cut.lasts[parent]),
        on_root=parent == 0,
        on_soma=on_soma,
        leaves_soma=leaves_soma,
        several=last > first,
        forked=bool(cut.soma_children[start] > 1),
    )
    if cut.at_wire[first]:
        parent_x = 0.0
    rows = [start, *range(first, last + 1)]
    places = points.places[rows]
    if leaves_soma:
        places[0, 3] = places[1, 3]
    elif _draws_ring(points, cut, k):
        by_wire = True
    if by_wire:
        rows, places = rows[1:], places[1:]
    return Branch(region, parent, parent_x, places, _lines(points, rows))


def _draws_ring(points: Points, cut: Cut, k: int) -> bool:
    """Tell whether branch k begins in its parent's place, as thick as its file says there.

    NEURON keeps the parent's point too, and so a ring of membrane between the two diameters.
    """
    first, last = int(cut.lasts[k - 1]) + 1, int(cut.lasts[k])
    start = int(points.parents[first])
    if start < 0 or last == first:
        return False
    on_soma = points.kinds[start] == SOMA and points.kinds[first] != SOMA
    same = points.places[start, :3] == points.places[first, :3]
    return bool(not on_soma and same.all())


def _attachment(
    start: int,
    *,
    parent_last: int,
    on_root: bool,
    on_soma: bool,
    leaves_soma: bool,
    several: bool,
    forked: bool,
) -> tuple[float, bool]:
    """Return where on its parent a branch is attached, and whether by a wire.

    `start` is the point it grows from, `parent_last` the parent's last one; `several`: the branch
    has more than one point of its own; `forked`: more than one soma point grows from `start`.
    """
    if on_root and leaves_soma and parent_last == 0:
        return 0.5, several
    if on_root and start == 0:
        return 0.0, leaves_soma and forked
    if on_soma and start < parent_last:
        return 0.5, leaves_soma and several
    return 1.0, leaves_soma and several and forked


def _oddities(points: Points) -> Iterator[str]:
    """Yield what is odd about the rows, and read by NEURON's Import3d as it is here."""
    kinds, parents, lines = points.kinds, points.parents, points.lines
    roots = np.flatnonzero(parents < 0)[1:]
    if kinds[0] != SOMA:
        yield (
            "there is no soma in the file: distances count from the middle of the root, and "
            "soma(0.5) is no place on this cell"
        )
    if len(roots):
        yield (f"{ROOTS}: {len(roots)}, with roots on {_listed(lines[roots])}")
    changed = np.flatnonzero((parents >= 0) & (kinds[parents] != SOMA) & (kinds[parents] != kinds))
    if len(changed):
        first = changed[0]
        yield (
            f"the kind of points changes along the way, {len(changed)} times, first on line "
            f"{lines[first]}: {KINDS[int(kinds[first])]} after {KINDS[int(kinds[parents[first]])]}"
        )


def _unlike_neuron(points: Points, cut: Cut) -> Iterator[str]:
    """Yield what NEURON's Import3d makes otherwise of the rows."""
    parents, lines = points.parents, points.lines
    stray = _grows_from_first(points) & ~cut.at_wire
    if stray.any():
        yield (
            f"{int(stray.sum())} {STRAY} "
            "belongs elsewhere: they hang where they start (NEURON's Import3d joins unrelated "
            "points there)"
        )
    firsts = cut.lasts[:-1] + 1
    single = firsts[(parents[firsts] < 0) & (cut.lasts[1:] == firsts)]
    if len(single):
        yield (
            f"{SINGLE} ({_listed(lines[single])}), which "
            "has no length and is left out; NEURON's Import3d joins it with an unrelated point"
        )
    rings = [int(cut.lasts[k - 1]) + 1 for k in range(1, len(cut.lasts))
             if _draws_ring(points, cut, k)]  # fmt: skip
    rings = [row for row in rings if _ring_um2(points, row)]
    if rings:
        area_um2 = sum(_ring_um2(points, row) for row in rings)
        yield (
            "branches begin in their parent's place with a diameter of their own "
            f"({_listed(lines[rings])}): the rings between the two diameters, {area_um2:.4g} um2 "
            f"in {len(rings)}, are no part of this cell; NEURON's Import3d keeps them"
        )


def _ring_um2(points: Points, row: int) -> float:
    own, before = points.places[[row, points.parents[row]], 3]
    return float(np.pi / 4 * abs(own**2 - before**2))


def _listed(lines: IntArray) -> str:
    """Return the first lines of many, in words."""
    some = ", ".join(str(line) for line in lines[:5])
    return f"line{'s' * (len(lines) > 1)} {some}{' ...' * (len(lines) > 5)}"
