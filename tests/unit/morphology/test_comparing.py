"""What differs between two cells is found, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.morphology.shapes import forked_trees
from workbench.morphology import Morphology, Section, compare_morphologies

POINTS = np.array([[0, 0, 0, 2], [10, 0, 0, 2], [10, 20, 0, 1]], dtype=float)


def with_section(cell, index, **changes):
    sections = list(cell.sections)
    sections[index] = replace(sections[index], **changes)
    return replace(cell, sections=tuple(sections))


@pytest.fixture
def cell():
    return Morphology(
        "cell",
        (
            Section("somatic", -1, 0.0, POINTS),
            Section("basal", 0, 0.5, np.add(POINTS, [0, 0, 5, 0])),
            Section("basal", 0, 1.0, np.add(POINTS, [10, 20, 0, 0])),
        ),
    )


@given(forked_trees())
def test_nothing_differs_from_itself(tree):
    assert compare_morphologies(tree, replace(tree, name="another")) == ()


@given(forked_trees(), st.data())
def test_one_diameter_is_found(tree, data):
    index = data.draw(st.integers(0, len(tree) - 1))
    points = tree.sections[index].points.copy()
    row = data.draw(st.integers(0, len(points) - 1))
    points[row, 3] += 0.01
    found = compare_morphologies(tree, with_section(tree, index, points=points))
    [one] = [one for one in found if one.what == "diameters"]
    assert one.sections == (tree.names[index],)
    assert {one.what for one in found} <= {"diameters", "measures"}


def test_more_points_on_the_same_line_are_no_difference(cell):
    finer = np.insert(POINTS, [1, 2], [[5, 0, 0, 2], [10, 10, 0, 1.5]], axis=0)
    assert compare_morphologies(cell, with_section(cell, 0, points=finer)) == ()


def test_places_lengths_and_areas(cell):
    moved = with_section(cell, 1, points=np.add(POINTS, [0, 3, 5, 0]))
    [one] = compare_morphologies(cell, moved)
    assert (one.what, one.sections) == ("points", ("dend[0]",))
    assert one.message == "running elsewhere: dend[0]; dend[0] is 3 um apart at 0"
    longer = with_section(cell, 1, points=POINTS * [2, 2, 2, 1])
    found = compare_morphologies(cell, longer)
    assert [one.what for one in found] == ["points", "measures", "measures"]
    assert found[0].message == "of another length: dend[0]; dend[0] is 30 um long, and 60"
    assert found[1].message == "basal length 60 um, and 90 (+50 %)"


def test_where_sections_hang(cell):
    [one] = compare_morphologies(cell, with_section(cell, 2, parent=1))
    assert (one.what, one.sections) == ("attachment", ("dend[1]",))
    assert one.message == "hanging elsewhere: dend[1]; dend[1] on soma[0](1), and on dend[0](1)"


def test_a_section_that_one_lacks(cell):
    fewer = replace(cell, sections=(cell.sections[0], cell.sections[2]))
    found = compare_morphologies(cell, fewer)
    assert found[0].what == "sections"
    assert found[0].message == "2 basal sections, and 1; only in the first: dend[0]"
    assert {one.what for one in found[1:]} == {"measures"}
