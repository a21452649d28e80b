"""Pruned cells keep all but what they say, as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.morphology.seeded import shapes
from workbench.errors import MorphologyError
from workbench.morphology import (
    Cylinder,
    cylinder_tree,
    prune_diameter,
    prune_distance,
    prune_order,
    prune_terminals,
    remove_subtree,
)


def lengths(cell, region):
    return [round(cell.sections[i].length_um, 6) for i in cell.indices(region)]


def test_by_order(cell):
    assert lengths(prune_order(cell, region="apical", order=1), "apical") == [100, 80, 60]
    assert lengths(prune_order(cell, region="apical", order=0), "apical") == [100]
    assert lengths(prune_order(cell, region="all", order=0), "all") == [20, 50, 100, 90]
    assert prune_order(cell, region="all", order=2) == cell


def test_by_distance_cuts_what_reaches_farther(cell):
    near = prune_distance(cell, region="apical", distance_um=90)  # 10 um of the soma's
    assert lengths(near, "apical") == [80, 30]
    stem, side = (near.sections[i] for i in near.indices("apical"))
    assert side.parent_x == pytest.approx(50 / 80)
    assert stem.area_um2 == pytest.approx(80 * 4 * 3.141592653589793)
    assert lengths(near, "basal") == [50, 40, 30]
    assert near.path_distance_um("apic[1]", (0, 1)).tolist() == pytest.approx([60, 90])


def test_by_diameter_with_what_grows_from_it(cell):
    assert lengths(prune_diameter(cell, region="apical", diameter_um=1.5), "apical") == [
        100,
        80,
        40,
    ]
    assert lengths(prune_diameter(cell, region="apical", diameter_um=2.5), "apical") == [100]
    assert lengths(prune_diameter(cell, region="all", diameter_um=9), "all") == [20]


def test_a_subtree(cell):
    assert lengths(remove_subtree(cell, section="apic[1]"), "apical") == [100, 60]


def test_terminals_by_share_and_seed(cell):
    cells = [prune_terminals(cell, region="apical", share=0.34, seed=seed) for seed in range(20)]
    assert {len(one.indices("apical")) for one in cells} == {4}
    assert len({one.digest for one in cells}) == 3  # each of the three ends, for some seed
    again = prune_terminals(cell, region="apical", share=0.34, seed=7)
    assert again == cells[7]
    rounds = prune_terminals(cell, region="apical", share=1, rounds=2)
    assert lengths(rounds, "apical") == [100]
    with pytest.raises(MorphologyError, match="no apical section is left after 3 of 4 rounds"):
        prune_terminals(cell, region="apical", share=1, rounds=4)


def test_what_grows_in_another_region_is_told():
    cell = cylinder_tree(
        "cell",
        [
            Cylinder("somatic", 20, 20),
            Cylinder("basal", 50, 2, parent=0),
            Cylinder("axonal", 90, 1, parent=1),
        ],
    )
    with pytest.raises(MorphologyError, match=r"axon\[0\] grows from dend\[0\], which would"):
        prune_distance(cell, region="basal", distance_um=5)
    assert lengths(prune_distance(cell, region="all", distance_um=5), "all") == [20]


@settings(deadline=None)
@given(shapes(), st.floats(0, 150))
def test_nothing_lies_beyond_and_all_else_is_there(cell, distance_um):
    near = prune_distance(cell, region="all", distance_um=distance_um)
    ends = [float(near.path_distance_um(i, 1.0)) for i in range(1, len(near))]
    assert max(ends, default=0) <= distance_um * (1 + 1e-5) + 1e-4
    within = 0.0
    for index, section in enumerate(cell.sections[1:], start=1):
        start = float(cell.path_distance_um(index, 0.0))
        within += min(section.length_um, max(0.0, distance_um - start))
    assert near.length_um() - near.sections[0].length_um == pytest.approx(within, abs=1e-3)
