"""What a mechanism does beside its equations: steps made by hand, and what outlives a run."""

import re
from collections.abc import Iterator
from functools import cached_property

from workbench.nmodl.flow import Flow
from workbench.nmodl.modfile import ModFile, written_as
from workbench.nmodl.rules.foreign import code_of, kept_in_c
from workbench.nmodl.rules.integration import (
    EACH_STEP,
    EQUATIONS,
    cnexp_not_linear,
    moved_by_hand,
)
from workbench.nmodl.rules.sharing import unseeded_draws
from workbench.nmodl.rules.tables import stale, tables
from workbench.nmodl.rules.timing import announces_corners, reads_of_t

# What a step does here cannot be taken back with its STATEs.
_BEYOND_STATES = {
    "Verbatim": "VERBATIM",
    "PointerVar": "POINTER",
    "BbcorePointerVar": "BBCOREPOINTER",
    "BeforeBlock": "BEFORE",
    "AfterBlock": "AFTER",
    "RandomVar": "RANDOM",
    "DiscreteBlock": "DISCRETE",
    "LonDiffuse": "LONGITUDINAL_DIFFUSION",
}
# Events at times that nobody knows before a step leads there.
_OWN_EVENTS = {"net_send", "net_move", "state_discontinuity"}
_BACKWARD_EULER = {"derivimplicit", "sparse"}
_METHODS = {"cnexp", *_BACKWARD_EULER}
_EXPLICIT = {"euler", "runge"}
# Data of a segment that no reading of the file can follow.
_OPAQUE = {"Verbatim", "PointerVar", "BbcorePointerVar"}


class Conduct:
    """Look at one file.

    Parameters
    ----------
    file
        The file.
    vouched
        LOCALs of the whole file whose memory its author accepts.
    vouched_c
        Lines of the VERBATIM blocks whose memory its author accepts.
    """

    def __init__(
        self,
        file: ModFile,
        vouched: frozenset[str] = frozenset(),
        vouched_c: frozenset[int] = frozenset(),
    ) -> None:
        self._file = file
        self._vouched = vouched
        self._vouched_c = vouched_c

    def by_hand(self) -> Iterator[str]:
        """Yield the STATEs that each step moves on by hand; one computed afresh is not moved."""
        file = self._file
        solved = {n for block in file.blocks if block.kind in EQUATIONS for n in block.names}
        for one in moved_by_hand(file):
            if one.name in self._carried or one.name in solved:
                where = written_as(one.block)
                yield f"STATE {one.name} moved by hand (line {one.line}, in {where})"

    def beyond_states(self) -> Iterator[str]:
        """Yield what a step changes that would not come back with the STATEs."""
        for node in self._file.tree.all(*_BEYOND_STATES):
            yield f"{_BEYOND_STATES[node.kind]} (line {node.line})"
        for method, what in self._solves:
            if method not in _METHODS | _EXPLICIT:
                yield what
        # An event comes between two steps, and what it assigns stays.
        for name, where in self._carried_by(*EACH_STEP).items():
            if name not in self._file.states:
                yield f"{name}, which may be read ({where}) before the step has assigned it"

    def own_events(self) -> Iterator[str]:
        """Yield what makes or awaits an event of the mechanism's own."""
        for node in self._file.tree.all("WatchStatement"):
            yield f"WATCH (line {node.line})"
        for call in self._file.tree.all("FunctionCall"):
            if call.name in _OWN_EVENTS and call.name not in self._file.routines:
                yield f"{call.name} (line {call.line})"

    def depends_on_t(self) -> Iterator[str]:
        """Yield where a current or an equation depends on the time itself."""
        for line, block in reads_of_t(self._file):
            yield f"t (line {line}, in {written_as(block)})"

    def announces_corners(self) -> bool:
        """Whether NEURON's variable steps are told of the corners that t makes."""
        return bool(reads_of_t(self._file)) and announces_corners(self._file)

    def stale_tables(self) -> Iterator[str]:
        """Yield the TABLEs that do not follow what they depend on."""
        for table in stale(self._file):
            names = ", ".join((*table.unlisted, *table.of_segments))
            yield f"TABLE of {names} (line {table.line}, in {written_as(table.block)})"

    def fixed_in_tables(self) -> Iterator[str]:
        """Yield the PARAMETERs without RANGE on which TABLEs depend without listing them."""
        file = self._file
        unlisted = dict.fromkeys(name for table in tables(file) for name in table.unlisted)
        for name in unlisted:
            if name in file.parameters and name not in {*file.ranges, *file.given_units}:
                yield name

    def explicit(self) -> Iterator[str]:
        """Yield the methods that no step may outgrow: they are stable for short ones only."""
        yield from (what for method, what in self._solves if method in _EXPLICIT)

    def first_order(self) -> Iterator[str]:
        """Yield the methods of first order: backward Euler, and cnexp where it is not exact."""
        inexact = {*self._coupled, *(remark[0] for remark in cnexp_not_linear(self._file))}
        for method, what in self._solves:
            if method in _BACKWARD_EULER or (method == "cnexp" and inexact):
                yield what

    def kept_by_segments(self) -> Iterator[str]:
        """Yield what a segment carries into the next run."""
        file = self._file
        for node in file.tree.all(*_OPAQUE):
            yield f"{_BEYOND_STATES[node.kind]} (line {node.line})"
        for one in file.first_assignments(self._parameters & file.ranges):
            yield f"PARAMETER {one.name} is assigned (line {one.line}, in {written_as(one.block)})"
        potentials = {f"e{ion.name}" for ion in file.ions}
        for node in file.tree.all("WriteIonVar"):
            if node.name in potentials:
                yield f"{node.name} of the ion is written (line {node.line})"
        for name, where in self._early.items():
            if name not in self._process_wide:
                yield f"{name} may be read ({where}) before it is assigned"

    def kept_by_globals(self) -> Iterator[str]:
        """Yield the GLOBALs that have to be put back before each run."""
        file = self._file
        if not self._vouched:
            # Else an author says that what is computed once stays good; it would not be computed
            # again.
            yield from (one.name for one in file.first_assignments(self._global_parameters))
            yield from (n for n in self._early if n in file.globals and n not in file.parameters)

    def kept_by_process(self) -> Iterator[str]:
        """Yield what the process carries into the next run, where nobody can put it back."""
        file = self._file
        hidden = {**file.constants, **file.unit_constants, **file.named("ExternVar")}
        for one in file.first_assignments(hidden):
            yield f"{one.name}, which is not its own (line {one.line})"
        for name in file.file_locals:
            if name in self._early and name not in self._vouched:
                yield (
                    f"{name}, a LOCAL of the whole file that may be read ({self._early[name]}) "
                    "before it is assigned"
                )
        for call in unseeded_draws(file):
            yield f"the state of {call.name}, which INITIAL does not seed (line {call.line})"
        for kept in kept_in_c(file):
            if kept.block_line not in self._vouched_c:
                yield f"{kept.name} in VERBATIM (line {kept.line})"

    def random(self) -> Iterator[str]:
        """Yield the RANDOM variables, whose streams go on from run to run."""
        yield from self._file.named("RandomVar")

    def unset(self) -> Iterator[str]:
        """Yield what the file reads and only a program of NEURON's could have set."""
        file = self._file
        read = {name for block in file.blocks for name in block.names}
        in_c = "\n".join(code_of(node) for node in file.tree.all("Verbatim"))
        for name, node in file.named("PointerVar", "BbcorePointerVar").items():
            used_in_c = re.search(rf"\b(?:_p_)?{name}\b", in_c)
            # C code can ask whether it is set, and do without it.
            asked = re.search(rf"\bif\s*\(\s*!?\s*_p_{name}\b", in_c)
            if name in read or (used_in_c and not asked):
                yield f"{_BEYOND_STATES[node.kind]} {name} (line {node.line})"
        for name, node in file.named("FunctionTableBlock").items():
            if name in read:
                yield f"the table of FUNCTION_TABLE {name} (line {node.line})"

    def pointers(self) -> Iterator[str]:
        """Yield the POINTERs that equations read, and nothing writes or hands to C code."""
        file = self._file
        assigned = {one.name for one in file.assignments}
        in_c = "\n".join(code_of(node) for node in file.tree.all("Verbatim"))
        for name in file.named("PointerVar"):
            if name not in assigned and not re.search(rf"\b(?:_p_)?{name}\b", in_c):
                yield name

    def without_default(self) -> Iterator[tuple[str, int]]:
        """Yield the PARAMETERs that are read and have no value, with their lines."""
        file = self._file
        read = {name for block in file.blocks for name in block.names}
        assigned = {one.name for one in file.assignments}
        for name, node in file.parameters.items():
            valued = any(child.kind not in ("Unit", "Limits") for child in node.children)
            if not valued and name in read and name not in {*file.given_units, *assigned}:
                yield name, node.line

    def kept_by_coreneuron(self) -> Iterator[str]:
        """Yield the GLOBALs that steps carry on in CoreNEURON's own copy."""
        for name, where in self._carried.items():
            if name in self._process_wide and name not in self._vouched:
                yield f"{name}, which may be read ({where}) before the step has assigned it"

    @cached_property
    def _solves(self) -> list[tuple[str, str]]:
        """What each step solves: the method, "" if none is named, and the statement."""
        found = []
        for node in (n for b in self._file.reached(*EACH_STEP) for n in b.all("SolveBlock")):
            method = next((n.name for n in node.children if n.kind == "Name"), "")
            how = f"METHOD {method}" if method else "without a METHOD"
            found.append((method, f"SOLVE {node.name} {how} (line {node.line})"))
        return found

    @cached_property
    def _coupled(self) -> list[int]:
        """The lines of equations that hang on another STATE."""
        file = self._file
        return [
            node.line
            for block in file.blocks
            for node in block.all("BinaryExpression")
            if node.is_operation("=") and node.children[0].kind == "PrimeName"
            for origins in [file.origins(node.children[1].names)]
            if origins & (file.states.keys() - {node.children[0].name})
        ]

    @cached_property
    def _parameters(self) -> set[str]:
        return self._file.parameters.keys() - self._file.given_units.keys()

    @cached_property
    def _global_parameters(self) -> set[str]:
        return self._parameters - self._file.ranges

    @cached_property
    def _process_wide(self) -> set[str]:
        return {*self._file.globals, *self._file.file_locals, *self._global_parameters}

    @cached_property
    def _early(self) -> dict[str, str]:
        """What a run may read before it has assigned it, PARAMETERs and STATEs apart."""
        file = self._file
        given = {n for n, unit in file.given_units.items() if unit != "mA/cm2"}
        ours = {one.name for one in file.assignments}.difference(
            given, file.states, file.parameters, file.constants, file.unit_constants
        )
        # NEURON sums an ion's currents after INITIAL: until then they are those of another run.
        currents = {n for ion in file.ions for n in ion.reads if n == f"i{ion.name}"}
        flow = Flow(file, ours | currents)
        started = flow.start() | currents
        for name in (ours & file.ranges) - flow.carry(started):
            flow.early.setdefault(name, "by a recording, at the start")
        flow.step(started)
        return flow.early

    @cached_property
    def _carried(self) -> dict[str, str]:
        """What a step may read before it has assigned it, and a step or an event assigns."""
        return self._carried_by(*EACH_STEP, "NetReceiveBlock")

    def _carried_by(self, *kinds: str) -> dict[str, str]:
        """Return what blocks of these kinds assign, where a step may read it before."""
        file = self._file
        own = {one.name for one in moved_by_hand(file)}
        blocks = file.reached(*kinds)
        moved = {one.name for one in file.assignments if one.block in blocks}
        others = file.states.keys() | file.given_units.keys()
        flow = Flow(file, own | (moved - others))
        flow.step()
        return flow.early
