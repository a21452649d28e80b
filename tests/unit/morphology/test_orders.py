"""Branch orders, and where sections are in space."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.unit.morphology.shapes import cylinder_trees, forked_trees
from workbench.morphology import Cylinder, branch_orders, cylinder_tree, in_space, shape_of


@settings(deadline=None)
@given(forked_trees())
def test_branch_orders_are_those_of_neurom(tree):
    ours = [
        order
        for order, section in zip(branch_orders(tree), tree.sections, strict=True)
        if section.region != "somatic"
    ]
    if ours:
        theirs = shape_of(tree).values("section_branch_orders")
        assert sorted(ours) == sorted(theirs.tolist())


def test_what_grows_from_the_inside_of_a_section_makes_a_fork_there():
    rows = [
        Cylinder("somatic", 20, 20),
        Cylinder("apical", 100, 2, 0, 1.0),
        Cylinder("apical", 50, 1, 1, 0.3),
        Cylinder("apical", 50, 1, 1, 0.6),
        Cylinder("apical", 50, 1, 1, 1.0),
        Cylinder("apical", 50, 1, 4, 1.0),
    ]
    assert branch_orders(cylinder_tree("comb", rows)) == (0, 0, 1, 2, 2, 2)


@given(forked_trees())
def test_sections_with_points_are_where_they_are(tree):
    for points, section in zip(in_space(tree), tree.sections, strict=True):
        np.testing.assert_array_equal(points, section.points)


@settings(deadline=None)
@given(cylinder_trees())
def test_cylinders_begin_where_they_hang_and_keep_their_sizes(tree):
    places = in_space(tree)
    for points, section in zip(places, tree.sections, strict=True):
        assert np.linalg.norm(np.diff(points[:, :3], axis=0)) == pytest.approx(section.length_um)
        assert points[:, 3].tolist() == section.points[:, 3].tolist()
        if section.parent >= 0:
            on = places[section.parent]
            here = on[0] + section.parent_x * (on[-1] - on[0])
            assert points[0, :3] == pytest.approx(here[:3], abs=1e-6)
