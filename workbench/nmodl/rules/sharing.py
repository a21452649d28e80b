"""Rules about what threads and CoreNEURON cannot share: globals, pointers, C code."""

from collections.abc import Iterator

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.modfile import Assignment, ModFile, written_as
from workbench.nmodl.tree import Node

_SEEDS = {"set_seed", "setseed"}
# SCoP's generators, which keep one state for the whole process.
_SHARED_GENERATORS = {*_SEEDS, "exprand", "gauss", "normrand", "poisrand", "scop_random"}


@rule("assigned-global", "coreneuron", "threads")
def assigned_global(file: ModFile) -> Iterator[Remark]:
    """Find assigned variables that have one value for the whole process."""
    for one in _assigned_globals(file):
        if one.name in file.globals:
            what = f"GLOBAL {one.name} is assigned in {written_as(one.block)}"
            advice = f"move {one.name} from GLOBAL to RANGE, or make it a LOCAL"
        else:
            what = (
                f"PARAMETER {one.name} is not RANGE, so it is global, and is assigned in "
                f"{written_as(one.block)}"
            )
            advice = f"declare {one.name} under ASSIGNED, or add it to RANGE"
        yield one.line, what, advice


@rule("file-level-local", "coreneuron", "threads")
def file_level_local(file: ModFile) -> Iterator[Remark]:
    """Find assigned LOCALs outside of all blocks: one value for all segments."""
    for one in file.first_assignments(file.file_locals):
        yield (
            one.line,
            f"{one.name} is a LOCAL of the whole file (line {file.file_locals[one.name].line}) "
            f"and is assigned in {written_as(one.block)}; all segments share its value",
            f"declare {one.name} under ASSIGNED, or as a LOCAL of each block that uses it",
        )


@rule("verbatim", "coreneuron", "threads", "neuron9")
def verbatim(file: ModFile) -> Iterator[Remark]:
    """Find C code, which no translator reads and NEURON 9 compiles as C++."""
    for node in file.tree.all("Verbatim"):
        yield (
            node.line,
            "VERBATIM: the translators pass it on unread, and NEURON 9 compiles it as C++",
            "write it in NMODL; if it must stay, make it valid C++, keep it from CoreNEURON with "
            "#ifndef NRNBBCORE and say THREADSAFE",
        )


@rule("pointer", "coreneuron", "threads")
def pointer(file: ModFile) -> Iterator[Remark]:
    """Find POINTERs, which CoreNEURON can follow to a RANGE variable only."""
    for name, node in file.named("PointerVar").items():
        yield (
            node.line,
            f"POINTER {name}: CoreNEURON can follow it only to a RANGE variable of a mechanism in "
            "the same thread",
            "fine if it is set to such a variable (accept it then); data of another kind need a "
            "BBCOREPOINTER with bbcore_read and bbcore_write, random numbers RANDOM",
        )


@rule("shared-random", "coreneuron", "threads")
def shared_random(file: ModFile) -> Iterator[Remark]:
    """Find random numbers of one generator for the whole process."""
    for call in _shared_draws(file):
        yield (
            call.line,
            f"{call.name} draws from one generator for the whole process; CoreNEURON lacks it",
            "declare RANDOM name in the NEURON block and draw with random_uniform, "
            "random_normal or random_negexp",
        )


def _shared_draws(file: ModFile) -> Iterator[Node]:
    for call in file.tree.all("FunctionCall"):
        if call.name in _SHARED_GENERATORS and call.name not in file.routines:
            yield call


def unseeded_draws(file: ModFile) -> Iterator[Node]:
    """Yield the draws that go on where the run before ended."""
    at_start = (block.all("FunctionCall") for block in file.reached("InitialBlock"))
    if not any(call.name in _SEEDS for calls in at_start for call in calls):
        yield from _shared_draws(file)


@rule("not-threadsafe", "threads")
def not_threadsafe(file: ModFile) -> Iterator[Remark]:
    """Find files that run in one thread only, for want of THREADSAFE."""
    reasons = {
        "VERBATIM": any(file.tree.all("Verbatim")),
        "a POINTER": any(file.tree.all("PointerVar")),
        "an assigned GLOBAL": bool(_assigned_globals(file)),
        "an assigned LOCAL of the whole file": bool(file.first_assignments(file.file_locals)),
    }
    held = [reason for reason, holds in reasons.items() if holds]
    if file.header and held and not file.is_threadsafe:
        yield (
            file.header.line,
            f"no THREADSAFE, and the file has {' and '.join(held)}: NEURON then keeps it to one "
            "thread",
            "remove the cause, or add THREADSAFE to the NEURON block once you know that two "
            "threads may run it at the same time",
        )


def _assigned_globals(file: ModFile) -> list[Assignment]:
    shared = {p for p in file.parameters if p not in file.ranges and p not in file.given_units}
    return file.first_assignments(shared.union(file.globals))
