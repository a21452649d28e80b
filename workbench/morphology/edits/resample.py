"""Points at even distances."""

import numpy as np

from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import neurites_of, reshaped
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def resample(morphology: Morphology, *, region: str, step_um: float) -> Morphology:
    """Return the cell with points of a region at even distances along their sections.

    Ends stay; between them places and diameters lie on the lines between the old points, so that
    bends are cut short.

    Parameters
    ----------
    region
        A region, `all`, or a section such as `apic[3]`. The soma stays.
    step_um
        No two neighbours are farther apart along the old section.

    Raises
    ------
    MorphologyError
        No such section.
    """
    step = amount("step_um", step_um, (1e-2, 1e6))
    points = {}
    for index in neurites_of(morphology, region):
        section = morphology.sections[index]
        if section.is_cylinder:
            continue
        pieces = max(1, int(np.ceil(section.length_um / step)))
        at = np.linspace(0, section.length_um, pieces + 1)
        columns = [np.interp(at, section.arcs_um, column) for column in section.points.T]
        points[index] = np.column_stack(columns)
        points[index][[0, -1]] = section.points[[0, -1]]
    return reshaped(morphology, points)
