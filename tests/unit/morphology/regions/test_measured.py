"""Measures of named regions, by NeuroM and by ours."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.unit.morphology.regions.test_asking import TREE
from tests.unit.morphology.seeded import shapes
from tests.unit.morphology.shapes import forked_trees
from workbench.morphology import measure_morphologies


def rows_of(cell, **regions):
    rows = measure_morphologies([cell], "region", regions=regions)
    return {row.pop("region"): row for row in rows}


@settings(max_examples=10, deadline=None)
@given(shapes() | forked_trees(), st.sampled_from(["axonal", "basal", "apical"]))
def test_a_region_by_another_name_measures_the_same(cell, region):
    assume(cell.indices(region))
    rows = rows_of(cell, named=region)
    for name, value in rows[region].items():
        if not name.startswith(("z_", "overlap_")):
            same = rows["named"][name]
            assert same == value or (math.isnan(same) and math.isnan(value)), name


@settings(max_examples=10, deadline=None)
@given(forked_trees(), st.sampled_from(["tips", "order >= 1", "strahler == 1", "length_um > 40"]))
def test_parts_of_trees_have_the_sizes_of_their_sections(cell, where):
    cell = cell.with_regions({"named": f"({where}) and not somatic"})
    held = cell.indices("named")
    assume(held)
    row = rows_of(cell)["named"]
    assert row["number_of_sections"] == len(held)
    assert row["total_length_um"] == pytest.approx(cell.length_um("named"), rel=1e-5)
    assert row["total_area_um2"] == pytest.approx(cell.area_um2("named"), rel=1e-4)


def test_a_part_of_a_section_is_measured_as_it_is():
    rows = rows_of(TREE, far={"where": "apical and distance_um > 150", "cut": True}, none="axonal")
    assert list(rows) == ["basal", "apical", "far"]
    far = rows["far"]
    assert far["total_length_um"] == pytest.approx(50 + 150 + 80)
    # Two stems; the section of 80 um hangs in the middle of the other's 150 um, and so cuts it.
    assert (far["number_of_stems"], far["number_of_tips"]) == (2, 3)
    assert far["number_of_sections"] == 4
    assert far["max_path_distance_um"] == pytest.approx(150)
