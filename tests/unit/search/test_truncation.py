"""The search by truncation against a plain loop of DEAP's own parts, individual by individual."""

import random

import numpy as np
import pytest
from deap import base, tools
from deap.algorithms import varAnd

from workbench.search import make_search

DIMENSION, POPULATION, GENERATIONS = 5, 14, 30


def scores(rows):
    """Three paraboloids that cannot all be low at once."""
    rows = np.asarray(rows)
    return np.stack([((rows - 0.2 * (1 + j)) ** 2 @ np.arange(1, 6)) for j in range(3)], axis=1)


class Least(base.Fitness):
    weights = (-1.0,)


class Individual(list):
    def __init__(self, row):
        super().__init__(row)
        self.fitness = Least()


@pytest.fixture(autouse=True)
def generators_are_left_as_they_were():
    python = random.getstate()
    yield
    random.setstate(python)


def by_hand(seed, crossover, mutation, eta, gene_mutation):
    """mu + mu: what Gouwens et al. 2018 describe, written down with DEAP, on the sum alone."""
    random.seed(seed)
    parts = base.Toolbox()
    inside = {"eta": eta, "low": 0.0, "up": 1.0}
    parts.register("mate", tools.cxSimulatedBinaryBounded, **inside)
    parts.register("mutate", tools.mutPolynomialBounded, indpb=gene_mutation, **inside)

    def evaluated(individuals):
        for one in individuals:
            one.fitness.values = (sum(scores([one])[0].tolist()),)
        seen.extend(list(one) for one in individuals)
        return individuals

    seen = []
    first = [
        Individual([random.uniform(0, 1) for _ in range(DIMENSION)]) for _ in range(POPULATION)
    ]
    parents = evaluated(first)
    for _ in range(GENERATIONS - 1):
        children = evaluated(varAnd(parents, parts, crossover, mutation))
        parents = tools.selBest(parents + children, POPULATION)
    return np.array(seen)


def asked(seed, **options):
    search = make_search("truncation", DIMENSION, 3, POPULATION, seed, **options)
    rows = []
    for _ in range(GENERATIONS):
        rows.append(search.ask())
        search.tell(rows[-1], scores(rows[-1]))
    return np.concatenate(rows)


@pytest.mark.parametrize("seed", [1, 7])
def test_its_individuals_are_those_of_the_recipe(seed):
    """Crossover 0.1, every child mutated, 0.35 of its numbers, both with eta 10."""
    expected = by_hand(seed, crossover=0.1, mutation=1.0, eta=10.0, gene_mutation=0.35)
    np.testing.assert_array_equal(asked(seed)[:POPULATION], expected[:POPULATION])
    # The first parents of the loop by hand are not in order, nor are those of the search.
    np.testing.assert_array_equal(asked(seed), expected)


def test_its_options_are_those_of_the_operators():
    options = {"crossover": 0.7, "mutation": 0.6, "eta": 3.0, "gene_mutation": 0.8}
    np.testing.assert_array_equal(asked(2, **options), by_hand(2, **options))


def test_no_other_bounds_matter():
    box = np.array([[-3.0, 1e-3], [0.0, 1e-9], [20.0, 1e3], [0.0, 2.0], [5.0, 6.0]])
    np.testing.assert_array_equal(asked(3, bounds=box), asked(3))


def test_the_best_is_never_lost_and_only_sums_count():
    """A row that is best in one score and hopeless in the others does not survive."""
    search = make_search("truncation", 1, 2, 4, seed=1, gene_mutation=1.0)
    told = np.array([[0.0, 90.0], [20.0, 20.0], [30.0, 30.0], [40.0, 40.0]])
    first = search.ask()
    search.tell(first, told)
    search.tell(search.ask(), np.full((4, 2), 35.0))
    kept = search.state()["parents"].ravel().tolist()
    assert kept[:2] == [first[1, 0], first[2, 0]]
    assert first[0, 0] not in kept
    assert first[3, 0] not in kept
