"""Shapes made from a table instead of a microscope."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from workbench.errors import MorphologyError, unknown
from workbench.inputs import toml
from workbench.morphology.section import Region, Section
from workbench.morphology.tree import Morphology


class Cylinder(NamedTuple):
    """One row of the table: a section given by length and diameter in um."""

    region: Region
    length_um: float
    diameter_um: float
    parent: int = -1
    parent_x: float = 1.0


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
    """Return the tree of cylinders that a TOML file lists.

    The file has `source` and `[[section]]` tables with the fields of `Cylinder`.

    Raises
    ------
    MorphologyError
        A file that is not such a table, or rows that are no tree.
    """
    table = toml(path, MorphologyError)
    rows = table.get("section", [])
    if not rows:
        raise MorphologyError(f"{path}: there is no [[section]]; a cell needs at least one")
    try:
        cylinders = [_cylinder(row) for row in rows]
        return cylinder_tree(path.stem, cylinders, str(table.get("source", path.name)))
    except MorphologyError as error:
        raise MorphologyError(f"{path}: {error}") from None


def _cylinder(row: dict[str, Any]) -> Cylinder:
    for key in row:
        if key not in Cylinder._fields:
            raise MorphologyError(unknown("key", key, Cylinder._fields))
    try:
        return Cylinder(**row)
    except TypeError as error:
        raise MorphologyError(f"[[section]] {row}: {error}") from None
