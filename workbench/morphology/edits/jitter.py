"""Noise on the places of points."""

import numpy as np

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import neurites_of, reshaped
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def jitter(morphology: Morphology, *, region: str, sd_um: float, seed: int = 1) -> Morphology:
    """Return the cell with the points of a region moved at random.

    All points of a section but its first are moved, by independent normal deviates in x, y and z;
    what grows from its end goes along.

    Parameters
    ----------
    region
        A region, `all`, or a section such as `apic[3]`. The soma stays.
    sd_um
        Standard deviation along each axis.
    seed
        Of the deviates.

    Raises
    ------
    MorphologyError
        No such section, or it is a cylinder that has no place.
    """
    sd = amount("sd_um", sd_um)
    generator = np.random.default_rng(int(amount("seed", seed, (0, 2**32 - 1))))
    points = {}
    for index in neurites_of(morphology, region):
        section = morphology.sections[index]
        if section.is_cylinder:
            raise MorphologyError(
                f"{morphology.names[index]} is a cylinder by length and diameter, with no place"
            )
        points[index] = section.points.copy()
        points[index][1:, :3] += generator.normal(scale=sd, size=(len(section.points) - 1, 3))
    return reshaped(morphology, points)
