"""The rule about gates that do not start at their steady state."""

from collections.abc import Iterator

from workbench.nmodl.findings import Remark, rule
from workbench.nmodl.modfile import ModFile
from workbench.nmodl.tree import Node


@rule("initial-not-steady", "result")
def initial_not_steady(file: ModFile) -> Iterator[Remark]:
    """Find gates that start at a constant, not at their steady state."""
    starting = file.reached("InitialBlock")
    solved = {node.name for block in starting for node in block.all("SolveBlock")}
    for name, block in _gates(file).items():
        values = [a for a in file.assignments if a.name == name and a.block in starting]
        known = {origin for a in values for origin in file.origins(a.value.names)}
        if block.name in solved or known & _moving(file):
            continue
        if values:
            line, what = values[-1].line, f"gate {name} starts at {values[-1].value.text}"
        else:
            line, what = file.states[name].line, f"gate {name} is not set in INITIAL, starts at 0"
        yield (
            line,
            f"{what}, whatever the voltage: each run begins with a transient",
            f"set {name} to its steady state in INITIAL",
        )


def _gates(file: ModFile) -> dict[str, Node]:
    """Return the states that relax to a value that voltage or a concentration sets.

    m' = (inf - m)/tau, k*(inf - m), a*(1 - m) - b*m and the like, and where it stands. A
    state with a unit is a concentration or a conductance, and so is one driven by a current.
    """
    moving = _moving(file)
    ionic = {name for ion in file.ions for name in (*ion.reads, *ion.writes)}
    found = {}
    for block in file.tree.all("DerivativeBlock"):
        for equation in block.all("BinaryExpression"):
            target, value = equation.children
            if not equation.is_operation("=") or target.kind != "PrimeName":
                continue
            state = file.states.get(target.name)
            if state is None or target.name in ionic or _has_dimension(state):
                continue
            terms = _terms_without(target.name, _without_rate(target.name, value))
            origins = file.origins(name for term in terms or () for name in term.names)
            if origins & moving and not origins & file.currents:
                found[target.name] = block
    return found


def _moving(file: ModFile) -> set[str]:
    """Return the voltage and the concentrations that a gate may follow."""
    read = {name for ion in file.ions for name in ion.reads}
    return (read - file.currents).union(["v"])


def _has_dimension(state: Node) -> bool:
    return any(unit.text.strip("() ") not in ("", "1") for unit in state.all("Unit"))


def _without_rate(state: str, value: Node) -> Node:
    """Return k*(inf - m) or (inf - m)/tau without its rate, which moves no steady state."""
    while value.is_operation("*", "/"):
        inside = [side for side in value.children if state in side.names]
        if len(inside) != 1:
            break
        value = inside[0]
    return value


def _terms_without(state: str, value: Node) -> list[Node] | None:
    """Return the terms without the state of an expression linear in it, None of another."""
    if state not in value.names:
        return [value]
    if value.kind == "UnaryExpression":
        return _terms_without(state, value.children[0])
    if value.is_operation("+", "-"):
        left, right = (_terms_without(state, side) for side in value.children)
        return None if left is None or right is None else left + right
    if value.is_operation("*", "/"):
        inside = [side for side in value.children if state in side.names]
        if len(inside) == 2 or (value.name == "/" and inside[0] is not value.children[0]):
            return None
        terms = _terms_without(state, inside[0])
        others = [side for side in value.children if side is not inside[0]]
        return terms + others if terms else terms
    return [] if value.kind in ("Name", "IndexedName") else None
