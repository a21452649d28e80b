"""Outlines have the lengths and diameters of what they are of, whatever the direction."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.morphology.shapes import forked_trees
from workbench.reports.shapes.outline import caps, cut, disc, outline

XY = (0, 1)
WHOLE = np.array([0.0, 1.0])


def area(polygon):
    """Return the area by the shoelace formula."""
    x, y = polygon.T
    return abs(float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())) / 2


@given(st.floats(0, 2 * math.pi), st.floats(1, 500), st.floats(0.1, 30))
def test_a_cylinder_in_the_plane_is_a_rectangle_of_its_size(angle, length, diameter):
    end = length * np.array([math.cos(angle), math.sin(angle)])
    points = np.array([[0, 0, 0, diameter], [*end, 0, diameter]])
    [polygon] = outline(cut(points, WHOLE), XY)
    sides = np.linalg.norm(np.roll(polygon, -1, axis=0) - polygon, axis=1)
    assert sorted(sides) == pytest.approx(sorted([length, length, diameter, diameter]))
    assert area(polygon) == pytest.approx(length * diameter)
    assert not list(caps(points, XY)) or max(map(area, (p for _, p in caps(points, XY)))) < 1e-3


def test_a_taper_with_a_bend_is_as_wide_as_its_points_say():
    points = np.array([[0, 0, 0, 4], [10, 0, 0, 2], [10, 10, 0, 1.0]])
    [polygon] = outline(cut(points, WHOLE), XY)
    widths = np.linalg.norm(polygon[:3] - polygon[:2:-1], axis=1)
    assert widths == pytest.approx([4, 2, 1])


@given(forked_trees(), st.integers(1, 7), st.sampled_from([(0, 1), (0, 2), (2, 1)]))
def test_outlines_stay_within_the_reach_of_their_points(tree, count, plane):
    for one in tree.sections:
        pieces = cut(one.points, np.linspace(0, 1, count + 1))
        assert len(pieces) == count
        lengths = [np.linalg.norm(np.diff(p[:, :3], axis=0), axis=1).sum() for p in pieces]
        assert lengths == pytest.approx([one.length_um / count] * count, rel=1e-4)
        for polygon, piece in zip(outline(pieces, plane), pieces, strict=True):
            middle, radius = piece[:, plane], piece[:, 3].max() / 2
            assert (polygon >= middle.min(axis=0) - radius - 1e-6).all()
            assert (polygon <= middle.max(axis=0) + radius + 1e-6).all()
            assert len(polygon) == 2 * len(piece)


def test_pieces_meet_in_the_same_corners():
    points = np.array([[0, 0, 0, 4], [10, 5, 0, 2], [20, 0, 0, 1.0]])
    first, second = outline(cut(points, np.array([0, 0.3, 1.0])), XY)
    half = len(first) // 2
    np.testing.assert_allclose(first[half - 1], second[0])
    np.testing.assert_allclose(first[half], second[-1])


def test_a_cylinder_seen_along_its_axis_is_a_disc():
    points = np.array([[3, 4, 0, 10], [3, 4, 50, 10.0]])
    faces = [polygon for _, polygon in caps(points, XY)]
    assert len(faces) == 2
    for face in faces:
        assert np.linalg.norm(face - [3, 4], axis=1) == pytest.approx([5] * len(face))
    assert all(area(polygon) == 0 for polygon in outline(cut(points, WHOLE), XY))


def test_a_turned_face_is_an_ellipse_of_full_width():
    """Turned by 60 degrees out of the plane, a disc is sin 60 as long along the way as across."""
    tilt = math.radians(60)
    points = np.array([[0, 0, 0, 2], [math.cos(tilt), 0, math.sin(tilt), 2.0]])
    face = next(polygon for _, polygon in caps(points, XY))
    extent = face.max(axis=0) - face.min(axis=0)
    assert extent == pytest.approx([2 * math.sin(tilt), 2])


def test_a_disc_has_the_diameter_of_its_point():
    ring = disc(np.array([1, 2, 3, 8.0]), (2, 1))
    assert ring.max(axis=0) == pytest.approx([7, 6])
    assert ring.min(axis=0) == pytest.approx([-1, -2])
