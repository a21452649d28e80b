"""As large as before the tissue was fixed and cut."""

import numpy as np

from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.scale_lengths import FACTORS
from workbench.morphology.edits.turning import mapped
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def undo_shrinkage(
    morphology: Morphology, *, x: float = 1.0, y: float = 1.0, z: float = 1.0
) -> Morphology:
    """Return the cell with places multiplied along each axis, about the middle of its root.

    Diameters stay.

    Parameters
    ----------
    x
        Length before over length after, along x.
    y
        The same along y.
    z
        The same along z; slices are thinner than they were cut.

    Raises
    ------
    MorphologyError
        Where a section is a cylinder, which has no place.
    """
    factors = [amount(name, by, FACTORS) for name, by in (("x", x), ("y", y), ("z", z))]
    return mapped(morphology, np.diag(factors))
