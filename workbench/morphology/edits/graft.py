"""A part of one cell on another."""

from dataclasses import replace

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import EDITS, edit
from workbench.morphology.edits.rebuilding import hung
from workbench.morphology.edits.trees import subtree
from workbench.morphology.readers.load import load_morphology
from workbench.morphology.tree import Morphology
from workbench.units import amount

DIGITS = 16
"""Of a digest that a record keeps."""


@edit
def graft(
    morphology: Morphology,
    *,
    file: str,
    subtree_of: str,
    onto: str = "soma[0]",
    x: float = 1.0,
    digest: str = "",
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
    digest
        With what the digest of the file's cell begins; another cell is refused. A record of the
        edit has it, so that it makes the same shape again or none.

    Raises
    ------
    MorphologyError
        The file cannot be read, holds another cell, or there is no such section.
    """
    scion, place = load_morphology(file), (morphology.index(onto), amount("x", x, (0, 1)))
    if not scion.digest.startswith(digest):
        raise MorphologyError(
            f"{file} holds another cell than the one that was grafted: its digest is "
            f"{scion.digest[:DIGITS]}, and {digest} is asked for. Leave digest out to "
            "take it as it is"
        )
    root = scion.index(subtree_of)
    if scion.sections[root].region == "somatic":
        raise MorphologyError(f"{subtree_of} of {scion.name!r} is soma, and a cell has one")
    taken = sorted(subtree(scion, [root]))
    new = {old: len(morphology) + place for place, old in enumerate(taken)}
    more = [replace(scion.sections[i], parent=new.get(scion.sections[i].parent, 0)) for i in taken]
    given = {"file": file, "subtree_of": subtree_of, "onto": onto, "x": x}
    words = EDITS["graft"].words(given | {"digest": scion.digest[:DIGITS]})
    return replace(hung(morphology, {new[root]: place}, more), edits=(*morphology.edits, words))
