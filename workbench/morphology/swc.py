"""SWC files, cut into sections as NEURON's Import3d cuts them.

An SWC file lists points, each with its kind and its parent; where sections begin and how they
hang on the soma is the reader's choice. The choices here are those of `Import3d_SWC_read`
(read_swc.hoc in NEURON).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.errors import MorphologyError, unknown
from workbench.morphology.branches import Branch
from workbench.morphology.section import FloatArray, Region
from workbench.morphology.soma import point_soma

SOMA = 1
KINDS: dict[int, Region] = {1: "somatic", 2: "axonal", 3: "basal", 4: "apical"}

IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Points:
    """The rows of a file in the order of their numbers; parents are row indices, -1 the root."""

    kinds: IntArray
    parents: IntArray
    places: FloatArray  # (n, 4) x, y, z, diameter in um

    def __len__(self) -> int:
        return len(self.kinds)


@dataclass(frozen=True)
class Cut:
    """How the rows are cut into branches, and what decides where these hang."""

    lasts: IntArray  # the last row of each branch
    soma_children: IntArray  # for each row, how many soma rows grow from it if it is one
    at_wire: BoolArray  # rows that grow from the first row of a dendrite on the soma
    sphere: bool  # the soma's rows stand for a sphere


def read_swc(path: Path) -> tuple[list[Branch], tuple[str, ...]]:
    """Return the branches of an SWC file, the soma's first, and notes on how it was read.

    Raises
    ------
    MorphologyError
        Rows that are no tree rooted in a soma, or kinds other than soma, axon, basal, apical.
    """
    points = _checked(_read_rows(path), path)
    cut = _cut(points)
    branches = [_root(points, cut), *(_branch(points, cut, k) for k in range(1, len(cut.lasts)))]
    strays = int((_grows_from_first(points) & ~cut.at_wire).sum())
    note = (
        f"{strays} branches start at the first point of a dendrite whose next row belongs "
        "elsewhere: they hang where they start (NEURON's Import3d joins unrelated points there)"
    )
    return branches, (note,) if strays else ()


def _read_rows(path: Path) -> FloatArray:
    rows = []
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#")[0].split()
        if not words:
            continue
        try:
            rows.append([float(word) for word in words[:7]])
        except ValueError:
            rows.append([])
        if len(rows[-1]) < 7:
            raise MorphologyError(
                f"{path}, line {number}: {line.strip()!r} is not an SWC row: "
                "number kind x y z radius parent"
            )
    if not rows:
        raise MorphologyError(f"{path} holds no points")
    return np.array(rows)


def _checked(rows: FloatArray, path: Path) -> Points:
    """Return the points of rows that form one tree with a soma at its root."""
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    numbers, kinds, parents = (rows[:, column].astype(np.intp) for column in (0, 1, 6))
    _refuse_unless_tree(numbers, parents, path)
    strange = sorted(set(kinds.tolist()) - set(KINDS))
    if strange:
        allowed = (f"{kind} ({region})" for kind, region in KINDS.items())
        raise MorphologyError(f"{path}: {unknown('kind of point', strange[0], allowed)}")
    index = np.searchsorted(numbers, parents)
    index[parents < 0] = -1
    if kinds[0] != SOMA:
        raise MorphologyError(f"{path} has no soma at its root (a point of kind 1, parent -1)")
    places = rows[:, 2:6].astype(np.float32).astype(np.float64)  # as Import3d scans them
    places[:, 3] *= 2
    return Points(kinds, index.astype(np.intp), places)


def _refuse_unless_tree(numbers: IntArray, parents: IntArray, path: Path) -> None:
    twice = numbers[1:][np.diff(numbers) == 0]
    if len(twice):
        raise MorphologyError(f"{path}: two points have the number {twice[0]}")
    roots = numbers[parents < 0]
    if len(roots) != 1:
        raise MorphologyError(
            f"{path} has {len(roots)} roots (points with parent -1: {roots[:5].tolist()}); "
            "a cell is one tree, with the soma at its root"
        )
    late = numbers[parents >= numbers]
    if len(late):
        raise MorphologyError(
            f"{path}: point {late[0]} has a parent of a higher number; number parents first"
        )
    missing = numbers[(parents >= 0) & ~np.isin(parents, numbers)]
    if len(missing):
        raise MorphologyError(f"{path}: the parent of point {missing[0]} is not in the file")


def _cut(points: Points) -> Cut:
    """Return where the rows are cut.

    A branch goes on with the next row where that is its last row's only child and of its kind.
    Two rules bend that: a soma is kept in one piece where it can be, and a dendrite's first row,
    which hangs on the soma by a wire, stays in its branch although others start from it.
    """
    kinds = points.kinds
    soma_children = _soma_children(points)
    sphere = _is_three_point_sphere(points)
    parents = points.parents.copy()
    if sphere:
        parents[2] = 1  # one chain, of which only the first row is kept
    follows = np.append(parents[1:] == np.arange(len(points) - 1), False)
    alike = np.append(kinds[1:] == kinds[:-1], False)
    goes_on = follows & alike & (np.bincount(parents[1:], minlength=len(points)) == 1)
    at_wire = _grows_from_first(points) & follows[points.parents]
    for start in np.flatnonzero(at_wire):  # of several, the last decides
        goes_on[parents[start]] = kinds[start] == kinds[parents[start]]
    may_fork = np.append(True, soma_children[1:] <= 1)
    goes_on |= follows & alike & (kinds == SOMA) & may_fork
    return Cut(np.flatnonzero(~goes_on), soma_children, at_wire, sphere)


def _grows_from_first(points: Points) -> BoolArray:
    """Return which rows grow, other than as the next row, from a dendrite's first row."""
    kinds, parents = points.kinds, points.parents
    grand = np.maximum(parents[np.maximum(parents, 0)], 0)
    apart = parents != np.arange(len(points)) - 1
    return np.asarray(apart & (parents > 1) & (kinds[parents] != SOMA) & (kinds[grand] == SOMA))


def _soma_children(points: Points) -> IntArray:
    """Return for each soma point how many soma points grow from it."""
    kinds, parents = points.kinds, points.parents
    grown = [p for k, p in zip(kinds, parents, strict=True) if k == SOMA and p >= 0]
    counts = np.bincount(np.array(grown, dtype=np.intp), minlength=len(points))
    return np.where(kinds == SOMA, counts, 0)


def _is_three_point_sphere(points: Points) -> bool:
    """Tell whether the soma is NeuroMorpho's way to write a sphere.

    A centre with two more points to its sides, from which nothing grows, all of one diameter,
    which is also the distance between the two.
    """
    if (points.kinds == SOMA).sum() != 3 or len(points) < 3:
        return False
    if points.parents[1] != 0 or points.parents[2] != 0 or np.isin(points.parents, (1, 2)).any():
        return False
    (first, *sides), diameter = points.places[:3, :3], points.places[0, 3]
    if (np.abs(points.places[1:3, 3] - diameter) > 1e-11).any():
        return False
    length = sum(float(np.linalg.norm(side - first)) for side in sides)
    return bool(abs(length / diameter - 1) < 0.01)


def _root(points: Points, cut: Cut) -> Branch:
    places = points.places[: 1 if cut.sphere else int(cut.lasts[0]) + 1]
    if len(places) == 1:
        places = point_soma(places[0, :3], float(places[0, 3]))
    return Branch("somatic", -1, 0.0, places)


def _branch(points: Points, cut: Cut, k: int) -> Branch:
    """Return branch k: the rows after branch k - 1, up to its last.

    It begins with its parent's point, in its own first diameter where it leaves the soma. It
    does so without that point ("by a wire") where the parent's point lies inside the soma, or
    where its own first row is in the same place.
    """
    kinds = points.kinds
    first, last = int(cut.lasts[k - 1]) + 1, int(cut.lasts[k])
    start = int(points.parents[first])
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
    places = points.places[[start, *range(first, last + 1)]]
    if leaves_soma:
        places[0, 3] = places[1, 3]
    elif last > first and bool((places[0, :3] == places[1, :3]).all()):
        # The file says itself how thick the branch begins. NEURON keeps the parent's point too,
        # and so a ring of membrane between the two diameters.
        by_wire = True
    return Branch(KINDS[int(kinds[first])], parent, parent_x, places[1:] if by_wire else places)


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
