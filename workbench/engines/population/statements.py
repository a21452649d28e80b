"""Statements of a mechanism, followed in their order as graphs."""

import re
from collections.abc import Callable, Mapping, Sequence

from workbench.engines.population.equations import Equations, FARADAY_C_per_mol, GAS_J_per_mol_K
from workbench.engines.population.graph import CONDITIONS, Graph, Node
from workbench.engines.population.reactions import Kept, Reactions
from workbench.nmodl import Node as Piece
from workbench.nmodl.modfile import arguments, own_names

Look = Callable[[str], Node]
"""From the name of a variable to its node."""
Solve = Callable[["Statements", Piece], None]
"""What a SOLVE does."""

_UNIT_CONSTANTS = {
    ("faraday", "coulomb"): FARADAY_C_per_mol,
    ("faraday", "coulombs"): FARADAY_C_per_mol,
    ("faraday", "kilocoulombs"): FARADAY_C_per_mol / 1e3,
    ("faraday", "10000coulomb"): FARADAY_C_per_mol / 1e4,
    ("k-mole", "joule/degC"): GAS_J_per_mol_K,
    ("k-mole", "joule/kelvin"): GAS_J_per_mol_K,
    ("pi", "1"): 3.14159265358979312,
}
_SKIPPED = {
    "BlockComment",
    "ConductanceHint",
    "LineComment",
    "LocalListStatement",
    "TableStatement",
    "UnitState",
}
_REACTING = {"Compartment", "Conserve", "ReactionStatement"}
_INDEXED = re.compile(r"\s*COMPARTMENT\s+\w+\s*,")
_SYMMETRIC = {">": "<", ">=": "<="}
_CHAINED = {"&&": "and", "||": "or"}


class Statements:
    """Statements of one mechanism, followed in their order.

    What cannot be computed is refused where something needs it, and else left alone.

    Parameters
    ----------
    of
        The mechanism.
    graph
        Where nodes go.
    look
        What the names of others stand for.
    initial
        What INITIAL has left: it counts where it depends on nothing that moves.
    solve
        What a SOLVE does.
    """

    def __init__(
        self, of: Equations, graph: Graph, look: Look, initial: Mapping[str, Node], solve: Solve
    ) -> None:
        self.of, self.graph, self.look = of, graph, look
        self._initial, self._solve = initial, solve
        self.set: dict[str, Node] = {}
        """What variables of the file have become."""
        self.primes: dict[str, Node] = {}
        """Derivatives by time, per ms."""
        self.sums: tuple[Kept, ...] = ()
        """Which sums of STATEs are kept."""
        self.equations: list[Node] = []
        """What equations of a LINEAR block make 0."""
        self._calls: list[str] = []
        self._branches = 0

    def block(self, block: Piece, values: Mapping[str, Node]) -> dict[str, Node]:
        """Follow a block; `values` are its arguments. Return what its own names have become."""
        own, names = dict(values), own_names(block)
        for part in block.children:
            if part.kind == "StatementBlock":
                self._follow(part.children, own, names)
        return own

    def reactions(self, block: Piece) -> Reactions:
        """Follow a KINETIC block."""
        self._reactions = found = Reactions(self.of, self.graph)
        self.block(block, {})
        self.primes |= found.slopes()
        self.sums += found.sums()
        return found

    def _follow(self, parts: Sequence[Piece], own: dict[str, Node], names: set[str]) -> None:
        for part in parts:
            self._statement(part, own, names)

    def _statement(self, part: Piece, own: dict[str, Node], names: set[str]) -> None:
        if part.is_operation("="):
            self._assign(part, own, names)
        elif part.kind == "IfStatement":
            self._branch(part, own, names)
        elif part.kind == "FromStatement":
            self._repeat(part, own, names)
        elif part.kind == "StatementBlock":
            self._follow(part.children, own, names)
        elif part.kind == "FunctionCall":
            if part.name not in self.of.file.routines and part.name != "printf":
                raise self.of.refusal(part, f"it calls {part.name}")
            self._call(part, own, names)
        elif part.kind in _REACTING and not self._branches:
            self._react(part, own, names)
        elif part.kind == "LinEquation" and not self._branches:
            left, right = (self._number(self._value(one, own, names)) for one in part.children)
            self.equations.append(self.graph("-", left, right))
        elif part.kind == "SolveBlock":
            self._solve(self, part)
        elif part.kind not in _SKIPPED:
            raise self.of.refusal(part, part.text.strip().partition("\n")[0])

    def _react(self, part: Piece, own: dict[str, Node], names: set[str]) -> None:
        def value(piece: Piece) -> Node:
            return self._number(self._value(piece, own, names))

        def name(piece: Piece) -> str:
            return self._element(piece, own, names)

        if part.kind == "Conserve":
            self._reactions.conserve(part, value, name)
        elif part.kind == "ReactionStatement":
            flows = self._reactions.react(part, value, name)
            self.set |= dict(zip(("f_flux", "b_flux"), flows, strict=True))
        else:
            self._compartment(part, own, names)

    def _compartment(self, part: Piece, own: dict[str, Node], names: set[str]) -> None:
        index, size, *states = part.children
        if not _INDEXED.match(part.text):
            index, size, states = part, index, [size, *states]
        for base in (one.name for one in states):
            for place, name in enumerate(self.of.elements(base)):
                there = {**own, index.name: self.graph.constant(place)}
                value = self._value(size, there, names | {index.name})
                self._reactions.sizes[name] = self._number(value)

    def _repeat(self, part: Piece, own: dict[str, Node], names: set[str]) -> None:
        *bounds, body = part.children
        whole = [self._whole(one, own, names) for one in bounds]
        first, last, by = whole if len(whole) == 3 else (*whole, 1)
        for number in range(first, last + 1, by):
            own[part.name] = self.graph.constant(number)
            self._follow(body.children, own, names)

    def _whole(self, piece: Piece, own: dict[str, Node], names: set[str]) -> int:
        value = self.graph.value(self._number(self._value(piece, own, names)))
        if value is None:
            raise self.of.refusal(piece, f"{piece.text.strip()}, which is no number")
        return int(value)

    def _element(self, piece: Piece, own: dict[str, Node], names: set[str]) -> str:
        """Return the name of a variable; of an element of an array with its number."""
        if piece.kind != "IndexedName":
            return piece.name
        return f"{piece.name}[{self._whole(piece.children[0], own, names)}]"

    def _assign(self, part: Piece, own: dict[str, Node], names: set[str]) -> None:
        target, value = part.children
        node = self._number(self._value(value, own, names))
        if target.kind == "PrimeName":
            if target.children and target.children[0].name != "1":
                raise self.of.refusal(target, f"a higher derivative, {target.text}")
            self.primes[target.name] = node
        elif target.name in names:
            own[self._element(target, own, names)] = node
        else:
            self.set[self._element(target, own, names)] = node

    def _branch(self, part: Piece, own: dict[str, Node], names: set[str]) -> None:
        condition, then, *others = part.children
        test = self._truth(self._value(condition, own, names))
        yes = self._in_copy(then.children, own, names)
        no = self._in_copy(self._otherwise(others), own, names)
        for place, one, other in zip((own, self.set, self.primes), yes, no, strict=True):
            for name in dict.fromkeys((*one, *other)):
                if name in one and name in other:
                    place[name] = self.graph("?", test, one[name], other[name])
                elif place is self.primes:
                    raise self.of.refusal(part, f"{name}' is set in one branch alone")
                elif name in place or place is not own:
                    # What one branch alone sets stays elsewhere what it was.
                    before = place[name] if name in place else self.outside(name, part)
                    place[name] = self.graph(
                        "?", test, one.get(name, before), other.get(name, before)
                    )

    def _otherwise(self, others: Sequence[Piece]) -> Sequence[Piece]:
        if not others:
            return ()
        first, *left = others
        if first.kind == "ElseStatement":
            return first.children[0].children
        # An ELSE IF is an IF in the ELSE.
        return (Piece("IfStatement", "", first.line, first.text, (*first.children, *left)),)

    def _in_copy(
        self, parts: Sequence[Piece], own: dict[str, Node], names: set[str]
    ) -> tuple[dict[str, Node], dict[str, Node], dict[str, Node]]:
        kept = self.set, self.primes
        inside = dict(own)
        self._branches += 1
        self.set, self.primes = dict(self.set), dict(self.primes)
        self._follow(parts, inside, names)
        self._branches -= 1
        found = inside, self.set, self.primes
        self.set, self.primes = kept
        return found

    def _value(self, piece: Piece, own: dict[str, Node], names: set[str]) -> Node:
        graph = self.graph
        if piece.kind in ("Double", "Float", "Integer"):
            return graph.constant(self.of.file.number(piece))
        if piece.kind == "DoubleUnit":
            return self._value(piece.children[0], own, names)
        if piece.kind in ("Name", "IndexedName"):
            return self._named(piece, own, names)
        if piece.kind == "FunctionCall":
            return self._call(piece, own, names)
        if piece.kind == "UnaryExpression":
            inner = self._value(piece.children[0], own, names)
            if piece.text.lstrip()[0] == "!":
                return graph("not", self._truth(inner))
            return graph.negative(self._number(inner))
        if piece.kind == "BinaryExpression" and piece.name != "=":
            one, other = (self._value(child, own, names) for child in piece.children)
            return self._operation(piece.name, one, other)
        raise self.of.refusal(piece, piece.text.strip())

    def _operation(self, operator: str, one: Node, other: Node) -> Node:
        graph = self.graph
        if operator in _CHAINED:
            return graph(_CHAINED[operator], self._truth(one), self._truth(other))
        one, other = self._number(one), self._number(other)
        if operator == "^":
            return graph.power(one, other)
        if operator == "!=":
            return graph("not", graph("==", one, other))
        if operator in _SYMMETRIC:
            return graph(_SYMMETRIC[operator], other, one)
        return graph(operator, one, other)

    def _is_condition(self, node: Node) -> bool:
        return self.graph.terms[node].operation in CONDITIONS

    def _truth(self, node: Node) -> Node:
        """Return whether a number is none but 0."""
        graph = self.graph
        if self._is_condition(node):
            return node
        return graph("not", graph("==", node, graph.constant(0)))

    def _number(self, node: Node) -> Node:
        """Return 1 for what holds, and 0 for what does not."""
        graph = self.graph
        if self._is_condition(node):
            return graph("?", node, graph.constant(1), graph.constant(0))
        return node

    def _named(self, piece: Piece, own: dict[str, Node], names: set[str]) -> Node:
        name = self._element(piece, own, names)
        if piece.name not in names:
            return self.outside(name, piece)
        return own[name] if name in own else self.refused(piece, f"{name} is read before it is set")

    def outside(self, name: str, piece: Piece) -> Node:
        """Return a variable of the file, or an element of one, as it is now."""
        if name in self.set:
            return self.set[name]
        of, graph, base = self.of, self.graph, name.partition("[")[0]
        if base in of.file.unit_constants:
            return graph.constant(self._unit_constant(of.file.unit_constants[base]))
        if base in of.file.constants:
            return graph.constant(of.declared(of.file.constants[base]))
        if base in ("t", "dt"):
            return self.refused(piece, f"it reads {base}")
        if base in of.file.given_units or name in of.states:
            return self.look(name)
        if base in of.changed:
            return self.refused(piece, f"{name} is read as an earlier block has left it")
        if name in self._initial:
            return self._left_by_initial(name, piece)
        if name in of.parameters:
            return self.look(name)
        if base in of.file.variables:
            return self.refused(piece, f"{name} is read where nothing has set it")
        try:
            return graph.constant(of.file.number(piece))
        except ValueError:
            raise of.refusal(piece, f"{name} is declared nowhere") from None

    def left(self, name: str) -> Node:
        """Return what a variable that has been set is now."""
        return (
            self.set[name] if name in self.set else self._left_by_initial(name, self.of.file.tree)
        )

    def refused(self, piece: Piece, what: str) -> Node:
        """Return a value that is an error for who needs it."""
        return self.graph.refused(str(self.of.refusal(piece, what)))

    def _left_by_initial(self, name: str, piece: Piece) -> Node:
        node, of = self._initial[name], self.of
        moving = {"v", *of.states, *of.file.given_units} - {"celsius", "area", "diam"}
        read = {one.rpartition(" ")[2] for one in self.graph.inputs([node])}
        if read & moving:
            what = f"{name} stays as INITIAL has set it from {min(read & moving)}"
            return self.refused(piece, what)
        return node

    def _unit_constant(self, node: Piece) -> float:
        texts = ["".join(unit.text.strip("()").split()) for unit in node.all("Unit")]
        key = tuple(text.strip("()") for text in texts)
        numbers = [*node.all("Double")]
        if len(key) == 2 and key in _UNIT_CONSTANTS:
            return _UNIT_CONSTANTS[key[0], key[1]]
        if numbers and len(key) <= 1:
            return float(numbers[0].name)
        raise self.of.refusal(node, f"the constant {node.name} of units {' '.join(key)}")

    def _call(self, piece: Piece, own: dict[str, Node], names: set[str]) -> Node:
        values = [self._number(self._value(child, own, names)) for child in piece.children]
        routine = self.of.file.routines.get(piece.name)
        if routine is None:
            return self._known(piece, values)
        if piece.name in self._calls:
            raise self.of.refusal(piece, f"{piece.name} calls itself")
        self._calls.append(piece.name)
        left = self.block(routine, dict(zip(arguments(routine), values, strict=True)))
        self._calls.pop()
        return left.get(piece.name, self.graph.constant(0))

    def _known(self, piece: Piece, values: Sequence[Node]) -> Node:
        graph, name = self.graph, piece.name
        if name in ("exp", "log", "sqrt", "fabs", "abs"):
            return graph("fabs" if name == "abs" else name, *values)
        if name == "pow":
            return graph.power(*values)
        if name == "log10":
            return graph("*", graph.constant(0.43429448190325182765), graph("log", *values))
        if name == "tanh":
            # 1 - 2 / (exp(2x) + 1)
            two = graph.constant(2)
            grown = graph("+", graph("exp", graph("*", two, *values)), graph.constant(1))
            return graph("-", graph.constant(1), graph("/", two, grown))
        return self.refused(piece, f"it calls {name}")
