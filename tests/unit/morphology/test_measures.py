"""Measures on shapes whose values can be worked out by hand, and against NeuroM's own."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from tests.unit.morphology.shapes import forked_trees
from workbench.errors import MorphologyError
from workbench.morphology import (
    Morphology,
    Section,
    barcode_um,
    measure_morphologies,
    shape_of,
)
from workbench.morphology.measures.own import sholl_crossings

SOMA = Section("somatic", -1, 0.0, np.array([[0, -5, 0, 10], [0, 0, 0, 10], [0, 5, 0, 10.0]]))


def line(parent, start, end, diameter, region="basal"):
    points = np.array([[*start, 0, diameter], [*end, 0, diameter]], dtype=float)
    return Section(region, parent, 0.5 if parent == 0 else 1.0, points)


@pytest.fixture
def fork():
    """A stem of 100 um in y forks at right angles into 30 and 40 um; the longer forks again."""
    return Morphology(
        "fork",
        (
            SOMA,
            line(0, (0, 0), (0, 100), 4),
            line(1, (0, 100), (-30, 100), 1),
            line(1, (0, 100), (0, 140), 4),
            line(3, (0, 140), (0, 150), 2),
            line(3, (0, 140), (20, 140), 1),
        ),
    )


def row_of(cell, by="cell"):
    [row] = measure_morphologies([cell], by)
    return row


def test_closed_forms(fork):
    row = row_of(fork)
    expected = {
        "number_of_stems": 1,
        "number_of_sections": 5,
        "number_of_bifurcations": 2,
        "number_of_tips": 3,
        "total_length_um": 200,
        "total_area_um2": math.pi * (100 * 4 + 30 + 40 * 4 + 10 * 2 + 20),
        "total_volume_um3": math.pi / 4 * (100 * 16 + 30 + 40 * 16 + 10 * 4 + 20),
        "mean_section_length_um": 40,
        "mean_taper_um_per_um": 0,
        "mean_tortuosity": 1,
        "max_branch_order": 2,
        "max_strahler_order": 2,
        "mean_partition_asymmetry": (1 / 1 + 0) / 2,
        "mean_partition_asymmetry_length": ((70 - 30) / 200 + (20 - 10) / 200) / 2,
        "mean_sibling_ratio": (1 / 4 + 1 / 2) / 2,
        "mean_rall_ratio": ((1 + 8) / 8 + (2**1.5 + 1) / 8) / 2,
        "mean_parent_daughter_ratio": (4 + 1 + 2 + 4) / 4,
        "mean_local_angle_rad": math.pi / 2,
        "mean_remote_angle_rad": math.pi / 2,
        "max_path_distance_um": 160,
        "max_radial_distance_um": 150,
        "width_um": 50,
        "height_um": 150,
        "depth_um": 0,
        "mean_contraction": 1,
        "early_branch_path": 30 / 160,
        "outer_bifurcations": 2,
        "sholl_most_crossings": 2,  # at 100 um both daughters begin and the stem has ended
        "sholl_radius_um": 100,
        "barcode_longest_um": 160,
        "barcode_mean_um": (160 + 30 + 10) / 3,
        "soma_area_um2": math.pi * 100,
    }
    found = {name: row[name] for name in expected}
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-5)
    shares = np.array([160, 30, 10]) / 200
    assert row["barcode_entropy"] == pytest.approx(-(shares * np.log(shares)).sum())


def test_the_barcode(fork):
    bars = barcode_um(shape_of(fork, "basal"))
    assert bars.tolist() == [[0, 160], [100, 130], [140, 150]]


def test_contraction_leaves_stems_out_and_sums_before_it_divides():
    bent = np.array([[0, 100, 0, 1], [30, 100, 0, 1], [30, 140, 0, 1]], dtype=float)
    cell = Morphology(
        "bent",
        (SOMA, line(0, (0, 0), (0, 100), 1), Section("basal", 1, 1.0, bent),
         line(1, (0, 100), (0, 130), 1)),
    )  # fmt: skip
    row = row_of(cell)
    assert row["mean_contraction"] == pytest.approx((50 + 30) / (70 + 30))
    assert row["mean_tortuosity"] == pytest.approx((1 + 70 / 50 + 1) / 3)


def test_regions_and_their_overlap():
    cell = Morphology(
        "two",
        (
            SOMA,
            line(0, (0, 0), (0, 100), 1, "apical"),
            line(0, (0, 0), (0, -50), 1),
            line(2, (0, -50), (30, -50), 1),
            line(2, (0, -50), (0, 10), 1),
        ),
    )
    basal, apical = measure_morphologies([cell], "region")
    assert (basal["region"], apical["region"]) == ("basal", "apical")
    assert (basal["total_length_um"], apical["total_length_um"]) == (140, 100)
    assert basal["overlap_apical"] == pytest.approx(10 / 140)
    assert apical["overlap_basal"] == pytest.approx(10 / 100)
    assert math.isnan(basal["overlap_basal"])
    assert math.isnan(basal["overlap_axonal"])
    assert math.isnan(apical["mean_local_angle_rad"])
    assert apical["early_branch_path"] == 0


def test_a_region_that_grows_from_another_is_measured_by_itself(fork):
    sections = list(fork.sections)
    for index in (3, 4, 5):
        points = sections[index].points
        sections[index] = Section("axonal", sections[index].parent, 1.0, points)
    axonal, basal = measure_morphologies([Morphology("mixed", tuple(sections))], "region")
    assert (axonal["number_of_sections"], basal["number_of_sections"]) == (3, 2)
    assert (axonal["total_length_um"], basal["total_length_um"]) == (70, 130)
    assert (axonal["number_of_stems"], axonal["barcode_longest_um"]) == (1, 60)


@settings(deadline=None, max_examples=30)
@given(forked_trees().filter(lambda tree: len(tree) > 1))
def test_neurom_and_the_tree_agree(tree):
    row, shape = row_of(tree), shape_of(tree)
    assert row["number_of_sections"] == len(tree) - 1
    assert row["total_length_um"] == pytest.approx(
        tree.length_um() - tree.length_um("somatic"), rel=1e-5
    )
    assert row["total_area_um2"] == pytest.approx(
        tree.area_um2() - tree.area_um2("somatic"), rel=1e-4
    )
    assert row["barcode_longest_um"] == pytest.approx(row["max_path_distance_um"], rel=1e-5)
    assert len(barcode_um(shape)) == row["number_of_tips"]
    assert 0 < row["mean_contraction"] <= 1 + 1e-6 or math.isnan(row["mean_contraction"])
    assert 0 <= row["early_branch_path"] <= 1 + 1e-9


def test_sholl_is_neuroms(fork):
    from neurom import NeuriteType
    from neurom.features.morphology import sholl_crossings as neuroms

    shape = shape_of(fork)
    radii = 10.0 * np.arange(1, 1 + len(sholl_crossings(shape)))
    odd = radii + 0.5  # no sphere through a point, where the two count otherwise
    mine = [sholl_crossings(shape, radius)[0] for radius in odd]
    theirs = neuroms(shape.drawn.neurom, NeuriteType.all, shape.drawn.origin_um, odd)
    assert mine == list(theirs)


def test_z_scores_are_of_the_others():
    cells = [
        Morphology(f"{length} um", (SOMA, line(0, (0, 0), (0, length), 1)))
        for length in (100, 200, 400)
    ]
    rows = measure_morphologies(cells)
    assert rows[0]["z_total_length_um"] == pytest.approx((100 - 300) / np.std([200, 400], ddof=1))
    assert math.isnan(rows[0]["z_number_of_tips"]), "the others do not differ"
    assert math.isnan(measure_morphologies(cells[:2])[0]["z_total_length_um"])


def test_a_file_that_cannot_be_read_is_a_row(fork, tmp_path):
    bad = tmp_path / "bad.swc"
    bad.write_text("1 1 0 0 zero 1 -1\n")
    rows = measure_morphologies([bad, fork, "patch"])
    assert [bool(row["reason"]) for row in rows] == [True, False, True]
    assert "bad.swc" in rows[0]["cell"]
    assert math.isnan(rows[0]["total_length_um"])
    assert "patch has a soma alone" in rows[2]["reason"]
    assert list(rows[0]) == list(rows[1])
    with pytest.raises(MorphologyError, match=r"unknown by 'section'.*Allowed: cell, region"):
        measure_morphologies([fork], "section")
