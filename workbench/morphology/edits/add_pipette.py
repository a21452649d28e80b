"""A recording pipette as cylinders that grow from the cell."""

from dataclasses import replace

import numpy as np

from workbench.errors import MorphologyError
from workbench.morphology.edits.edit import edit
from workbench.morphology.section import Section
from workbench.morphology.tree import Morphology
from workbench.units import amount

MOST = 1000
"""Cylinders of a pipette."""


@edit
def add_pipette(
    morphology: Morphology,
    *,
    onto: str = "soma[0]",
    x: float = 0.5,
    resistance_MOhm: float,
    capacitance_pF: float,
    widening: float = 128.0,
    cylinders: int = 80,
    Ra_ohm_cm: float = 100.0,
    cm_uF_per_cm2: float = 1.0,
) -> Morphology:
    """Return the cell with a pipette on it, basal sections behind all others, one behind the other.

    A conical pipette's diameters grow evenly to a multiple, in pieces of one length. What is in it
    has one axial resistivity, its wall one capacitance per length (Roth & Haeusser 2001, J Physiol
    535:445). So piece i of n, with diameter d_i, has the share d_i^-2 / sum(d^-2) of the resistance
    and 1/n of the capacitance. Each becomes the cylinder that has both with one Ra and one cm:
    D^3 = 4 Ra C_i / (pi^2 cm R_i), L = C_i / (pi D cm).

    The electrode is at the end of the last cylinder. It is this pipette where its sections are
    painted with these Ra and cm and have no conductance.

    Parameters
    ----------
    onto
        The section that it is sealed on.
    x
        Where on it, from 0 to 1.
    resistance_MOhm
        From the electrode to the cell.
    capacitance_pF
        Of its wall.
    widening
        Its widest diameter over that of its tip.
    cylinders
        Into how many pieces it is cut.
    Ra_ohm_cm
        The axial resistivity with which resistance_MOhm holds.
    cm_uF_per_cm2
        The specific capacitance with which capacitance_pF holds.

    Raises
    ------
    MorphologyError
        No such section, no cylinder or more than 1000, or an amount that no pipette has.
    """
    if cylinders != int(cylinders) or not 1 <= cylinders <= MOST:
        raise MorphologyError(f"cylinders is {cylinders:g}; take a whole number, 1 to {MOST}")
    diameters = np.linspace(1.0, amount("widening", widening, (1, 1e6)), int(cylinders))
    shares = diameters**-2 / np.sum(diameters**-2)
    resistances_MOhm = shares * amount("resistance_MOhm", resistance_MOhm, (1e-3, 1e6))
    piece_pF = amount("capacitance_pF", capacitance_pF, (1e-3, 1e6)) / int(cylinders)
    # 1 ohm cm is 0.01 MOhm um, 1 uF/cm2 is 0.01 pF/um2.
    resistivity = 0.01 * amount("Ra_ohm_cm", Ra_ohm_cm, (1e-3, 1e6))
    specific = 0.01 * amount("cm_uF_per_cm2", cm_uF_per_cm2, (1e-3, 1e6))
    thick_um = np.cbrt(4 * resistivity * piece_pF / (np.pi**2 * specific * resistances_MOhm))
    long_um = piece_pF / (np.pi * thick_um * specific)
    made = list(morphology.sections)
    parent, place = morphology.index(onto), amount("x", x, (0, 1))
    for length_um, diameter_um in zip(long_um.tolist(), thick_um.tolist(), strict=True):
        made.append(Section.cylinder("basal", parent, place, length_um, diameter_um))
        parent, place = len(made) - 1, 1.0
    return replace(morphology, sections=tuple(made))
