"""What rows would score, judged by their neighbours: a Gaussian process over what was told.

Rasmussen & Williams (2006), Gaussian Processes for Machine Learning: the mean of eq. 2.25 with the
Matérn kernel of smoothness 5/2 (eq. 4.17). One kernel serves all objectives, so that one matrix is
eliminated for all of them.

A parameter counts for the kernel as much as the scores change along it (`relevances`): without
this the children of a search with twenty parameters cannot be told apart.

Nothing here is left to BLAS or LAPACK, which round differently with another number of threads: a
run may go on wherever there are fewer processors.
"""

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats

CEILING = 30.0
"""A score beyond it is hopeless, and by how much says nothing: that of a missing feature, say."""

MOST_ROWS = 300
"""So many neighbours of the best rows are learnt from."""

_BEST = 10  # rows whose mean is the middle of the neighbourhood
_RIDGE = 1.0
_SHARPNESS = 1.5
_NOISE = 0.05  # of the kernel's variance: features jump where a spike appears
_LEAST = 1e-12


def predicted_sums(rows: Floats, scores: Floats, candidates: Floats) -> Floats:
    """Return the expected sum of scores of each candidate, (m,), every score at most `CEILING`.

    Parameters
    ----------
    rows : array (n, d)
        Rows of the unit cube whose scores are known.
    scores : array (n, k)
        Theirs.
    candidates : array (m, d)
        Rows to be judged.
    """
    known = np.minimum(scores, CEILING)
    near = _nearest(rows, known)
    rows, known = rows[near], known[near]
    mean = known.mean(axis=0)
    weights = relevances(rows, known) ** _SHARPNESS
    rows, candidates = rows * weights, candidates * weights
    apart = distances(rows, rows)
    length = np.median(apart[np.triu_indices_from(apart, 1)]) if len(rows) > 1 else 0.0
    length = max(length, _LEAST)
    matrix = matern(apart / length)
    matrix[np.diag_indices_from(matrix)] += _NOISE
    factors = solved(matrix, known - mean)
    sums: Floats = mean.sum() + np.einsum(
        "mn,n->m", matern(distances(candidates, rows) / length), factors.sum(axis=1)
    )
    return sums


def relevances(rows: Floats, scores: Floats) -> Floats:
    """Return how much each parameter matters, (d,), with a mean square of 1.

    The root mean square, over the objectives, of the slopes of a ridge regression; 1 throughout
    where nothing changes.
    """
    apart = rows - rows.mean(axis=0)
    matrix = np.einsum("ni,nj->ij", apart, apart) + _RIDGE * np.eye(apart.shape[1])
    slopes = solved(matrix, np.einsum("ni,nk->ik", apart, scores - scores.mean(axis=0)))
    found = np.sqrt((slopes**2).mean(axis=1))
    overall = np.sqrt((found**2).mean())
    relevant: Floats = found / overall if overall > _LEAST else np.ones(len(found))
    return relevant


def _nearest(rows: Floats, scores: Floats) -> NDArray[np.intp]:
    best = np.argsort(scores.sum(axis=1), kind="stable")[:_BEST]
    away = ((rows - rows[best].mean(axis=0)) ** 2).sum(axis=1)
    return np.argsort(away, kind="stable")[:MOST_ROWS]


def solved(matrix: Floats, values: Floats) -> Floats:
    """Return x of matrix x = values, (n, k), for a symmetric positive definite matrix, (n, n)."""
    return eliminated(matrix, values)[0]


def eliminated(matrix: Floats, values: Floats) -> tuple[Floats, float]:
    """Return x of matrix x = values, (n, k), and the logarithm of the matrix' determinant.

    By elimination, for which a symmetric positive definite matrix, (n, n), needs no pivots (Golub &
    Van Loan, Matrix Computations, section 4.2).
    """
    upper, x = matrix.copy(), values.copy()
    for row in range(len(upper) - 1):
        below = slice(row + 1, None)
        factor = (upper[below, row] / upper[row, row])[:, None]
        upper[below, below] -= factor * upper[row, below]
        x[below] -= factor * x[row]
    for row in reversed(range(len(upper))):
        x[row] /= upper[row, row]
        x[:row] -= upper[:row, row, None] * x[row]
    return x, float(np.log(np.diag(upper)).sum())


def distances(rows: Floats, others: Floats) -> Floats:
    """Return the distances of all pairs, (n, m)."""
    squares = np.zeros((len(rows), len(others)))
    for column, other in zip(rows.T, others.T, strict=True):
        squares += (column[:, None] - other) ** 2
    apart: Floats = np.sqrt(squares)
    return apart


def matern(distances: Floats) -> Floats:
    """Return the Matérn kernel of smoothness 5/2 at distances in units of its length."""
    scaled = np.sqrt(5.0) * distances
    kernel: Floats = (1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled)
    return kernel
