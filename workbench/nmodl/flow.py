"""In what order a mechanism's code runs, and what it may read before it has assigned it.

The order is NEURON's own: INITIAL; then, if the mechanism carries a current, BREAKPOINT without
what it solves, and after that what it solves; else BREAKPOINT from top to bottom. Where only the
run can tell, in an IF or a loop, all that may be read counts as read, and as assigned only what
must be.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from workbench.nmodl.modfile import ModFile, own_names, written_as
from workbench.nmodl.tree import Node

Names = frozenset[str]

_NOTHING: Names = frozenset()
_IN_TABLE = re.compile(r"TABLE\b(.*?)\b(?:DEPEND|FROM)\b", re.DOTALL)


class _Frame(NamedTuple):
    block: Node
    own: set[str]
    solving: bool


class Flow:
    """Follows a file's code, and notes what may be read before it is assigned.

    Parameters
    ----------
    file
        The file.
    watched
        The variables to look at.

    Attributes
    ----------
    early
        Those that may be read too early, each with its place: "line 7, in PROCEDURE rates".
    """

    def __init__(self, file: ModFile, watched: Iterable[str]) -> None:
        self._file = file
        self._watched = frozenset(watched)
        self._frames: list[_Frame] = []
        self._ends: dict[tuple[Node, bool, Names], Names] = {}
        self.early: dict[str, str] = {}

    def start(self, assigned: Names = _NOTHING) -> Names:
        """Follow the start of a run and return what has been assigned for certain."""
        for block in (
            *self._around("BeforeBlock", "INITIAL"),
            *self._of_kind("InitialBlock"),
            *self._around("AfterBlock", "INITIAL"),
        ):
            assigned = self._run(block, assigned)
        return assigned

    def carry(self, assigned: Names = _NOTHING) -> Names:
        """Follow what computes the currents, if there are any."""
        if self._file.carries_current:
            for block in self._of_kind("BreakpointBlock"):
                assigned = self._run(block, assigned, solving=False)
        return assigned

    def step(self, assigned: Names = _NOTHING) -> None:
        """Follow one step, and an event in its middle."""
        for block in (
            *self._around("BeforeBlock", "BREAKPOINT", "STEP"),
            *self._of_kind("NetReceiveBlock"),
        ):
            self._run(block, assigned)
        after = self.carry(assigned)
        for block in self._of_kind("BreakpointBlock"):
            if self._file.carries_current:
                for node in block.all("SolveBlock"):
                    after = self._call(node.name, after)
            else:
                after = self._run(block, after)
        for block in self._around("AfterBlock", "SOLVE"):
            self._run(block, after)

    def follow(self, block: Node) -> None:
        """Follow one block and what it calls."""
        self._run(block, _NOTHING)

    def _of_kind(self, kind: str) -> list[Node]:
        return [block for block in self._file.blocks if block.kind == kind]

    def _around(self, kind: str, *moments: str) -> list[Node]:
        """Return BEFORE or AFTER blocks of these moments."""
        return [
            block
            for block in self._of_kind(kind)
            if any(node.children[0].kind in moments for node in block.all("BABlockType"))
        ]

    def _call(self, name: str, assigned: Names) -> Names:
        block = self._file.routines.get(name)
        if block is None or any(frame.block is block for frame in self._frames):
            return assigned
        return self._run(block, assigned)

    def _run(self, block: Node, assigned: Names, solving: bool = True) -> Names:
        key = (block, solving, assigned)
        if key not in self._ends:
            self._frames.append(_Frame(block, own_names(block), solving))
            after = self._all(block.children, assigned)
            self._frames.pop()
            # What else a body with a TABLE assigns is assigned when the table is made, no more.
            for node in block.all("TableStatement"):
                after &= assigned | in_table(node)
            self._ends[key] = after
        return self._ends[key]

    def _all(self, nodes: Iterable[Node], assigned: Names) -> Names:
        for node in nodes:
            assigned = self._pass(node, assigned)
        return assigned

    def _pass(self, node: Node, assigned: Names) -> Names:
        match node.kind:
            case "ConductanceHint" | "LocalListStatement" | "TableStatement" | "Verbatim":
                return assigned
            case "IfStatement":
                return self._branch(node, assigned)
            case "WhileStatement" | "FromStatement":
                *bounds, body = node.children
                assigned = self._all(bounds, assigned)
                self._pass(body, assigned)
                return assigned
            case "SolveBlock":
                return self._call(node.name, assigned) if self._frames[-1].solving else assigned
            case "BinaryExpression" if node.name == "=":
                return self._assign(node, assigned)
        assigned = self._all(node.children, assigned)
        if node.kind == "FunctionCall":
            return self._call(node.name, assigned)
        if node.kind in ("Name", "IndexedName"):
            self._read(node, assigned)
        return assigned

    def _branch(self, node: Node, assigned: Names) -> Names:
        """Follow an IF: assigned for certain is what each of its ways assigns."""
        condition, body, *others = node.children
        assigned = self._pass(condition, assigned)
        ends = [self._pass(body, assigned)]
        for other in others:
            *conditions, body = other.children
            assigned = self._all(conditions, assigned)
            ends.append(self._pass(body, assigned))
        if not any(other.kind == "ElseStatement" for other in others):
            ends.append(assigned)
        return _NOTHING.union(ends[0]).intersection(*ends)

    def _assign(self, node: Node, assigned: Names) -> Names:
        target, value = node.children
        assigned = self._pass(value, assigned)
        assigned = self._all(target.children, assigned)
        # One element does not make an array, but where it lies in a LOCAL of the whole file a
        # mistake in doubt would forbid the file, and not just cost time.
        whole = target.kind == "IndexedName" and target.name in self._file.file_locals
        if target.kind != "Name" and not whole:
            return assigned
        return assigned | self._watched.intersection([target.name]) - self._frames[-1].own

    def _read(self, node: Node, assigned: Names) -> None:
        frame = self._frames[-1]
        if node.name in self._watched - assigned - frame.own:
            self.early.setdefault(node.name, f"line {node.line}, in {written_as(frame.block)}")


def in_table(node: Node) -> Names:
    """Return the variables that a TABLE statement holds."""
    found = _IN_TABLE.search(node.text)
    return frozenset(re.findall(r"[A-Za-z]\w*", found[1])) if found else _NOTHING
