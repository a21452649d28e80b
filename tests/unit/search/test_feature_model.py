"""The model of features, beside closed forms and scipy."""

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.linalg import solve
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal

from workbench.search.feature_model import BENT, MISSING, FeatureModel, Kernel, bent
from workbench.search.surrogate import eliminated, matern

SUMS = """
import hashlib, numpy as np
from workbench.search.feature_model import FeatureModel, Kernel
draws = np.random.default_rng(0)
rows, scores, others = (draws.random(s) for s in ((200, 20), (200, 35), (90, 20)))
sides = draws.integers(-1, 2, scores.shape)
model = FeatureModel(rows, scores, sides, Kernel.first(20), draws, 2)
print(hashlib.sha256(model.sums(others).tobytes()).hexdigest())
"""


@pytest.fixture
def draws():
    return np.random.default_rng(5)


def test_elimination_gives_the_determinant_too(draws):
    root = draws.random((40, 40))
    matrix = root @ root.T + np.eye(40)
    assert eliminated(matrix, matrix)[1] == pytest.approx(np.linalg.slogdet(matrix)[1])


def test_scores_bend_where_they_become_hopeless():
    """BENT (1 + log 2) at twice BENT, steadily from slope 1 on, and without an end."""
    found = bent(np.array([0.0, 3.0, BENT, 2 * BENT, 1e6]))
    expected = [0.0, 3.0, BENT, BENT * (1 + np.log(2)), BENT * (1 + np.log(1e6 / BENT))]
    np.testing.assert_allclose(found, expected)
    assert bent(np.array(BENT + 1e-6)) - BENT == pytest.approx(1e-6)


def test_at_known_rows_the_sum_is_that_of_a_gaussian_process(draws):
    """There nothing is unknown but the noise, so nothing is hoped for."""
    rows, signed = draws.random((30, 2)), draws.normal(0.0, 2.0, (30, 3))
    kernel = Kernel(np.log([0.3, 0.7, 0.02]))
    sides = np.where(signed < 0, -1, 1).astype(np.int8)
    model = FeatureModel(rows, np.expm1(np.abs(signed)), sides, kernel, draws, 0)
    known = matern(cdist(rows / [0.3, 0.7], rows / [0.3, 0.7]))
    means = signed.mean(axis=0)
    expected = means + known @ solve(known + 0.02 * np.eye(30), signed - means)
    np.testing.assert_allclose(model.sums(rows), bent(np.expm1(np.abs(expected))).sum(axis=1))


def test_far_from_all_rows_everything_may_be_half_a_deviation_better():
    rows = np.array([[0.0], [0.01]])
    scores = np.expm1(np.array([[2.0], [4.0]]))
    kernel = Kernel(np.log([0.05, 0.02]))
    sides = np.ones((2, 1), dtype=np.int8)
    model = FeatureModel(rows, scores, sides, kernel, np.random.default_rng(0), 0)
    # Mean 3 and deviation 1 of the logarithms.
    assert model.sums(np.array([[1.0]]))[0] == pytest.approx(np.expm1(3.0 - 0.5), rel=1e-3)


def test_where_a_feature_has_no_value_none_is_expected(draws):
    rows = draws.random((120, 2))
    missing = rows[:, 0] < 0.5
    scores, sides = np.where(missing, MISSING, 1.0)[:, None], np.where(missing, 0, 1)[:, None]
    model = FeatureModel(rows, scores, sides.astype(np.int8), Kernel.first(2), draws, 20)
    silent, firing = model.sums(np.array([[0.1, 0.5], [0.9, 0.5]]))
    assert silent == pytest.approx(bent(np.array(MISSING)), rel=0.1)
    assert firing == pytest.approx(1.0, abs=bent(np.array(MISSING)) * 0.1)


def test_a_target_between_the_rows_is_seen_from_the_sides(draws):
    """Rows above and below: no score is small, but the features meet their targets in between."""
    rows = draws.random((60, 3))
    rows = rows[np.abs(rows[:, 0] - 0.5) > 0.15]
    signed = (6.0 * (rows[:, 0] - 0.5))[:, None]
    sides = np.sign(signed).astype(np.int8)
    at = np.linspace(0.0, 1.0, 101)
    grid = np.column_stack([at, np.full((101, 2), 0.5)])
    model = FeatureModel(rows, np.abs(signed), sides, Kernel.first(3), draws, 30)
    assert at[model.sums(grid).argmin()] == pytest.approx(0.5, abs=0.05)


def test_the_likelier_kernel_is_the_likelier_one(draws):
    """Beside the density of scipy at the best variance; the parameter that matters is shorter."""
    rows = draws.random((60, 2))
    outputs = np.sin(7.0 * rows[:, :1])
    outputs = (outputs - outputs.mean()) / outputs.std()
    first = Kernel.first(2)
    found = first.likelier(rows, outputs, draws, 60)

    def log_likelihood(kernel):
        covariance = kernel.covariance(rows)
        variance = (outputs.T @ solve(covariance, outputs)).item() / len(rows)
        return multivariate_normal(cov=variance * covariance).logpdf(outputs[:, 0])

    assert log_likelihood(found) > log_likelihood(first) + 10
    assert found.lengths[0] < found.lengths[1]


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
