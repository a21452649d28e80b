"""The searches against BluePyOpt itself, individual by individual.

Every expected number comes from a run of the stock optimisation in this process: it evaluates the
same cheap problem and notes each individual in the order of evaluation.
"""

import copyreg
import random
import types

import numpy as np
import pytest
from bluepyopt.deapext.optimisations import DEAPOptimisation
from bluepyopt.deapext.optimisationsCMA import DEAPOptimisationCMA
from bluepyopt.evaluators import Evaluator
from bluepyopt.objectives import Objective
from bluepyopt.parameters import Parameter

from workbench.search import make_search

GENERATIONS, POPULATION, OBJECTIVES = 40, 20, 5

UNIT_CUBE = np.array([[0.0, 1.0]] * 20)

# The 20 free parameters of BluePyOpt's example l5pc (Van Geit et al. 2016).
L5PC = np.array(
    [
        *[(0, 0.04), (0, 0.04), (0, 0.001)],  # apical gNaTs2, gSKv3_1, gIm
        *[(0, 4), (0, 4), (0, 1), (0, 0.1), (0, 0.1), (0, 2), (0, 0.001), (0, 0.01)],  # axonal
        *[(0.0005, 0.05), (20, 1000)],  # axonal gamma, decay
        *[(0, 1), (0, 1), (0, 0.1), (0, 0.001), (0, 0.01)],  # somatic
        *[(0.0005, 0.05), (20, 1000)],  # somatic gamma, decay
    ]
)


def scores(parameters, bounds):
    """Five paraboloids of parts of the parameters, which cannot all be low at once."""
    unit = [(x - low) / (high - low) for x, (low, high) in zip(parameters, bounds, strict=True)]
    return [
        sum((1 + (i + j) % 5) * (unit[i] - 0.2 - 0.15 * j) ** 2 for i in range(j % 3, 20, 3))
        for j in range(OBJECTIVES)
    ]


class Noting(Evaluator):
    def __init__(self, bounds):
        self.bounds = bounds.tolist()
        self.seen = []
        objectives = [Objective(f"f{i}") for i in range(OBJECTIVES)]
        super().__init__(
            objectives, [Parameter(f"p{i}", bounds=b) for i, b in enumerate(self.bounds)]
        )

    def init_simulator_and_evaluate_with_lists(self, parameters):
        self.seen.append(list(parameters))
        return scores(parameters, self.bounds)


@pytest.fixture(autouse=True)
def stock_leaves_no_trace():
    """Stock seeds the global generators and registers a pickler."""
    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002
    yield
    random.setstate(python)
    np.random.set_state(legacy)  # noqa: NPY002
    copyreg.dispatch_table.pop(types.MethodType, None)


def ours(algorithm, box, seed, **options):
    """Return the physical parameters of every row asked, as a caller would map them."""
    low, high = box.T
    search = make_search(algorithm, 20, OBJECTIVES, POPULATION, seed, **options)
    asked = []
    for _ in range(GENERATIONS):
        rows = search.ask()
        asked.append(low + rows * (high - low))
        search.tell(rows, [scores(row, box.tolist()) for row in asked[-1].tolist()])
    return np.concatenate(asked)


def stock(selector, bounds, seed):
    evaluator = Noting(bounds)
    optimisation = DEAPOptimisation(
        evaluator, seed=seed, offspring_size=POPULATION, selector_name=selector
    )
    optimisation.run(max_ngen=GENERATIONS)
    return np.array(evaluator.seen)


@pytest.mark.parametrize(("algorithm", "selector"), [("ibea", "IBEA"), ("nsga2", "NSGA2")])
@pytest.mark.parametrize("seed", [1, 2])
def test_genetic_searches_propose_stock_individuals_bit_for_bit(algorithm, selector, seed):
    expected = stock(selector, UNIT_CUBE, seed)
    assert expected.shape == (800, 20)
    assert np.array_equal(ours(algorithm, UNIT_CUBE, seed), expected)


@pytest.mark.parametrize(("algorithm", "selector"), [("ibea", "IBEA"), ("nsga2", "NSGA2")])
@pytest.mark.parametrize("told_the_bounds", [True, False])
def test_genetic_searches_propose_stock_individuals_in_the_bounds_of_l5pc(
    algorithm, selector, told_the_bounds
):
    """Only the way to the unit cube and back rounds, if the search varies in the true bounds."""
    expected = stock(selector, L5PC, seed=1)
    found = ours(algorithm, L5PC, seed=1, bounds=L5PC if told_the_bounds else None)
    off = np.abs(found - expected) / (L5PC[:, 1] - L5PC[:, 0])
    assert off.max() < (3e-16 if told_the_bounds else 1e-12)


def test_a_child_that_was_not_varied_is_asked_again_and_changes_nothing():
    """Stock keeps its parent's scores and evaluates fewer: all children are noted as they arise."""
    evaluator, born = Noting(UNIT_CUBE), []
    optimisation = DEAPOptimisation(
        evaluator, seed=3, offspring_size=POPULATION, cxpb=0.4, mutpb=0.3, eta=20
    )
    vary = optimisation.toolbox.variate

    def noting(*arguments):
        children = vary(*arguments)
        born.extend([list(child) for child in children])
        return children

    optimisation.toolbox.register("variate", noting)
    optimisation.run(max_ngen=GENERATIONS)
    assert len(evaluator.seen) < 600
    found = ours("ibea", UNIT_CUBE, seed=3, crossover=0.4, mutation=0.3, eta=20)
    assert np.array_equal(found, np.concatenate([evaluator.seen[:POPULATION], born]))


@pytest.mark.parametrize(
    ("algorithm", "selector", "options", "stock_options"),
    [
        ("cma", "single_objective", {}, {}),
        ("mo-cma", "multi_objective", {"hypervolume_weight": 0.0}, {"weight_hv": 0.0}),
    ],
)
def test_cma_searches_propose_stock_individuals_bit_for_bit(
    algorithm, selector, options, stock_options
):
    """MO-CMA without its hypervolume, which stock estimates from other draws."""
    evaluator = Noting(UNIT_CUBE)
    DEAPOptimisationCMA(
        evaluator,
        seed=1,
        offspring_size=POPULATION,
        selector_name=selector,
        use_stagnation_criterion=False,
        **stock_options,
    ).run(max_ngen=GENERATIONS)
    expected = np.array(evaluator.seen)[: GENERATIONS * POPULATION]
    assert np.array_equal(ours(algorithm, UNIT_CUBE, 1, **options), expected)
