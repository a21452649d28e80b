"""Spines whose membrane counts as that of the dendrite: factors, messages, digests."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.morphology.seeded import shapes
from workbench.cells import CellRecipe, DLambda, Paint, Spines, electrotonic
from workbench.errors import InputError
from workbench.morphology import Cylinder, add_spines, cylinder_tree

CELL = cylinder_tree(
    "cell",
    [
        Cylinder("somatic", 20, 20),
        Cylinder("basal", 100, 2, parent=0),
        Cylinder("basal", 200, 0.5, parent=1),
        Cylinder("apical", 300, 1, parent=0),
    ],
)
RECIPE = CellRecipe(
    "cell",
    CELL,
    inserted=(("all", "pas"),),
    paint=(Paint("g_pas", "all", 1e-4), Paint("Ra", "all", 150.0)),
)


def painted(recipe):
    """Return the last value of each variable in each section."""
    return {(one.section, one.variable): one.values for one in recipe.painted()}


def test_the_factor_of_a_section_is_its_area_with_spines_over_that_without():
    spiny = replace(RECIPE, spines=(Spines("basal", 1.5, 0.8),))
    before, after = painted(RECIPE), painted(spiny)
    for section, area_um2, length_um in ((1, np.pi * 200, 100), (2, np.pi * 100, 200)):
        factor = (area_um2 + 1.5 * length_um * 0.8) / area_um2
        assert after[section, "cm"] == pytest.approx(factor * 1.0)
        assert after[section, "g_pas"] == pytest.approx(factor * 1e-4)
        assert after[section, "Ra"] == before[section, "Ra"]
    assert {key: after[key] for key in before if key[0] in (0, 3)} == {
        key: before[key] for key in before if key[0] in (0, 3)
    }


def test_thick_sections_bear_none_and_several_kinds_add_up():
    thin = Spines("basal", 1.0, 0.5, max_diameter_um=2.0)
    assert thin.sections(CELL) == (2,)
    twice = replace(RECIPE, spines=(thin, Spines("dend[1]", 2.0, 0.25, scaled=("cm",))))
    area_um2 = np.pi * 0.5 * 200
    values = painted(twice)
    assert values[2, "cm"] == pytest.approx(1 + 200 / area_um2)
    assert values[2, "g_pas"] == pytest.approx(1e-4 * (1 + 100 / area_um2))


def test_a_painted_cm_and_a_spread_one_are_multiplied():
    recipe = replace(
        RECIPE, paint=(*RECIPE.paint, Paint("cm", "basal", 2.0)), spines=(Spines("all", 1.0, 1.0),)
    )
    values = painted(recipe)
    assert values[2, "cm"] == pytest.approx(2 * (1 + 1 / (np.pi * 0.5)))
    assert values[3, "cm"] == pytest.approx(1 + 1 / np.pi)


def test_painting_again_gives_what_a_fresh_cell_has():
    spiny = replace(RECIPE, spines=(Spines("basal", 1.5, 0.8),))
    other = spiny.with_values({"g_pas.all": 3e-4})
    assert spiny.frame == other.frame
    again = {(one.section, one.variable): one.values for one in other.painted(spiny)}
    assert painted(spiny) | again == painted(other)


@settings(max_examples=25, deadline=None)
@given(shapes(), st.floats(0.1, 5), st.floats(0.1, 2))
def test_the_whole_capacitance_is_that_of_both_membranes(cell, density, area_um2):
    recipe = replace(RECIPE, morphology=cell, spines=(Spines("apical", density, area_um2),))
    values = painted(recipe)
    whole = sum(
        values.get((index, "cm"), 1.0) * section.area_um2
        for index, section in enumerate(cell.sections)
    )
    more_um2 = density * area_um2 * cell.length_um("apical")
    assert whole == pytest.approx(cell.area_um2() + more_um2, rel=1e-9)


def test_input_resistance_is_that_with_spines_as_sections():
    """Necks of 0.2 um and 1 um have no resistance worth telling beside the dendrite's."""
    neck_um2, head_um2 = np.pi * 0.2 * 1.0, np.pi * 0.5**2
    folded = replace(RECIPE, spines=(Spines("apical", 2.0, neck_um2 + head_um2),))
    made = add_spines(CELL, region="apical", density_per_um=2.0, neck_um=0.2, head_um=0.5)
    explicit = replace(RECIPE, morphology=made)
    bare, *both = (electrotonic(one).input_MOhm("soma(0.5)") for one in (RECIPE, folded, explicit))
    assert both[0] == pytest.approx(both[1], rel=0.01)
    assert bare > 1.15 * both[0]


def test_a_cable_with_spines_in_closed_form():
    """R = coth(L) / (pi d lambda g F), lambda = sqrt(d / (4 g F Ra)): a sealed cylinder."""
    rows = [Cylinder("basal", 1000, 1)]
    recipe = replace(
        RECIPE, morphology=cylinder_tree("cable", rows), spines=(Spines("all", 2.0, np.pi / 2),)
    )
    recipe = replace(recipe, segments=DLambda(0.001))
    d, g, Ra, L = 1e-4, 2 * 1e-4, 150.0, 1000e-4  # cm, S/cm2, ohm cm, cm; F = 2
    length = np.sqrt(d / (4 * g * Ra))
    MOhm = 1e-6 / np.tanh(L / length) / (np.pi * d * length * g)
    assert electrotonic(recipe).input_MOhm("dend[0](0)") == pytest.approx(MOhm, rel=1e-3)


def test_segments_are_cut_for_the_capacitance_that_results():
    ruled = replace(RECIPE, segments=DLambda(0.05))
    spiny = replace(ruled, spines=(Spines("apical", 3.0, 1.0),))
    assert spiny.segment_counts[3] > ruled.segment_counts[3]
    assert spiny.segment_counts[1] == ruled.segment_counts[1]


def test_no_spines_change_no_digest():
    from workbench.digests import digest

    assert digest(replace(RECIPE, spines=())) == digest(RECIPE)
    spiny = replace(RECIPE, spines=(Spines("basal", 1.5, 0.8),))
    assert digest(spiny) != digest(RECIPE)
    assert spiny.frame != RECIPE.frame


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("basal", -1.0, 0.8), "density_per_um is -1"),
        (("basal", 1.0, float("nan")), "area_um2 is nan"),
        (("basal", 1.0, 1.0, 0.0), "max_diameter_um is 0, it must lie between"),
        (("basal", 1.0, 1.0, None, ()), "spines scale nothing; name cm"),
        (("basal", 1.0, 1.0, None, ("Ra",)), "Ra is none of it"),
        (("bsal", 1.0, 1.0), "unknown region 'bsal'"),
        (("basal", 1.0, 1.0, None, ("gl_hh",)), r"scale gl_hh, which has no value in dend\[0\]"),
    ],
)
def test_mistakes_are_told(given, message):
    with pytest.raises(InputError, match=message):
        replace(RECIPE, spines=(Spines(*given),))
