import math

import numpy as np
import pytest

from workbench.errors import MorphologyError
from workbench.morphology import (
    Cylinder,
    Morphology,
    Section,
    check_morphology,
    cylinder_tree,
    load_morphology,
    remove_axon,
    replace_axon,
    require_sound,
)


def traced(region, parent, parent_x, *points):
    return Section(region, parent, parent_x, np.array(points, dtype=float))


SOMA = traced("somatic", -1, 0, (-5, 0, 0, 10), (5, 0, 0, 10))
STEM = traced("basal", 0, 0.5, (8, 0, 0, 2), (30, 0, 0, 1))


def found(*sections, soma=SOMA):
    findings = check_morphology(Morphology("cell", (soma, *sections)))
    return [(finding.severity, finding.check, finding.section) for finding in findings]


def said(*sections, soma=SOMA):
    [finding] = check_morphology(Morphology("cell", (soma, *sections)))
    return str(finding)


@pytest.fixture
def load(tmp_path):
    def load(text, suffix=".swc", **options):
        path = tmp_path / f"cell{suffix}"
        path.write_text(text)
        return load_morphology(path, **options)

    return load


def test_a_sound_cell_has_no_findings():
    fork = traced("basal", 1, 1, (30, 0, 0, 1), (40, 5, 0, 1))
    other = traced("basal", 1, 1, (30, 0, 0, 1), (40, -5, 0, 1))
    assert found(STEM, fork, other) == []
    rows = [Cylinder("somatic", 20, 20), Cylinder("basal", 200, 2, parent=0)]
    assert check_morphology(cylinder_tree("ball and stick", rows)) == ()


@pytest.mark.parametrize(
    ("diameters", "severity"),
    [
        ([2, 0], "remark"),
        ([2, 1e-30], "remark"),
        ([2, 0, 1], "error"),
        ([0, 1], "error"),
        ([2, 0, 0], "error"),
        ([0, 0], "error"),
        ([2, 1e-4, 1], "error"),
    ],
)
def test_points_without_thickness(diameters, severity):
    """A free end may close to a point: a cone has an area, and nothing lies behind."""
    points = [(8 + 20 * i, 0, 0, diameter) for i, diameter in enumerate(diameters)]
    assert {one for one, *_ in found(traced("basal", 0, 0.5, *points))} == {severity}


def test_an_end_that_something_grows_from_is_no_free_one():
    stem = traced("basal", 0, 0.5, (8, 0, 0, 2), (30, 0, 0, 0))
    forks = [traced("basal", 1, 1, (30, 0, 0, 1), (40, y, 0, 1)) for y in (5, -5)]
    assert found(stem, *forks) == [("error", "zero diameter", "dend[0]")]
    spindle = traced("somatic", -1, 0, (-5, 0, 0, 0), (0, 0, 0, 10), (5, 0, 0, 0))
    assert found(STEM, soma=spindle) == [("remark", "zero diameter", "soma[0]")]
    end = traced("basal", 0, 1, (5, 0, 0, 2), (30, 0, 0, 1))
    assert found(end, soma=spindle)[0] == ("error", "zero diameter", "soma[0]")


def test_zero_diameters_are_told_with_their_lines(load):
    cell = load(
        "1 1 0 0 0 6 -1\n2 3 0 10 0 1 1\n# x\n3 3 0 40 0 0 2\n4 3 0 80 0 0 3\n5 3 0 90 0 1 4\n"
    )
    [finding] = check_morphology(cell)
    assert finding.message.startswith("cell.swc, lines 4, 5: dend[0] has a diameter of 0 um")
    with pytest.raises(MorphologyError, match=r"cell \(cell\.swc\): cell\.swc, lines 4, 5"):
        require_sound(cell)


def test_zero_diameters_are_told_with_their_places_where_lines_are_not_known(load):
    outline = '("CellBody" (CellBody) (0 0 0 0.1) (20 0 0 0.1) (20 10 0 0.1) (0 10 0 0.1))'
    cell = load(f"{outline}\n((Dendrite) (10 10 0 2) (10 40.25 -3 0) (10 60 0 1))\n", ".asc")
    with pytest.raises(MorphologyError, match=r"\(cell\.asc\): dend\[0\] .*\(at 10 40\.25 -3\)"):
        require_sound(cell)


def test_what_was_taken_off_is_not_complained_of(load):
    cell = load("1 1 0 0 0 6 -1\n2 2 0 10 0 0 1\n3 2 0 40 0 0 2\n4 3 9 0 0 1 1\n5 3 20 0 0 1 4\n")
    with pytest.raises(MorphologyError, match="lines 2, 3"):
        require_sound(cell)
    require_sound(remove_axon(cell))
    require_sound(replace_axon(cell, diameters_um=(1.0, 1.0)))


@pytest.mark.parametrize(
    ("um", "said"),
    [
        (1000, 'In nm it would be 8.4 um: name the unit, in cell.toml [morphology] unit = "nm"'),
        (1e-3, 'In mm it would be 8.4 um'),
        (7e4, "If the file is in another unit"),
    ],
)  # fmt: skip
def test_a_soma_of_a_size_that_no_cell_has(load, um, said):
    cell = load(f"1 1 0 0 0 {4.2 * um} -1\n2 3 {5 * um} 0 0 {um} 1\n3 3 {30 * um} 0 0 {um} 2\n")
    first = check_morphology(cell)[0]
    assert (first.severity, first.check) == ("error", "size")
    assert said in str(first)


def test_neurites_without_a_soma_of_a_size_that_no_cell_has(load):
    rows = "1 3 0 0 0 500 -1\n2 3 90000 0 0 400 1\n3 3 99000 9000 0 300 2\n"
    first = check_morphology(load(rows))[0]
    assert (first.severity, first.check) == ("error", "size")
    assert "In nm" in str(first)
    assert {one.severity for one in check_morphology(load(rows, unit="nm"))} == {"note"}


def test_cylinders_are_as_large_as_they_are_said_to_be():
    rows = [Cylinder("somatic", 1e5, 476), Cylinder("basal", 1e5, 400, parent=0)]
    assert check_morphology(cylinder_tree("giant axon", rows)) == ()


def test_an_outline_in_an_swc_file(load):
    """Eight points on a circle of 6 um about (1, 2, 0), in an order that goes round."""
    angles = 2 * math.pi * np.arange(8) / 8
    places = [(1 + 6 * math.cos(a), 2 + 6 * math.sin(a)) for a in angles]
    for radius, severity in ((0, "error"), (0.2, "note")):
        rows = "".join(
            f"{i + 1} 1 {x:.6f} {y:.6f} 0 {radius} {i or -1}\n" for i, (x, y) in enumerate(places)
        )
        findings = check_morphology(load(rows + "9 3 0 12 0 1 3\n10 3 0 60 0 1 9\n"))
        outlines = [one for one in findings if one.check == "outline"]
        assert [one.severity for one in outlines] == [severity]
        assert "cell.swc, lines 1 to 8" in outlines[0].message
        assert outlines[0].place_um == pytest.approx((1, 2, 0), abs=1e-6)
        assert "at 1 2 0 with the radius 6 (452.4 um2)" in outlines[0].mend


def test_an_only_child():
    child = traced("basal", 1, 1, (30, 0, 0, 1), (40, 5, 0, 1))
    assert found(STEM, child) == [("remark", "only child", "dend[0]")]


def test_a_section_that_starts_far_away():
    dendrite = traced("basal", 0, 0.5, (22, 0, 0, 2), (30, 0, 0, 1))  # 17 - 5 um from the soma
    assert found(dendrite) == [("note", "gap", "dend[0]")]
    assert "dend[0] was drawn 12.0 um away from soma[0](0.5)" in said(dendrite)
    near = traced("basal", 0, 0.5, (14, 0, 0, 2), (30, 0, 0, 1))  # 9 - 5 um
    assert found(near) == []


def test_a_section_that_hangs_on_another_end_than_it_was_drawn_at():
    wrong = traced("apical", 1, 1, (8, 1, 0, 1), (40, 5, 0, 1))  # near the 0 end of its parent
    assert ("note", "gap", "apic[0]") in found(STEM, wrong)


def test_a_soma_that_two_readers_understand_differently(load):
    """Two cylinders of 2 pi 5 (9 + 9) um2 with one diameter are one reading, the next are two:
    frusta of pi (5 + 4) hypot(5, 1) um2 each here, a cylinder of 2 pi 5 x 10 um2 there."""
    dendrite = "4 3 5 0 0 1 1\n5 3 50 0 0 1 4\n"
    same = load("1 1 0 0 0 5 -1\n2 1 0 -9 0 5 1\n3 1 0 9 0 5 1\n" + dendrite)
    assert same.notes == ()
    cell = load("1 1 0 0 0 5 -1\n2 1 0 -5 0 3 1\n3 1 0 5 0 3 1\n" + dendrite)
    ours, theirs = 2 * math.pi * (5 + 3) * math.hypot(5, 2), 2 * math.pi * 5 * 10
    assert cell.area_um2("somatic") == pytest.approx(ours)
    [finding] = check_morphology(cell)
    assert finding.severity == "note"
    assert (
        f"(lines 1 to 3, 3 points) has {ours:.4g} um2 here, as NEURON reads it" in finding.message
    )
    assert f"{theirs:.4g} um2 as MorphIO and NeuroM do" in finding.message


def test_an_outline_that_two_readers_understand_differently(load):
    tree = "( (Apical) (10 10 0 2) (10 40 0 2) ( (10 60 0 1) | (20 60 0 1) ) )\n"
    flat = " ".join(f"({x} {y} 0 0.1)" for x, y in [(0, 0), (30, 0), (60, 0), (60, 2), (0, 2)])
    cell = load(f'("CellBody" (CellBody) {flat})\n{tree}', ".asc")
    assert any("a sphere of" in note and "as NeuroM does" in note for note in cell.notes)


def test_neurites_that_begin_with_the_soma_s_point_are_said(tmp_path):
    """25 of 125 um lead from the soma's last point to the first of the dendrite."""
    file = tmp_path / "cell.swc"
    file.write_text(
        "1 1 0 0 0 5 -1\n2 1 5 0 0 5 1\n3 1 10 0 0 5 2\n4 3 35 0 0 1 3\n5 3 135 0 0 1 4\n"
    )
    [one] = [one for one in check_morphology(load_morphology(file)) if one.check == "beginning"]
    assert (one.section, one.severity) == ("dend[0]", "remark")
    assert "25 um and 157.1 um2 of the basal neurites" in one.message
    file.write_text(file.read_text().replace(" 35 ", " 10.5 "))
    assert not [one for one in check_morphology(load_morphology(file)) if one.check == "beginning"]
