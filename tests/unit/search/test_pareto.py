"""What is not dominated, by its definition; and what is kept of it."""

import numpy as np
from deap import base, creator, tools
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workbench.search.pareto import non_dominated, spread_out

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 4))
COARSE = st.integers(0, 5).map(float)
FINE = st.floats(0, 500, allow_subnormal=True)
POINTS = SHAPES.flatmap(
    lambda shape: st.one_of(arrays.arrays(float, shape, elements=e) for e in (COARSE, FINE))
)


def dominates(one, other):
    return all(one <= other) and any(one < other)


@given(POINTS)
def test_it_is_what_the_definition_says(points):
    found = non_dominated(points).tolist()
    wanted = [
        i
        for i, point in enumerate(points)
        if not any(dominates(other, point) for other in points)
        and not any((other == point).all() for other in points[:i])
    ]
    assert sorted(found) == wanted
    sums = points.sum(axis=1)[found]
    assert (np.diff(sums) >= 0).all()


def test_it_is_the_first_front_of_deap():
    points = np.random.default_rng(1).random((300, 4))
    creator.create("Lower", base.Fitness, weights=(-1.0,) * 4)
    creator.create("Point", list, fitness=creator.Lower)
    made = []
    for place, point in enumerate(points):
        one = creator.Point([place])
        one.fitness.values = tuple(point)
        made.append(one)
    [first, *_] = tools.sortNondominated(made, len(made), first_front_only=True)
    assert sorted(one[0] for one in first) == sorted(non_dominated(points).tolist())


@given(POINTS, st.integers(1, 45))
def test_those_that_stand_for_all(points, most):
    few = spread_out(points, most)
    assert len(few) == len(set(few.tolist())) == min(most, len(points))
    assert (np.diff(few) > 0).all()
    assert spread_out(points, most).tolist() == few.tolist()
    if most > points.shape[1]:
        assert np.array_equal(points[few].min(axis=0), points.min(axis=0))
        assert points[few].sum(axis=1).min() == points.sum(axis=1).min()


def test_they_are_at_most_twice_as_far_as_the_best_choice_would_be():
    """Of four groups on a line four points stand for all: the best choice is 0.1 from any."""
    line = np.array([[float(10 * group + away)] for group in range(4) for away in (0, 0.1, 0.2)])
    few = line[spread_out(line, 4)]
    assert np.abs(line - few.T).min(axis=1).max() <= 0.2 + 1e-12
