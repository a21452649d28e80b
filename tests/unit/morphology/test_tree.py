import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import MorphologyError
from workbench.morphology import REGIONS, Cylinder, Morphology, Section, cylinder_tree

# A soma with a forked apical dendrite, a basal one from its middle, an axon from its end.
CELL = cylinder_tree(
    "y",
    [
        Cylinder("somatic", 20, 10),
        Cylinder("basal", 50, 2, parent=0, parent_x=0.5),
        Cylinder("apical", 100, 4, parent=0, parent_x=1.0),
        Cylinder("apical", 30, 2, parent=2, parent_x=0.25),
        Cylinder("axonal", 60, 1, parent=0, parent_x=1.0),
        Cylinder("apical", 10, 2, parent=3, parent_x=0.0),
    ],
)


def test_names_count_within_regions():
    assert CELL.names == ("soma[0]", "dend[0]", "apic[0]", "apic[1]", "axon[0]", "apic[2]")
    assert [CELL.index(name) for name in CELL.names] == list(range(6))
    assert CELL.index("soma") == 0
    assert CELL.indices("apical") == (2, 3, 5)
    assert CELL.indices() == CELL.indices("all") == tuple(range(6))
    assert CELL.children == ((1, 2, 4), (), (3,), (5,), (), ())


@pytest.mark.parametrize(
    ("section", "origin", "ends"),
    [
        ("soma[0]", ("soma[0]", 0.5), (10, 10)),
        ("dend[0]", ("soma[0]", 0.5), (0, 50)),
        ("apic[0]", ("soma[0]", 0.5), (10, 110)),
        ("apic[1]", ("soma[0]", 0.5), (10 + 25, 10 + 25 + 30)),
        ("apic[2]", ("soma[0]", 0.5), (35, 45)),
        ("apic[0]", ("apic[1]", 1.0), (25 + 30, 75 + 30)),
        ("soma[0]", ("apic[1]", 1.0), (30 + 25 + 20, 30 + 25)),
        ("dend[0]", ("axon[0]", 0.5), (30 + 10, 30 + 10 + 50)),
        ("axon[0]", ("apic[0]", 0.0), (0, 60)),
        ("apic[2]", ("apic[1]", 0.5), (15, 25)),
    ],
)
def test_path_distances(section, origin, ends):
    assert CELL.path_distance_um(section, (0, 1), origin) == pytest.approx(ends)


def test_path_distance_takes_places_of_any_shape():
    found = CELL.path_distance_um("soma", [[0, 0.25], [0.5, 1]])
    assert found == pytest.approx(np.array([[10, 5], [0, 10]]))
    assert CELL.path_distance_um(1, 0.5).shape == ()


def test_totals():
    assert CELL.length_um("apical") == 140
    assert CELL.length_um() == 270
    assert CELL.area_um2("axonal") == pytest.approx(math.pi * 60)
    assert CELL.area_um2() == pytest.approx(sum(CELL.area_um2(region) for region in REGIONS))
    assert CELL.diameter_um("apic[0]", 0.2, 0.2) == CELL.diameter_um(2) == 4


def test_digest_depends_on_the_geometry_alone():
    renamed = replace(CELL, name="z", source="elsewhere", notes=("odd",))
    assert renamed == CELL
    assert hash(renamed) == hash(CELL)
    assert len({CELL, renamed}) == 1
    for change in ({"parent_x": 0.25}, {"region": "apical"}, {"is_cylinder": False}):
        sections = list(CELL.sections)
        sections[1] = replace(sections[1], **change)
        assert replace(CELL, sections=tuple(sections)) != CELL


def test_digest_is_the_same_in_every_version():
    """Runs are found again by it: changing it needs a new version of the run folders."""
    stick = cylinder_tree("stick", [Cylinder("basal", 100.0, 2.0)])
    again = cylinder_tree("stick", [Cylinder("basal", 100, 2)])
    assert stick.digest == again.digest
    assert len(stick.digest) == 64
    assert int(stick.digest, 16)


@st.composite
def trees(draw):
    n = draw(st.integers(1, 12))
    size = st.floats(0.5, 300)
    rows = [Cylinder("somatic", draw(size), draw(size))]
    for index in range(1, n):
        rows.append(
            Cylinder(
                draw(st.sampled_from(REGIONS[1:])),
                draw(size),
                draw(size),
                draw(st.integers(0, index - 1)),
                draw(st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1)),
            )
        )
    return cylinder_tree("random", rows)


@given(trees(), st.data())
def test_distances_are_a_metric_on_the_tree(tree, data):
    def place():
        return data.draw(st.integers(0, len(tree) - 1)), data.draw(st.floats(0, 1))

    a, b, c = place(), place(), place()

    def apart(p, q):
        return float(tree.path_distance_um(*p, origin=q))

    assert apart(a, a) == 0
    assert apart(a, b) == pytest.approx(apart(b, a), abs=1e-9)
    assert apart(a, c) <= apart(a, b) + apart(b, c) + 1e-9


@given(trees(), st.data())
def test_distances_add_up_on_the_way_from_the_root(tree, data):
    index, x = data.draw(st.integers(0, len(tree) - 1)), data.draw(st.floats(0, 1))
    walked, at, place = 0.0, index, x
    while at >= 0:
        walked += place * tree.sections[at].length_um
        at, place = tree.sections[at].parent, tree.sections[at].parent_x
    assert float(tree.path_distance_um(index, x, origin=(0, 0.0))) == pytest.approx(walked)


@given(trees())
def test_a_tree_is_made_again_from_its_sections(tree):
    again = Morphology("again", tuple(replace(section) for section in tree.sections))
    assert again == tree
    assert sorted(again.names) == sorted(set(again.names))
    assert again.names == tree.names


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: CELL.index("apic[3]"), r"'apic\[3\]' of 'y'; it has apic\[0\] to apic\[2\]"),
        (lambda: CELL.index("apci[0]"), "Allowed: apic, axon, dend, soma"),
        (lambda: CELL.index(6), "sections 0 to 5"),
        (lambda: CELL.index(-1), "sections 0 to 5"),
        (lambda: CELL.indices("apcal"), "did you mean 'apical'"),
        (lambda: CELL.path_distance_um(0, 1.2), "0 to 1"),
        (lambda: CELL.path_distance_um(0, math.nan), "0 to 1"),
        (lambda: Morphology("none", ()), "no sections"),
        (lambda: cylinder_tree("two", [Cylinder("basal", 1, 1)] * 2), "parent -1"),
        (lambda: cylinder_tree("loop", [Cylinder("basal", 1, 1, parent=0)]), "parent 0"),
    ],
)
def test_what_is_not_there(ask, message):
    with pytest.raises(MorphologyError, match=message):
        ask()


def test_a_parent_stands_before_its_child():
    root = Section.cylinder("somatic", -1, 0, 1, 1)
    late = Section.cylinder("basal", 2, 1, 1, 1)
    with pytest.raises(MorphologyError, match="section 1 of 'late' has parent 2"):
        Morphology("late", (root, late, Section.cylinder("basal", 0, 1, 1, 1)))
