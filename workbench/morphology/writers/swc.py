"""SWC files that our reader, and NEURON's Import3d, cut into the same sections again."""

from collections.abc import Iterator

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.readers.swc_rows import KINDS
from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology

CODES = {region: code for code, region in KINDS.items()}
Row = tuple[int, Floats, int]
"""Kind, x, y, z and diameter, and the number of the parent."""


def swc_text(cell: Morphology) -> str:
    """Return a drawn cell (see `drawn`) as the text of an SWC file.

    A section on the soma begins with a row of its own. One on a neurite goes on from its parent's
    last row, and has a first row of its own where it begins with another diameter.
    """
    rows: list[Row] = []
    own: list[list[int]] = []
    for index, section in enumerate(cell.sections):
        points, start = section.points, -1
        if index == 0:
            points = _with_middle(section, cell)
        else:
            start = _start(section, cell, own[section.parent], rows)
            points = points[_goes_on(section, cell.sections[section.parent]) :]
        own.append([])
        for point in points:
            rows.append((CODES[section.region], point, start))
            start = len(rows)
            own[-1].append(start)
    head = f"# {' '.join(cell.name.split())}\n# number kind x y z radius (um) parent\n"
    return head + "".join(_lines(rows))


def _lines(rows: list[Row]) -> Iterator[str]:
    for number, (code, (x, y, z, diameter), parent) in enumerate(rows, start=1):
        values = " ".join(_digits(value) for value in (x, y, z, diameter / 2))
        yield f"{number} {code} {values} {parent}\n"


def _digits(value: float) -> str:
    """Return the shortest digits that read as the same number in single precision."""
    return np.format_float_positional(np.float32(value), trim="-")


def _with_middle(root: Section, cell: Morphology) -> Floats:
    """Return the root's points, with one more between two, for what hangs on its inside."""
    inside = any(0 < cell.sections[child].parent_x < 1 for child in cell.children[0])
    if len(root.points) > 2 or not inside:
        return root.points
    return np.insert(root.points, 1, root.points.mean(axis=0), axis=0)


def _start(section: Section, cell: Morphology, parent_rows: list[int], rows: list[Row]) -> int:
    """Return the row that a section grows from."""
    x = section.parent_x
    if x in (0, 1) or len(parent_rows) < 3:
        return parent_rows[0] if x == 0 else parent_rows[-1]
    places = np.array([rows[number - 1][1][:3] for number in parent_rows])
    arcs = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(places, axis=0), axis=1))])
    return parent_rows[1 + int(np.argmin(np.abs(arcs[1:-1] - x * arcs[-1])))]


def _goes_on(section: Section, parent: Section) -> bool:
    """Tell whether the parent's last row stands for the section's first point too."""
    if parent.region == "somatic":
        return False
    before = parent.points[0 if section.parent_x == 0 else -1]
    first, second = section.points[:2]
    return bool((before == first).all() and (first[:3] != second[:3]).any())
