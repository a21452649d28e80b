"""Spines as sections of their own."""

from dataclasses import replace

import numpy as np

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.edits.trees import neurites_of
from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology
from workbench.units import amount

MOST = 100_000


@edit
def add_spines(
    morphology: Morphology,
    *,
    region: str,
    x: float | None = None,
    density_per_um: float | None = None,
    seed: int = 1,
    neck_length_um: float = 1.0,
    neck_um: float | None = None,
    neck_MOhm: float | None = None,
    Ra_ohm_cm: float = 100.0,
    head_um: float = 0.5,
) -> Morphology:
    """Return the cell with spines, a neck and a head each, two cylinders behind one another.

    They are of the region that they grow from, and stand behind all other sections: neck, head,
    neck, head. A neck's resistance is R = 4 Ra l / (pi d^2), end to end.

    Parameters
    ----------
    region
        A region, `all`, or a section such as `apic[3]`. The soma bears none.
    x
        One spine at this place, from 0 to 1, on each section.
    density_per_um
        In place of x: spines per length, at independent places drawn evenly; their number is
        rounded.
    seed
        Of the places.
    neck_length_um
        Length of the neck.
    neck_um
        Diameter of the neck.
    neck_MOhm
        In place of neck_um: its resistance.
    Ra_ohm_cm
        The axial resistivity with which neck_MOhm holds.
    head_um
        Length and diameter of the head.

    Raises
    ------
    MorphologyError
        No such section, places or necks given twice or not at all, or more than 100,000 spines.
    """
    if (x is None) == (density_per_um is None) or (neck_um is None) == (neck_MOhm is None):
        raise MorphologyError("give either x or density_per_um, and either neck_um or neck_MOhm")
    thick = neck_um
    if thick is None:
        # 1 ohm cm is 0.01 MOhm um.
        resistance = amount("neck_MOhm", neck_MOhm, (1e-3, 1e6))
        resistivity = amount("Ra_ohm_cm", Ra_ohm_cm, (1e-3, 1e6))
        thick = (0.04 * resistivity * neck_length_um / (np.pi * resistance)) ** 0.5
    made = list(morphology.sections)
    for index, place in _places(morphology, region, x, density_per_um, seed):
        kind = morphology.sections[index].region
        made.append(Section.cylinder(kind, index, place, neck_length_um, thick))
        made.append(Section.cylinder(kind, len(made) - 1, 1.0, head_um, head_um))
    return replace(morphology, sections=tuple(made))


def _places(
    morphology: Morphology, region: str, x: float | None, density: float | None, seed: int
) -> list[tuple[int, float]]:
    """Return a section and a place on it for each spine, in order."""
    chosen = neurites_of(morphology, region)
    if x is not None:
        return [(index, amount("x", x, (0, 1))) for index in chosen]
    generator = np.random.default_rng(int(amount("seed", seed, (0, 2**32 - 1))))
    ends = np.cumsum([morphology.sections[index].length_um for index in chosen])
    count = round(amount("density_per_um", density, (0, 1e3)) * float(ends[-1]))
    if count > MOST:
        raise MorphologyError(
            f"{count} spines: more than {MOST} sections of their own are not made; "
            "fold them into cm and g_pas instead"
        )
    along = np.sort(generator.uniform(0, ends[-1], count))
    which = np.minimum(np.searchsorted(ends, along, side="right"), len(chosen) - 1)
    lengths = np.diff(ends, prepend=0.0)
    places = np.clip((along - (ends - lengths)[which]) / lengths[which], 0, 1)
    return [(chosen[i], float(place)) for i, place in zip(which, places, strict=True)]
