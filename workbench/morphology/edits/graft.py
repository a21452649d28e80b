"""A part of one cell on another."""

from dataclasses import replace

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.rebuilding import hung
from workbench.morphology.edits.trees import subtree
from workbench.morphology.readers.load import load_morphology
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def graft(
    morphology: Morphology, *, file: str, subtree_of: str, onto: str = "soma[0]", x: float = 1.0
) -> Morphology:
    """Return the cell with a section of a file's cell, and all that grows from it, grown on it.

    It is moved to the place from which it grows, and not turned.

    Parameters
    ----------
    file
        A morphology's file; in a study beside it. Or a name of the catalogue.
    subtree_of
        The section there, such as `apic[0]`.
    onto
        The section here that it grows from.
    x
        Where on it, from 0 to 1.

    Raises
    ------
    MorphologyError
        The file cannot be read, or there is no such section.
    """
    scion, place = load_morphology(file), (morphology.index(onto), amount("x", x, (0, 1)))
    root = scion.index(subtree_of)
    if scion.sections[root].region == "somatic":
        raise MorphologyError(f"{subtree_of} of {scion.name!r} is soma, and a cell has one")
    taken = sorted(subtree(scion, [root]))
    new = {old: len(morphology) + place for place, old in enumerate(taken)}
    more = [replace(scion.sections[i], parent=new.get(scion.sections[i].parent, 0)) for i in taken]
    return hung(morphology, {new[root]: place}, more)
