"""Equations that are solved together: eliminated as a graph, they have numpy's solution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.engines.test_graph import computed
from workbench.engines.population.graph import Graph
from workbench.engines.population.reactions import Kept
from workbench.engines.population.systems import eliminated, jacobian, residuals


@given(st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_elimination_of_a_sparse_system(size: int, seed: int) -> None:
    drawn = np.random.default_rng(seed)
    there = drawn.random((size, size)) < 0.3
    matrix = np.where(there, drawn.uniform(-1, 1, (size, size)), 0.0)
    matrix += np.diag(1 + np.abs(matrix).sum(axis=0))
    right = drawn.uniform(-1, 1, size)
    graph = Graph()
    zero = graph.constant(0)
    values = {f"a{i}{j}": matrix[i, j] for i in range(size) for j in range(size)}
    rows = [
        [graph.input(f"a{i}{j}") if matrix[i, j] else zero for j in range(size)]
        for i in range(size)
    ]
    values |= {f"b{i}": right[i] for i in range(size)}
    last = {int(drawn.integers(size))}
    found = eliminated(graph, rows, [graph.input(f"b{i}") for i in range(size)], last)
    assert computed(graph, found, **values) == pytest.approx(
        np.linalg.solve(matrix, right), rel=1e-9, abs=1e-12
    )


def test_a_chain_stays_as_sparse_as_it_is() -> None:
    """Thomas's algorithm: three operations down, two up, and a division for each."""
    graph, size = Graph(), 12
    zero = graph.constant(0)
    rows = [
        [graph.input(f"a{i}{j}") if abs(i - j) < 2 else zero for j in range(size)]
        for i in range(size)
    ]
    found = eliminated(graph, rows, [graph.input(f"b{i}") for i in range(size)])
    terms = [graph.terms[node] for node in graph.needed(found)]
    assert sum(term.operation != "input" and not term.value for term in terms) < 9 * size


def test_a_sum_takes_the_place_of_the_last_equation() -> None:
    """One step of backward Euler of a' = -2 a + b, with a + 3 b kept at 5."""
    graph = Graph()
    a, b = graph.input("a"), graph.input("b")
    now, begun = {"a": a, "b": b}, {"a": graph.constant(2), "b": graph.constant(9)}
    twice = graph("*", graph.constant(2), a)
    slopes = {"a": graph("-", b, twice), "b": graph("-", twice, b)}
    kept = Kept({"a": graph.constant(1), "b": graph.constant(3)}, graph.constant(5))
    made, replaced = residuals(graph, now, begun, slopes, graph.constant(0.5), [kept])
    assert replaced == {"b"}
    rows = jacobian(graph, [*made.values()], [a, b])
    at_0 = graph.replaced([*made.values()], {a: graph.constant(0), b: graph.constant(0)})
    found = eliminated(graph, rows, [graph.negative(node) for node in at_0], {1})
    # a - 2 = 0.5 (b - 2 a) and a + 3 b = 5
    assert computed(graph, found) == pytest.approx([17 / 13, 16 / 13])
