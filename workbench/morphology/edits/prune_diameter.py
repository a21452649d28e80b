"""Pruned by diameter."""

from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import neurites_of, pruned, subtree
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def prune_diameter(morphology: Morphology, *, region: str, diameter_um: float) -> Morphology:
    """Return the cell without the sections of a region thinner than a diameter.

    What of the region grows from such a section goes with it, however thick.

    Parameters
    ----------
    region
        A region, or `all`.
    diameter_um
        The least mean diameter of a section that stays.

    Raises
    ------
    MorphologyError
        No such section, or another region grows from what would be taken off.
    """
    least = amount("diameter_um", diameter_um)
    thin = [i for i in neurites_of(morphology, region) if morphology.diameter_um(i) < least]
    return pruned(morphology, region, subtree(morphology, thin))
