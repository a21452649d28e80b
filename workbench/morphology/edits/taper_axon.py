"""A tapering initial segment in place of the axon."""

from dataclasses import replace

import numpy as np

from workbench.arrays import Floats
from workbench.errors import MorphologyError
from workbench.morphology.edits.axon import remove_axon
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import place_um
from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology
from workbench.units import amount


@edit
def taper_axon(
    morphology: Morphology,
    *,
    start_um: float,
    end_um: float,
    length_um: float = 40.0,
    soma_x: float = 0.5,
) -> Morphology:
    """Return the cell with one straight section that gets thinner for its axon.

    It leaves the soma as the axon did, or down along y where there was none.

    Parameters
    ----------
    start_um
        Its diameter at the soma.
    end_um
        Its diameter at the end.
    length_um
        Its length.
    soma_x
        Where on soma[0] it grows from.

    Raises
    ------
    MorphologyError
        The axon cannot be taken off, or an amount is not above 0.
    """
    given = {"start_um": start_um, "end_um": end_um, "length_um": length_um}
    for name, value in given.items():
        if not amount(name, value) > 0:
            raise MorphologyError(f"{name} is {value:g}, it must be above 0")
    rest = remove_axon(morphology)
    soma = rest.index("soma[0]")
    start = place_um(rest.sections[soma], amount("soma_x", soma_x, (0, 1)))
    end = start + length_um * _way(morphology)
    points = np.array([[*start, start_um], [*end, end_um]])
    return replace(rest, sections=(*rest.sections, Section("axonal", soma, soma_x, points)))


def _way(morphology: Morphology) -> Floats:
    """Return the direction in which the axon leaves, (3,)."""
    axon = morphology.indices("axonal")
    if not axon or morphology.sections[axon[0]].is_cylinder:
        return np.array([0.0, -1.0, 0.0])
    places = morphology.sections[axon[0]].points[:, :3]
    way = places[-1] - places[0]
    length = float(np.linalg.norm(way))
    return way / length if length > 0 else np.array([0.0, -1.0, 0.0])
