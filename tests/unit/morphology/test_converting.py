"""What is written is read again as the same cell, or what is not is said."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.unit.morphology.shapes import cylinder_trees, forked_trees
from workbench.errors import MorphologyError
from workbench.morphology import (
    Cylinder,
    Morphology,
    Section,
    compare_morphologies,
    convert_morphology,
    cylinder_tree,
    load_morphology,
)
from workbench.morphology.section import REGIONS
from workbench.morphology.writers.drawn import drawn
from workbench.morphology.writers.swc import swc_text

STRAIGHT = np.array([[0, 0, 0, 2], [10, 0, 0, 2]], dtype=float)


def through_swc(cell, folder):
    file = folder / "cell.swc"
    file.write_text(swc_text(drawn(cell)))
    return load_morphology(file)


def ends_um(cell):
    """Return the path distances of all tips."""
    return sorted(
        float(cell.path_distance_um(index, 1.0))
        for index, children in enumerate(cell.children)
        if not any(cell.sections[child].parent_x == 1 for child in children)
    )


@settings(deadline=None)
@given(forked_trees())
def test_a_forked_tree_is_read_from_swc_as_it_was(tmp_path_factory, tree):
    again = through_swc(tree, tmp_path_factory.mktemp("swc"))
    assert compare_morphologies(tree, again) == ()
    assert again.names == tree.names


@settings(deadline=None)
@given(cylinder_trees())
def test_cylinders_laid_out_keep_their_sizes_and_ways(tree):
    made = drawn(tree)
    assert not any(section.is_cylinder for section in made.sections)
    for region in REGIONS:
        assert made.length_um(region) == pytest.approx(tree.length_um(region), rel=1e-4)
        assert made.area_um2(region) == pytest.approx(tree.area_um2(region), rel=1e-4)
    assert max(ends_um(made)) == pytest.approx(max(ends_um(tree)), rel=1e-4)
    for section in made.sections[1:]:
        on_soma = made.sections[section.parent].region == "somatic"
        assert section.parent_x == 1 or on_soma


@settings(deadline=None)
@given(cylinder_trees())
def test_cylinders_keep_their_sizes_through_swc(tmp_path_factory, tree):
    """Only children become one with their parents; a jump of diameter is a ring then."""
    made, again = drawn(tree), through_swc(tree, tmp_path_factory.mktemp("swc"))
    for region in REGIONS:
        assert again.length_um(region) == pytest.approx(tree.length_um(region), rel=1e-4)
        if len(again) == len(made):
            assert again.area_um2(region) == pytest.approx(tree.area_um2(region), rel=1e-4)


def test_a_section_is_cut_where_another_hangs():
    cell = Morphology(
        "cell",
        (
            Section("somatic", -1, 0.0, STRAIGHT),
            Section("basal", 0, 1.0, np.add(STRAIGHT, [10, 0, 0, 0])),
            Section("basal", 1, 0.25, np.add(STRAIGHT, [12.5, 0, 0, 0])),
            Section("basal", 1, 0.0, np.add(STRAIGHT, [10, 0, 0, 0])),
        ),
    )
    made = drawn(cell)
    assert [section.length_um for section in made.sections] == [10, 2.5, 7.5, 10, 10]
    hung = [(section.parent, section.parent_x) for section in made.sections]
    assert hung == [(-1, 0), (0, 1), (1, 1), (1, 1), (0, 1)]


def test_a_section_that_begins_elsewhere_is_moved_with_all_that_grows_from_it(tmp_path):
    cell = Morphology(
        "cell",
        (
            Section("somatic", -1, 0.0, STRAIGHT),
            Section("basal", 0, 1.0, np.add(STRAIGHT, [10, 7, 0, 0])),
            Section("axonal", 1, 1.0, np.add(STRAIGHT, [20, 7, 0, 0])),
        ),
    )
    [moved] = convert_morphology(cell, tmp_path / "out.swc")
    assert moved.what == "points"
    assert set(moved.sections) == {"axon[0]", "dend[0]"}
    assert "7 um apart" in moved.message
    assert load_morphology(tmp_path / "out.swc").length_um() == 30


def test_an_only_child_becomes_one_with_its_parent_which_is_said(tmp_path):
    chain = (
        Section("somatic", -1, 0.0, STRAIGHT),
        Section("basal", 0, 1.0, np.add(STRAIGHT, [10, 0, 0, 0])),
        Section("basal", 1, 1.0, np.add(STRAIGHT, [20, 0, 0, 0])),
    )
    [said] = convert_morphology(Morphology("cell", chain), tmp_path / "out.swc")
    assert said.what == "sections"
    assert said.message.startswith("2 basal sections, and 1; only in the first: dend[0], dend[1]")


@pytest.mark.parametrize("suffix", [".asc", ".h5"])
def test_neurites_are_the_same_in_asc_and_h5_and_the_soma_is_an_outline(tmp_path, suffix):
    cell = Morphology(
        "cell",
        (
            Section("somatic", -1, 0.0, np.array([[0, 0, 0, 8], [9, 0, 0, 10], [20, 0, 0, 8.0]])),
            Section("basal", 0, 0.5, np.add(STRAIGHT, [9, 5, 0, 0])),
            Section("basal", 1, 1.0, np.array([[19, 5, 0, 1], [19, 30, 3, 0.5]])),
            Section("basal", 1, 1.0, np.array([[19, 5, 0, 2], [30, 5, 3, 0.5]])),
        ),
    )
    found = convert_morphology(cell, tmp_path / f"out{suffix}")
    assert {name for one in found for name in one.sections} <= {"soma[0]"}
    [area] = [one for one in found if one.what == "measures" and "area" in one.message]
    assert area.message.startswith("somatic area")
    again = load_morphology(tmp_path / f"out{suffix}")
    assert again.area_um2("somatic") == pytest.approx(cell.area_um2("somatic"), rel=0.05)


def test_what_cannot_be_written_is_refused(tmp_path):
    stick = cylinder_tree("stick", [Cylinder("basal", 100, 2)])
    with pytest.raises(
        MorphologyError, match=r"unknown suffix to write '.hoc'.*\.asc, \.h5, \.swc"
    ):
        convert_morphology(stick, tmp_path / "out.hoc")
    with pytest.raises(MorphologyError, match=r"stick has no soma, and \.asc files need one"):
        convert_morphology(stick, tmp_path / "out.asc")
    assert list(tmp_path.iterdir()) == []


def test_a_cell_may_be_written_over_its_own_file(tmp_path):
    file = tmp_path / "cell.swc"
    convert_morphology("patch", file)
    before = load_morphology(file)
    assert convert_morphology(file, file) == ()
    assert load_morphology(file) == before
