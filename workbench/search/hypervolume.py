"""How much hypervolume each point of a population adds: the HypE indicator."""

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats


def hype(points: Floats, reference: Floats, depth: int, samples: int) -> Floats:
    """Estimate the logarithm of the HypE indicator of each point.

    A place in objective space that i of the n points dominate counts for each of them with
    alpha_i = 1/i prod_{j=1}^{i-1} (depth - j)/(n - j), up to i = depth: the point's share of the
    hypervolume that is lost, in the mean, if it leaves together with depth - 1 others (Bader &
    Zitzler 2011, Evol Comput 19:45-76).

    Each point is sampled within the box that it dominates itself. A sample of the box around all
    points, as in the paper, almost never falls under a given point once objectives are many: with
    35 objectives and a point half way, 2 in 1000. All points share the same fixed draws: the result
    depends on the points alone, and comparisons between points are less noisy.

    Parameters
    ----------
    points : array (n, k)
        Lower is better.
    reference : array (k,)
        No point exceeds it.
    depth : int
        How many points are thought to leave together; more than n counts as n.
    samples : int
        Places drawn per point; the relative error falls as 1/sqrt(samples).

    Returns
    -------
    array (n,)
        Logarithms, since volumes of many dimensions overflow; -inf where nothing is added.
    """
    draws = np.random.default_rng(0).random((samples, points.shape[1]))
    sides = reference - points
    weights = _weights(len(points), depth)
    means = np.array(
        [
            weights[_dominators(point + draws * side, points) - 1].mean()
            for point, side in zip(points, sides, strict=True)
        ]
    )
    with np.errstate(divide="ignore"):
        result: Floats = np.log(sides).sum(axis=1) + np.log(means)
    return result


def _weights(count: int, depth: int) -> Floats:
    """Return alpha_1 ... alpha_count, zero beyond depth."""
    depth = min(depth, count)
    weights = np.zeros(count)
    for i in range(1, depth + 1):
        j = np.arange(1, i)
        weights[i - 1] = np.prod((depth - j) / (count - j)) / i
    return weights


def _dominators(places: Floats, points: Floats) -> NDArray[np.intp]:
    """Return how many points dominate each place, itself included."""
    below = np.ones((len(places), len(points)), dtype=bool)
    for place, point in zip(places.T, points.T, strict=True):
        below &= place[:, None] >= point
    counts: NDArray[np.intp] = below.sum(axis=1)
    return counts
