"""SWC files as other programs write them: read as they were meant, or refused with the mend.

What NEURON's Import3d makes of the same files stands in
tests/physics/morphology/test_against_import3d.py.
"""

import math

import pytest

from workbench.errors import MorphologyError
from workbench.morphology import load_morphology

SPHERE = "1 1 0 0 0 5 -1\n2 1 0 -5 0 5 1\n3 1 0 5 0 5 1\n"
DENDRITE = "4 3 5 0 0 1 1\n5 3 50 0 0 1 4\n"
ROOT_OF_KIND_6 = """# exported by a tracing program
1 6 10 10 5 4 -1
2 1 12 11 5 4.5 1
3 2 30 12 5 0.5 2
4 2 60 14 6 0.4 3
5 3 -5 12 5 0.8 1
6 3 -40 20 5 0.6 5
"""
KIND_0 = SPHERE + "4 0 0 12 0 0.5 1\n5 0 0 60 0 0.5 4\n6 2 20 90 0 0.4 5\n7 2 -20 90 0 0.4 5\n"
NUMBERED_BY_DEPTH = """##n,type,x,y,z,radius,parent
108 3 40 0 0 0.8 7
7 3 15 0 0 0.9 200
200 1 0 0 0 6 -1
9 3 80 20 0 0.6 108
10 3 80 -20 0 0.6 108
"""
FORKS_AND_ENDS = """1 1 0 0 0 6 -1
2 3 0 10 0 1 1
3 5 0 40 0 1 2
4 3 20 60 0 0.8 3
5 6 40 80 0 0.6 4
6 3 -20 60 0 0.8 3
7 6 -40 80 0 0.6 6
"""
NO_SOMA = "1 2 0 0 0 1 -1\n2 2 10 0 0 0.5 1\n3 2 40 20 0 0.4 2\n4 2 40 -20 0 0.4 2\n"
STRAY = (
    "1 1 0 0 0 6 -1\n2 3 0 10 0 1 1\n3 3 0 60 0 1 2\n"
    "4 3 5 5 0 1 -1\n5 3 50 50 0 1 4\n"
)  # fmt: skip
SAME_PLACE = SPHERE + (
    "4 3 5 0 0 2 1\n5 3 20 0 0 2 4\n6 3 20 0 0 0.5 5\n7 3 60 0 0 0.5 6\n8 3 20 20 0 1 5\n"
)


@pytest.fixture
def load(tmp_path):
    def load(text, **options):
        path = tmp_path / "cell.swc"
        path.write_text(text)
        return load_morphology(path, **options)

    return load


def noted(cell, words):
    return any(words in note for note in (*cell.notes, *cell.unlike_neuron))


def parents(cell):
    return [(s.region, s.parent, s.parent_x) for s in cell.sections]


def test_a_root_of_a_kind_that_swc_leaves_free(load):
    with pytest.raises(MorphologyError, match=r'line 2: unknown kind .* kinds = \{6 = "somatic"\}'):
        load(ROOT_OF_KIND_6)
    cell = load(ROOT_OF_KIND_6, kinds={6: "somatic"})
    assert parents(cell) == [("somatic", -1, 0), ("axonal", 0, 1), ("basal", 0, 0)]
    assert cell == load(ROOT_OF_KIND_6.replace("1 6 ", "1 1 ", 1))


def test_points_of_kind_0(load):
    with pytest.raises(MorphologyError, match=r"line 4: unknown kind .* 2 of kind 0.*kinds = \{0"):
        load(KIND_0)
    assert load(KIND_0, kinds={0: "apical"}) == load(KIND_0.replace(" 0 0 ", " 4 0 ", 2).replace(
        "5 0 0 60", "5 4 0 60").replace("4 0 0 12", "4 4 0 12").replace("1 1 4 0 ", "1 1 0 0 "
    ).replace("2 1 4 -5", "2 1 0 -5"))  # fmt: skip


def test_forks_and_ends_as_kinds_take_the_region_of_what_they_grow_from(load):
    as_regions = load(FORKS_AND_ENDS, kinds={5: "basal", 6: "basal"})
    assert as_regions.names == ("soma[0]", "dend[0]", "dend[1]", "dend[2]")
    assert load(FORKS_AND_ENDS, kinds={5: "parent", 6: "parent"}) == as_regions
    on_soma = FORKS_AND_ENDS.replace("2 3 ", "2 5 ", 1)
    with pytest.raises(MorphologyError, match=r"line 2: .* the soma or nothing"):
        load(on_soma, kinds={5: "parent", 6: "parent"})


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ({3: "apical"}, "kinds: 3 is basal in every SWC file"),
        ({5: "dendrite"}, "kinds: 5: unknown region 'dendrite'"),
    ],
)
def test_kinds_that_cannot_be(load, kinds, message):
    with pytest.raises(MorphologyError, match=message):
        load(SPHERE + DENDRITE, kinds=kinds)


def test_parents_may_come_later(load):
    cell = load(NUMBERED_BY_DEPTH)
    in_order = (
        "1 1 0 0 0 6 -1\n2 3 15 0 0 0.9 1\n3 3 40 0 0 0.8 2\n"
        "4 3 80 20 0 0.6 3\n5 3 80 -20 0 0.6 3\n"
    )
    assert cell == load(in_order)
    assert noted(cell, "points stand before their parents (3 of them)")


def test_a_cell_without_a_soma(load):
    cell = load(NO_SOMA)
    assert cell.names == ("axon[0]", "axon[1]", "axon[2]")
    assert noted(cell, "there is no soma in the file")
    with pytest.raises(MorphologyError, match="has no soma, which soma='sphere'"):
        load(NO_SOMA, soma="sphere")


def test_a_tree_without_a_parent_hangs_on_the_soma(load):
    cell = load(STRAY)
    assert parents(cell)[1:] == [("basal", 0, 0.5), ("basal", 0, 0.5)]
    assert cell.length_um("basal") == pytest.approx(50 + 45 * math.sqrt(2))
    assert noted(cell, "trees without a parent hang on the middle of the soma: 1, with roots on l")
    in_front = "1 3 5 5 0 1 -1\n2 3 50 50 0 1 1\n3 1 0 0 0 6 -1\n4 3 0 10 0 1 3\n5 3 0 60 0 1 4\n"
    assert sorted(s.length_um for s in load(in_front).sections) == pytest.approx(
        sorted(s.length_um for s in cell.sections)
    )
    assert load(in_front).names[0] == "soma[0]"


def test_a_soma_of_three_points_is_a_sphere_wherever_its_rows_stand(load):
    apart = (
        "1 1 0 0 0 5 -1\n2 3 5 0 0 1 1\n3 3 50 0 0 1 2\n4 1 0 -5 0 5 1\n5 1 0 5 0 5 1\n"
    )  # fmt: skip
    cell = load(apart)
    assert cell == load(SPHERE + DENDRITE)
    assert cell.area_um2("somatic") == pytest.approx(4 * math.pi * 5**2)
    assert noted(cell, "lines 1, 4, 5")
    centre_last = (
        "1 1 0 -5 0 5 3\n2 1 0 5 0 5 3\n3 1 0 0 0 5 -1\n4 3 5 0 0 1 3\n5 3 50 0 0 1 4\n"
    )  # fmt: skip
    assert load(centre_last) == cell


def test_the_ring_that_is_left_out_is_noted_with_its_area(load):
    """Between diameters of 4 and 1 um: pi/4 (16 - 1) um2."""
    cell = load(SAME_PLACE)
    assert cell.sections[2].area_um2 == pytest.approx(40 * math.pi)
    assert noted(cell, f"(line 6): the rings between the two diameters, {15 * math.pi / 4:.4g} um2")


def test_a_unit_may_be_named(load):
    nm = "1 1 434000 215000 96000 4200 -1\n2 3 434000 222000 96000 180 1\n3 3 434500 2e5 0 150 2\n"
    um = "1 1 434 215 96 4.2 -1\n2 3 434 222 96 0.18 1\n3 3 434.5 2e2 0 0.15 2\n"
    assert load(nm, unit="nm").area_um2() == pytest.approx(load(um).area_um2(), rel=1e-6)
    assert load(um, unit="um") == load(um)
    assert load(um, unit="1000 nm") == load(um)
    assert load(um, unit="8 nm").area_um2() == pytest.approx(0.008**2 * load(um).area_um2())
    for unit in ("parsec", "nA", "", "-1 um", "0 um"):
        with pytest.raises(MorphologyError, match="unit"):
            load(um, unit=unit)


def test_points_know_the_lines_that_they_come_from(load):
    cell = load("# a cell\n" + SPHERE + "\n" + DENDRITE)
    assert cell.sections[1].lines == (6, 7)
    assert cell.sections[0].lines == (2, 2, 2)
    assert cell.digest == load(SPHERE + DENDRITE).digest
