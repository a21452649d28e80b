"""Points that no other beats, and the few of them that stand for all."""

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats


def non_dominated(points: Floats) -> NDArray[np.intp]:
    """Return which points no other is at least as good as everywhere, the smallest sum first.

    Parameters
    ----------
    points : array (n, k)
        Lower is better. Of equal points the first one stays.

    Returns
    -------
    array (m,)
        Their indices.
    """
    order = np.lexsort((*points.T[::-1], points.sum(axis=1)))
    kept = np.empty_like(points)
    found: list[int] = []
    for place in order.tolist():
        # Whoever dominates a point has no larger sum, so it came before.
        before = kept[: len(found)]
        if not (before <= points[place]).all(axis=1).any():
            kept[len(found)] = points[place]
            found.append(place)
    return np.array(found, dtype=np.intp)


def spread_out(points: Floats, most: int) -> NDArray[np.intp]:
    """Return which points stand for all: the best of each column, then the farthest from these.

    The smallest sum comes first, then the smallest of each column, then again and again whichever
    point is farthest from all that were taken: no point is left farther from them than twice what
    the best choice of as many could reach (Gonzalez 1985, Theor Comput Sci 38:293-306). Unlike the
    crowding distance of NSGA-II this holds in many dimensions, too.

    Parameters
    ----------
    points : array (n, k)
        Lower is better.
    most
        How many there are at most.

    Returns
    -------
    array (m,)
        Their indices, in the order of the points.
    """
    if len(points) <= most:
        return np.arange(len(points))
    first = [points.sum(axis=1).argmin(), *points.argmin(axis=0)]
    taken = list(dict.fromkeys(int(place) for place in first))[:most]
    nearest = np.full(len(points), np.inf)
    for number in range(most):
        if number == len(taken):
            taken.append(int(nearest.argmax()))
        away = ((points - points[taken[number]]) ** 2).sum(axis=1)
        nearest = np.minimum(nearest, away)
        nearest[taken[number]] = -1.0
    return np.sort(np.array(taken, dtype=np.intp))
