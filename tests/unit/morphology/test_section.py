import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import MorphologyError
from workbench.morphology import Section


def traced(*points, region="basal"):
    return Section(region, -1, 0.0, np.array(points, dtype=float))


def test_length_goes_along_the_points():
    section = traced((0, 0, 0, 1), (3, 4, 0, 1), (3, 4, 12, 1))
    assert section.arcs_um.tolist() == [0, 5, 17]
    assert section.length_um == 17


def test_length_is_that_of_points_in_single_precision():
    # float32(0.1) is 0.100000001490116...
    assert traced((0, 0, 0, 1), (0.1, 0, 0, 1)).length_um == float(np.float32(0.1))


def test_area_of_a_frustum():
    section = traced((0, 0, 0, 8), (0, 0, 4, 2))
    assert section.area_um2 == pytest.approx(math.pi * (4 + 1) * 5)  # slant height 5


def test_a_jump_of_diameter_adds_a_ring():
    section = traced((0, 0, 0, 2), (5, 0, 0, 2), (5, 0, 0, 4), (9, 0, 0, 4))
    sides, ring = math.pi * (2 * 5 + 4 * 4), math.pi * (2**2 - 1**2)
    assert section.area_um2 == pytest.approx(sides + ring)


def test_diameters_of_the_pieces_of_a_taper():
    section = traced((0, 0, 0, 10), (0, 100, 0, 2))
    assert section.diameters_um((0, 0.25, 1)).tolist() == pytest.approx([9, 5])
    assert section.segment_diameters_um(2).tolist() == pytest.approx([8, 4])
    assert section.diameter_at_um(0.5) == pytest.approx(6)


def test_a_mean_diameter_is_weighted_with_length():
    section = traced((0, 0, 0, 1), (30, 0, 0, 1), (30, 0, 0, 5), (40, 0, 0, 5))
    assert section.diameters_um((0, 1))[0] == pytest.approx((30 * 1 + 10 * 5) / 40)


def test_cylinder_keeps_its_numbers_exactly():
    section = Section.cylinder("axonal", -1, 0, 33.3, 1.38)
    assert section.is_cylinder
    assert section.length_um == 33.3
    assert section.segment_diameters_um(3).tolist() == pytest.approx([1.38] * 3, rel=1e-15)
    assert section.area_um2 == pytest.approx(math.pi * 33.3 * 1.38)


points = st.lists(
    st.tuples(*[st.floats(-50, 50, width=32)] * 3, st.floats(0.125, 20, width=32)),
    min_size=2,
    max_size=12,
    unique_by=lambda p: p[:3],
)
bounds = st.lists(st.floats(0.01, 0.99), max_size=8, unique_by=lambda x: round(x, 3))


@given(points, bounds)
def test_pieces_add_up_to_the_whole(points, bounds):
    section = traced(*points)
    at = np.array([0, *sorted(bounds), 1])
    areas, diameters = section.areas_um2(at), section.diameters_um(at)
    assert areas.sum() == pytest.approx(section.area_um2, rel=1e-9)
    assert (diameters * np.diff(at)).sum() == pytest.approx(section.diameters_um((0, 1))[0])
    least, most = section.points[:, 3].min(), section.points[:, 3].max()
    assert (diameters >= least * (1 - 1e-6)).all()
    assert (diameters <= most * (1 + 1e-6)).all()


@given(points, st.integers(1, 9))
def test_segments_are_equal_pieces(points, nseg):
    section, at = traced(*points), np.linspace(0, 1, nseg + 1)
    np.testing.assert_allclose(
        section.segment_diameters_um(nseg), section.diameters_um(at), rtol=1e-6
    )
    assert section.areas_um2(at).sum() == pytest.approx(section.area_um2, rel=1e-9)


def test_values_cannot_be_changed():
    given_points = np.array([[0, 0, 0, 1], [1, 0, 0, 1]], dtype=float)
    section = Section("basal", -1, 0.0, given_points)
    given_points[0, 0] = 99
    assert section.points[0, 0] == 0
    for array in (section.points, section.arcs_um):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        section.parent = 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("apcal", -1, 0, [[0, 0, 0, 1], [1, 0, 0, 1]]), "did you mean 'apical'"),
        (("basal", -2, 0, [[0, 0, 0, 1], [1, 0, 0, 1]]), "parent -2"),
        (("basal", 0, 1.5, [[0, 0, 0, 1], [1, 0, 0, 1]]), "parent_x 1.5"),
        (("basal", 0, math.nan, [[0, 0, 0, 1], [1, 0, 0, 1]]), "parent_x nan"),
        (("basal", 0, 1, [[0, 0, 0, 1]]), "two or more rows"),
        (("basal", 0, 1, [[0, 0, 0], [1, 0, 0]]), r"shape \(2, 3\)"),
        (("basal", 0, 1, [[0, 0, 0, 1], [math.inf, 0, 0, 1]]), "not a finite number"),
        (("basal", 0, 1, [[0, 0, 0, 1], [1, 0, 0, -1]]), "below 0"),
        (("basal", 0, 1, [[1, 0, 0, 1], [1, 0, 0, 1]]), "without length"),
    ],
)
def test_what_cannot_be_a_section(arguments, message):
    with pytest.raises(MorphologyError, match=message):
        Section(*arguments)


@pytest.mark.parametrize(("length", "diameter"), [(0, 1), (1, 0), (-1, 1), (math.nan, 1)])
def test_a_cylinder_has_length_and_diameter(length, diameter):
    with pytest.raises(MorphologyError, match="> 0"):
        Section.cylinder("basal", -1, 0, length, diameter)


@pytest.mark.parametrize("bad", [(0.5,), (0, 0.5, 0.5), (-0.1, 1), (0, 1.1), (1, 0)])
def test_bounds_increase_between_0_and_1(bad):
    with pytest.raises(MorphologyError, match="bounds"):
        traced((0, 0, 0, 1), (1, 0, 0, 1)).areas_um2(bad)
