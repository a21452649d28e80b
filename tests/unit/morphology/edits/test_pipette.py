"""Pipettes of a given resistance and capacitance."""

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.morphology import add_pipette


def pieces(cell, **given):
    """Return resistances (MOhm) and capacitances (pF) of a pipette's cylinders at 100 ohm cm."""
    new = add_pipette(cell, x=0.5, **given)
    made = new.sections[len(cell) :]
    assert new.sections[: len(cell)] == cell.sections
    assert [one.region for one in made] == ["basal"] * len(made)
    assert [one.parent for one in made] == [0, *range(len(cell), len(new) - 1)]
    assert [one.parent_x for one in made] == [0.5, *[1.0] * (len(made) - 1)]
    long_um = np.array([one.length_um for one in made])
    thick_um = np.array([one.points[0, 3] for one in made])
    return 4 * long_um / np.pi / thick_um**2, 0.01 * np.pi * thick_um * long_um


def test_a_cone_of_80_pieces(cell):
    """Sections with diameters from 1 to 128 um and one Ra, as in ModelDB 140789."""
    given_MOhm, given_pF = pieces(cell, resistance_MOhm=17, capacitance_pF=2.0)
    areas = np.array([(1 + 127 / 79 * i) ** 2 for i in range(80)])
    assert given_MOhm == pytest.approx(17 / areas / np.sum(1 / areas), rel=1e-9)
    assert given_pF == pytest.approx(np.full(80, 2.0 / 80), rel=1e-9)


def test_a_cylinder_is_cut_evenly(cell):
    given_MOhm, given_pF = pieces(
        cell, resistance_MOhm=50, capacitance_pF=5, widening=1, cylinders=4
    )
    assert given_MOhm == pytest.approx([12.5] * 4)
    assert given_pF == pytest.approx([1.25] * 4)


def test_other_paint(cell):
    new = add_pipette(
        cell, resistance_MOhm=10, capacitance_pF=3, cylinders=1, Ra_ohm_cm=50, cm_uF_per_cm2=0.5
    )
    [made] = new.sections[len(cell) :]
    length_um, diameter_um = made.length_um, made.points[0, 3]
    assert 0.01 * 50 * 4 * length_um / np.pi / diameter_um**2 == pytest.approx(10)
    assert 0.01 * 0.5 * np.pi * diameter_um * length_um == pytest.approx(3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cylinders": 0}, "cylinders is 0; take a whole number, 1 to 1000"),
        ({"cylinders": 2.5}, "cylinders is 2.5; take"),
        ({"onto": "dend[999]"}, "dend"),
        ({"resistance_MOhm": 0}, "resistance_MOhm"),
        ({"capacitance_pF": -1}, "capacitance_pF"),
        ({"widening": 0.5}, "widening"),
        ({"x": 2}, "x"),
    ],
)
def test_what_no_pipette_has(cell, given, said):
    with pytest.raises(InputError, match=said):
        add_pipette(cell, **{"resistance_MOhm": 10, "capacitance_pF": 1} | given)
