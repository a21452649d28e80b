"""One section as two."""

from dataclasses import replace

from workbench.errors import MorphologyError
from workbench.morphology.dividing import SHORTEST_um, divided
from workbench.morphology.edits.edit import edit
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def split(morphology: Morphology, *, section: str, x: float = 0.5) -> Morphology:
    """Return the cell with a section cut into two, one behind the other.

    What hangs at the place or before it hangs on the first, the rest on the second.

    Parameters
    ----------
    section
        Its name, such as `apic[3]`.
    x
        Where, from 0 to 1.

    Raises
    ------
    MorphologyError
        No such section, or a piece without length.
    """
    index, at = morphology.index(section), amount("x", x, (0, 1))
    whole = morphology.sections[index]
    if min(at, 1 - at) * whole.length_um < SHORTEST_um:
        raise MorphologyError(
            f"{section} cannot be split at {x:g}: pieces are {SHORTEST_um:g} um long at least, and "
            f"it has {whole.length_um:g} um"
        )
    sections = divided(morphology, {index: (at,)}, continues=False)
    return replace(morphology, sections=sections)
