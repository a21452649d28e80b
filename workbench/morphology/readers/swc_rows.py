"""The rows of an SWC file: read, checked, and brought into an order in which parents stand first.

SWC leaves kinds above 4, and 0, to whoever writes the file; a reader of these files has to be told
what they are.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.errors import MorphologyError, unknown
from workbench.morphology.section import REGIONS, FARTHEST_um, Region

SOMA = 1
LATE = "points stand before their parents"
KINDS: dict[int, Region] = {1: "somatic", 2: "axonal", 3: "basal", 4: "apical"}
_NUMBERS: dict[str, int] = {region: kind for kind, region in KINDS.items()}

Kind = Region | Literal["parent"]
"""What points of a kind are: a region, or that of what they grow from."""

Kinds = Mapping[int, Kind] | Mapping[str, Kind]
"""What a file's own kinds are: of points by number in SWC, of sections by name in hoc."""
IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Points:
    """The rows in tree order; parents are row indices, -1 the roots, the first row's among them."""

    numbers: IntArray
    kinds: IntArray
    parents: IntArray
    places: Floats  # (n, 4) x, y, z, diameter in um
    lines: IntArray  # of the file

    def __len__(self) -> int:
        return len(self.kinds)

    def taken(self, order: IntArray) -> "Points":
        """Return the rows in another order."""
        moved = np.empty(len(order) + 1, dtype=np.intp)
        moved[order], moved[-1] = np.arange(len(order)), -1
        return Points(
            self.numbers[order],
            self.kinds[order],
            moved[self.parents[order]],
            self.places[order],
            self.lines[order],
        )


def read_points(
    path: Path, text: str, um: float, kinds: Mapping[int, Kind]
) -> tuple[Points, tuple[str, ...]]:
    """Return the points of a file in tree order, the soma's tree first, and what was moved.

    Parameters
    ----------
    um
        The file's unit of length in um.
    kinds
        What points of kind 0 or above 4 are: a region, or "parent" for that of their parent.

    Raises
    ------
    MorphologyError
        With the line of a row that is none, a kind that nobody explained, or rows that are no cell.
    """
    numbers, codes, parents, lines, values = _columns(path, text)
    order = np.argsort(numbers, kind="stable")
    numbers, codes, parents, lines = (one[order] for one in (numbers, codes, parents, lines))
    index = _indices(path, numbers, parents, lines)
    places = (values[order] * um).astype(np.float32).astype(np.float64)  # as Import3d scans them
    places[:, 3] *= 2
    points = Points(numbers, codes, index, places, lines)
    walked = _tree_order(path, points)
    late = int((points.parents >= np.arange(len(points))).sum())
    kinded = _with_kinds(path, points, walked, kinds)
    first = _first_root(path, kinded)
    notes = []
    if late or first != 0:
        start = np.flatnonzero(walked == first)[0]
        end = start + _size(kinded, walked, start)
        walked = np.concatenate([walked[start:end], walked[:start], walked[end:]])
        kinded = kinded.taken(walked)
    if late:
        notes.append(
            f"{LATE} ({late} of them): the rows are read in the order "
            "of the tree (NEURON's Import3d takes them for other points)"
        )
    return kinded, tuple(notes)


def _columns(path: Path, text: str) -> tuple[IntArray, IntArray, IntArray, IntArray, Floats]:
    """Return numbers, kinds, parents, lines, and (n, 4) x, y, z, radius."""
    whole, lines, values = [], [], []
    for line, row in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        words = row.split("#")[0].split()
        if not words:
            continue
        found = _numbers(words[:7])
        if len(found) < 7:
            raise MorphologyError(
                f"{path}, line {line}: {_short(row)!r} is not an SWC row: "
                "number kind x y z radius parent"
            )
        number, kind, *place, parent = found
        for name, value in (("number", number), ("kind", kind), ("parent", parent)):
            if not (value.is_integer() and abs(value) < 2**53):
                raise MorphologyError(
                    f"{path}, line {line}: the {name} {value:g} is no whole number that can be one"
                )
        for name, value in zip(("x", "y", "z", "radius"), place, strict=True):
            if not abs(value) <= FARTHEST_um:
                raise MorphologyError(
                    f"{path}, line {line}: {name} is {value:g}; a number of at most "
                    f"{FARTHEST_um:g} is needed"
                )
        if place[3] < 0:
            raise MorphologyError(f"{path}, line {line}: the radius is {place[3]:g}, below 0")
        whole.append([int(number), int(kind), int(parent)])
        lines.append(line)
        values.append(place)
    if not whole:
        raise MorphologyError(f"{path} holds no points: no soma, and nothing else")
    table = np.array(whole, dtype=np.intp)
    rows = np.array(lines, dtype=np.intp)
    return table[:, 0], table[:, 1], table[:, 2], rows, np.array(values)


def _numbers(words: Sequence[str]) -> list[float]:
    try:
        return [float(word) for word in words]
    except ValueError:
        return []


def _short(row: str) -> str:
    row = row.strip()
    return row if len(row) <= 60 else f"{row[:57]}..."


def _indices(path: Path, numbers: IntArray, parents: IntArray, lines: IntArray) -> IntArray:
    """Return each row's parent as an index, -1 for a root."""
    twice = np.flatnonzero(np.diff(numbers) == 0)
    if len(twice):
        at = twice[0]
        raise MorphologyError(
            f"{path}, lines {lines[at]} and {lines[at + 1]}: two points have the number "
            f"{numbers[at]}"
        )
    missing = np.flatnonzero((parents >= 0) & ~np.isin(parents, numbers))
    if len(missing):
        at = missing[0]
        raise MorphologyError(
            f"{path}, line {lines[at]}: parent {parents[at]} of point {numbers[at]} is not in the "
            "file; a point without a parent has -1"
        )
    index = np.searchsorted(numbers, parents).astype(np.intp)
    index[parents < 0] = -1
    return index


def _tree_order(path: Path, points: Points) -> IntArray:
    """Return the rows from each root along its tree, the first child first."""
    children: list[list[int]] = [[] for _ in range(len(points))]
    for row, parent in enumerate(points.parents.tolist()):
        if parent >= 0:
            children[parent].append(row)
    found: list[int] = []
    waiting = np.flatnonzero(points.parents < 0).tolist()[::-1]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(reversed(children[found[-1]]))
    if len(found) < len(points):
        lost = np.setdiff1d(np.arange(len(points)), found)
        raise MorphologyError(
            f"{path}, line {points.lines[lost[0]]}: no parents lead from point "
            f"{points.numbers[lost[0]]} to a root ({len(lost)} points go round in a ring); a root "
            "has the parent -1"
        )
    return np.array(found, dtype=np.intp)


def _size(points: Points, walked: IntArray, start: int) -> int:
    """Return how many rows of the tree order belong to the tree that begins at `start`."""
    later = np.flatnonzero(points.parents[walked[start + 1 :]] < 0)
    return int(later[0]) + 1 if len(later) else len(walked) - int(start)


def _with_kinds(path: Path, points: Points, walked: IntArray, kinds: Mapping[int, Kind]) -> Points:
    """Return the points with kinds 1 to 4 alone."""
    _check_kinds(kinds)
    known = {kind: kind for kind in KINDS}
    known |= {code: _NUMBERS[kind] for code, kind in kinds.items() if kind != "parent"}
    as_parent = {code for code, kind in kinds.items() if kind == "parent"}
    found = points.kinds.tolist()
    strange = sorted(set(found) - set(known) - as_parent)
    if strange:
        raise MorphologyError(f"{path}, {_unexplained(points, strange)}")
    parents = points.parents.tolist()
    for row in walked.tolist():
        parent = parents[row]
        if found[row] not in as_parent:
            found[row] = known[found[row]]
        elif parent >= 0 and found[parent] != SOMA:
            found[row] = found[parent]
        else:
            raise MorphologyError(
                f"{path}, line {points.lines[row]}: point {points.numbers[row]} of kind "
                f"{found[row]} is to be what its parent is, and that is the soma or nothing; give "
                f'its region: [morphology] kinds = {{{found[row]} = "basal"}}'
            )
    return replace(points, kinds=np.array(found, dtype=np.intp))


def _check_kinds(kinds: Mapping[int, Kind]) -> None:
    for code in kinds:
        if code in KINDS:
            raise MorphologyError(f"kinds: {code} is {KINDS[code]} in every SWC file")


def check_regions(kinds: Kinds) -> None:
    """Refuse kinds that are no region.

    Raises
    ------
    MorphologyError
        With what is allowed.
    """
    for key, kind in kinds.items():
        if kind not in (*REGIONS, "parent"):
            raise MorphologyError(f"kinds: {key}: {unknown('region', kind, (*REGIONS, 'parent'))}")


def numbered(kinds: Kinds) -> dict[int, Kind]:
    """Return the kinds of points by number, as "5" may stand for 5.

    Raises
    ------
    MorphologyError
        If one is no number.
    """
    for key in map(str, kinds):
        if not (key.isascii() and key.isdigit()):
            raise MorphologyError(f"kinds: {key!r} is no number of a kind, as 5 and 6 are")
    return {int(key): kind for key, kind in kinds.items()}


def _unexplained(points: Points, strange: Sequence[int]) -> str:
    first = int(np.flatnonzero(points.kinds == strange[0])[0])
    counts = [f"{int((points.kinds == code).sum())} of kind {code}" for code in strange[:5]]
    allowed = (f"{kind} ({region})" for kind, region in KINDS.items())
    roots = set(points.kinds[points.parents < 0].tolist())
    say = ", ".join(f'{code} = "{"somatic" if code in roots else "basal"}"' for code in strange[:5])
    return (
        f"line {points.lines[first]}: {unknown('kind of point', strange[0], allowed)}. A study can "
        f"say what other kinds are, here {', '.join(counts)}: in its cell.toml, [morphology] "
        f'kinds = {{{say}}}, with the region of each, or "parent" where it is that of the point '
        "before"
    )


def _first_root(path: Path, points: Points) -> int:
    """Return the root of the soma's tree, or the only root where there is no soma."""
    roots = np.flatnonzero(points.parents < 0)
    somatic = np.flatnonzero(points.kinds == SOMA)
    parents = points.parents
    tops = [row for row in somatic if parents[row] < 0 or points.kinds[parents[row]] != SOMA]
    if len(tops) > 1:
        where = " and ".join(f"line {points.lines[row]}" for row in tops[:2])
        raise MorphologyError(
            f"{path}: one soma is needed, and {len(tops)} begin, at {where}; keep the rows of one "
            "cell, or change the kind of the others"
        )
    if not tops:
        if len(roots) > 1:
            raise MorphologyError(
                f"{path} has {len(roots)} roots (points without a parent, on lines "
                f"{points.lines[roots][:5].tolist()}) and no soma that they could hang on; add "
                "one, a point of kind 1, or give the roots parents"
            )
        return int(roots[0])
    if parents[tops[0]] >= 0:
        first = tops[0]
        raise MorphologyError(
            f"{path}, line {points.lines[first]}: there is no soma at the root: it begins at point "
            f"{points.numbers[first]}, which grows from point {points.numbers[parents[first]]}. "
            "Turn the rows around, so that the soma has parent -1 and all grows from it"
        )
    return int(tops[0])
