"""The search by Gaussian processes of features."""

import numpy as np
import pytest

from workbench.search import make_search

DIMENSION, FEATURES = 8, 20


def least_sum(algorithm, seed, population, evaluations):
    """Features that are nearly lines in all parameters, all missing where the first is large."""
    draws = np.random.default_rng(100 + seed)
    slopes, best = draws.normal(size=(FEATURES, DIMENSION)), draws.uniform(0.1, 0.9, DIMENSION)
    search = make_search(algorithm, DIMENSION, FEATURES, population, seed)
    least = np.inf
    for _ in range(evaluations // population):
        rows = search.ask()
        along = (rows - best) @ slopes.T
        away, missing = 5.0 * along + along**2, along[:, 0] > 0.5
        scores = np.where(missing[:, None], 250.0, np.abs(away))
        sides = np.where(missing[:, None], 0, np.where(away < 0, -1, 1))
        search.tell(rows, scores, sides)
        least = min(least, scores.sum(axis=1).min())
    return least


@pytest.mark.parametrize("seed", [2, 3])
def test_it_needs_a_fifth_of_the_evaluations(seed):
    assert least_sum("gp", seed, 10, 240) < 0.5 * least_sum("ibea", seed, 20, 1200)


def test_a_conductance_is_seen_by_its_square_root_and_a_potential_as_it_is():
    bounds = [[0.0, 4.0], [20.0, 1000.0], [-90.0, -60.0], [50.0, 150.0]]
    rows = make_search("gp", 4, 2, 1000, seed=1, bounds=bounds).ask()
    # A quarter of what is drawn lies below a sixteenth of the range, or below a quarter of it.
    np.testing.assert_allclose((rows < [0.0625, 0.0625, 0.25, 0.25]).mean(axis=0), 0.25, atol=2e-3)


def test_no_row_is_proposed_twice():
    search, asked = make_search("gp", 3, 2, 10, seed=4), np.empty((0, 3))
    for _ in range(15):
        rows = search.ask()
        asked = np.concatenate([asked, rows])
        search.tell(rows, np.tile(np.abs(rows - 0.3).sum(axis=1)[:, None], (1, 2)))
    assert len(np.unique(asked, axis=0)) == len(asked)


def test_sides_that_are_none_are_refused():
    search = make_search("gp", 3, 2, 4, seed=1)
    rows = search.ask()
    with pytest.raises(ValueError, match="-1, 0 and 1"):
        search.tell(rows, np.ones((4, 2)), np.full((4, 2), 0.5))
    with pytest.raises(ValueError, match="shape"):
        search.tell(rows, np.ones((4, 2)), np.ones((4, 3)))
    assert search.generation == 0
