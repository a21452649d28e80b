"""Shapes of textbooks: tables of cylinders made from a few numbers."""

import math
from typing import Literal

from workbench.errors import MorphologyError
from workbench.morphology.generate.binary_trees import BinaryTree, binary_trees, parse_tree
from workbench.morphology.generate.registry import generator
from workbench.morphology.generate.tables import Cylinder, cylinder_tree
from workbench.morphology.section import Region
from workbench.morphology.tree import Morphology
from workbench.units import amount

Diameters = Literal["rall", "constant"]


@generator
def ball_and_stick(*, soma_um: float, length_um: float, diameter_um: float) -> Morphology:
    """Return a soma as long as wide, and one dendrite.

    Parameters
    ----------
    soma_um
        Length and diameter of the soma.
    length_um
        Length of the dendrite.
    diameter_um
        Diameter of the dendrite.
    """
    stick = Cylinder("basal", length_um, diameter_um, parent=0)
    return cylinder_tree("ball-and-stick", [Cylinder("somatic", soma_um, soma_um), stick])


@generator
def ball_and_y(
    *, soma_um: float, length_um: float, diameter_um: float, branch_um: float, power: float = 1.5
) -> Morphology:
    """Return a soma as long as wide, and a dendrite that forks into two equal branches.

    The branches' diameters follow Rall's power: d^p = 2 b^p.

    Parameters
    ----------
    soma_um
        Length and diameter of the soma.
    length_um
        Length of the stem.
    diameter_um
        Diameter of the stem.
    branch_um
        Length of each branch.
    power
        Rall's is 3/2.
    """
    thin = diameter_um / 2 ** (1 / amount("power", power, (0.1, 100)))
    branches = [Cylinder("basal", branch_um, thin, parent=1)] * 2
    stem = Cylinder("basal", length_um, diameter_um, parent=0)
    return cylinder_tree("ball-and-y", [Cylinder("somatic", soma_um, soma_um), stem, *branches])


@generator
def chain(*, count: int, length_um: float, diameter_um: float) -> Morphology:
    """Return equal cylinders one behind the other, the first of them somatic.

    Parameters
    ----------
    count
        How many.
    length_um
        Length of each.
    diameter_um
        Diameter of each.
    """
    rows = [
        Cylinder("basal" if i else "somatic", length_um, diameter_um, parent=i - 1)
        for i in range(int(amount("count", count, (1, 1e5))))
    ]
    return cylinder_tree("chain", rows)


@generator
def two_compartments(
    *, area_um2: float, share: float, coupling_uS: float, Ra_ohm_cm: float = 100.0
) -> Morphology:
    """Return two cylinders, a soma and a dendrite, from areas and the conductance between them.

    With one segment each, NEURON has between their middles R1 + R2 with R = 2 Ra l / (pi d^2).
    Both halves are taken equal, so that from the areas a = pi d l follow
    d = (2 Ra a / (pi^2 R))^(1/3) and l = a / (pi d).

    Parameters
    ----------
    area_um2
        Of both together.
    share
        Of the soma in the area, between 0 and 1.
    coupling_uS
        Conductance between the two middles.
    Ra_ohm_cm
        The axial resistivity with which the cell will be simulated.

    Raises
    ------
    MorphologyError
        An amount that is not above 0, or a share that is not between 0 and 1.
    """
    given = {"area_um2": area_um2, "coupling_uS": coupling_uS, "Ra_ohm_cm": Ra_ohm_cm}
    area, coupling, resistivity = (_above_0(name, value) for name, value in given.items())
    if not 0 < share < 1:
        raise MorphologyError(f"share is {share:g}: a number between 0 and 1")
    half_MOhm = 0.5 / coupling
    rows: list[Cylinder] = []
    parts: list[tuple[Region, float]] = [("somatic", share), ("basal", 1 - share)]
    for region, part in parts:
        # 1 ohm cm is 0.01 MOhm um.
        diameter = (0.02 * resistivity * part * area / (math.pi**2 * half_MOhm)) ** (1 / 3)
        length = part * area / (math.pi * diameter)
        rows.append(Cylinder(region, length, diameter, parent=len(rows) - 1))
    return cylinder_tree("two-compartments", rows)


@generator
def binary_tree(
    *,
    tips: int = 8,
    number: int = 1,
    tree: str = "",
    length_um: float,
    diameters: Diameters = "rall",
    diameter_um: float = 0.7,
    power: float = 1.5,
    area_um2: float | None = None,
    soma_um: float = 14.0,
) -> Morphology:
    """Return a binary dendrite of equal segments, by its published number or bracket string.

    It grows from the 1 end of a soma as long as wide. By Rall's power a segment's diameter is
    `diameter_um n^(1 / power)`, with n the tips behind it (van Elburg & van Ooyen 2010).

    Parameters
    ----------
    tips
        How many tips.
    number
        Which of the trees with so many tips; see `binary_trees`.
    tree
        Its bracket string, such as `3(2(1;1);1)`, in place of tips and number; `;` for `,` where
        commas part arguments.
    length_um
        Of all segments together.
    diameters
        `rall` or `constant`.
    diameter_um
        Of tips, or of all segments.
    power
        Rall's is 3/2.
    area_um2
        Of the dendrite: all diameters are multiplied so that it has this area.
    soma_um
        Length and diameter of the soma.

    Raises
    ------
    MorphologyError
        No such tree, or an amount that is not above 0.
    """
    shape = parse_tree(tree.replace(";", ",")) if tree else _numbered(tips, number)
    power = 1 / amount("power", power, (0.1, 100)) if diameters == "rall" else 0.0
    segment = _above_0("length_um", length_um) / shape.segments
    rows = [Cylinder("somatic", soma_um, soma_um)]
    _add(rows, shape, 0, segment, _above_0("diameter_um", diameter_um), power)
    if area_um2 is not None:
        area = sum(math.pi * row.length_um * row.diameter_um for row in rows[1:])
        by = _above_0("area_um2", area_um2) / area
        rows[1:] = [row._replace(diameter_um=by * row.diameter_um) for row in rows[1:]]
    return cylinder_tree("binary-tree", rows, str(shape))


def _add(
    rows: list[Cylinder], tree: BinaryTree, parent: int, length: float, tip: float, power: float
) -> None:
    """Add the segments of a tree, each before those that grow from it."""
    here = len(rows)
    rows.append(Cylinder("basal", length, tip * tree.tips**power, parent=parent))
    for daughter in (tree.larger, tree.smaller):
        if daughter is not None:
            _add(rows, daughter, here, length, tip, power)


def _numbered(tips: int, number: int) -> BinaryTree:
    trees = binary_trees(tips)
    if not 1 <= number <= len(trees):
        raise MorphologyError(
            f"number is {number}: the trees with {tips} tips are numbered 1 to {len(trees)}"
        )
    return trees[number - 1]


@generator
def rall_tree(
    *,
    orders: int,
    diameter_um: float,
    length_um: float,
    soma_um: float = 20.0,
) -> Morphology:
    """Return a symmetric dendrite with Rall's 3/2 power at every fork, and its soma.

    Segments of all orders are as long in units of their space constants, so that a passive tree is
    one cylinder (Rall 1962): `equivalent_cylinder`.

    Parameters
    ----------
    orders
        How many times it forks.
    diameter_um
        Diameter of the stem.
    length_um
        Length of the stem; a daughter is (daughter's / stem's diameter)^(1/2) times as long.
    soma_um
        Length and diameter of the soma. With 0 there is none, and the stem is the root.
    """
    rows = [Cylinder("somatic", soma_um, soma_um)] if soma_um else []
    level = [0] if soma_um else [-1]
    for order in range(int(amount("orders", orders, (0, 12))) + 1):
        by = 2.0 ** (-2 / 3 * order)
        region: Region = "basal" if rows else "somatic"
        row = Cylinder(region, length_um * by**0.5, diameter_um * by)
        below = []
        for parent in level:
            for _ in range(1 if order == 0 else 2):
                below.append(len(rows))
                rows.append(row._replace(parent=parent))
        level = below
    return cylinder_tree("rall-tree", rows)


def _above_0(name: str, value: float) -> float:
    if not amount(name, value) > 0:
        raise MorphologyError(f"{name} is {value:g}, it must be above 0")
    return float(value)
