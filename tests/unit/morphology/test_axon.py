import math

import numpy as np
import pytest

from workbench.errors import MorphologyError
from workbench.morphology import (
    Cylinder,
    Morphology,
    Section,
    cylinder_tree,
    remove_axon,
    replace_axon,
    stub_diameters_um,
)

SOMA = Cylinder("somatic", 20, 20)


def with_axon(*axon):
    return cylinder_tree("cell", [SOMA, Cylinder("basal", 100, 2, parent=0), *axon])


def stub(cell):
    return [cell.sections[i] for i in cell.indices("axonal")]


def test_the_stub_is_two_cylinders_behind_the_soma():
    cell = replace_axon(with_axon(Cylinder("axonal", 100, 3, parent=0)))
    first, second = stub(cell)
    assert cell.names == ("soma[0]", "dend[0]", "axon[0]", "axon[1]")
    assert first.is_cylinder
    assert second.is_cylinder
    assert (first.parent, first.parent_x) == (0, 1.0)
    assert (second.parent, second.parent_x) == (2, 1.0)
    assert cell.path_distance_um("axon[0]", (0, 1)).tolist() == [10, 40]
    assert cell.path_distance_um("axon[1]", (0, 1)).tolist() == [40, 70]
    assert cell.area_um2("axonal") == pytest.approx(math.pi * 3 * 60)


def test_without_an_axon_both_are_1_um_wide():
    assert stub_diameters_um(with_axon()) == (1, 1)
    assert [s.points[0, 3] for s in stub(replace_axon(with_axon()))] == [1, 1]


def test_one_section_gives_both_diameters():
    """Though its middle, at 10 + 100 um, is far enough: as BluePyOpt counts sections first."""
    taper = np.array([[0, 0, 0, 5], [0, 0, 200, 1]])
    cell = with_axon()
    cell = Morphology("taper", (*cell.sections, Section("axonal", 0, 1.0, taper)))
    assert stub_diameters_um(cell) == pytest.approx((3, 3))  # the middle of 11 segments


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ((40, 40, 40), (5, 3)),  # middles at 30, 70, 110 um
        ((40, 20, 40), (5, 3)),  # 30, 60, 90: 60 um is not farther than 60 um
        ((20, 20, 20), (5, 5)),  # 20, 40, 60: none
    ],
)
def test_the_second_diameter_is_that_of_the_first_section_beyond_60_um(lengths, expected):
    a, b, c = lengths
    cell = with_axon(
        Cylinder("axonal", a, 5, parent=0),
        Cylinder("axonal", b, 4 if b == 20 else 3, parent=2),
        Cylinder("axonal", c, 3, parent=3),
    )
    assert stub_diameters_um(cell) == expected


def test_a_diameter_is_that_of_the_middle_segment():
    bulb = np.array([[0, 0, 0, 1], [30, 0, 0, 1], [30, 0, 0, 7], [60, 0, 0, 7], [60, 0, 0, 1],
                     [90, 0, 0, 1]], dtype=float)  # fmt: skip
    cell = Morphology("bulb", (*with_axon().sections, Section("axonal", 0, 1.0, bulb)))
    assert stub_diameters_um(cell, um_per_segment=40) == pytest.approx((7, 7))  # 36 to 54 um
    assert stub_diameters_um(cell, um_per_segment=100) == pytest.approx((3, 3))  # all of it


def test_explicit_stub_as_in_hay_2011():
    cell = replace_axon(with_axon(), diameters_um=(1, 1), soma_x=0.5, length_um=60)
    assert cell.path_distance_um("axon[0]", (0, 1)).tolist() == [0, 30]
    assert cell.area_um2("axonal") == pytest.approx(188.4956, abs=1e-4)


def test_the_rest_keeps_order_and_parents():
    cell = cylinder_tree(
        "mixed",
        [
            SOMA,
            Cylinder("axonal", 10, 1, parent=0),
            Cylinder("apical", 30, 2, parent=0),
            Cylinder("axonal", 10, 1, parent=1),
            Cylinder("apical", 40, 2, parent=2),
        ],
    )
    rest = remove_axon(cell)
    assert rest.names == ("soma[0]", "apic[0]", "apic[1]")
    assert [s.parent for s in rest.sections] == [-1, 0, 1]
    assert rest.length_um("apical") == 70


def test_an_axon_that_carries_a_dendrite_stays():
    cell = with_axon(
        Cylinder("axonal", 40, 1, parent=0), Cylinder("apical", 10, 1, parent=2)
    )  # fmt: skip
    with pytest.raises(MorphologyError, match=r"apic\[0\] grows from axon\[0\]"):
        replace_axon(cell)
