"""Equations that are solved together: a step of backward Euler, and its elimination as a graph."""

from collections.abc import Collection, Mapping, Sequence

from workbench.engines.population.graph import Graph, Node
from workbench.engines.population.reactions import Kept


def residuals(
    graph: Graph,
    now: Mapping[str, Node],
    begun: Mapping[str, Node],
    slopes: Mapping[str, Node],
    step_ms: Node,
    sums: Collection[Kept] = (),
) -> tuple[dict[str, Node], frozenset[str]]:
    """Return what backward Euler makes 0, for each STATE, and whose equation is a sum instead.

    As in NEURON, a sum that is kept takes the place of the equation of the last STATE it names.
    """
    found = {}
    for name, state in now.items():
        moved = graph("-", state, begun[name])
        found[name] = graph("-", moved, graph("*", step_ms, slopes[name]))
    replaced = set[str]()
    for kept in sums:
        last = next((n for n in reversed(kept.weights) if n in now and n not in replaced), None)
        if last is not None:
            replaced.add(last)
            found[last] = graph.negative(kept.total)
            for name, weight in kept.weights.items():
                found[last] = graph("+", found[last], graph("*", weight, now[name]))
    return found, frozenset(replaced)


def jacobian(graph: Graph, of: Sequence[Node], by: Sequence[Node]) -> list[list[Node]]:
    """Return the derivatives of some nodes, row by row, by some inputs."""
    columns = [graph.derivatives(of, each) for each in by]
    return [list(row) for row in zip(*columns, strict=True)]


def eliminated(
    graph: Graph, rows: Sequence[Sequence[Node]], right: Sequence[Node], last: Collection[int] = ()
) -> list[Node]:
    """Return the unknowns of a linear system by Gauss's elimination without pivoting.

    Who has the fewest neighbours goes first, so that what is 0 stays 0; `last` names the rows that
    wait for all others, dense ones.
    """
    zero = graph.constant(0)
    matrix, values = [list(row) for row in rows], list(right)
    left, inverses, order = set(range(len(rows))), dict[int, Node](), list[int]()

    def below(pivot: int) -> list[int]:
        return [i for i in sorted(left) if i != pivot and matrix[i][pivot] != zero]

    def beside(pivot: int) -> list[int]:
        return [j for j in sorted(left) if j != pivot and matrix[pivot][j] != zero]

    while left:
        pivot = min(left, key=lambda i: (i in last, len(below(i)) * len(beside(i)), i))
        order.append(pivot)
        inverse = inverses[pivot] = graph("/", graph.constant(1), matrix[pivot][pivot])
        for i in below(pivot):
            share = graph("*", matrix[i][pivot], inverse)
            for j in beside(pivot):
                product = graph("*", share, matrix[pivot][j])
                matrix[i][j] = graph("-", matrix[i][j], product)
            values[i] = graph("-", values[i], graph("*", share, values[pivot]))
        left.remove(pivot)
    found = dict[int, Node]()
    for pivot in reversed(order):
        value = values[pivot]
        for j in found:
            if matrix[pivot][j] != zero:
                value = graph("-", value, graph("*", matrix[pivot][j], found[j]))
        found[pivot] = graph("*", value, inverses[pivot])
    return [found[i] for i in range(len(rows))]
