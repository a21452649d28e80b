"""The rule about TABLEs that do not know on what they depend.

NEURON makes a table once for all segments and all runs of a process, of the first segment's values,
and again when what DEPEND lists has changed there.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.flow import Flow
from workbench.nmodl.modfile import ModFile, written_as
from workbench.nmodl.tree import Node

_DEPEND = re.compile(r"\bDEPEND\b(.*?)\bFROM\b", re.DOTALL)
_OF_THE_PROCESS = {"celsius", "dt"}


class Table(NamedTuple):
    """A TABLE, with its block and what that reads: unlisted, or listed but another in a segment."""

    line: int
    block: Node
    unlisted: tuple[str, ...]
    of_segments: tuple[str, ...]


@rule("table-without-depend", "result")
def table_without_depend(file: ModFile) -> Iterator[Remark]:
    """Find TABLEs of what changes without their notice."""
    for table in tables(file):
        where = f"the TABLE of {written_as(table.block)}"
        if table.unlisted:
            yield (
                table.line,
                f"{where} depends on {', '.join(table.unlisted)}, not listed after DEPEND: all "
                "segments and all later runs get the table that was made first",
                "list what is GLOBAL after DEPEND; remove the TABLE if it depends on what a "
                "segment has of its own",
            )
        if table.of_segments:
            yield (
                table.line,
                f"{where} depends on {', '.join(table.of_segments)}, of which each segment has its "
                "own: all get the table of the first one",
                "remove the TABLE, or make the variable GLOBAL",
            )


def tables(file: ModFile) -> Iterator[Table]:
    """Yield the TABLEs, each with what it does not follow."""
    for block in file.blocks:
        for node in block.all("TableStatement"):
            read = _read(file, block)
            listed = set(re.findall(r"[A-Za-z]\w*", "".join(_DEPEND.findall(node.text))))
            yield Table(
                node.line,
                block,
                tuple(n for n in read if n not in listed),
                tuple(n for n in read if n in listed and not _of_the_process(file, n)),
            )


def stale(file: ModFile) -> Iterator[Table]:
    """Yield the TABLEs that can go wrong in a process in which nobody sets GLOBALs."""
    moved = {one.name for one in file.assignments}
    fixed = {n for n in file.parameters if n not in {*moved, *file.ranges, *file.given_units}}
    for table in tables(file):
        if table.of_segments or not fixed.issuperset(table.unlisted):
            yield table


def _read(file: ModFile, block: Node) -> list[str]:
    """Return what a block and the functions that it calls read and did not compute themselves."""
    constant = {*file.constants, *file.unit_constants}
    flow = Flow(file, {*file.variables, *file.given_units} - constant)
    flow.follow(block)
    return [*flow.early, *(["VERBATIM"] if any(block.all("Verbatim")) else [])]


def _of_the_process(file: ModFile, name: str) -> bool:
    """Whether all segments see one value of a variable: its own, or that of what it is made of."""
    moved = {one.name for one in file.assignments}
    computed = (file.assigned.keys() & moved) - file.given_units.keys()
    made_of = file.origins([name]) & {*file.variables, *file.given_units}
    return all(
        other in {*file.globals, *file.file_locals, *computed, *_OF_THE_PROCESS}
        or (other in file.parameters and other not in {*file.ranges, *file.given_units})
        for other in made_of
    )
