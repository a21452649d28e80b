"""Thicker or thinner, with the lengths as they were."""

from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.scale_lengths import FACTORS
from workbench.morphology.edits.trees import reshaped, sections_of
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def scale_diameters(morphology: Morphology, *, region: str, factor: float) -> Morphology:
    """Return the cell with the diameters of a region multiplied.

    Parameters
    ----------
    region
        A region, `all`, or a section such as `apic[3]`.
    factor
        What diameters are multiplied with.

    Raises
    ------
    MorphologyError
        No such section.
    """
    by = amount("factor", factor, FACTORS)
    chosen = sections_of(morphology, region)
    return reshaped(morphology, {i: morphology.sections[i].points * [1, 1, 1, by] for i in chosen})
