"""The rule about what the translators pass on to the C++ compiler without knowing it.

A name that neither NMODL nor the file declares is written into the C++ as it stands: a call of
`system` runs a command. So is a text in quotes, and a unit is written between quotes.
"""

import re
from collections.abc import Iterator, Sequence

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.modfile import ModFile
from workbench.nmodl.tree import Node

# Of numbers alone, or of what NMODL itself hands over: nothing here reaches beyond the simulation.
_KNOWN = """
    abs acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh erf erfc exp exp2 expm1 fabs floor
    fmax fmin fmod hypot lgamma log log10 log1p log2 pow round sin sinh sqrt tan tanh tgamma trunc
    b_flux f_flux boundary factorial first_time harmonic hyperbol perpulse perstep poisson pulse
    ramp revhyperbol revsawtooth revsigmoid sawtooth sigmoid squarewave step stepforce threshold
    exprand gauss normrand poisrand scop_random set_seed setseed
    random_dpick random_ipick random_negexp random_normal random_setids random_setseq
    random_uniform
    at_time net_event net_move net_send nrn_ghk nrn_pointing nrn_random_play state_discontinuity
"""
_CALLABLE = frozenset(_KNOWN.split())
# Given in all of a file's C++, beside what NEURON fills.
_VALUES = frozenset({"b_flux", "f_flux", "usetable"})
# Blocks that declare, and have rules of their own here.
_DECLARING = {
    "AssignedBlock",
    "BlockComment",
    "ConstantBlock",
    "Define",
    "FunctionTableBlock",
    "LineComment",
    "LocalListStatement",
    "Model",
    "NeuronBlock",
    "ParamBlock",
    "StateBlock",
    "UnitBlock",
    "UnitState",
}
_VARIABLES = ("Name", "IndexedName", "PrimeName")
_INDEXING = {"Compartment", "LonDiffuse"}
_UNIT = re.compile(r"[A-Za-z0-9_ \t*/.^+%-]*")
# As printf takes them for numbers: no %n, which writes, no %s, and no \ but for the usual ends.
_FORMAT = re.compile(r'"(?:[^%\\"\n]|%%|%[-+ #0]*\d*(?:\.\d+)?[eEfgG]|\\[nt])*"')


@rule("foreign-code", "neuron9")
def foreign_code(file: ModFile) -> Iterator[Remark]:
    """Find names and texts that reach the C++ compiler without being NMODL's or the file's."""
    for node, what in _foreign(file):
        yield (
            node.line,
            what,
            "declare it in the file, or use what NMODL has: this reaches the C++ compiler as it "
            "stands, and whoever compiles it has to trust it",
        )


def _foreign(file: ModFile) -> Iterator[tuple[Node, str]]:
    for node in file.tree.all("ExternVar"):
        names = ", ".join(one.name for one in node.children)
        yield node, f"EXTERNAL {names} stands for whatever has that name in the process"
    for unit in file.tree.all("Unit"):
        for text in unit.children:
            if not _UNIT.fullmatch(text.name):
                yield unit, f"({text.name}) is no unit"
    declared = _declared(file)
    callable_ = _CALLABLE | file.routines.keys() | file.named("FunctionTableBlock").keys()
    for block in file.tree.children:
        if block.kind not in _DECLARING:
            yield from _in_code(block, declared, callable_)


def _in_code(
    block: Node, declared: frozenset[str], callable_: frozenset[str]
) -> Iterator[tuple[Node, str]]:
    for node, above in block.walk():
        path = (*above, node)
        if node.kind in ("FunctionCall", "SolveBlock"):
            if node.name not in callable_ and not _prints_numbers(node):
                yield node, f"{_shown(node)} calls what neither NMODL nor the file has"
        elif node.kind in _VARIABLES:
            # The METHOD of a SOLVE, which the translators know or refuse.
            if above[-1].kind != "SolveBlock" and node.name not in declared | _own(path):
                yield node, f"neither NMODL nor the file declares {node.name}"
        elif node.kind == "String" and not (
            # Of a call that is told itself, or of one that prints.
            above[-1].kind in ("Unit", "Verbatim")
            or (above[-1].kind == "FunctionCall" and above[-1].name not in callable_)
        ):
            yield node, f"{node.name} is a text in code"


def _declared(file: ModFile) -> frozenset[str]:
    """Return the names that mean a variable in all of the file."""
    ionic = (name for ion in file.ions for name in (ion.name, *ion.reads, *ion.writes))
    pointers = file.named("PointerVar", "BbcorePointerVar", "RandomVar", "Define")
    starts = (f"{state}0" for state in file.states)
    return frozenset(
        {*file.variables, *file.given_units, *file.currents, *ionic, *pointers, *starts, *_VALUES}
    )


def _own(path: Sequence[Node]) -> set[str]:
    """Return the names that the blocks around a place declare: arguments, LOCALs, indices."""
    found: set[str] = set()
    for node in path:
        if node.kind in ("FromStatement", "FunctionBlock"):
            found.add(node.name)
        if node.kind == "NetReceiveBlock":
            found.add("flag")
        if node.kind in _INDEXING and node.children:
            found.add(node.children[0].name)
        for child in node.children:
            if child.kind == "Argument":
                found.add(child.name)
            if child.kind == "LocalListStatement":
                found.update(variable.name for variable in child.all("LocalVar"))
    return found


def _prints_numbers(node: Node) -> bool:
    """Whether this is a printf of numbers: it runs nothing, and files of all ages have one."""
    if node.kind != "FunctionCall" or node.name != "printf" or not node.children:
        return False
    form, *values = node.children
    return _FORMAT.fullmatch(form.name) is not None and not any(v.kind == "String" for v in values)


def _shown(node: Node) -> str:
    return node.text if node.kind == "FunctionCall" else f"SOLVE {node.name}"
