"""Shapes made from a table instead of a microscope."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError, unknown
from workbench.inputs import toml
from workbench.morphology.section import REGIONS, FARTHEST_um, Region, Section
from workbench.morphology.tree import Morphology


class Cylinder(NamedTuple):
    """One row of the table: a section given by length and diameter in um."""

    region: Region
    """Which part of the cell it is."""
    length_um: float
    """Its length."""
    diameter_um: float
    """Its diameter."""
    parent: int = -1
    """The row, counted from 0, from which it grows; -1 in the first."""
    parent_x: float = 1.0
    """Where on the parent, from 0 to 1."""


def cylinder_tree(name: str, cylinders: Sequence[Cylinder], source: str = "") -> Morphology:
    """Return a tree of cylinders.

    Parameters
    ----------
    cylinders
        One row a section; `parent` is the number of an earlier row, -1 in the first.

    Raises
    ------
    MorphologyError
        A length or diameter that is not above 0, or rows that are no tree.

    Examples
    --------
    A ball and a stick:

    >>> cell = cylinder_tree(
    ...     "ball and stick", [Cylinder("somatic", 20, 20), Cylinder("basal", 200, 2, parent=0)]
    ... )
    >>> cell.names
    ('soma[0]', 'dend[0]')
    >>> cell.path_distance_um("dend[0]", (0, 1)).tolist()
    [10.0, 210.0]
    """
    sections = tuple(
        Section.cylinder(row.region, row.parent, row.parent_x, row.length_um, row.diameter_um)
        for row in cylinders
    )
    return Morphology(name, sections, source=source)


def read_table(path: Path) -> Morphology:
    """Return the tree that a TOML file lists.

    The file has `source` and `[[section]]` tables with the fields of `Cylinder`; `points`, a list
    of `[x, y, z, diameter]` in um, stand in place of length and diameter.

    Raises
    ------
    MorphologyError
        A file that is not such a table, or rows that are no tree.
    """
    table = toml(path, MorphologyError)
    for key in table:
        if key not in ("source", "section"):
            raise MorphologyError(f"{path}: {unknown('key', key, ('source', 'section'))}")
    rows = table.get("section", [])
    if not (isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)):
        raise MorphologyError(f"{path}: there is no [[section]]; a cell needs at least one")
    sections = tuple(_section(f"{path}, section {n}", row) for n, row in enumerate(rows))
    try:
        return Morphology(path.stem, sections, source=str(table.get("source", path.name)))
    except MorphologyError as error:
        raise MorphologyError(f"{path}: {error}") from None


def _section(where: str, row: dict[str, Any]) -> Section:
    sizes = ("length_um", "diameter_um")
    allowed = (*Cylinder._fields, "points")
    for key in row:
        if key not in allowed:
            raise MorphologyError(f"{where}: {unknown('key', key, allowed)}")
    if "points" in row and (both := [key for key in sizes if key in row]):
        raise MorphologyError(f"{where}: it has points and {both[0]}; give one of the two")
    for key in ("region", *(sizes if "points" not in row else ())):
        if key not in row:
            raise MorphologyError(f"{where}: the key {key} is missing")
    if row["region"] not in REGIONS:
        raise MorphologyError(f"{where}: {unknown('region', row['region'], REGIONS)}")
    for key in (*sizes, "parent_x"):
        if key in row and not _is_number(row[key], int | float):
            raise MorphologyError(
                f"{where}: {key} is {row[key]!r}, and must be a number, without quotes and a unit, "
                f"of at most {FARTHEST_um:g}"
            )
    if not _is_number(row.get("parent", -1), int):
        raise MorphologyError(
            f"{where}: parent is {row['parent']!r}, and must be the number of an earlier section "
            "(0 is the first), or -1 for the root"
        )
    grows = (row["region"], row.get("parent", -1), row.get("parent_x", 1.0))
    try:
        if "points" in row:
            return Section(*grows, _points(row["points"]))
        return Section.cylinder(*grows, row["length_um"], row["diameter_um"])
    except MorphologyError as error:
        raise MorphologyError(f"{where}: {error}") from None


def _points(given: Any) -> Floats:
    """Return the points of a section, (n, 4)."""
    rows = given if isinstance(given, list) else []
    fit = all(
        isinstance(row, list) and len(row) == 4 and all(_is_number(v, int | float) for v in row)
        for row in rows
    )
    if len(rows) < 2 or not fit:
        raise MorphologyError(
            f"points are two or more [x, y, z, diameter] in um, numbers of at most {FARTHEST_um:g}"
        )
    return np.array(rows, dtype=float)


def _is_number(value: Any, kinds: Any) -> bool:
    """Tell whether it is a finite number of these types that no calculation here overflows."""
    if not isinstance(value, kinds) or isinstance(value, bool):
        return False
    return bool(abs(value) <= FARTHEST_um)
