"""A morphology is shown in one line, and drawn where it has a place in space."""

import xml.etree.ElementTree as ET

import numpy as np

from workbench.morphology import (
    Cylinder,
    Morphology,
    Section,
    cylinder_tree,
    edit_morphology,
    scale_lengths,
)


def section(region, parent, points):
    return Section(region, parent, 1.0, np.array(points, dtype=float))


# 10 um of soma along x, then 30 um of dendrite upwards.
CELL = Morphology(
    "a<b",
    (
        section("somatic", -1, [(0, 0, 0, 10), (10, 0, 0, 10)]),
        section("apical", 0, [(10, 0, 0, 2), (10, 30, 0, 2)]),
    ),
)


def drawn(morphology):
    return ET.fromstring(morphology._repr_html_())


def test_a_line_counts_sections_and_lengths_of_the_regions_that_are_there():
    assert repr(CELL) == "<Morphology a<b: 2 sections; 1 somatic (10 um), 1 apical (30 um)>"


def test_a_line_tells_what_was_done_to_the_shape():
    once = scale_lengths(CELL, region="apical", factor=2)
    regions = "1 somatic (10 um), 1 apical (60 um)"
    assert repr(once) == f"<Morphology a<b: 2 sections; {regions}; edited: scale-lengths>"
    often = edit_morphology(once, *["mirror axis=x"] * 5)
    assert repr(often).endswith("; edited: scale-lengths, mirror, mirror, mirror, 2 more>")


def test_every_section_with_a_place_is_a_line_inside_the_picture():
    svg = drawn(CELL)[0]
    lines = [
        [tuple(map(float, pair.split(","))) for pair in line.get("points").split()] for line in svg
    ]
    # 30 um and the widest diameter, 10 um, take 320 px: 8 px/um; the margin is half of 10 um.
    assert lines == [[(40, 280), (120, 280)], [(120, 280), (120, 40)]]
    assert (svg.get("width"), svg.get("height")) == ("160", "320")
    assert [float(line.get("stroke-width")) for line in svg] == [80, 16]


def test_cylinders_have_no_place_and_are_told_in_words_alone():
    ball = cylinder_tree("ball", [Cylinder("somatic", 20, 10)])
    assert [child.tag for child in drawn(ball)] == ["p"]
