"""One .mod file as the rules see it: what it declares, assigns and calls."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from workbench.nmodl.tree import Node

_CODE = {
    "AfterBlock",
    "BeforeBlock",
    "BreakpointBlock",
    "ConstructorBlock",
    "DerivativeBlock",
    "DestructorBlock",
    "DiscreteBlock",
    "FunctionBlock",
    "InitialBlock",
    "KineticBlock",
    "LinearBlock",
    "NetReceiveBlock",
    "NonLinearBlock",
    "ProcedureBlock",
}
_WRITTEN_AS = {
    "BreakpointBlock": "BREAKPOINT",
    "InitialBlock": "INITIAL",
    "NetReceiveBlock": "NET_RECEIVE",
    "NonLinearBlock": "NONLINEAR",
}
# What NEURON fills by itself, in every mechanism.
_GIVEN_UNITS = {
    "v": "mV",
    "t": "ms",
    "dt": "ms",
    "celsius": "degC",
    "area": "micron2",
    "diam": "micron",
}


@dataclass(frozen=True, eq=False)
class Assignment:
    """`name = value` in a block, under the conditions of the IFs around it."""

    name: str
    value: Node
    line: int
    block: Node
    conditions: tuple[Node, ...]


@dataclass(frozen=True)
class Ion:
    """One USEION statement: the ion's variables that a mechanism reads and writes.

    `charge` is what its VALENCE says, in elementary charges, None if it says nothing.
    """

    name: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    charge: float | None = None


class ModFile:
    """What a .mod file declares, assigns and calls.

    Parameters
    ----------
    name
        Name of the file.
    tree
        Its syntax tree.
    """

    def __init__(self, name: str, tree: Node):
        self.name = name
        self.tree = tree

    def __repr__(self) -> str:
        return f"<ModFile {self.name}: {self.kind} {self.suffix}>"

    @cached_property
    def header(self) -> Node | None:
        """The NEURON block."""
        return next(self.tree.all("NeuronBlock"), None)

    @cached_property
    def suffix(self) -> str:
        """The SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL, "" if there is none."""
        return next((node.name for node in self.tree.all("Suffix")), "")

    @cached_property
    def kind(self) -> str:
        """The keyword before that name: SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL."""
        return next((node.text.split()[0] for node in self.tree.all("Suffix")), "")

    @cached_property
    def is_threadsafe(self) -> bool:
        """Whether the file says THREADSAFE."""
        return any(self.tree.all("ThreadSafe"))

    def named(self, *kinds: str) -> dict[str, Node]:
        """Return the nodes of these kinds by their name."""
        return {node.name: node for node in self.tree.all(*kinds)}

    @cached_property
    def ranges(self) -> frozenset[str]:
        """What RANGE lists."""
        return frozenset(self.named("RangeVar"))

    @cached_property
    def globals(self) -> dict[str, Node]:
        """What GLOBAL lists."""
        return self.named("GlobalVar")

    @cached_property
    def parameters(self) -> dict[str, Node]:
        """PARAMETERs."""
        return self.named("ParamAssign")

    @cached_property
    def constants(self) -> dict[str, Node]:
        """What CONSTANT declares."""
        return self.named("ConstantVar")

    @cached_property
    def unit_constants(self) -> dict[str, Node]:
        """What the UNITS block names: FARADAY = (faraday) (coulomb)."""
        return self.named("FactorDef")

    @cached_property
    def states(self) -> dict[str, Node]:
        """STATEs."""
        return self._defined("StateBlock")

    @cached_property
    def assigned(self) -> dict[str, Node]:
        """ASSIGNED variables."""
        return self._defined("AssignedBlock")

    def _defined(self, block: str) -> dict[str, Node]:
        return {n.name: n for one in self.tree.all(block) for n in one.all("AssignedDefinition")}

    @cached_property
    def file_locals(self) -> dict[str, Node]:
        """LOCALs outside of all blocks."""
        lists = (node for node in self.tree.children if node.kind == "LocalListStatement")
        return {variable.name: variable for one in lists for variable in one.all("LocalVar")}

    @cached_property
    def variables(self) -> dict[str, Node]:
        """Everything that is declared for the whole file, apart from functions."""
        found = (self.globals, self.constants, self.unit_constants, self.file_locals)
        return {
            name: node
            for group in (*found, self.parameters, self.assigned, self.states)
            for name, node in group.items()
        }

    @cached_property
    def ions(self) -> tuple[Ion, ...]:
        """The USEION statements."""
        return tuple(map(self._ion, self.tree.all("Useion")))

    def _ion(self, node: Node) -> Ion:
        charges = [self.number(one.children[-1]) for one in node.all("Valence")]
        return Ion(
            node.name,
            tuple(one.name for one in node.all("ReadIonVar")),
            tuple(one.name for one in node.all("WriteIonVar")),
            charges[0] if charges else None,
        )

    @cached_property
    def _defined_numbers(self) -> Mapping[str, str]:
        return {one.children[0].name: one.children[1].name for one in self.tree.all("Define")}

    def number(self, node: Node) -> float:
        """Return the value of a number, or of a name that DEFINE gives one."""
        return float(self._defined_numbers.get(node.name, node.name))

    @cached_property
    def currents(self) -> frozenset[str]:
        """The currents: of ions, nonspecific, of electrodes."""
        of_ions = {
            name
            for ion in self.ions
            for name in (*ion.reads, *ion.writes)
            if name == f"i{ion.name}"
        }
        return frozenset(of_ions.union(self.named("NonspecificCurVar", "ElectrodeCurVar")))

    @cached_property
    def carries_current(self) -> bool:
        """Whether NEURON asks it for a current."""
        of_ions = (name for ion in self.ions for name in ion.writes if name == f"i{ion.name}")
        return any(of_ions) or bool(self.named("NonspecificCurVar", "ElectrodeCurVar"))

    @cached_property
    def given_units(self) -> dict[str, str]:
        """What NEURON fills, whatever the file says, with its unit: v, celsius, ena, cai..."""
        found = dict(_GIVEN_UNITS)
        for ion in self.ions:
            for name in (*ion.reads, *ion.writes):
                found[name] = {"e": "mV", "i": "mA/cm2"}.get(
                    name[0] if name[1:] == ion.name else "", "mM"
                )
        return found

    @cached_property
    def blocks(self) -> tuple[Node, ...]:
        """The blocks with code."""
        return tuple(node for node in self.tree.children if node.kind in _CODE)

    @cached_property
    def routines(self) -> dict[str, Node]:
        """The blocks with a name."""
        return {block.name: block for block in self.blocks if block.name}

    @cached_property
    def assignments(self) -> tuple[Assignment, ...]:
        """All assignments to variables of the whole file."""
        return tuple(
            one
            for block in self.blocks
            for one in all_assignments(block)
            if one.name not in own_names(block)
        )

    def first_assignments(
        self, names: Iterable[str], blocks: Sequence[Node] | None = None
    ) -> list[Assignment]:
        """Return the first assignment to each of these variables, in some blocks or in all."""
        wanted = set(names)
        first: dict[str, Assignment] = {}
        for one in self.assignments:
            if one.name in wanted and (blocks is None or one.block in blocks):
                first.setdefault(one.name, one)
        return list(first.values())

    def reached(self, *kinds: str, but: Callable[[Node], bool] | None = None) -> list[Node]:
        """Return the blocks of these kinds and all that they call or solve.

        Parameters
        ----------
        kinds
            Kinds of blocks to begin with.
        but
            Tells which blocks to leave out, together with what only they call.
        """
        found = [block for block in self.blocks if block.kind in kinds]
        for block in found:
            for node in block.all("FunctionCall", "SolveBlock"):
                called = self.routines.get(node.name)
                if called is None or called in found or (but and but(called)):
                    continue
                found.append(called)
        return found

    @cached_property
    def _sources(self) -> Mapping[str, set[str]]:
        """For each variable, argument and function, the names from which it is computed."""
        found: dict[str, set[str]] = defaultdict(set)
        for block in self.blocks:
            for one in all_assignments(block):
                found[one.name].update(one.value.names, *(c.names for c in one.conditions))
            for call in block.all("FunctionCall"):
                called = self.routines.get(call.name)
                for argument, value in zip(arguments(called), call.children, strict=False):
                    found[argument].update(value.names)
        return found

    def origins(self, names: Iterable[str]) -> set[str]:
        """Return these names and all from which they are computed, however indirectly."""
        found: set[str] = set()
        left = set(names)
        while left:
            name = left.pop()
            found.add(name)
            left |= self._sources.get(name, set()) - found
        return found


def arguments(block: Node | None) -> list[str]:
    """Return the names of a block's arguments."""
    return [node.name for node in block.children if node.kind == "Argument"] if block else []


def own_names(block: Node) -> set[str]:
    """Return what a name means inside of this block only: arguments, LOCALs, its own value."""
    inner = {node.name for node in block.all("LocalVar", "FromStatement")}
    return inner.union(arguments(block), [block.name] if block.kind == "FunctionBlock" else [])


def all_assignments(block: Node) -> Iterator[Assignment]:
    """Yield the assignments in a block, also those to its own names."""
    for node, above in block.walk():
        if node.is_operation("=") and node.children[0].kind != "PrimeName":
            target, value = node.children
            conditions = tuple(n.children[0] for n in above if n.kind == "IfStatement")
            yield Assignment(target.name, value, target.line, block, conditions)


def written_as(block: Node) -> str:
    """Return a block as a sentence names it: "PROCEDURE rates"."""
    keyword = _WRITTEN_AS.get(block.kind, block.kind.removesuffix("Block").upper())
    return f"{keyword} {block.name}".rstrip()
