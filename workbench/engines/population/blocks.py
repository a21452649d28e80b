"""What the blocks of a mechanism compute, as graphs: values of INITIAL, derivatives, currents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.engines.population.equations import Equations
from workbench.engines.population.graph import Graph, Node
from workbench.engines.population.reactions import Kept
from workbench.engines.population.statements import Look, Statements
from workbench.engines.population.systems import jacobian, residuals
from workbench.nmodl import Node as Piece
from workbench.nmodl.modfile import all_assignments, arguments

WEIGHT = "weight of an event"
_AT_LAST_ms = 1e9
"""The step of backward Euler after which NEURON takes a STATE to be steady."""


@dataclass(frozen=True)
class Blocks:
    """What a mechanism computes.

    Attributes
    ----------
    initial
        The value of each STATE after INITIAL; what it does not set is 0.
    slopes
        The derivatives by time of STATEs that move, per ms.
    sums
        Which of their sums are kept.
    currents
        The density of each current that it writes, by name, mA/cm2, outward; of a point process
        the current, nA.
    received
        STATEs after an event, whose weight is the input `WEIGHT`.
    left
        What variables are after BREAKPOINT, or as INITIAL has left them.
    """

    initial: Mapping[str, Node]
    slopes: Mapping[str, Node]
    sums: tuple[Kept, ...]
    currents: Mapping[str, Node]
    received: Mapping[str, Node]
    left: Mapping[str, Node]


def follow(of: Equations, graph: Graph, look: Look) -> Blocks:
    """Follow the blocks of a mechanism.

    Raises
    ------
    UntranslatedError
        If it holds what this engine does not compute; what only unused values are made of is no
        matter.
    """
    begun = _initial(of, graph, look)
    initial = {name: begun.get(name, _start(of, graph, look, name)) for name in of.states}
    run = Statements(of, graph, look, begun, _follow_solved)
    solved = False
    for block in of.file.blocks:
        if block.kind == "BreakpointBlock":
            solves = [*block.all("SolveBlock")]
            if len(solves) > 1 or (solves and solved):
                raise of.refusal(solves[-1], "a second SOLVE")
            solved = solved or bool(solves)
            run.block(block, {})
    for name in run.set:
        if name in of.states:
            raise of.refusal(of.where(name), f"{name} moved by hand")
    written = [n for ion in of.file.ions for n in ion.writes if n in of.file.currents]
    currents = (*written, *of.file.named("NonspecificCurVar"))
    return Blocks(
        initial,
        run.primes,
        run.sums,
        {name: run.set[name] for name in currents if name in run.set},
        _received(of, graph, look, begun),
        {name: run.left(name) for name in sorted({*begun, *run.set} - {*of.states})},
    )


def _received(
    of: Equations, graph: Graph, look: Look, begun: Mapping[str, Node]
) -> dict[str, Node]:
    """Follow NET_RECEIVE, to which events come from outside: it may move STATEs alone."""
    run = Statements(of, graph, look, begun, _follow_solved)
    for block in of.file.blocks:
        if block.kind != "NetReceiveBlock":
            continue
        run.set["flag"] = graph.constant(0)
        told = dict(zip(arguments(block)[:1], [graph.input(WEIGHT)], strict=False))
        left = run.block(block, told)
        moved = [n for n in arguments(block) if n in left and left[n] != told.get(n)]
        moved += [name for name in run.set if name not in (*of.states, "flag")]
        if moved:
            raise of.refusal(block, f"NET_RECEIVE moves {moved[0]}, which is no STATE")
    return {name: node for name, node in run.set.items() if name in of.states}


def _follow_solved(run: Statements, part: Piece) -> None:
    """Follow what BREAKPOINT solves, with what has been set before.

    NEURON does this at another time, so that what BREAKPOINT sets anew behind the SOLVE is from the
    step before.
    """
    of = run.of
    block = of.file.routines.get(part.name)
    if block is None or block.kind not in ("DerivativeBlock", "KineticBlock"):
        raise of.refusal(part, f"SOLVE {part.name}, which is no DERIVATIVE or KINETIC block")
    kept = dict(run.set)
    for name in [*run.set]:
        if name in of.file.given_units:
            del run.set[name]
    for name in sorted(_set_behind(of, part)):
        if name in run.set:
            run.set[name] = run.refused(part, f"{name} is read as the step before has left it")
    if block.kind == "KineticBlock":
        run.reactions(block)
    else:
        run.block(block, {})
    run.set = kept | run.set


def _set_behind(of: Equations, solve: Piece) -> set[str]:
    """Return what BREAKPOINT sets behind its SOLVE, in what it calls too."""
    found = set[str]()
    for block in of.file.blocks:
        if block.kind == "BreakpointBlock":
            behind = False
            for node, _ in block.walk():
                behind = behind or node is solve
                if behind and node.is_operation("="):
                    found.add(node.children[0].name)
                called = of.file.routines.get(node.name) if node.kind == "FunctionCall" else None
                if behind and called is not None:
                    found.update(one.name for one in all_assignments(called))
    return found


def _initial(of: Equations, graph: Graph, look: Look) -> dict[str, Node]:
    """Return all that INITIAL sets."""
    run = Statements(of, graph, look, {}, _settle)
    for block in of.file.blocks:
        if block.kind == "InitialBlock":
            run.block(block, {})
    return run.set


def _start(of: Equations, graph: Graph, look: Look, name: str) -> Node:
    if name in of.concentrations:
        return look(name)
    start = f"{name.partition('[')[0]}0"
    return look(start) if start in of.parameters else graph.constant(0)


def _settle(run: Statements, part: Piece) -> None:
    """Solve for steady STATEs, or for those of a LINEAR block."""
    of, graph, kept = run.of, run.graph, dict(run.set)
    block = of.file.routines.get(part.name)
    if block is None or (block.kind != "LinearBlock" and "STEADYSTATE" not in part.text):
        raise of.refusal(part, f"{part.text.strip()} in INITIAL")
    start = {name: kept.get(name, _start(of, graph, run.look, name)) for name in of.states}
    unknown = {name: graph.input(f"unknown {name}") for name in of.states}
    run.set |= unknown
    whole = run.reactions(block).whole(start) if block.kind == "KineticBlock" else None
    if block.kind != "KineticBlock":
        run.block(block, {})
    if block.kind == "LinearBlock":
        equations = run.equations
        read = graph.inputs(equations)
        wanted = {name: node for name, node in unknown.items() if f"unknown {name}" in read}
    else:
        wanted = {name: unknown[name] for name in run.primes}
        sums = run.sums or (whole,) if whole else run.sums
        last = graph.constant(_AT_LAST_ms)
        equations = [*residuals(graph, wanted, start, run.primes, last, sums)[0].values()]
    settled = _solved(run, part, equations, wanted)
    values = {node: settled.get(name, start[name]) for name, node in unknown.items()}
    others = [name for name in run.set if name not in unknown]
    done = graph.replaced([run.set[name] for name in others], values)
    known = {name: kept[name] for name in of.states if name in kept}
    run.set = dict(zip(others, done, strict=True)) | known | settled
    run.primes, run.sums, run.equations = {}, (), []


def _solved(
    run: Statements, part: Piece, equations: Sequence[Node], wanted: Mapping[str, Node]
) -> dict[str, Node]:
    graph = run.graph
    if len(equations) != len(wanted):
        what = f"{len(equations)} equations for {len(wanted)} STATEs"
        raise run.of.refusal(part, f"{part.text.strip()} has {what}")
    rows = jacobian(graph, equations, [*wanted.values()])
    if any(name.startswith("unknown ") for row in rows for name in graph.inputs(row)):
        what = f"{part.text.strip()}, whose equations are not linear in the STATEs"
        raise run.of.refusal(part, what)
    nothing = dict.fromkeys(wanted.values(), graph.constant(0))
    right = [graph.negative(node) for node in graph.replaced(equations, nothing)]
    found = graph.solution([[*row, value] for row, value in zip(rows, right, strict=True)])
    return dict(zip(wanted, found, strict=True))
