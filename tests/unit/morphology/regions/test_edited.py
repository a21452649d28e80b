"""Named regions and edits: they choose, are asked again, and say what is gone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.morphology.regions.test_asking import TREE
from tests.unit.morphology.seeded import shapes
from workbench.cells import CellRecipe, MaximalLength, Paint, electrotonic
from workbench.errors import MorphologyError
from workbench.morphology import (
    Morphology,
    Section,
    check_morphology,
    edit_morphology,
    measure_morphologies,
    prune_distance,
    prune_order,
    scale_lengths,
    varied,
)

FAR = {"far": {"where": "apical and distance_um > 150", "cut": True}}


def lengths(cell):
    return [section.length_um for section in cell.sections]


@settings(max_examples=20, deadline=None)
@given(shapes(), st.floats(0.3, 3))
def test_one_of_the_four_by_another_name_is_edited_as_it_is(cell, factor):
    named = cell.with_regions({"named": "apical"})
    edited = scale_lengths(named, region="named", factor=factor)
    assert lengths(edited) == lengths(scale_lengths(cell, region="apical", factor=factor))
    assert edited.regions == named.regions
    assert edited.indices("named") == edited.indices("apical")


def test_a_region_is_cut_again_where_it_ends_after_an_edit():
    longer = scale_lengths(TREE.with_regions(FAR), region="apic[0]", factor=1.5)
    # 45 um more on the way: apic[1] begins at 145 um, apic[2] too.
    assert longer.length_um("far") == pytest.approx(95 + 195 + 80)
    assert longer.length_um("apical") == pytest.approx(90 * 1.5 + 100 + 200 + 80)
    assert longer.length_um("apic[1]") == pytest.approx(100)
    assert [name for name in longer.names if "[1." in name] == [
        "apic[1.1]",
        "apic[1.2]",
        "apic[1.3]",
    ]


def test_what_is_gone_is_told():
    cell = TREE.with_regions({"way": "path('apical@250um')", "one": "apic[3]"})
    with pytest.raises(
        MorphologyError,
        match=r"prune-distance: region 'way': cannot use .*no apical section at 250",
    ):
        edit_morphology(cell, "prune-distance apical=200")
    with pytest.raises(MorphologyError, match=r"'one': cannot use 'apic.3.': unknown section"):
        prune_order(cell, region="apical", order=1)
    assert len(prune_distance(cell, region="basal", distance_um=20)) == len(cell)


def test_pieces_have_the_order_of_their_section():
    pruned = prune_order(TREE.with_regions(FAR), region="apical", order=1)
    assert lengths(pruned) == pytest.approx([20, 90, 50, 50, 50, 150, 50])


def test_edits_done_anew_keep_the_regions():
    cell = edit_morphology(TREE, "scale-lengths basal=2").with_regions(FAR)
    other = varied(cell, {"edit.scale-lengths.factor": 3})
    assert other.length_um("basal") == pytest.approx(150)
    assert other.regions == cell.regions
    assert other.length_um("far") == pytest.approx(280)
    later = edit_morphology(cell, "scale-diameters far=2")
    again = varied(later, {"edit.scale-diameters.factor": 3})
    assert again.diameter_um(again.indices("far")[0]) == pytest.approx(6)


def test_another_tree_is_asked_for_the_regions_of_a_recipe():
    recipe = CellRecipe("cell", TREE.with_regions(FAR), paint=(Paint("cm", "far", 2.0),))
    longer = scale_lengths(TREE, region="apical", factor=2)
    moved = recipe.with_morphology(longer)
    painted = {one.section for one in moved.painted()}
    assert sum(moved.morphology.sections[i].length_um for i in painted) == pytest.approx(
        longer.length_um("apical") - 140
    )
    assert recipe.with_morphology(TREE.with_regions({"far": "basal"})).morphology.indices(
        "far"
    ) == (5,)


def test_a_cut_cable_is_the_same_cable():
    """Input and transfer resistances are those of the cell that is not cut."""
    paint = (Paint("g_pas", "all", 1e-4), Paint("Ra", "all", 150.0))
    recipe = CellRecipe("cell", TREE, (), (("all", "pas"),), paint, MaximalLength(1.0))
    whole = electrotonic(recipe)
    cut = electrotonic(recipe.with_morphology(TREE.with_regions(FAR)))
    assert len(cut.morphology) == len(TREE) + 2
    for site in ("soma(0.5)", "apic[1](0.9)", "apic[3](1)", "dend[0](0.5)"):
        assert cut.input_MOhm(site) == pytest.approx(whole.input_MOhm(site), rel=1e-3)
        there = cut.transfer_MOhm(site, "apic[2](0.7)")
        assert there == pytest.approx(whole.transfer_MOhm(site, "apic[2](0.7)"), rel=1e-3)


def test_pieces_are_no_oddity_of_a_shape():
    soma = Section("somatic", -1, 0.0, [[0, 0, 0, 10], [10, 0, 0, 10]])
    up = Section("apical", 0, 0.5, [[5, 5, 0, 1], [5, 50, 0, 1]])
    cell = Morphology("up", (soma, up))
    cut = cell.with_regions({"far": {"where": "apical and y_um > 20", "cut": True}})
    assert len(cut) == len(cell) + 1
    assert check_morphology(cut) == check_morphology(cell)


def test_rows_of_measures_name_the_region_that_cannot_be_asked():
    [row] = measure_morphologies([TREE], "region", regions={"far": "distance_um > 150"})
    assert "region 'far' of 'tree' ends inside of" in row["reason"]
