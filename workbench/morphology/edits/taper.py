"""Diameters by a law of the distance along the tree."""

from typing import Literal

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import neurites_of, reshaped, starts_um
from workbench.morphology.tree import Morphology
from workbench.units import amount

Law = Literal["linear", "exponential"]


@edit
def taper(
    morphology: Morphology,
    *,
    region: str,
    start_um: float,
    end_um: float,
    law: Law = "linear",
    over_um: float | None = None,
) -> Morphology:
    """Return the cell with diameters of a region that follow from the path distance.

    With s the distance from where the region begins, as a share of `over_um`, diameters are
    `start_um + (end_um - start_um) s`, or `start_um (end_um / start_um)^s`; beyond it `end_um`.

    Parameters
    ----------
    region
        A region, `all`, or a section such as `apic[3]`. The soma stays.
    start_um
        The diameter where the region begins, in each of its trees.
    end_um
        The diameter at `over_um` and beyond.
    law
        `linear` or `exponential`.
    over_um
        The distance over which diameters change; to the farthest end if none is given.

    Raises
    ------
    MorphologyError
        No such section.
    """
    first, last = (amount(n, v) for n, v in (("start_um", start_um), ("end_um", end_um)))
    if not (first > 0 and last > 0):
        raise MorphologyError(f"start_um {start_um:g} and end_um {end_um:g}: both are above 0")
    chosen, starts = neurites_of(morphology, region), starts_um(morphology)
    origin: dict[int, float] = {}
    for index in chosen:
        origin[index] = origin.get(morphology.sections[index].parent, starts[index])
    ways = {i: starts[i] - origin[i] + morphology.sections[i].arcs_um for i in chosen}
    farthest = max(float(way[-1]) for way in ways.values())
    over = farthest if over_um is None else amount("over_um", over_um)
    if not over > 0:
        raise MorphologyError(f"over_um is {over_um}: a distance above 0")
    points = {}
    for index, way in ways.items():
        points[index] = morphology.sections[index].points.copy()
        points[index][:, 3] = _diameters_um(law, first, last, np.minimum(way / over, 1.0))
    return reshaped(morphology, points)


def _diameters_um(law: Law, first: float, last: float, share: Floats) -> Floats:
    if law == "linear":
        return np.asarray(first + (last - first) * share)
    return np.asarray(first * (last / first) ** share)
