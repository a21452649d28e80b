"""Terms that are simplified keep their value, and derivatives are those of the calculus."""

import math
import operator
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbench.engines.population.graph import Graph, Node

NUMBERS = st.floats(-3, 3).map(lambda x: round(x, 2))
STEP = 1e-6
OPERATIONS: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "exp": math.exp,
    "log": math.log,
    "fabs": abs,
    "<": operator.lt,
    "?": lambda condition, yes, no: yes if condition else no,
}


def computed(graph: Graph, nodes: list[Node], **inputs: float) -> list[float]:
    """Compute some nodes as their operations say."""
    found: dict[Node, float] = {}
    for node in graph.needed(nodes):
        term = graph.terms[node]
        operands = [found[one] for one in term.operands]
        if term.operation == "constant":
            found[node] = term.value
        elif term.operation == "input":
            found[node] = inputs[term.name]
        else:
            found[node] = OPERATIONS[term.operation](*operands)
    return [found[node] for node in nodes]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 4) -> tuple[str, ...] | float | str:
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(["x", "y"]) | NUMBERS)
    operation = draw(st.sampled_from(["+", "-", "*", "exp", "fabs", "?"]))
    count = {"exp": 1, "fabs": 1, "?": 4}.get(operation, 2)
    return (operation, *(draw(expressions(depth=depth - 1)) for _ in range(count)))


def built(graph: Graph, said) -> Node:
    if isinstance(said, float):
        return graph.constant(said)
    if isinstance(said, str):
        return graph.input(said)
    operation, *parts = said
    nodes = [built(graph, part) for part in parts]
    if operation == "?":
        return graph("?", graph("<", nodes[0], nodes[1]), nodes[2], nodes[3])
    return graph(operation, *nodes)


def plain(said, x: float, y: float) -> float:
    """Compute the expression without a graph."""
    if not isinstance(said, tuple):
        return {"x": x, "y": y}.get(said, said)
    operation, *parts = said
    a = [plain(part, x, y) for part in parts]
    if operation == "?":
        return a[2] if a[0] < a[1] else a[3]
    if operation in ("exp", "fabs"):
        return math.exp(a[0]) if operation == "exp" else abs(a[0])
    return {"+": a[0] + a[-1], "-": a[0] - a[-1], "*": a[0] * a[-1]}[operation]


@given(expressions(), NUMBERS, NUMBERS)
def test_a_simpler_term_has_the_same_value(said, x: float, y: float) -> None:
    graph = Graph()
    node = built(graph, said)
    try:
        expected = plain(said, x, y)
        [found] = computed(graph, [node], x=x, y=y)
    except OverflowError:
        assume(False)
    assume(math.isfinite(expected))
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(expressions(), st.floats(-2, 2), NUMBERS)
def test_derivatives_are_those_of_differences(said, x: float, y: float) -> None:
    graph = Graph()
    node = built(graph, said)
    slope = graph.derivative(node, graph.input("x"))
    try:
        found, *around = (
            computed(graph, [one], x=at, y=y)[0]
            for one, at in ((slope, x), (node, x - STEP), (node, x), (node, x + STEP))
        )
    except OverflowError:
        assume(False)
    below, here, above = around
    left, right = (here - below) / STEP, (above - here) / STEP
    # Not at a corner, and not where the difference itself is coarse.
    assume(abs(left - right) < 1e-3 * max(1, abs(found)) and abs(here) < 1e3)
    assert found == pytest.approx((left + right) / 2, rel=1e-2, abs=1e-2)


def test_powers_are_products_and_equal_terms_one_node() -> None:
    graph = Graph()
    m = graph.input("m")
    cube = graph.power(m, graph.constant(3))
    assert computed(graph, [cube], m=1.7) == [pytest.approx(1.7**3, rel=1e-15)]
    assert graph.power(m, graph.constant(3)) == cube
    assert all(graph.terms[node].operation != "exp" for node in graph.needed([cube]))
    half = graph.power(m, graph.constant(0.5))
    assert computed(graph, [half], m=1.7) == [pytest.approx(math.sqrt(1.7), rel=1e-14)]
    assert graph("*", graph.constant(2), graph("*", m, graph.constant(3))) == graph(
        "*", m, graph.constant(6)
    )


@pytest.mark.parametrize("known", [0.0, 1.0, 2.0])
def test_a_known_condition_leaves_the_other_or_none(known: float) -> None:
    graph = Graph()
    other = graph("<", graph.input("x"), graph.input("y"))
    for operands in ((graph.constant(known), other), (other, graph.constant(known))):
        assert graph("and", *operands) == (other if known else graph.constant(0))
        assert graph("or", *operands) == (graph.constant(1) if known else other)


def test_sums_and_products_with_numbers_are_a_line():
    graph = Graph()
    v, t = graph.input("v"), graph.input("t")
    shifted = graph("+", v, graph.constant(40.0))
    slow = graph("*", graph("-", graph.constant(18.7), shifted), graph.constant(0.5))
    assert graph.line(shifted) == (v, 1.0, 40.0)
    assert graph.line(slow) == (v, -0.5, 0.5 * (18.7 - 40.0))
    both = graph("*", v, t)
    assert graph.line(graph("-", both, graph.constant(2.0))) == (both, 1.0, -2.0)
    assert graph.line(v) == (v, 1.0, 0.0)


@given(expressions(), st.floats(-3, 3), st.floats(-3, 3))
def test_a_line_is_what_it_stands_for(said, x, y):
    graph = Graph()
    node = built(graph, said)
    base, a, b = graph.line(node)
    try:
        value, of_base = computed(graph, [node, base], x=x, y=y)
    except OverflowError:
        assume(False)
    assert value == pytest.approx(a * of_base + b, rel=1e-9, abs=1e-6)
