"""Pruned by branch order."""

from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import neurites_of, orders, pruned
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def prune_order(morphology: Morphology, *, region: str, order: int) -> Morphology:
    """Return the cell without the sections of a region above a branch order.

    Parameters
    ----------
    region
        A region, or `all`.
    order
        The highest that stays. A section on the soma has 0, one that grows from it 1.

    Raises
    ------
    MorphologyError
        No such section, or another region grows from what would be taken off.
    """
    highest = amount("order", order, (0, 1e6))
    of = orders(morphology)
    gone = [i for i in neurites_of(morphology, region) if of[i] > highest]
    return pruned(morphology, region, gone)
