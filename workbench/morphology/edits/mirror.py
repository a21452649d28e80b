"""Left for right."""

from typing import Literal

import numpy as np

from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.turning import mapped
from workbench.morphology.tree import Morphology


@edit
def mirror(morphology: Morphology, *, axis: Literal["x", "y", "z"]) -> Morphology:
    """Return the cell with all of it mirrored along an axis, about the middle of its root.

    Parameters
    ----------
    axis
        `x`, `y` or `z`.

    Raises
    ------
    MorphologyError
        Where a section is a cylinder, which has no place.
    """
    signs = np.ones(3)
    signs["xyz".index(axis)] = -1
    return mapped(morphology, np.diag(signs))
