from itertools import combinations

import numpy as np
import pytest
from moocore import hypervolume

from workbench.search.hypervolume import hype
from workbench.search.mo_cma import best_first


def test_a_single_point_has_the_volume_of_its_box():
    found = hype(np.array([[1.0, 2.0, 3.0]]), np.array([2.0, 5.0, 7.0]), depth=5, samples=10)
    assert found == pytest.approx([np.log(1.0 * 3.0 * 4.0)])


@pytest.mark.parametrize(("depth", "volume"), [(1, 1.0), (2, 1.5)])
def test_two_points_share_their_overlap(depth, volume):
    """Boxes of area 2 that overlap in 1: alone a point takes 1, and half of the rest as a pair."""
    found = hype(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([2.0, 2.0]), depth, samples=40_000)
    assert np.exp(found) == pytest.approx([volume, volume], rel=0.02)


POINTS = np.random.default_rng(5).random((8, 3))
REFERENCE = POINTS.max(axis=0) + 0.5


def lost(points):
    """The hypervolume that is lost with these points, by an exact algorithm of another library."""
    rest = np.delete(POINTS, points, axis=0)
    return hypervolume(POINTS, ref=REFERENCE) - (
        hypervolume(rest, ref=REFERENCE) if len(rest) else 0.0
    )


def test_with_depth_1_a_point_has_what_it_alone_dominates():
    found = np.exp(hype(POINTS, REFERENCE, depth=1, samples=20_000))
    assert found == pytest.approx([lost([i]) for i in range(8)], rel=0.05, abs=2e-3)


@pytest.mark.parametrize("depth", [2, 5, 8])
def test_the_points_of_a_group_share_what_is_lost_with_it(depth):
    """A point belongs to depth/n of all groups, and in the mean has this share in each."""
    shares = np.exp(hype(POINTS, REFERENCE, depth, samples=20_000))
    mean_loss = np.mean([lost(list(group)) for group in combinations(range(8), depth)])
    assert shares.sum() * depth / 8 == pytest.approx(mean_loss, rel=0.02)


def test_a_dominated_point_ranks_below_its_dominator():
    points = np.array([[0.2] * 35, [0.3] * 35, [0.25] * 35])
    found = hype(points, np.full(35, 2.0), depth=5, samples=200)
    assert list(np.argsort(-found)) == [0, 2, 1]


def test_the_weight_decides_between_volume_and_sum():
    """Shared areas by hand, in units of the scale 10 with the reference (3, 3): 2.417 for each end
    of the front, which dominates a strip alone, but 2.331 for its middle, whose sum is least."""
    scores = np.array([[0.0, 10.0], [4.5, 4.5], [10.0, 0.0], [9.0, 9.0]])
    assert list(best_first(scores, 0.0, samples=1)) == [1, 0, 2, 3]
    by_volume = best_first(scores, 1.0, samples=20_000).tolist()
    assert set(by_volume[:2]) == {0, 2}
    assert by_volume[2:] == [1, 3]


def test_failed_objectives_do_not_hide_the_rest():
    """One objective fails for all; one individual fails in another."""
    scores = np.array([[3.0, 1e9, 4.0], [1.0, 1e9, 2.0], [1e9, 1e9, 1.0]])
    assert list(best_first(scores, 0.5, samples=100)) == [1, 0, 2]


def test_where_all_fails_all_are_equal():
    assert list(best_first(np.full((4, 3), 1e9), 1.0, samples=10)) == [0, 1, 2, 3]
