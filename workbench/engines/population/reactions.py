"""KINETIC: reactions between STATEs as the derivatives that they make."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workbench.engines.population.equations import Equations
from workbench.engines.population.graph import Graph, Node
from workbench.nmodl import Node as Piece

Value = Callable[[Piece], Node]
"""From an expression to its node."""
Name = Callable[[Piece], str]
"""From a variable, or an element of an array, to its name."""


@dataclass(frozen=True)
class Kept:
    """A sum that a CONSERVE keeps: `weights` of STATEs by name, and what it is."""

    weights: dict[str, Node]
    total: Node


class Reactions:
    """The reactions of a KINETIC block, in their order."""

    def __init__(self, of: Equations, graph: Graph) -> None:
        self._of, self._graph = of, graph
        self._flows: dict[str, Node] = {}
        self._sums: list[tuple[dict[str, int], Node]] = []
        self._balanced = True
        self.sizes: dict[str, Node] = {}
        """Of the compartments of STATEs; of all others 1."""

    def react(self, part: Piece, value: Value, name: Name) -> tuple[Node, Node]:
        """Take a reaction; return its flows, there and back."""
        graph, (left, operator, *others) = self._graph, part.children
        zero = graph.constant(0)
        terms = self._counted(left, name)
        if operator.text == "<<":
            flow = value(others[0])
            self._add(terms, flow, 1)
            self._balanced = False
            return zero, flow
        if operator.text == "->":
            there = self._flow(value(others[0]), left, value)
            self._add(terms, there, -1)
            self._balanced = False
            return there, zero
        right, *rates = others
        made = self._counted(right, name)
        there = self._flow(value(rates[0]), left, value)
        back = self._flow(value(rates[1]), right, value)
        net = graph("-", there, back)
        self._add(terms, net, -1)
        self._add(made, net, 1)
        self._balanced &= self._states_in(terms) == self._states_in(made)
        return there, back

    def conserve(self, part: Piece, value: Value, name: Name) -> None:
        """Take a CONSERVE."""
        left, right = part.children
        self._sums.append((self._counted(left, name), value(right)))

    def slopes(self) -> dict[str, Node]:
        """Return the derivative of each STATE that takes part, per ms."""
        return {
            name: self._graph("/", flow, self.sizes[name]) if name in self.sizes else flow
            for name, flow in self._flows.items()
        }

    def sums(self) -> tuple[Kept, ...]:
        """Return the sums that are kept."""
        return tuple(Kept(self._weights(counts), total) for counts, total in self._sums)

    def whole(self, start: dict[str, Node]) -> Kept | None:
        """Return the sum of all STATEs as it begins, if every reaction keeps it."""
        if not self._balanced or not self._flows:
            return None
        weights, total = self._weights(dict.fromkeys(self._flows, 1)), self._graph.constant(0)
        for name, weight in weights.items():
            total = self._graph("+", total, self._graph("*", weight, start[name]))
        return Kept(weights, total)

    def _weights(self, counts: dict[str, int]) -> dict[str, Node]:
        graph, one = self._graph, self._graph.constant(1)
        return {
            name: graph("*", graph.constant(count), self.sizes.get(name, one))
            for name, count in counts.items()
        }

    def _states_in(self, counts: dict[str, int]) -> int:
        return sum(count for name, count in counts.items() if name in self._of.states)

    def _flow(self, rate: Node, side: Piece, value: Value) -> Node:
        for count, piece in self._terms(side):
            for _ in range(count):
                rate = self._graph("*", rate, value(piece))
        return rate

    def _add(self, counts: dict[str, int], flow: Node, sign: int) -> None:
        graph = self._graph
        for name, count in counts.items():
            if name in self._of.states:
                change = graph("*", graph.constant(sign * count), flow)
                self._flows[name] = graph("+", self._flows.get(name, graph.constant(0)), change)

    def _counted(self, side: Piece, name: Name) -> dict[str, int]:
        found: dict[str, int] = {}
        for count, piece in self._terms(side):
            found[name(piece)] = found.get(name(piece), 0) + count
        return found

    def _terms(self, side: Piece) -> Iterator[tuple[int, Piece]]:
        if side.is_operation("+"):
            for child in side.children:
                yield from self._terms(child)
        elif side.is_operation("*"):
            count, piece = side.children
            yield int(self._of.file.number(count)), piece
        else:
            yield 1, side
