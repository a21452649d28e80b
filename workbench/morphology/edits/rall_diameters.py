"""Diameters by Rall's power at every fork."""

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import neurites_of, reshaped
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def rall_diameters(
    morphology: Morphology, *, region: str, tip_um: float, power: float = 1.5
) -> Morphology:
    """Return the cell with diameters of a region by Rall's power.

    A section has `tip_um n^(1 / power)` with n the tips of the region beyond it, so that the powers
    of the daughters' diameters add up to their parent's (Rall 1959).

    Parameters
    ----------
    region
        A region, `all`, or a section such as `apic[3]`. The soma stays.
    tip_um
        The diameter of sections from which nothing grows.
    power
        Rall's is 3/2.

    Raises
    ------
    MorphologyError
        No such section.
    """
    tip, exponent = amount("tip_um", tip_um), amount("power", power, (0.1, 100))
    if not tip > 0:
        raise MorphologyError(f"tip_um is {tip_um:g}: a diameter above 0")
    chosen = neurites_of(morphology, region)
    tips = dict.fromkeys(chosen, 0)
    for index in reversed(chosen):
        tips[index] = max(tips[index], 1)
        parent = morphology.sections[index].parent
        if parent in tips:
            tips[parent] += tips[index]
    points = {}
    for index, count in tips.items():
        points[index] = morphology.sections[index].points.copy()
        points[index][:, 3] = tip * count ** (1 / exponent)
    return reshaped(morphology, points)
