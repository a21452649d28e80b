"""Pruned by path distance."""

from dataclasses import replace

from workbench.morphology.dividing import SHORTEST_um, piece
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import neurites_of, pruned, starts_um
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def prune_distance(morphology: Morphology, *, region: str, distance_um: float) -> Morphology:
    """Return the cell without what of a region lies beyond a path distance from soma(0.5).

    Sections that reach farther are cut there.

    Parameters
    ----------
    region
        A region, or `all`.
    distance_um
        The farthest that stays, from the middle of the root along the tree.

    Raises
    ------
    MorphologyError
        No such section, or another region grows from what would be taken off.
    """
    farthest = amount("distance_um", distance_um)
    starts = starts_um(morphology)
    chosen = neurites_of(morphology, region)
    lengths = [section.length_um for section in morphology.sections]
    cuts = {
        i: (farthest - starts[i]) / lengths[i]
        for i in chosen
        if starts[i] + SHORTEST_um < farthest < starts[i] + lengths[i]
    }
    gone = {i for i in chosen if starts[i] + SHORTEST_um >= farthest}
    gone |= {
        child
        for parent, x in cuts.items()
        for child in morphology.children[parent]
        if morphology.sections[child].parent_x > x
    }
    sections = []
    for index, section in enumerate(morphology.sections):
        attached = min(1.0, section.parent_x / cuts.get(section.parent, 1.0))
        made = replace(section, parent_x=attached)
        if index in cuts:
            made = replace(made, points=piece(section, 0.0, cuts[index]), lines=())
        sections.append(made)
    return pruned(replace(morphology, sections=tuple(sections)), region, gone)
