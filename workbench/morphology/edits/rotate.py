"""Turned in space."""

from typing import Literal

import numpy as np

from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.turning import mapped
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def rotate(morphology: Morphology, *, axis: Literal["x", "y", "z"], angle_deg: float) -> Morphology:
    """Return the cell with all of it turned about an axis through the middle of its root.

    Parameters
    ----------
    axis
        `x`, `y` or `z`.
    angle_deg
        How far, anticlockwise for who looks against the axis.

    Raises
    ------
    MorphologyError
        Where a section is a cylinder, which has no place.
    """
    angle = np.deg2rad(amount("angle_deg", angle_deg, (-1e4, 1e4)))
    one, other = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[[one, other], [one, other]] = np.cos(angle)
    matrix[other, one], matrix[one, other] = np.sin(angle), -np.sin(angle)
    return mapped(morphology, matrix)
