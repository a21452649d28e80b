"""Longer or shorter, with the diameters as they were."""

from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import reshaped, sections_of
from workbench.morphology.tree import Morphology
from workbench.units import amount

FACTORS = (1e-3, 1e3)


@edit
def scale_lengths(morphology: Morphology, *, region: str, factor: float) -> Morphology:
    """Return the cell with the lengths of a region multiplied.

    Each section grows from its 0 end; what hangs on it moves along. Diameters stay.

    Parameters
    ----------
    region
        A region, `all`, or a section such as `apic[3]`.
    factor
        What lengths are multiplied with.

    Raises
    ------
    MorphologyError
        No such section.
    """
    by = amount("factor", factor, FACTORS)
    points = {}
    for index in sections_of(morphology, region):
        old = morphology.sections[index].points
        points[index] = old.copy()
        points[index][:, :3] = old[0, :3] + by * (old[:, :3] - old[0, :3])
    return reshaped(morphology, points)
