"""Spines that are no sections of their own: their membrane counts as that of the dendrite.

A spine's membrane has nearly the voltage of the dendrite that bears it, so that its area can be
given to the dendrite: with F = (A + S) / A of a section's area A and the area S of its spines, cm
and the conductances per area are F times as large, and the cable keeps its length, diameter and Ra
(Holmes & Woody 1989, Brain Res 505:12-22; Rapp, Yarom & Segev 1992, Neural Comput 4:518-533). What
happens within a spine, in its neck and head, wants sections: the edit `add-spines`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.errors import StudyError
from workbench.morphology import Morphology
from workbench.units import amount

ALWAYS = "cm"
"""What every section has, painted or not."""
MOST_PER_um = 1e3
MOST_um2 = 1e3
THINNEST_um, MOST_um = 1e-3, 1e6


@dataclass(frozen=True)
class Spines:
    """The spines of a region.

    Parameters
    ----------
    region
        A region, `all` too, one with a name of its own, or a section such as `apic[3]`.
    density_per_um
        Spines per length of the dendrite.
    area_um2
        Membrane of one, neck and head.
    max_diameter_um
        Sections that are as thick on average, or thicker, bear none.
    scaled
        What is F times as large: cm, and conductances per area that are painted.

    Raises
    ------
    InputError
        If a number cannot be, or what is scaled is no property of the membrane.
    """

    region: str
    density_per_um: float
    area_um2: float
    max_diameter_um: float | None = None
    scaled: tuple[str, ...] = (ALWAYS, "g_pas")

    def __post_init__(self) -> None:
        amount("density_per_um", self.density_per_um, (0, MOST_PER_um))
        amount("area_um2", self.area_um2, (0, MOST_um2))
        if self.max_diameter_um is not None:
            amount("max_diameter_um", self.max_diameter_um, (THINNEST_um, MOST_um))
        if not self.scaled or "Ra" in self.scaled:
            raise StudyError(
                f"spines scale {', '.join(self.scaled) or 'nothing'}; name cm and conductances "
                "per area, such as g_pas: a spine is membrane, and Ra is none of it"
            )
        object.__setattr__(self, "scaled", tuple(self.scaled))

    def sections(self, morphology: Morphology) -> tuple[int, ...]:
        """Return the sections that bear them."""
        widest = np.inf if self.max_diameter_um is None else self.max_diameter_um
        return tuple(
            index
            for index in morphology.indices(self.region)
            if morphology.diameter_um(index) < widest
        )


def spine_factors(morphology: Morphology, spines: Sequence[Spines], variable: str) -> Floats:
    """Return F of a variable for each section, (n,)."""
    factors = np.ones(len(morphology))
    for one in (one for one in spines if variable in one.scaled):
        for index in one.sections(morphology):
            section = morphology.sections[index]
            membrane_um2 = one.density_per_um * section.length_um * one.area_um2
            factors[index] += membrane_um2 / section.area_um2
    return factors


def check_spines(
    morphology: Morphology, spines: Sequence[Spines], painted: Sequence[tuple[str, str]]
) -> None:
    """Refuse spines that scale what nobody painted.

    Parameters
    ----------
    painted
        Pairs of a variable and a region.

    Raises
    ------
    StudyError
        With the first section where a value is missing.
    """
    for one in spines:
        for variable in one.scaled:
            regions = [region for name, region in painted if name == variable]
            has = {index for region in regions for index in morphology.indices(region)}
            bare = [index for index in one.sections(morphology) if index not in has]
            if bare and variable != ALWAYS:
                raise StudyError(
                    f"spines of {one.region} scale {variable}, which has no value in "
                    f"{morphology.names[bare[0]]}: give it one among the parameters, or name what "
                    f'they scale, such as scaled = ["{ALWAYS}"]'
                )
