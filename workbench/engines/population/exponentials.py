"""Exponentials of the voltage, rewritten so that fewer of them are computed."""

import math
from collections.abc import Sequence

from workbench.engines.population.graph import Graph, Node

_SAME = 1e-12
_MOST_FACTORS = 4
_MOST_APART = 4.0
"""Of exponents: what single precision loses by a factor of exp of it is one rounding of them."""


def rewritten(graph: Graph, nodes: Sequence[Node]) -> list[Node]:
    """Return nodes of the same values, within some roundings, that are computed more quickly.

    y / (exp(y) - 1), which .mod files replace by a series where y is nearly 0, is one operation,
    exact there too; and exp(a v + b) is a product where a is a few times that of another one.
    """
    straight = graph.replaced(nodes, _straightened(graph, nodes))
    return graph.replaced(straight, _shared(graph, straight))


def _straightened(graph: Graph, nodes: Sequence[Node]) -> dict[Node, Node]:
    choices = (n for n in graph.needed(nodes) if graph.terms[n].operation == "?")
    found = {node: _without_series(graph, node) for node in choices}
    return {node: other for node, other in found.items() if other is not None}


def _without_series(graph: Graph, node: Node) -> Node | None:
    """Return a factor times exprelr(y) for what is that, or nearly that where y is nearly 0."""
    condition, series, otherwise = graph.terms[node].operands
    form = _as_exprelr(graph, otherwise)
    nearly = graph.terms[condition]
    if form is None or nearly.operation not in ("<", "<="):
        return None
    factor, exponent = form
    base, a, b = graph.line(exponent)
    distance, limit = nearly.operands
    end = graph.value(limit)
    if end is None or graph.terms[distance].operation != "fabs":
        return None
    times = _times(graph, graph.terms[distance].operands[0], exponent)
    if times is None or graph.inputs([base]) != {"v"}:
        return None
    for part in (-0.99, -0.5, -0.01, 0.01, 0.5, 0.99):
        y = part * end / abs(times)
        x = graph.constant((y - b) / a)
        [at] = graph.replaced([series], {base: x})
        value = graph.value(at)
        if value is None or not math.isclose(value, factor * y / math.expm1(y), rel_tol=_SAME):
            return None
    return graph("*", graph.constant(factor), graph("exprelr", exponent))


def _as_exprelr(graph: Graph, node: Node) -> tuple[float, Node] | None:
    """Return a factor and y of a node that is the factor times y / (exp(y) - 1)."""
    quotient, factor, offset = graph.line(node)
    if offset or graph.terms[quotient].operation != "/":
        return None
    above, below = graph.terms[quotient].operands
    power, scale, minus = graph.line(below)
    if graph.terms[power].operation != "exp" or minus != -scale:
        return None
    [exponent] = graph.terms[power].operands
    times = _times(graph, above, exponent)
    return None if times is None else (factor * times / scale, exponent)


def _times(graph: Graph, one: Node, other: Node) -> float | None:
    """Return how many times another node a node is, None if no number says it."""
    (base, a, b), (same, c, d) = graph.line(one), graph.line(other)
    if base != same or not a or not c:
        return None
    times = a / c
    return times if math.isclose(b, times * d, rel_tol=_SAME, abs_tol=_SAME) else None


def _shared(graph: Graph, nodes: Sequence[Node]) -> dict[Node, Node]:
    """Return products for exponentials of the voltage that others are powers of."""
    terms = [(node, graph.terms[node]) for node in graph.needed(nodes)]
    lines = {n: graph.line(*term.operands) for n, term in terms if term.operation == "exp"}
    lines = {n: line for n, line in lines.items() if graph.inputs([line[0]]) == {"v"}}
    own: list[Node] = []
    found = dict[Node, Node]()
    for node in sorted(lines, key=lambda n: (abs(lines[n][1]), n)):
        made = (_power(graph, lines, other, node) for other in own)
        product = next((one for one in made if one is not None), None)
        if product is None:
            own.append(node)
        else:
            found[node] = product
    return found


def _power(
    graph: Graph, lines: dict[Node, tuple[Node, float, float]], known: Node, node: Node
) -> Node | None:
    """Return an exponential as a whole power of another one times a number, if it is near one."""
    (base, a, b), (other, c, d) = lines[node], lines[known]
    times = round(a / c)
    apart = b - times * d
    far = abs(times) > _MOST_FACTORS or abs(apart) > _MOST_APART
    if base != other or far or not math.isclose(a, times * c, rel_tol=_SAME):
        return None
    power = graph.power(known, graph.constant(abs(times)))
    # Beyond the ends of an exponential its power would be beyond those of numbers.
    held = power if abs(times) == 1 else graph("held", power)
    factor = graph.constant(math.exp(apart))
    return graph("*", factor, held) if times > 0 else graph("/", factor, held)
