"""The equations of a .mod file as graphs: what NMODL's statements compute, without running them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from workbench.engines.population.graph import CONDITIONS, Graph, Node
from workbench.errors import EngineError
from workbench.nmodl import ModFile
from workbench.nmodl import Node as Piece
from workbench.nmodl.modfile import all_assignments, arguments, own_names, written_as

Look = Callable[[str], Node]
"""From the name of a variable to its node."""

FARADAY_C_per_mol = 96485.33212331001
GAS_J_per_mol_K = 8.31446261815324
"""As NEURON 9 has them: the SI of 2019."""

_UNIT_CONSTANTS = {
    ("faraday", "coulomb"): FARADAY_C_per_mol,
    ("faraday", "coulombs"): FARADAY_C_per_mol,
    ("faraday", "kilocoulombs"): FARADAY_C_per_mol / 1e3,
    ("faraday", "10000coulomb"): FARADAY_C_per_mol / 1e4,
    ("k-mole", "joule/degC"): GAS_J_per_mol_K,
    ("k-mole", "joule/kelvin"): GAS_J_per_mol_K,
    ("pi", "1"): 3.14159265358979312,
}
_SKIPPED = {"LineComment", "BlockComment", "ConductanceHint", "TableStatement", "UnitState"}
_SYMMETRIC = {">": "<", ">=": "<="}
_CHAINED = {"&&": "and", "||": "or"}


class UntranslatedError(EngineError):
    """A .mod file holds what this engine does not compute; says what and where."""


@dataclass(frozen=True, eq=False)
class Equations:
    """What a density mechanism computes.

    Attributes
    ----------
    file
        Its syntax tree.
    """

    file: ModFile

    @property
    def suffix(self) -> str:
        """Its name."""
        return self.file.suffix

    @cached_property
    def states(self) -> tuple[str, ...]:
        """What moves, ions' concentrations among it."""
        return tuple(self.file.states)

    @cached_property
    def concentrations(self) -> tuple[str, ...]:
        """Those that it writes."""
        currents = self.file.currents
        return tuple(n for ion in self.file.ions for n in ion.writes if n not in currents)

    @cached_property
    def parameters(self) -> Mapping[str, float]:
        """Declared value of each PARAMETER; NEURON takes 0 where the file gives none."""
        return {
            name: self._declared(node)
            for name, node in self.file.parameters.items()
            if name not in self.file.given_units
        }

    def _declared(self, node: Piece) -> float:
        """Return the number behind the name, with its sign."""
        text = node.text.partition("=")[2].strip().partition("(")[0].partition("<")[0]
        try:
            return float("".join(text.split())) if text else 0.0
        except ValueError:
            raise self.refusal(node, f"{node.name} = {text}, which is no number") from None

    @cached_property
    def changed(self) -> frozenset[str]:
        """What BREAKPOINT, and all that it solves and calls, assigns besides STATEs.

        Whoever reads such a variable before it is set means what another block, or the step before,
        has left there.
        """
        return frozenset(
            one.name
            for block in self.file.reached("BreakpointBlock")
            for one in all_assignments(block)
            if one.name not in own_names(block)
        )

    def is_global(self, name: str) -> bool:
        """Whether a PARAMETER has one value in the whole process."""
        return name not in self.file.ranges

    @cached_property
    def _solved(self) -> Piece | None:
        [*solves] = [n for one in self._blocks("BreakpointBlock") for n in one.all("SolveBlock")]
        if not solves:
            return None
        if len(solves) > 1:
            raise self.refusal(solves[1], "a second SOLVE")
        block = self.file.routines.get(solves[0].name)
        if block is None or block.kind != "DerivativeBlock":
            raise self.refusal(solves[0], f"SOLVE {solves[0].name}, which is no DERIVATIVE block")
        return block

    def _blocks(self, kind: str) -> list[Piece]:
        return [block for block in self.file.blocks if block.kind == kind]

    def initial(self, graph: Graph, look: Look) -> dict[str, Node]:
        """Return the value of each STATE after INITIAL; what it does not set is 0."""
        left = self._initial(graph, look)
        return {
            name: left[name] if name in left else self._start(graph, look, name)
            for name in self.states
        }

    def _start(self, graph: Graph, look: Look, name: str) -> Node:
        if name in self.concentrations:
            return look(name)
        start = self.parameters.get(f"{name}0")
        return graph.constant(0.0) if start is None else look(f"{name}0")

    def _initial(self, graph: Graph, look: Look) -> dict[str, Node]:
        run = _Statements(self, graph, look, {})
        for block in self._blocks("InitialBlock"):
            run.block(block, {})
        return run.set

    def slopes(self, graph: Graph, look: Look) -> dict[str, Node]:
        """Return the derivative by time of each STATE, per ms."""
        if self._solved is None:
            return {}
        run = self._statements(graph, look)
        run.block(self._solved, {})
        missing = [name for name in self.states if name not in run.primes]
        if missing:
            raise self.refusal(self._solved, f"no equation for {missing[0]}")
        return run.primes

    def currents(self, graph: Graph, look: Look) -> dict[str, Node]:
        """Return the density of each current it writes, by name, mA/cm2, outward."""
        run = self._statements(graph, look)
        for block in self._blocks("BreakpointBlock"):
            run.block(block, {})
        moved = [name for name in run.set if name in self.states]
        if moved:
            raise self.refusal(self._blocks("BreakpointBlock")[0], f"{moved[0]} moved by hand")
        written = [n for ion in self.file.ions for n in ion.writes if n in self.file.currents]
        return {
            name: run.set[name]
            for name in (*written, *self.file.named("NonspecificCurVar"))
            if name in run.set
        }

    def _statements(self, graph: Graph, look: Look) -> "_Statements":
        return _Statements(self, graph, look, self._initial(graph, look))

    def check(self) -> None:
        """Refuse kinds of blocks and variables that this engine has no place for.

        Raises
        ------
        UntranslatedError
            With file and line.
        """
        allowed = ("InitialBlock", "BreakpointBlock", "DerivativeBlock")
        for block in self.file.blocks:
            if block.kind not in (*allowed, "FunctionBlock", "ProcedureBlock"):
                raise self.refusal(block, written_as(block))
        if self.file.kind != "SUFFIX":
            raise self.refusal(self.file.tree, f"a {self.file.kind or 'file without SUFFIX'}")
        for what in ("ElectrodeCurVar", "PointerVar", "RandomVar", "Verbatim", "Include"):
            for node in self.file.tree.all(what):
                raise self.refusal(node, f"{node.text.split()[0]} ({what})")
        for node in self.file.file_locals.values():
            raise self.refusal(node, f"the LOCAL {node.name} outside of all blocks")

    def refusal(self, where: Piece, what: str) -> UntranslatedError:
        """Return the error that names a piece of the file."""
        return UntranslatedError(
            f"the population engine cannot compute {self.file.name}, line {where.line}: {what}; "
            "choose engine = 'neuron'"
        )


class _Statements:
    """Statements of one mechanism, followed in their order.

    `set` holds what variables of the file have become, `primes` the derivatives. What INITIAL has
    left counts where it depends on nothing that moves.
    """

    def __init__(
        self, of: Equations, graph: Graph, look: Look, initial: Mapping[str, Node]
    ) -> None:
        self._of, self._graph, self._look, self._initial = of, graph, look, initial
        self.set: dict[str, Node] = {}
        self.primes: dict[str, Node] = {}
        self._calls: list[str] = []

    def block(self, block: Piece, values: Mapping[str, Node]) -> dict[str, Node]:
        """Follow a block; `values` are its arguments. Return what its own names have become."""
        own, names = dict(values), own_names(block)
        for part in block.children:
            if part.kind == "StatementBlock":
                self._follow(part.children, own, names)
        return own

    def _follow(self, parts: Sequence[Piece], own: dict[str, Node], names: set[str]) -> None:
        for part in parts:
            self._statement(part, own, names)

    def _statement(self, part: Piece, own: dict[str, Node], names: set[str]) -> None:
        if part.kind in _SKIPPED or part.kind in ("LocalListStatement", "SolveBlock"):
            if part.kind == "SolveBlock" and "STEADYSTATE" in part.text:
                raise self._of.refusal(part, "SOLVE ... STEADYSTATE")
        elif part.is_operation("="):
            self._assign(part, own, names)
        elif part.kind == "IfStatement":
            self._branch(part, own, names)
        elif part.kind == "StatementBlock":
            self._follow(part.children, own, names)
        elif part.kind == "FunctionCall":
            self._call(part, own, names)
        else:
            raise self._of.refusal(part, part.text.strip().partition("\n")[0])

    def _assign(self, part: Piece, own: dict[str, Node], names: set[str]) -> None:
        target, value = part.children
        node = self._number(self._value(value, own, names))
        if target.kind == "PrimeName":
            if target.children and target.children[0].name != "1":
                raise self._of.refusal(target, f"a higher derivative, {target.text}")
            self.primes[target.name] = node
        elif target.kind != "Name":
            raise self._of.refusal(target, f"the array {target.text}")
        elif target.name in names:
            own[target.name] = node
        else:
            self.set[target.name] = node

    def _branch(self, part: Piece, own: dict[str, Node], names: set[str]) -> None:
        condition, then, *others = part.children
        test = self._truth(self._value(condition, own, names))
        yes = self._in_copy(then.children, own, names)
        no = self._in_copy(self._otherwise(others), own, names)
        for place, one, other in zip((own, self.set, self.primes), yes, no, strict=True):
            for name in {*one, *other}:
                if name in one and name in other:
                    place[name] = self._graph("?", test, one[name], other[name])
                elif place is self.primes:
                    raise self._of.refusal(part, f"{name}' is set in one branch alone")
                elif name in place or place is not own:
                    # What one branch alone sets stays elsewhere what it was.
                    before = place[name] if name in place else self._outside(name, part)
                    place[name] = self._graph(
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
        self.set, self.primes = dict(self.set), dict(self.primes)
        self._follow(parts, inside, names)
        found = inside, self.set, self.primes
        self.set, self.primes = kept
        return found

    def _value(self, piece: Piece, own: dict[str, Node], names: set[str]) -> Node:
        graph = self._graph
        if piece.kind in ("Double", "Float", "Integer"):
            return graph.constant(float(piece.name))
        if piece.kind == "DoubleUnit":
            return self._value(piece.children[0], own, names)
        if piece.kind == "Name":
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
        raise self._of.refusal(piece, piece.text.strip())

    def _operation(self, operator: str, one: Node, other: Node) -> Node:
        graph = self._graph
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
        return self._graph.terms[node].operation in CONDITIONS

    def _truth(self, node: Node) -> Node:
        """Return whether a number is none but 0."""
        graph = self._graph
        if self._is_condition(node):
            return node
        return graph("not", graph("==", node, graph.constant(0)))

    def _number(self, node: Node) -> Node:
        """Return 1 for what holds, and 0 for what does not."""
        graph = self._graph
        if self._is_condition(node):
            return graph("?", node, graph.constant(1), graph.constant(0))
        return node

    def _named(self, piece: Piece, own: dict[str, Node], names: set[str]) -> Node:
        if piece.name in names:
            if piece.name not in own:
                raise self._of.refusal(piece, f"{piece.name} is read before it is set")
            return own[piece.name]
        return self._outside(piece.name, piece)

    def _outside(self, name: str, piece: Piece) -> Node:
        """Return a variable of the file."""
        if name in self.set:
            return self.set[name]
        file, graph = self._of.file, self._graph
        if name in file.unit_constants:
            return graph.constant(self._unit_constant(file.unit_constants[name]))
        if name in file.constants:
            return graph.constant(self._of._declared(file.constants[name]))
        if name in ("t", "dt", "diam"):
            raise self._of.refusal(piece, f"it reads {name}")
        if name in file.given_units or name in file.states:
            return self._look(name)
        if name in self._of.changed:
            raise self._of.refusal(piece, f"{name} is read as an earlier block has left it")
        if name in self._initial:
            return self._left_by_initial(name, piece)
        if name in self._of.parameters:
            return self._look(name)
        if name in file.variables:
            raise self._of.refusal(piece, f"{name} is read where nothing has set it")
        try:
            return graph.constant(file.number(piece))
        except ValueError:
            raise self._of.refusal(piece, f"{name} is declared nowhere") from None

    def _left_by_initial(self, name: str, piece: Piece) -> Node:
        node = self._initial[name]
        of = self._of
        moving = {"v", *of.states, *of.file.given_units} - {"celsius", "area"}
        read = {one.rpartition(" ")[2] for one in self._graph.inputs([node])}
        if read & moving:
            raise of.refusal(piece, f"{name} stays as INITIAL has set it from {min(read & moving)}")
        return node

    def _unit_constant(self, node: Piece) -> float:
        texts = ["".join(unit.text.strip("()").split()) for unit in node.all("Unit")]
        key = tuple(text.strip("()") for text in texts)
        numbers = [*node.all("Double")]
        if len(key) == 2 and key in _UNIT_CONSTANTS:
            return _UNIT_CONSTANTS[key[0], key[1]]
        if numbers and len(key) <= 1:
            return float(numbers[0].name)
        raise self._of.refusal(node, f"the constant {node.name} of units {' '.join(key)}")

    def _call(self, piece: Piece, own: dict[str, Node], names: set[str]) -> Node:
        values = [self._number(self._value(child, own, names)) for child in piece.children]
        routine = self._of.file.routines.get(piece.name)
        if routine is None:
            return self._known(piece, values)
        if piece.name in self._calls:
            raise self._of.refusal(piece, f"{piece.name} calls itself")
        self._calls.append(piece.name)
        left = self.block(routine, dict(zip(arguments(routine), values, strict=True)))
        self._calls.pop()
        return left.get(piece.name, self._graph.constant(0))

    def _known(self, piece: Piece, values: Sequence[Node]) -> Node:
        graph, name = self._graph, piece.name
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
        raise self._of.refusal(piece, f"it calls {name}")
