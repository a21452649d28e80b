"""Less noise in the places and diameters of points."""

import numpy as np

from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import neurites_of, reshaped
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def smooth(morphology: Morphology, *, region: str, rounds: int = 1) -> Morphology:
    """Return the cell with each inner point of a region nearer to its neighbours.

    A round moves it, and its diameter, to half itself and a quarter of each neighbour. Ends stay.

    Parameters
    ----------
    region
        A region, `all`, or a section such as `apic[3]`. The soma stays.
    rounds
        How often.

    Raises
    ------
    MorphologyError
        No such section.
    """
    times = int(amount("rounds", rounds, (1, 1e4)))
    points = {}
    for index in neurites_of(morphology, region):
        made = morphology.sections[index].points.copy()
        for _ in range(times):
            made[1:-1] = 0.5 * made[1:-1] + 0.25 * (made[:-2] + made[2:])
        if len(made) > 2 and np.ptp(made[:, :3], axis=0).any():
            points[index] = made
    return reshaped(morphology, points)
