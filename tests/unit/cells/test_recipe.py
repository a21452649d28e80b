import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cells import CellRecipe, Distribution, MaximalLength, Paint, Profile
from workbench.errors import MorphologyError, StudyError
from workbench.morphology import Cylinder, cylinder_tree, load_morphology

TREE = cylinder_tree(
    "tree",
    [
        Cylinder("somatic", 20, 20),
        Cylinder("apical", 120, 2, parent=0),
        Cylinder("apical", 60, 1, parent=1),
        Cylinder("basal", 50, 1, parent=0, parent_x=0.5),
    ],
)
SOMA, TRUNK, TUFT, BASAL = range(4)
LINEAR = Distribution("linear", "value * distance_um")
RECIPE = CellRecipe(
    "cell",
    TREE,
    inserted=(("all", "pas"), ("apical", "Ih")),
    paint=(
        Paint("cm", "all", 1.0),
        Paint("cm", "apical", 2.0),
        Paint("gIhbar_Ih", "apical", None, LINEAR),
        Paint("g_pas", "all", None),
    ),
    segments=MaximalLength(40),
)
VALUES = {"gIhbar_Ih.apical": 0.5, "g_pas.all": 3e-5}


def final(recipe, variable):
    """Return what a section has after all the paint, as an engine would find it."""
    found = {}
    for painted in recipe.painted():
        if painted.variable == variable:
            found[painted.section] = painted.values
    return found


def test_the_later_paint_wins():
    recipe = RECIPE.with_values(VALUES)
    assert final(recipe, "cm") == {SOMA: 1.0, TRUNK: 2.0, TUFT: 2.0, BASAL: 1.0}
    swapped = replace(recipe, paint=(recipe.paint[1], recipe.paint[0], *recipe.paint[2:]))
    assert final(swapped, "cm") == {SOMA: 1.0, TRUNK: 1.0, TUFT: 1.0, BASAL: 1.0}


def test_a_distribution_sees_the_centre_of_each_segment():
    """From soma(0.5): the trunk of 7 segments begins at 10 um, the tuft of 3 at 130 um."""
    found = final(RECIPE.with_values(VALUES), "gIhbar_Ih")
    trunk = [10 + 120 * (i + 0.5) / 7 for i in range(7)]
    tuft = [130 + 60 * (i + 0.5) / 3 for i in range(3)]
    assert found.keys() == {TRUNK, TUFT}
    assert found[TRUNK] == pytest.approx([0.5 * d for d in trunk])
    assert found[TUFT] == pytest.approx([0.5 * d for d in tuft])


def test_the_farthest_end_is_that_of_the_region():
    relative = Distribution("relative", "value * max_distance_um")
    recipe = CellRecipe(
        "c", TREE, paint=(Paint("a", "apical", 1.0, relative), Paint("b", "basal", 1.0, relative))
    )
    assert final(recipe, "a")[TRUNK][0] == pytest.approx(190)
    assert final(recipe, "b")[BASAL][0] == pytest.approx(50)


def test_ra_is_one_number_in_each_section():
    """As NEURON has it: it may differ from section to section, and not within one."""
    factors = Profile("factors", {"apic[0]": 2.0, "apic[1]": 3.0})
    recipe = CellRecipe("c", TREE, paint=(Paint("Ra", "apical", 50.0, factors),))
    assert final(recipe, "Ra") == {TRUNK: 100.0, TUFT: 150.0}
    paint = (Paint("Ra", "apical", 50.0, LINEAR),)
    varying = CellRecipe("c", TREE, paint=paint, segments=MaximalLength(40))
    with pytest.raises(StudyError, match=r"Ra\.apical varies inside of sections"):
        final(varying, "Ra")


@pytest.mark.parametrize(
    ("at", "places"),
    [
        ("centre", [20.0, 40.0, 60.0]),
        ("last segment's end", [20.0, 40.0, 70.0]),
        ("section's end", [70.0, 70.0, 70.0]),
    ],
)
def test_a_distribution_may_look_elsewhere_than_at_the_centre(at, places):
    """Three segments of 20 um, from 10 to 70 um."""
    tree = cylinder_tree("t", [Cylinder("somatic", 20, 20), Cylinder("apical", 60, 1, parent=0)])
    linear = Distribution("linear", "value * distance_um", at)
    recipe = CellRecipe("c", tree, paint=(Paint("a", "apical", 2.0, linear),))
    assert final(recipe, "a")[1] == pytest.approx([2 * place for place in places])


def test_a_place_that_is_none_names_those_that_are():
    with pytest.raises(StudyError, match="at: unknown place 'center'; did you mean 'centre'"):
        Distribution("d", "value", "center")


def test_a_profile_has_a_factor_for_each_section():
    profile = Profile("table", {"apic[0]": 1.0, "apic[1]": 0.5})
    recipe = CellRecipe("c", TREE, paint=(Paint("a", "apical", 3.0, profile),))
    found = final(recipe, "a")
    assert found[TRUNK].tolist() == [3.0] * 7
    assert found[TUFT].tolist() == [1.5] * 3
    whole = CellRecipe("c", TREE, paint=(Paint("a", "all", 3.0, profile),))
    with pytest.raises(StudyError, match=r"'table' has no factor for soma\[0\]"):
        list(whole.painted())


def test_a_profile_may_have_several_factors_along_a_section():
    profile = Profile("table", {"apic[0]": (1.0, 2.0, 4.0), "apic[1]": (5.0,)})
    recipe = CellRecipe("c", TREE, paint=(Paint("a", "apical", 3.0, profile),))
    found = final(recipe, "a")
    # Of 7 segments the centres lie at 1/14, 3/14, ...; a third ends at 4.67/14, two at 9.33/14.
    assert found[TRUNK].tolist() == [3.0, 3.0, 6.0, 6.0, 6.0, 12.0, 12.0]
    assert found[TUFT].tolist() == [15.0] * 3
    # Where a boundary of a region cuts a section, the parts are those of the whole.
    cut = TREE.with_regions({"far": {"where": "apical and distance_um > 70", "cut": True}})
    pieces = CellRecipe("c", cut, paint=(Paint("a", "apical", 3.0, profile),))
    along = [v for one in pieces.painted() for v in np.atleast_1d(one.values).tolist()
             if cut.uncut_names[one.section] == "apic[0]"]  # fmt: skip
    assert along[0] == 3.0
    assert along[-1] == 12.0


def test_ih_in_the_farthest_segment_of_the_l5pc_example():
    """BluePyOpt on NEURON: 0.0069992 S/cm2 in the last segment of apic[24], centre at 0.9444."""
    ih = Distribution("ih", "(-0.8696 + 2.087 * exp(0.0031 * distance_um)) * value")
    morphology = load_morphology("C060114A7")
    recipe = CellRecipe("l5pc", morphology, paint=(Paint("gIhbar_Ih", "apical", 8e-5, ih),))
    found = final(recipe, "gIhbar_Ih")
    last = found[morphology.index("apic[24]")]
    assert len(last) == 9  # 1 - 1/18 = 0.9444
    assert last[-1] == pytest.approx(0.0069992, abs=5e-8)


def test_free_values_are_those_without_a_number():
    assert RECIPE.free == ("gIhbar_Ih.apical", "g_pas.all")
    assert RECIPE.with_values({"g_pas.all": 1e-5}).free == ("gIhbar_Ih.apical",)
    assert RECIPE.with_values(VALUES).free == ()


def test_a_recipe_with_free_values_cannot_be_painted():
    with pytest.raises(StudyError, match=r"no value for gIhbar_Ih\.apical"):
        list(RECIPE.with_values({"g_pas.all": 1e-5}).painted())


def test_with_values_leaves_the_recipe_as_it_was():
    RECIPE.with_values(VALUES)
    assert RECIPE.free == ("gIhbar_Ih.apical", "g_pas.all")


def test_fixed_values_may_be_changed_too():
    recipe = RECIPE.with_values({**VALUES, "cm.apical": 3.0})
    assert final(recipe, "cm")[TUFT] == 3.0


def test_with_values_refuses_what_is_not_painted():
    with pytest.raises(StudyError, match=r"'g_pass\.all'; did you mean 'g_pas\.all'"):
        RECIPE.with_values({"g_pass.all": 1.0})
    with pytest.raises(StudyError, match=r"g_pas\.apical"):
        RECIPE.with_values({"g_pas.apical": 1.0})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_with_values_refuses_what_is_not_finite(value):
    with pytest.raises(StudyError, match=r"g_pas\.all is .*finite"):
        RECIPE.with_values({"g_pas.all": value})


def test_a_distribution_without_a_finite_value_names_section_and_distribution():
    bad = Distribution("bad", "value / (distance_um > 100)")
    recipe = CellRecipe("c", TREE, paint=(Paint("g_pas", "apical", 1.0, bad),))
    with pytest.raises(StudyError, match=r"g_pas\.apical is not finite in apic\[0\].*'bad'"):
        list(recipe.painted())


def test_a_whole_number_is_painted_as_a_float():
    """Written in Python as Paint("cm", "all", 1); engines tell numbers from arrays by type."""
    [painted] = CellRecipe("c", TREE, paint=(Paint("cm", "somatic", 1),)).painted()
    assert isinstance(painted.values, float)


def test_paint_of_a_region_that_does_not_exist():
    with pytest.raises(MorphologyError, match="did you mean 'apical'"):
        list(CellRecipe("c", TREE, paint=(Paint("cm", "apicl", 1.0),)).painted())


numbers = st.floats(1e-6, 1e3)


@given(numbers, numbers)
def test_cells_that_differ_in_numbers_alone_share_a_frame(g_pas, gIhbar):
    recipe = RECIPE.with_values({"g_pas.all": g_pas, "gIhbar_Ih.apical": gIhbar})
    assert recipe.frame == RECIPE.frame


CM_ALL, CM_APICAL = st.sampled_from([1.0, 1.5]), st.sampled_from([2.0, 3.0])


@given(st.lists(st.tuples(CM_ALL, CM_APICAL, st.sampled_from([1e-5, 3e-5])), min_size=2))
def test_what_changed_brings_a_painted_cell_to_where_painting_all_would(each):
    """Where two paints reach a section, the one below must not come through."""
    cell, before = {}, None
    for whole, apical, g_pas in each:
        values = {"cm.all": whole, "cm.apical": apical, "g_pas.all": g_pas}
        recipe = RECIPE.with_values({**values, "gIhbar_Ih.apical": 0.5})
        changed = list(recipe.painted(before))
        cell.update({(one.section, one.variable): one.values for one in changed})
        for variable in ("cm", "g_pas"):
            expected = final(recipe, variable)
            assert {i: v for (i, name), v in cell.items() if name == variable} == expected
        if before is not None:
            assert "gIhbar_Ih" not in {one.variable for one in changed}
        before = recipe


@pytest.mark.parametrize(
    "change",
    [
        {"inserted": (("all", "pas"),)},
        {"inserted": (("apical", "Ih"), ("all", "pas"))},
        {"inserted": (("all", "pas"), ("basal", "Ih"))},
        {"paint": RECIPE.paint[:-1]},
        {"paint": (*RECIPE.paint, Paint("Ra", "all", 100.0))},
        {"segments": MaximalLength(20)},
        {"morphology": cylinder_tree("tree", [Cylinder("somatic", 21, 20)])},
    ],
    ids=str,
)
def test_all_else_is_another_frame(change):
    assert replace(RECIPE, **change).frame != RECIPE.frame


def test_temperature_and_name_are_no_part_of_the_frame():
    other = replace(RECIPE, name="other", celsius_degC=37.0, v_init_mV=-80.0)
    assert other.frame == RECIPE.frame


def test_the_same_paint_on_another_tree():
    longer = cylinder_tree("long", [Cylinder("somatic", 20, 20), Cylinder("apical", 500, 2, 0)])
    recipe = RECIPE.with_values(VALUES).with_morphology(longer)
    assert recipe.segment_counts == (1, 25)
    [values] = final(recipe, "gIhbar_Ih").values()
    assert values[-1] == pytest.approx(0.5 * (10 + 500 * 24.5 / 25))
    assert np.all(np.diff(values) > 0)


def test_the_variables_of_an_ion_are_painted_where_the_ion_is():
    tree = cylinder_tree("two", [Cylinder("somatic", 20, 20), Cylinder("basal", 50, 2, 0)])
    paint = (Paint("ena", "all", 50.0), Paint("cm", "all", 2.0), Paint("ena", "basal", 40.0))
    cell = CellRecipe("ions", tree, inserted=(("somatic", "hh"),), paint=paint)
    said = [(one.section, one.variable) for one in cell.painted()]
    assert cell.without_ion(paint[0]) == [1]
    # What no section of a region can have is an engine's to refuse.
    assert said == [(0, "ena"), (0, "cm"), (1, "cm"), (1, "ena")]
