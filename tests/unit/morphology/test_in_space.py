"""Where sections are drawn."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.unit.morphology.shapes import cylinder_trees, forked_trees
from workbench.morphology import in_space

SINGLE = 2.0**-23
"""The step of single precision: places are laid out where files keep them."""


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
            assert points[0, :3] == pytest.approx(here[:3], rel=SINGLE, abs=1e-6)
