"""The model that screens children, beside closed forms and scipy."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.linalg import solve
from scipy.spatial.distance import cdist
from scipy.special import gamma, kv

from workbench.search.surrogate import CEILING, MOST_ROWS, predicted_sums, relevances, solved

SUMS = """
import hashlib, numpy as np
from workbench.search.surrogate import predicted_sums
draws = np.random.default_rng(0)
rows, scores, others = (draws.random(s) for s in ((400, 20), (400, 35), (90, 20)))
print(hashlib.sha256(predicted_sums(rows, scores, others).tobytes()).hexdigest())
"""


@pytest.fixture
def draws():
    return np.random.default_rng(5)


def test_elimination_solves_as_lapack_does(draws):
    root = draws.random((60, 60))
    matrix, values = root @ root.T + np.eye(60), draws.random((60, 7))
    before = matrix.copy(), values.copy()
    np.testing.assert_allclose(solved(matrix, values), solve(matrix, values), rtol=1e-9)
    assert np.array_equal(matrix, before[0])
    assert np.array_equal(values, before[1])


def test_a_parameter_that_changes_nothing_has_no_relevance(draws):
    rows = draws.random((2000, 4))
    scores = np.column_stack([3 * rows[:, 0] + 4 * rows[:, 2], 4 * rows[:, 0]])
    found = relevances(rows, scores)
    assert found[[1, 3]].max() < 0.01
    # Slopes (3, 4) and (4, 0): root mean squares sqrt(25/2) and sqrt(16/2).
    assert found[0] / found[2] == pytest.approx(5 / 4, rel=0.01)
    assert (found**2).mean() == pytest.approx(1)


def test_the_mean_is_that_of_a_gaussian_process_with_a_matern_kernel(draws):
    """With the kernel's general form, by Bessel functions; one parameter has relevance 1."""
    rows, others = draws.random((30, 1)), draws.random((9, 1))
    scores = np.column_stack([np.sin(4 * rows[:, 0]) + 1, rows[:, 0] ** 2])

    def matern(distances, length, order=2.5):
        z = np.maximum(np.sqrt(2 * order) * distances / length, 1e-9)
        return 2 ** (1 - order) / gamma(order) * z**order * kv(order, z)

    apart = cdist(rows, rows)
    length = np.median(apart[np.triu_indices(30, 1)])
    known = matern(apart, length) + 0.05 * np.eye(30)
    means = scores.mean(axis=0)
    expected = means + matern(cdist(others, rows), length) @ solve(known, scores - means)
    np.testing.assert_allclose(
        predicted_sums(rows, scores, others), expected.sum(axis=1), rtol=1e-6
    )


def test_it_ranks_rows_that_it_never_saw(draws):
    centre = draws.random(12)
    rows = draws.random((MOST_ROWS + 100, 12))
    others = centre + 0.2 * draws.standard_normal((50, 12))

    def scores(at):
        away = np.abs(at - centre)
        return np.where(away > 0.95, 250.0, away * np.arange(1, 13))

    order = np.argsort(predicted_sums(rows, scores(rows), others))
    truly = np.argsort(np.argsort(scores(others).sum(axis=1)))
    assert truly[order[:10]].mean() < 15


def test_hopeless_scores_are_all_alike(draws):
    rows, others = draws.random((20, 3)), draws.random((5, 3))
    scores = draws.choice([0.0, 1.0, 2 * CEILING], (20, 4))
    far = np.where(scores > CEILING, 1e12, scores)
    assert np.array_equal(predicted_sums(rows, scores, others), predicted_sums(rows, far, others))


def test_rows_that_are_all_the_same_say_the_same_of_all():
    rows, scores = np.full((8, 3), 0.5), np.full((8, 2), 7.0)
    np.testing.assert_allclose(predicted_sums(rows, scores, np.eye(3)), 14.0)


def test_threads_change_no_bit():
    found = {
        subprocess.run(
            [sys.executable, "-c", SUMS],
            env={**os.environ, "OPENBLAS_NUM_THREADS": count},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for count in ("1", "2", "3")
    }
    assert len(found) == 1
