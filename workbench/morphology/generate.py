"""Shapes made from a table instead of a microscope."""

from collections.abc import Sequence
from typing import NamedTuple

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
    >>> cell.extent_um("dend[0]")
    (10.0, 210.0)
    """
    sections = tuple(
        Section.cylinder(row.region, row.parent, row.parent_x, row.length_um, row.diameter_um)
        for row in cylinders
    )
    return Morphology(name, sections, source=source)
