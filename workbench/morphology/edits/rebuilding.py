"""Trees put together anew: sections that hang elsewhere, in an order that a tree can have."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workbench.morphology.edits.trees import place_um
from workbench.morphology.section import Section
from workbench.morphology.section_tree import parents_first
from workbench.morphology.tree import Morphology

Hanging = tuple[int, float]
"""The section that another grows from, by its old index, and where on it."""


def hung(
    morphology: Morphology, elsewhere: Mapping[int, Hanging], more: Sequence[Section] = ()
) -> Morphology:
    """Return the cell with sections that hang elsewhere, moved there with all that grows on them.

    Parameters
    ----------
    elsewhere
        By index, what a section grows from; the whole has to be a tree.
    more
        Further sections, with indices behind the old ones.
    """
    old = (*morphology.sections, *more)
    parents = [elsewhere.get(i, (one.parent, one.parent_x)) for i, one in enumerate(old)]
    shifts = {}
    new: dict[int, int] = {-1: -1}
    sections: list[Section] = []
    for index in parents_first([parent for parent, _ in parents]):
        section, (parent, x) = old[index], parents[index]
        if index in elsewhere and not section.is_cylinder:
            shifts[index] = place_um(sections[new[parent]], x) - section.points[0, :3]
        elif parent in shifts:
            shifts[index] = shifts[parent]
        points = section.points
        if index in shifts and not section.is_cylinder:
            points = points.copy()
            points[:, :3] += shifts[index]
        new[index] = len(sections)
        sections.append(replace(section, parent=new[parent], parent_x=x, points=points))
    return replace(morphology, sections=tuple(sections))
