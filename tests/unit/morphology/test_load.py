import math
import os
import subprocess
import sys

import numpy as np
import pytest

from workbench.errors import MorphologyError
from workbench.morphology import load_morphology

POINT = "1 1 0 0 0 5 -1\n"
DENDRITE = "2 3 5 0 0 1 1\n3 3 15 0 0 1 2\n"
THREE = "1 1 0 0 0 5 -1\n2 1 0 -5 0 5 1\n3 1 0 5 0 5 1\n4 4 0 8 0 1 1\n5 4 0 20 0 1 4\n"
CHAIN = (
    "1 1 -6 0 0 3 -1\n2 1 0 0 0 5 1\n3 1 6 0 0 3 2\n"
    "4 3 0 9 0 1 2\n5 3 0 30 0 1 4\n6 2 6 0 -4 0.5 3\n7 2 6 0 -50 0.5 6\n"
)
CONTOUR = '("CellBody" (CellBody) (0 0 0 0.1) (20 0 0 0.1) (20 10 0 0.1) (0 10 0 0.1))\n'
FAR = CONTOUR.replace("(20", "(220").replace("(0", "(200")
TREE = "( (Apical) (10 10 0 2) (10 40 0 2) ( (10 60 0 1) | (20 60 0 1) ) )\n"


def outline(*points):
    places = " ".join(f"({x} {y} {z} 0.1)" for x, y, z in points)
    return f'("CellBody" (CellBody) {places})\n'


@pytest.fixture
def load(tmp_path):
    def load(text, suffix=".swc", **options):
        path = tmp_path / f"cell{suffix}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_morphology(path, **options)

    return load


def test_a_soma_of_one_point_has_the_area_of_a_sphere(load):
    cell = load(POINT + DENDRITE)
    assert cell.names == ("soma[0]", "dend[0]")
    assert cell.area_um2("somatic") == pytest.approx(4 * math.pi * 5**2)
    assert cell.sections[0].length_um == 10
    # By a wire from soma(0.5), not from its centre:
    assert cell.path_distance_um("dend[0]", (0, 1)).tolist() == [0, 10]


def test_a_soma_of_three_points_is_a_sphere(load):
    cell = load(THREE)
    assert cell.area_um2("somatic") == pytest.approx(4 * math.pi * 5**2)
    assert cell.path_distance_um("apic[0]", (0, 1)).tolist() == [0, 12]


def test_a_soma_of_a_chain_is_its_frusta(load):
    cell = load(CHAIN)
    slant = math.hypot(6, 2)
    assert cell.area_um2("somatic") == pytest.approx(2 * math.pi * (3 + 5) * slant)
    # From inside the soma: by a wire:
    assert cell.path_distance_um("dend[0]", (0, 1)).tolist() == [0, 21]
    # From its end: with the end's point:
    assert cell.path_distance_um("axon[0]", (0, 1)).tolist() == [6, 56]
    assert cell.sections[cell.index("axon[0]")].points[0].tolist() == [6, 0, 0, 1]


def test_sections_are_cut_at_forks_and_where_the_kind_changes(load):
    cell = load(
        POINT + "2 3 5 0 0 1 1\n3 3 9 0 0 1 2\n4 3 20 0 0 1 3\n5 3 9 9 0 1 3\n6 4 9 20 0 1 5\n"
    )
    assert cell.names == ("soma[0]", "dend[0]", "dend[1]", "dend[2]", "apic[0]")
    assert [s.parent for s in cell.sections] == [-1, 0, 1, 1, 3]
    assert cell.length_um() == pytest.approx(10 + 4 + 11 + 9 + 11)
    assert any("line 6: apical after basal" in note for note in cell.notes)


def test_rows_may_stand_in_any_order(load):
    rows = CHAIN.splitlines(keepends=True)
    assert load("".join(reversed(rows))) == load(CHAIN)


def test_comments_and_further_columns_are_read_over(load):
    plain = POINT + DENDRITE
    assert load("# a cell\n\n" + plain.replace("15 0 0 1 2", "15 0 0 1 2 # tip")) == load(plain)


@pytest.mark.parametrize(("text", "suffix"), [(CHAIN, ".swc"), (CONTOUR + TREE, ".asc")])
def test_a_byte_order_mark_is_read_over(load, text, suffix):
    plain = load(text, suffix)
    assert load(b"\xef\xbb\xbf" + text.encode(), suffix) == plain


def test_branches_without_length_are_left_out_and_noted(load):
    cell = load(POINT + DENDRITE + "4 3 15 0 0 1 3\n5 3 15 9 0 1 3\n6 3 15 9 9 1 4\n")
    assert cell.names == ("soma[0]", "dend[0]", "dend[1]", "dend[2]")
    assert [s.parent for s in cell.sections] == [-1, 0, 1, 1]
    assert "1 branches without length were left out" in cell.notes


def test_neurolucida_trees_hang_on_the_middle_of_the_soma(load):
    cell = load(CONTOUR + TREE, ".asc")
    assert cell.names == ("soma[0]", "apic[0]", "apic[1]", "apic[2]")
    assert [(s.parent, s.parent_x) for s in cell.sections[1:]] == [(0, 0.5), (1, 1.0), (1, 1.0)]
    assert cell.path_distance_um("apic[0]", (0, 1)).tolist() == [0, 30]
    assert cell.sections[2].points[0].tolist() == [10, 40, 0, 1]  # in the child's diameter
    assert cell.sections[0].points.shape == (21, 4)


def test_a_rectangle_becomes_a_soma_as_wide_as_itself(load):
    """A contour open at its short side: long axis along x, its width is 10 um all along."""
    widths = load(CONTOUR + TREE, ".asc").sections[0].points[:, 3]
    assert widths[3:-3] == pytest.approx(10, abs=0.6)


def test_h5_holds_the_same_cell_as_asc(load, tmp_path):
    import morphio.mut

    asc = load(CONTOUR + TREE, ".asc")
    morphio.mut.Morphology(str(tmp_path / "cell.asc")).write(str(tmp_path / "cell.h5"))
    h5 = load_morphology(tmp_path / "cell.h5")
    assert h5.names == asc.names
    np.testing.assert_allclose(h5.sections[0].points, asc.sections[0].points, atol=1e-5)
    assert [s.length_um for s in h5.sections[1:]] == [s.length_um for s in asc.sections[1:]]


@pytest.mark.parametrize(
    ("text", "suffix"), [(POINT + DENDRITE, ".swc"), (CHAIN, ".swc"), (CONTOUR + TREE, ".asc")]
)
def test_sphere_has_the_area_of_neurom(load, tmp_path, text, suffix):
    import neurom

    cell = load(text, suffix, soma="sphere")
    area_um2 = neurom.load_morphology(tmp_path / f"cell{suffix}").soma.area
    assert cell.area_um2("somatic") == pytest.approx(area_um2, rel=1e-6)
    soma = cell.sections[0]
    assert soma.length_um == pytest.approx(soma.points[0, 3], rel=1e-6)
    assert cell.length_um("apical") == load(text, suffix).length_um("apical")


@pytest.mark.parametrize(("text", "suffix"), [(CHAIN, ".swc"), (CONTOUR + TREE, ".asc")])
def test_cylinder_has_the_area_of_neurons_reading(load, text, suffix):
    as_neuron, cell = load(text, suffix), load(text, suffix, soma="cylinder")
    assert cell.area_um2("somatic") == pytest.approx(as_neuron.area_um2("somatic"), rel=1e-6)
    soma = cell.sections[0]
    assert soma.length_um == pytest.approx(soma.points[0, 3], rel=1e-6)
    assert cell.soma_model == "cylinder"
    assert {s.parent_x for s in cell.sections if s.parent == 0} == {0.5}


@pytest.mark.parametrize(
    ("text", "suffix", "message"),
    [
        ("", ".swc", "no soma"),
        ("# nothing\n", ".swc", "no soma"),
        (POINT + "2 3 5 0 0 x 1\n", ".swc", "line 2: .* is not an SWC row"),
        (POINT + "2 3 5 0\n", ".swc", "line 2"),
        (POINT + "2 3 5 0 0 1 7\n", ".swc", "line 2: parent 7 of point 2"),
        (POINT + DENDRITE + "3 3 9 9 9 1 2\n", ".swc", "lines 3 and 4: two points .* number 3"),
        (POINT + "2 1 50 0 0 5 -1\n" + "3 3 5 0 0 1 1\n", ".swc", "one soma"),
        (DENDRITE.replace(" 1\n", " -1\n") + "4 3 5 0 0 1 -1\n", ".swc", "2 roots .* no soma"),
        ("1 3 0 0 0 5 -1\n2 1 5 0 0 1 1\n", ".swc", "line 2: there is no soma at the root"),
        (POINT + "2 3 5 0 0 1 3\n3 3 10 0 0 1 2\n", ".swc", "line 2: no parents lead from point"),
        (POINT + "2 3 5 0 0 1 2\n", ".swc", "line 2: no parents lead from point 2"),
        (POINT + "2 7 5 0 0 1 1\n3 7 10 0 0 1 2\n", ".swc", "unknown kind of point '7'"),
        (POINT + "2 3 5 0 0 nan 1\n3 3 9 0 0 1 2\n", ".swc", "line 2: radius is nan"),
        (POINT + "2 3 1e400 0 0 1 1\n", ".swc", "line 2: x is inf"),
        (POINT + "2 3 1e30 0 0 1 1\n", ".swc", r"line 2: x is 1e\+30; a number of at most"),
        (POINT + "2 3 5 0 0 -1 1\n", ".swc", "line 2: the radius is -1, below 0"),
        (POINT + f"{'9' * 400} 3 5 0 0 1 1\n", ".swc", "line 2: the number inf"),
        (POINT + "2.5 3 5 0 0 1 1\n", ".swc", "line 2: the number 2.5 is no whole number"),
        ("", ".asc", "cannot be read"),
        ("hello", ".asc", "no soma"),
        ((CONTOUR + TREE)[:90], ".asc", "cannot be read"),
        (CONTOUR + CONTOUR + TREE, ".asc", r"lines \[1, 2\]: one soma"),
        (CONTOUR + FAR + TREE, ".asc", "lines 1 and 2: one soma .* lie apart"),
        (TREE, ".asc", "no soma"),
        (outline((0, 0, 0), (0, 0, 9), (0, 0, 20)) + TREE, ".asc", "no width"),
        (outline((0, 0, 0), (4, 8, 0), (5, 10, 0)) + TREE, ".asc", "no width"),
        (outline((0, 0, 0), (9, 0, 0)) + TREE, ".asc", "two points"),
        ("junk", ".h5", "cannot be read"),
        (b"\x00\xff\xfe", ".swc", "line 1: .* is not an SWC row"),
        (POINT, ".txt", "Allowed: .asc, .h5, .hoc, .swc"),
        (POINT, "", "suffix"),
    ],
)
def test_files_that_cannot_be_read(load, tmp_path, text, suffix, message):
    with pytest.raises(MorphologyError, match=message) as caught:
        load(text, suffix)
    assert str(tmp_path / f"cell{suffix}") in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_missing_file_and_an_unknown_name(tmp_path):
    with pytest.raises(MorphologyError, match=r"cell\.swc does not exist.*C060114A7"):
        load_morphology(tmp_path / "cell.swc")
    with pytest.raises(MorphologyError, match="is a folder"):
        load_morphology(tmp_path)
    os.mkfifo(tmp_path / "pipe.swc")
    with pytest.raises(MorphologyError, match="is no regular file"):
        load_morphology(tmp_path / "pipe.swc")
    with pytest.raises(MorphologyError, match="name too long"):
        load_morphology(tmp_path / f"{'a' * 300}.swc")
    with pytest.raises(MorphologyError, match="does not exist"):
        load_morphology(tmp_path / "a\0b.swc")
    with pytest.raises(MorphologyError, match="did you mean 'C060114A7'"):
        load_morphology("C060114A8")


def test_an_unknown_soma_model(load):
    with pytest.raises(MorphologyError, match="did you mean 'sphere'"):
        load(POINT + DENDRITE, soma="shpere")


def test_the_room_opens_without_the_libraries_behind_it():
    code = (
        "import sys, workbench.morphology\n"
        "print({'morphio', 'neurom', 'neuron', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
