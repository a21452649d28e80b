"""Which individuals do what the targets ask: only they show how exact their features are."""

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.fitting import Problem

ASKED = 0.9
"""The part of the features of which an individual that does what the targets ask has values."""


def answered(problem: Problem, values: Floats) -> NDArray[np.bool_]:
    """Return for each individual and feature whether it has what its target asks for, (n, k).

    A count of nothing is a value, but no answer to a target that is not 0 within its standard
    deviation.

    Parameters
    ----------
    values
        Means of features, (n, k), NaN where there is none.
    """
    means = np.array([objective.mean for objective in problem.objectives])
    stds = np.array([objective.std for objective in problem.objectives])
    nothing = (values == 0) & (np.abs(means) > stds)
    return np.asarray(~np.isnan(values) & ~nothing)


def does(problem: Problem, values: Floats) -> NDArray[np.bool_]:
    """Return which individuals do what the targets ask, (n,): answer `ASKED` of them."""
    if not len(values):
        return np.zeros(0, dtype=bool)
    return np.asarray(answered(problem, values).mean(axis=1) >= ASKED)


def enough(problem: Problem, values: Floats, count: int) -> bool:
    """Return whether so many do what the targets ask, and each feature is answered by one of them.

    Nothing would be known of a feature that none of them has.
    """
    doing = does(problem, values)
    answers = answered(problem, values[doing])
    return bool(doing.sum() >= count and answers.any(axis=0).all())


def rarest(problem: Problem, values: Floats, count: int = 3) -> str:
    """Name the features that the fewest individuals have, and how many do."""
    having = answered(problem, values).sum(axis=0)
    order = np.argsort(having, kind="stable")[:count]
    return ", ".join(f"{problem.objectives[i].name} ({having[i]})" for i in order)
