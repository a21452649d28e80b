"""Rules about what is computed at each step, and how it is integrated."""

import math
from collections.abc import Iterator

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.modfile import Assignment, ModFile, own_names, written_as
from workbench.nmodl.tree import Node

EQUATIONS = ("DerivativeBlock", "KineticBlock", "LinearBlock", "NonLinearBlock")
EACH_STEP = ("BreakpointBlock", "BeforeBlock", "AfterBlock")


@rule("state-outside-derivative", "cvode", "coreneuron")
def state_outside_derivative(file: ModFile) -> Iterator[Remark]:
    """Find STATEs moved by hand, whose equation the integrator does not know."""
    for one in moved_by_hand(file):
        yield (
            one.line,
            f"STATE {one.name} is assigned in {written_as(one.block)}, step by step; CVODE "
            "and CoreNEURON cannot see its equation",
            f"write {one.name}' = ... in a DERIVATIVE block and SOLVE it with METHOD cnexp",
        )


def moved_by_hand(file: ModFile) -> list[Assignment]:
    """Return the first assignment to each STATE outside of its equations, in each step."""
    by_hand = file.reached(*EACH_STEP, but=lambda block: block.kind in EQUATIONS)
    return file.first_assignments(file.states, by_hand)


@rule("euler-method", "result")
def euler_method(file: ModFile) -> Iterator[Remark]:
    """Find explicit methods, which are inaccurate and may be unstable."""
    for node in file.tree.all("SolveBlock"):
        method = next((n.name for n in node.children if n.name in ("euler", "runge")), None)
        if method:
            refused = ", and CoreNEURON refuses it" if method == "runge" else ""
            yield (
                node.line,
                f"METHOD {method} is explicit: unstable where a time constant is shorter than the "
                f"step{refused}",
                "METHOD cnexp if each equation is linear in its own state, else derivimplicit",
            )


@rule("cnexp-not-linear", "result")
def cnexp_not_linear(file: ModFile) -> Iterator[Remark]:
    """Find equations that METHOD cnexp integrates although they are not linear in their state."""
    solves = [s for s in file.tree.all("SolveBlock") if any(n.name == "cnexp" for n in s.children)]
    solved = [file.routines[node.name] for node in solves if node.name in file.routines]
    for equation in (one for block in solved for one in block.all("BinaryExpression")):
        target, value = equation.children
        if not equation.is_operation("=") or target.kind != "PrimeName":
            continue
        if _degree(target.name, value) > 1:
            yield (
                equation.line,
                f"{target.name}' is not linear in {target.name}, and METHOD cnexp takes it for "
                "linear: a fixed step leads elsewhere",
                "METHOD derivimplicit",
            )


def _degree(state: str, value: Node) -> float:
    """Return the degree of a polynomial in a state, infinite for what is none."""
    if state not in value.names:
        return 0
    if value.kind == "Name":
        return 1
    of = [_degree(state, child) for child in value.children]
    if value.kind == "UnaryExpression" or value.is_operation("+", "-"):
        return max(of)
    if value.is_operation("*"):
        return sum(of)
    if value.is_operation("/") and of[1] == 0:
        return of[0]
    return math.inf


@rule("missing-method", "result")
def missing_method(file: ModFile) -> Iterator[Remark]:
    """Find SOLVEs that leave the method to the translator."""
    for node in file.tree.all("SolveBlock"):
        block = file.routines.get(node.name)
        if block is None or node.children:
            continue
        if block.kind in ("DerivativeBlock", "KineticBlock"):
            better = "sparse" if block.kind == "KineticBlock" else "cnexp (or derivimplicit)"
            yield (
                node.line,
                f"SOLVE {node.name} names no METHOD; each translator takes its own",
                f"SOLVE {node.name} METHOD {better}",
            )


@rule("table-under-cvode", "cvode", "coreneuron")
def table_under_cvode(file: ModFile) -> Iterator[Remark]:
    """Find TABLEs: rates with kinks, which slow CVODE down."""
    switch = f"usetable_{file.suffix}"
    for node in file.tree.all("TableStatement"):
        yield (
            node.line,
            "TABLE: the interpolated rates have kinks at which CVODE cuts its step again and "
            "again; CoreNEURON has no tables on a GPU",
            f"remove the TABLE, or set {switch} = 0 under CVODE (it is global: set it for every "
            "run)",
        )


@rule("random-in-current", "result")
def random_in_current(file: ModFile) -> Iterator[Remark]:
    """Find random numbers that are drawn while a current is computed."""
    solved = {node.name for node in file.tree.all("SolveBlock")}
    asked = file.reached("BreakpointBlock", but=lambda block: block.name in solved)
    for block in asked if file.carries_current else ():
        for call in block.all("FunctionCall"):
            if call.name.startswith("random_") and call.name not in file.routines:
                yield (
                    call.line,
                    f"{call.name} in {written_as(block)}: NEURON asks for the current twice, at v "
                    "and 0.001 mV above, and takes the difference of two draws for its slope",
                    "draw before the step, in BEFORE STEP, into an ASSIGNED variable",
                )


@rule("v-assigned", "result")
def v_assigned(file: ModFile) -> Iterator[Remark]:
    """Find where a mechanism changes the membrane potential itself."""
    for one in file.assignments:
        if one.name == "v":
            yield (
                one.line,
                f"v is assigned in {written_as(one.block)}: the current of this mechanism is then "
                "taken at another voltage than the cell's",
                "compute with a LOCAL copy; for a singular rate use its series near the point",
            )


@rule("q10-each-step", "speed")
def q10_each_step(file: ModFile) -> Iterator[Remark]:
    """Find temperature factors that are computed anew at each step."""
    for block in file.reached(*EACH_STEP, but=_has_table):
        for node in block.all("BinaryExpression", "FunctionCall"):
            if _is_temperature_factor(file, node, block):
                yield (
                    node.line,
                    f"{node.text} is computed in {written_as(block)}, at each step of each segment",
                    "compute it once in INITIAL, into an ASSIGNED variable that is not GLOBAL",
                )


def _has_table(block: Node) -> bool:
    return any(block.all("TableStatement"))


def _is_temperature_factor(file: ModFile, node: Node, block: Node) -> bool:
    """Whether this is a power or an exponential of celsius and of nothing that varies."""
    if node.is_operation("^") or (node.kind == "FunctionCall" and node.name == "pow"):
        exponent = node.children[-1]
    elif node.kind == "FunctionCall" and node.name == "exp":
        exponent = node.children[0]
    else:
        return False
    origins = file.origins(exponent.names)
    unknown = {name for name in own_names(block) if file.origins([name]) == {name}}
    return "celsius" in origins and not origins & unknown.union(["v", "t"], file.states)
