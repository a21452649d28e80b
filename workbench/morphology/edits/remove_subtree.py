"""A section taken off with all that grows from it."""

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import subtree, without
from workbench.morphology.tree import Morphology


@edit
def remove_subtree(morphology: Morphology, *, section: str) -> Morphology:
    """Return the cell without a section and all that grows from it.

    Parameters
    ----------
    section
        Its name, such as `apic[3]`.

    Raises
    ------
    MorphologyError
        No such section, or it is the root.
    """
    index = morphology.index(section)
    if index == 0:
        raise MorphologyError(f"{section} is the root of {morphology.name!r}: all grows from it")
    return without(morphology, subtree(morphology, [index]), "which would be taken off")
