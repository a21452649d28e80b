"""Two parts of a tree in one another's place."""

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.rebuilding import hung
from workbench.morphology.edits.trees import subtree
from workbench.morphology.tree import Morphology


@edit
def swap_subtrees(morphology: Morphology, *, section: str, other: str) -> Morphology:
    """Return the cell with two sections in one another's place, each with all that grows from it.

    Regions go with the sections.

    Parameters
    ----------
    section
        The name of one, such as `apic[3]`.
    other
        The name of the other.

    Raises
    ------
    MorphologyError
        No such section, one is the root, or one grows from the other.
    """
    one, two = morphology.index(section), morphology.index(other)
    for name, index in ((section, one), (other, two)):
        if index == 0:
            raise MorphologyError(f"{name} is the root of {morphology.name!r}: all grows from it")
    for (name, index), (inner, below) in (
        ((section, one), (other, two)),
        ((other, two), (section, one)),
    ):
        if below in subtree(morphology, [index]):
            raise MorphologyError(f"{inner} grows from {name}: they cannot change places")
    here, there = morphology.sections[one], morphology.sections[two]
    places = {one: (there.parent, there.parent_x), two: (here.parent, here.parent_x)}
    return hung(morphology, places)
