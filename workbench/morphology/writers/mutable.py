"""A drawn cell in MorphIO's hands: for ASC and H5 files, and for NeuroM."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.readers.swc_rows import KINDS
from workbench.morphology.tree import Morphology

CODES = {region: code for code, region in KINDS.items()}


def mutable(cell: Morphology, *, outlined: bool, only: Collection[int] | None = None) -> Any:
    """Return a drawn cell (see `drawn`) as MorphIO's.

    Parameters
    ----------
    only
        Neurites that it has, each without what it grows from if that is none of them; None for all.
    outlined
        The soma is an outline around its frusta, as in Neurolucida's files; else the points that
        these are drawn between.
    """
    import morphio

    morphio.set_maximum_warnings(0)
    made = morphio.mut.Morphology()
    somatic = [section.points for section in cell.sections if section.region == "somatic"]
    if somatic:
        soma = _outline(somatic[0]) if outlined else np.vstack(somatic)
        made.soma.points, made.soma.diameters = soma[:, :3], soma[:, 3]
        types = morphio.SomaType
        made.soma.type = types.SOMA_SIMPLE_CONTOUR if outlined else types.SOMA_CYLINDERS
    grown: dict[int, Any] = {}
    for index, section in enumerate(cell.sections):
        if section.region == "somatic" or (only is not None and index not in only):
            continue
        points = morphio.PointLevel(section.points[:, :3].tolist(), section.points[:, 3].tolist())
        kind = morphio.SectionType(CODES[section.region])
        parent = grown.get(section.parent) if section.parent_x == 1 else None
        append = made.append_root_section if parent is None else parent.append_section
        grown[index] = append(points, kind)
    return made


def write_traced(cell: Morphology, path: Path) -> None:
    """Write a drawn cell as an ASC or H5 file."""
    mutable(cell, outlined=True).write(str(path))


def _outline(points: Floats) -> Floats:
    """Return the line around frusta, up one side and down the other, as thin as a line."""
    way = points[-1, :3] - points[0, :3]
    across = np.array([-way[1], way[0], 0.0])
    width = float(np.linalg.norm(across))
    across = across / width if width > 0 else np.array([1.0, 0.0, 0.0])
    sides = points[:, 3:] / 2 * across
    ring = np.vstack([points[:, :3] + sides, (points[:, :3] - sides)[::-1]])
    return np.column_stack([ring, np.zeros(len(ring))])
