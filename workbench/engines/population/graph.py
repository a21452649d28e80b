"""Arithmetic as a graph: equal terms are one node, constants are folded, derivatives are exact."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

Node = int
"""The number of a node in its graph."""

_FOLDED: dict[str, Callable[..., float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "fabs": abs,
    "<": lambda a, b: float(a < b),
    "<=": lambda a, b: float(a <= b),
    "==": lambda a, b: float(a == b),
    "and": lambda a, b: float(bool(a) and bool(b)),
    "or": lambda a, b: float(bool(a) or bool(b)),
    "not": lambda a: float(not a),
    "?": lambda condition, a, b: a if condition else b,
}
CONDITIONS = frozenset({"<", "<=", "==", "and", "or", "not"})
"""Operations that tell whether something holds."""

_COMMUTE = frozenset({"+", "*", "==", "and", "or"})
_MOST_FACTORS = 32
"""Whole powers up to here are products."""


@dataclass(frozen=True)
class Term:
    """A node: a constant (`value`), an input (`name`), or an operation on other nodes.

    "refused" is what cannot be computed, and `name` says why; "solved" are the unknowns of a linear
    system, its operands row by row, right side last; "part" is the one of the number `value`.
    "exprelr" is y / (exp(y) - 1); "held" is a power of an exponential, held between its ends.
    """

    operation: str
    operands: tuple[Node, ...] = ()
    value: float = 0.0
    name: str = ""


@dataclass
class Graph:
    """Nodes, each after its operands."""

    terms: list[Term] = field(default_factory=list)
    _known: dict[Term, Node] = field(default_factory=dict)

    def _node(self, term: Term) -> Node:
        found = self._known.get(term)
        if found is None:
            found = self._known[term] = len(self.terms)
            self.terms.append(term)
        return found

    def constant(self, value: float) -> Node:
        """Return a number."""
        return self._node(Term("constant", value=float(value) + 0.0))

    def input(self, name: str) -> Node:
        """Return what is known when the graph is computed."""
        return self._node(Term("input", name=name))

    def refused(self, why: str) -> Node:
        """Return what is an error only for who needs it."""
        return self._node(Term("refused", name=why))

    def solution(self, rows: Sequence[Sequence[Node]]) -> list[Node]:
        """Return the unknowns of a linear system: a row is its factors and its right side."""
        system = self._node(Term("solved", tuple(node for row in rows for node in row)))
        return [self._node(Term("part", (system,), place)) for place in range(len(rows))]

    def value(self, node: Node) -> float | None:
        """Return the value of a constant, None of anything else."""
        term = self.terms[node]
        return term.value if term.operation == "constant" else None

    def __call__(self, operation: str, *operands: Node) -> Node:
        """Return an operation on nodes, as simply as it can be said."""
        values = [self.value(node) for node in operands]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            try:
                return self.constant(_FOLDED[operation](*known))
            except (ArithmeticError, ValueError):
                pass
        simple = self._simpler(operation, operands, values)
        if simple is not None:
            return simple
        if operation in _COMMUTE:
            operands = tuple(sorted(operands))
        return self._node(Term(operation, tuple(operands)))

    def _simpler(
        self, operation: str, operands: Sequence[Node], values: Sequence[float | None]
    ) -> Node | None:
        if operation == "?":
            return self._chosen(operands, values[0])
        if operation in ("and", "or"):
            return self._joined(operation, operands, values)
        if operation not in ("+", "-", "*", "/"):
            return None
        (a, b), (x, y) = operands, values
        if operation == "+":
            return b if x == 0 else a if y == 0 else None
        if operation == "-":
            return a if y == 0 else self.constant(0) if a == b else None
        if operation == "*":
            if 0 in (x, y):
                return self.constant(0)
            if 1 in (x, y):
                return b if x == 1 else a
            return self._scaled(a, y) if x is None and y is not None else self._scaled(b, x)
        if x == 0 and y != 0:
            return self.constant(0)
        # A division by a number is a product: as exact but for the last digit, and much quicker.
        return self("*", a, self.constant(1 / y)) if y else None

    def _joined(
        self, operation: str, operands: Sequence[Node], values: Sequence[float | None]
    ) -> Node | None:
        """Return what is left of two conditions of which one is known."""
        for value, other in zip(values, reversed(operands), strict=True):
            if value is not None:
                decided = bool(value) == (operation == "or")
                return self.constant(float(operation == "or")) if decided else other
        return None

    def _scaled(self, a: Node, by: float | None) -> Node | None:
        """Return a product with a number as one of a number and something else, if it can be."""
        term = self.terms[a]
        if by is None or term.operation not in ("*", "-"):
            return None
        if term.operation == "-":
            return self("-", *reversed(term.operands)) if by == -1 else None
        one, other = term.operands
        for number, rest in ((one, other), (other, one)):
            if (value := self.value(number)) is not None:
                return self("*", self.constant(by * value), rest)
        return None

    def _chosen(self, operands: Sequence[Node], condition: float | None) -> Node | None:
        _, a, b = operands
        if condition is not None:
            return a if condition else b
        return a if a == b else None

    def negative(self, a: Node) -> Node:
        """Return -a."""
        return self("*", self.constant(-1), a)

    def power(self, base: Node, exponent: Node) -> Node:
        """Return a power: a product where the exponent is a small whole number."""
        n = self.value(exponent)
        if n is None or n != int(n) or abs(n) > _MOST_FACTORS:
            return self("exp", self("*", exponent, self("log", base)))
        found = self.constant(1)
        square, left = base, abs(int(n))
        while left:
            if left & 1:
                found = self("*", found, square)
            left >>= 1
            square = self("*", square, square) if left else square
        return found if n >= 0 else self("/", self.constant(1), found)

    def derivative(self, node: Node, by: Node) -> Node:
        """Return the derivative of a node by an input; conditions count as constant."""
        return self.derivatives([node], by)[0]

    def derivatives(self, nodes: Sequence[Node], by: Node) -> list[Node]:
        """Return the derivatives of some nodes by an input."""
        zero, found = self.constant(0), {by: self.constant(1)}
        for node in self.needed(nodes):
            if node not in found:
                term = self.terms[node]
                inner = [found.get(one, zero) for one in term.operands]
                found[node] = self._derived(node, term, inner)
        return [found[node] for node in nodes]

    def _derived(self, node: Node, term: Term, inner: Sequence[Node]) -> Node:
        zero = self.constant(0)
        operation, operands = term.operation, term.operands
        if operation in CONDITIONS or all(one == zero for one in inner):
            return zero
        if operation in ("+", "-"):
            return self(operation, *inner)
        if operation == "*":
            (a, b), (da, db) = operands, inner
            return self("+", self("*", da, b), self("*", a, db))
        if operation == "/":
            (_, b), (da, db) = operands, inner
            return self("/", self("-", da, self("*", node, db)), b)
        if operation == "?":
            return self("?", operands[0], inner[1], inner[2])
        (a,), (da,) = operands, inner
        if operation == "exp":
            return self("*", node, da)
        if operation == "log":
            return self("/", da, a)
        if operation == "sqrt":
            return self("/", self("*", self.constant(0.5), da), node)
        assert operation == "fabs"
        return self("?", self("<", a, zero), self.negative(da), da)

    def replaced(self, nodes: Sequence[Node], values: Mapping[Node, Node]) -> list[Node]:
        """Return some nodes with others in the place of inputs."""
        found = dict(values)
        for node in self.needed(nodes):
            if node not in found:
                term = self.terms[node]
                operands = tuple(found[one] for one in term.operands)
                if operands == term.operands:
                    found[node] = node
                elif term.operation in ("solved", "part"):
                    found[node] = self._node(replace(term, operands=operands))
                else:
                    found[node] = self(term.operation, *operands)
        return [found[node] for node in nodes]

    def needed(self, nodes: Iterable[Node]) -> list[Node]:
        """Return the nodes that some are made of, and these, each after its operands."""
        found, left = set[Node](), list(nodes)
        while left:
            node = left.pop()
            if node not in found:
                found.add(node)
                left.extend(self.terms[node].operands)
        return sorted(found)

    def line(self, node: Node) -> tuple[Node, float, float]:
        """Return x, a and b so that a node is a x + b; x is itself no such sum or product."""
        term = self.terms[node]
        if term.operation not in ("+", "-", "*"):
            return node, 1.0, 0.0
        one, other = term.operands
        x, y = self.value(one), self.value(other)
        if (x is None) == (y is None):
            return node, 1.0, 0.0
        base, a, b = self.line(other if y is None else one)
        number = x if x is not None else y
        assert number is not None
        if term.operation == "*":
            return base, number * a, number * b
        if term.operation == "+":
            return base, a, b + number
        return (base, -a, number - b) if y is None else (base, a, b - number)

    def inputs(self, nodes: Iterable[Node]) -> set[str]:
        """Return the names of the inputs that some nodes are made of."""
        terms = (self.terms[node] for node in self.needed(nodes))
        return {term.name for term in terms if term.operation == "input"}
