"""The archive against Zitzler & Künzli's formulas, computed pair by pair, and BluePyOpt's code."""

import math

import numpy as np
from bluepyopt.deapext.optimisations import WSListIndividual
from bluepyopt.deapext.tools.selIBEA import _calc_fitness_components, _calc_fitnesses
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.search.archive import KAPPA, LEAST_SPREAD, Archive

SIZE, OBJECTIVES = 5, 3
score = st.floats(0, 250) | st.sampled_from([0.0, 250.0, 500.0])
tables = st.lists(
    st.lists(score, min_size=OBJECTIVES, max_size=OBJECTIVES), min_size=SIZE, max_size=4 * SIZE
)


def indicator(a, b):
    """How far row a has to be shifted to be nowhere worse than row b: the additive epsilon."""
    return max(x - y for x, y in zip(a, b, strict=True))


def scale_of(members):
    extent = [max(c) - min(c) for c in zip(*members, strict=True)]
    extent = [e if e > LEAST_SPREAD else 1.0 for e in extent]
    scaled = [[s / e for s, e in zip(m, extent, strict=True)] for m in members]
    largest = max(abs(indicator(a, b)) for a in scaled for b in scaled)
    return extent, largest if largest > LEAST_SPREAD else 1.0


def costs_of(members, scale):
    extent, largest = scale
    scaled = [[s / e for s, e in zip(m, extent, strict=True)] for m in members]
    return [
        sum(
            math.exp(min(-indicator(a, b) / (largest * KAPPA), 300.0))
            for i, a in enumerate(scaled)
            if i != j
        )
        for j, b in enumerate(scaled)
    ]


def fill(table):
    """Return the archive; each row is its own number."""
    archive = Archive(SIZE, 1, OBJECTIVES)
    for number, scores in enumerate(table):
        archive.add(np.array([float(number)]), np.array(scores))
    return archive


def members(archive):
    places = [p for p in range(SIZE + 1) if p != archive.free]
    return {int(archive.rows[p, 0]): archive.costs[p] for p in places}


ROUNDING = [[0.0] * OBJECTIVES] * 4 + [[2.3e-308] + [0.0] * (OBJECTIVES - 1)]


@settings(max_examples=200, deadline=None)
@given(table=tables)
@example(table=[*ROUNDING, [0.0] * OBJECTIVES, [4.0, 1.0, 0.0]])
def test_whoever_costs_least_stays(table):
    """Told one by one, with the scale renewed after every `SIZE`."""
    kept, scale = list(range(SIZE)), scale_of(table[:SIZE])
    for number in range(SIZE, len(table)):
        kept.append(number)
        costs = costs_of([table[i] for i in kept], scale)
        worst = max(costs)
        gone = (set(kept) - members(fill(table[: number + 1])).keys()).pop()
        # Ties, and sums that differ by rounding alone, may go either way.
        assert costs[kept.index(gone)] >= worst * (1 - 1e-9)
        kept.remove(gone)
        if (number + 1) % SIZE == 0:
            scale = scale_of([table[i] for i in kept])
    found = members(fill(table))
    assert sorted(found) == sorted(kept)
    expected = costs_of([table[i] for i in kept], scale)
    np.testing.assert_allclose([found[i] for i in kept], expected, rtol=1e-6, atol=1e-300)


def test_a_freshly_scaled_archive_has_bluepyopts_fitness():
    table = np.random.default_rng(1).uniform(0, 250, (SIZE, OBJECTIVES))
    individuals = [WSListIndividual([0.0], obj_size=OBJECTIVES) for _ in table]
    for individual, values in zip(individuals, table.tolist(), strict=True):
        individual.fitness.values = values
    _calc_fitnesses(individuals, _calc_fitness_components(individuals, kappa=KAPPA))
    found = members(fill(table))
    theirs = [individual.ibea_fitness for individual in individuals]
    np.testing.assert_allclose([found[i] for i in range(SIZE)], theirs, rtol=1e-12)


def test_a_failure_never_enters_a_full_archive():
    table = [[float(i), float(SIZE - i), 1.0] for i in range(SIZE)]
    archive = fill([*table, [500.0] * OBJECTIVES])
    assert sorted(members(archive)) == list(range(SIZE))


def test_rounding_does_not_pile_up():
    """After thousands of rows each cost is still what the formula says."""
    draw = np.random.default_rng(2)
    table = draw.uniform(0, 250, (999, OBJECTIVES)).tolist()
    found = members(fill(table))
    kept = [table[i] for i in found]
    at_scaling = [table[i] for i in members(fill(table[: 999 // SIZE * SIZE]))]
    expected = costs_of(kept, scale_of(at_scaling))
    np.testing.assert_allclose(list(found.values()), expected, rtol=1e-9)
