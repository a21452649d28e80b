"""What is computed more quickly has the value that it had, and what is something else stays."""

import math

import pytest

from workbench.engines.population.exponentials import rewritten
from workbench.engines.population.graph import Graph, Node
from workbench.engines.population.showing import mechanism_text

VOLTAGES_mV = (-140.0, -90.0, -65.1, -40.003, -40.0, -39.99, -35.0, -1e-9, 0.0, 33.0, 80.0)


def at(graph: Graph, node: Node, v_mV: float) -> float:
    """Compute a node as its operations say."""
    found: dict[Node, float] = {}
    known = {
        "exp": math.exp,
        "fabs": abs,
        "exprelr": lambda y: y / math.expm1(y) if y else 1.0,
        "held": lambda x: x,
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b if b else math.nan,
        "<": lambda a, b: a < b,
        "?": lambda c, a, b: a if c else b,
    }
    for one in graph.needed([node]):
        term = graph.terms[one]
        if term.operation == "constant":
            found[one] = term.value
        elif term.operation == "input":
            found[one] = v_mV
        else:
            found[one] = known[term.operation](*(found[each] for each in term.operands))
    return found[node]


def operations(graph: Graph, node: Node) -> list[str]:
    return [graph.terms[one].operation for one in graph.needed([node])]


def exponential(graph: Graph, a: float, b: float, name: str = "v") -> Node:
    line = graph("+", graph("*", graph.constant(a), graph.input(name)), graph.constant(b))
    return graph("exp", line)


def guarded(graph: Graph, limit: float, *, second: bool, turned: bool = False) -> Node:
    """Return 2 x / (1 - exp(-x)), x = (v + 40) / 10, by its series near 0."""
    one, two = graph.constant(1.0), graph.constant(2.0)
    x = graph("/", graph("+", graph.input("v"), graph.constant(40.0)), graph.constant(10.0))
    y = graph.negative(x)
    below = (graph("exp", y), one) if turned else (one, graph("exp", y))
    above = graph("*", two, y if turned else x)
    series = graph("+", one, graph("/", x, two))
    if second:
        series = graph("+", series, graph("/", graph("*", x, x), graph.constant(12.0)))
    near = graph("<", graph("fabs", x), graph.constant(limit))
    return graph("?", near, graph("*", two, series), graph("/", above, graph("-", *below)))


@pytest.mark.parametrize(("limit", "second"), [(1e-6, False), (1e-3, True)])
@pytest.mark.parametrize("turned", [False, True])
def test_a_quotient_that_a_series_guards_is_one_operation(limit, second, turned):
    graph = Graph()
    node = guarded(graph, limit, second=second, turned=turned)
    [other] = rewritten(graph, [node])
    assert "exprelr" in operations(graph, other)
    assert not {"?", "exp", "/"}.intersection(operations(graph, other))
    for v_mV in VOLTAGES_mV:
        assert at(graph, other, v_mV) == pytest.approx(at(graph, node, v_mV), rel=1e-11)


def test_a_series_that_is_something_else_stays():
    graph = Graph()
    node = guarded(graph, 0.01, second=False)
    assert rewritten(graph, [node]) == [node]


@pytest.mark.parametrize(
    ("a", "b", "operation"),
    [(-0.0125, -1.5, "*"), (0.0125, 2.0, "/"), (-0.05, -2.0, "held"), (0.025, 0.5, "held")],
)
def test_an_exponential_is_a_power_of_another(a, b, operation):
    graph = Graph()
    nodes = [exponential(graph, -0.0125, -0.8125), exponential(graph, a, b)]
    other = rewritten(graph, nodes)
    assert other[0] == nodes[0]
    assert operations(graph, other[1]).count("exp") == 1
    assert operation in operations(graph, other[1])
    for v_mV in VOLTAGES_mV:
        assert at(graph, other[1], v_mV) == pytest.approx(at(graph, nodes[1], v_mV), rel=1e-13)


@pytest.mark.parametrize(
    ("a", "b", "name"),
    [(-0.1, -1.0, "v"), (-0.0126, -0.8, "v"), (-0.0125, 9.0, "v"), (-0.0125, 0.0, "cai")],
)
def test_what_is_no_near_power_stays(a, b, name):
    graph = Graph()
    nodes = [exponential(graph, -0.0125, -0.8125), exponential(graph, a, b, name)]
    assert rewritten(graph, nodes) == nodes


def test_what_is_left_of_hodgkin_and_huxleys_exponentials():
    """Two are in quotients that a series guarded; of the slopes 1/20 and 1/80 one is a power."""
    [gates] = [
        part
        for part in mechanism_text("hh", generated=True).split("INLINED void ")
        if part.startswith("gates(")
    ]
    assert gates.count("exprelr(") == 2
    assert gates.count("exponential(v") == 3
    assert gates.count("held(") == 1
