import numpy as np

from workbench.morphology import Cylinder, Morphology, Section, check_morphology, cylinder_tree


def traced(region, parent, parent_x, *points):
    return Section(region, parent, parent_x, np.array(points, dtype=float))


SOMA = traced("somatic", -1, 0, (-5, 0, 0, 10), (5, 0, 0, 10))


def found(*sections, **options):
    findings = check_morphology(Morphology("cell", (SOMA, *sections)), **options)
    return [(finding.check, finding.section) for finding in findings]


def test_a_sound_cell_has_no_findings():
    fork = traced("basal", 1, 1, (30, 0, 0, 1), (40, 5, 0, 1))
    other = traced("basal", 1, 1, (30, 0, 0, 1), (40, -5, 0, 1))
    assert found(traced("basal", 0, 0.5, (8, 0, 0, 2), (30, 0, 0, 1)), fork, other) == []
    rows = [Cylinder("somatic", 20, 20), Cylinder("basal", 200, 2, parent=0)]
    assert check_morphology(cylinder_tree("ball and stick", rows)) == ()


def test_a_point_without_thickness():
    assert found(traced("basal", 0, 0.5, (8, 0, 0, 2), (30, 0, 0, 0))) == [
        ("zero diameter", "dend[0]")
    ]


def test_an_only_child():
    child = traced("basal", 1, 1, (30, 0, 0, 1), (40, 5, 0, 1))
    dendrite = traced("basal", 0, 0.5, (8, 0, 0, 2), (30, 0, 0, 1))
    assert found(dendrite, child) == [("only child", "dend[0]")]


def test_a_section_that_starts_far_away():
    dendrite = traced("basal", 0, 0.5, (22, 0, 0, 2), (30, 0, 0, 1))  # 17 - 5 um from the soma
    assert found(dendrite) == [("gap", "dend[0]")]
    assert found(dendrite, max_gap_um=13) == []
