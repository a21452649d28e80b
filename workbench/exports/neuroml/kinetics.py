"""What a mechanism's equations are in NeuroML: conductances that gates open, pools of ions.

A current of NeuroML is g (v - e) with g a density times gates (`ionChannelHH`). A STATE is a gate
where its derivative is a - b x: it goes to a/b with a time constant of 1/b, as in `gateHHtauInf`.
What opens at once is a `gateHHInstantaneous`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from workbench.engines.population.blocks import Blocks
from workbench.engines.population.equations import Equations
from workbench.engines.population.graph import Graph, Node
from workbench.engines.population.membrane import Membrane
from workbench.exports.neuroml.lems import WRITTEN, Unsaid

V = "v"


@dataclass(frozen=True)
class Gate:
    """A gate: where it goes, how fast (ms; None: at once), and how many there are.

    Attributes
    ----------
    begins
        Its value after INITIAL; None of what is there at once.
    """

    name: str
    instances: int
    steady: Node
    tau_ms: Node | None
    begins: Node | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Where it goes, how fast, and where it begins, as far as there are these."""
        return tuple(one for one in (self.steady, self.tau_ms, self.begins) if one is not None)


@dataclass(frozen=True)
class Conductance:
    """A current of a mechanism.

    Attributes
    ----------
    current
        Its name there.
    ion
        Whose it is, "" if it is no ion's.
    density
        S/cm2 with all gates open, of parameters alone.
    reversal_mV
        Where it turns.
    """

    current: str
    ion: str
    density: Node
    reversal_mV: Node
    gates: tuple[Gate, ...]


@dataclass(frozen=True)
class Pool:
    """A concentration, its slope in mM/ms, and what it begins with."""

    name: str
    slope: Node
    begins: Node


class Kinetics:
    """The equations of one mechanism in the segments of a membrane."""

    def __init__(
        self, of: Equations, blocks: Blocks, membrane: Membrane, graph: Graph, celsius_degC: float
    ) -> None:
        self._of, self._graph, self._membrane = of, graph, membrane
        warm = {graph.input("celsius"): graph.constant(celsius_degC)}

        def told(nodes: Sequence[Node]) -> list[Node]:
            return graph.replaced(nodes, warm)

        self._currents = dict(zip(blocks.currents, told([*blocks.currents.values()]), strict=True))
        self._slopes = dict(zip(blocks.slopes, told([*blocks.slopes.values()]), strict=True))
        self._begins = dict(zip(blocks.initial, told([*blocks.initial.values()]), strict=True))
        self._states = {graph.input(membrane.name_of(of, name)): name for name in of.states}

    def conductances(self) -> Iterator[Conductance]:
        """Yield the currents.

        Raises
        ------
        Unsaid
            If one is no density times gates times a distance of the voltage.
        """
        ions = {f"i{ion.name}": ion.name for ion in self._of.file.ions}
        for current, node in self._currents.items():
            self._check(node, current)
            yield self._conductance(current, ions.get(current, ""), node)

    def pools(self) -> Iterator[Pool]:
        """Yield the concentrations that it writes.

        Raises
        ------
        Unsaid
            If one depends on other STATEs.
        """
        for name in self._of.concentrations:
            if not name.endswith("i"):
                raise self._unsaid(f"it writes {name}; pools of NeuroML are inside of the cell")
            slope = self._slopes.get(name, self._graph.constant(0))
            self._check(slope, name)
            others = self._read(slope) - {name}
            if others or V in self._graph.inputs([slope]):
                raise self._unsaid(f"{name}' depends on {', '.join(sorted(others)) or V}")
            yield Pool(name, slope, self._begins[name])

    def _conductance(self, current: str, ion: str, node: Node) -> Conductance:
        graph = self._graph
        v = graph.input(V)
        ohmic, rest = list[Node](), list[Node]()
        for factor in self._factors(node):
            slope = graph.derivative(factor, v)
            straight = graph.value(slope) != 0 and V not in graph.inputs([slope])
            (ohmic if straight and not self._read(factor) else rest).append(factor)
        if len(ohmic) != 1:
            raise self._unsaid(
                f"{current} is no conductance times (v - e) with e of no voltage: NeuroML's "
                "channels have such currents alone"
            )
        slope = graph.derivative(ohmic[0], v)
        at_zero = graph.replaced(ohmic, {v: graph.constant(0)})[0]
        reversal_mV = graph.negative(graph("/", at_zero, slope))
        density, states = slope, Counter[str]()
        at_once = list[Node]()
        for factor in rest:
            if factor in self._states:
                states[self._states[factor]] += 1
            elif self._read(factor):
                listed = ", ".join(sorted(self._read(factor)))
                raise self._unsaid(f"{current} is no product of powers of its STATEs ({listed})")
            elif self._moves(factor):
                at_once.append(factor)
            else:
                density = graph("*", density, factor)
        gates = [self._gate(name, count) for name, count in states.items()]
        if at_once:
            steady = reduce(lambda one, other: graph("*", one, other), at_once)
            gates.append(Gate("factor", 1, steady, None))
        return Conductance(current, ion, density, reversal_mV, tuple(gates))

    def _factors(self, node: Node) -> Iterator[Node]:
        term = self._graph.terms[node]
        if term.operation == "*":
            for one in term.operands:
                yield from self._factors(one)
        elif term.operation == "/" and self._read(term.operands[0]):
            above, below = term.operands
            yield from self._factors(above)
            yield self._graph("/", self._graph.constant(1), below)
        else:
            yield node

    def _gate(self, name: str, instances: int) -> Gate:
        graph = self._graph
        if name not in self._slopes or name in self._of.concentrations:
            raise self._unsaid(f"{name} is no STATE that moves to a value of its own")
        slope = self._slopes[name]
        self._check(slope, f"{name}'")
        state = next(node for node, one in self._states.items() if one == name)
        falling = graph.negative(graph.derivative(slope, state))
        rising = graph.replaced([slope], {state: graph.constant(0)})[0]
        others = self._read(falling) | self._read(rising)
        if others or graph.value(falling) == 0:
            raise self._unsaid(
                f"{name}' is no rate up and one down of {name} alone"
                + f", it depends on {', '.join(sorted(others))}" * bool(others)
            )
        steady, tau_ms = self._quotient(rising, falling), self._quotient(graph.constant(1), falling)
        return Gate(name, instances, steady, tau_ms, self._begins.get(name))

    def _quotient(self, above: Node, below: Node) -> Node:
        """Return a quotient, as x where it is (x y) / y, or (x / y) / (1 / y)."""
        graph = self._graph
        terms = [graph.terms[node] for node in (above, below)]
        over = terms[1].operands if terms[1].operation == "/" else ()
        if over and graph.value(over[0]) == 1:
            if graph.value(above) == 1:
                return over[1]
            if terms[0].operation == "/" and terms[0].operands[1] == over[1]:
                return terms[0].operands[0]
        if terms[0].operation == "*" and below in terms[0].operands:
            one, other = terms[0].operands
            return other if one == below else one
        return graph("/", above, below)

    def _read(self, node: Node) -> set[str]:
        """Return the STATEs, but for concentrations, that a node is made of."""
        needed = self._graph.needed([node])
        return {self._states[one] for one in needed if one in self._states} - {
            *self._of.concentrations
        }

    def _moves(self, node: Node) -> bool:
        names = self._graph.inputs([node])
        return any(name == V or name.startswith("concentration ") for name in names)

    def _check(self, node: Node, what: str) -> None:
        """Refuse what the engine's reading of the file, or LEMS, has no words for."""
        for each in self._graph.needed([node]):
            term = self._graph.terms[each]
            if term.operation == "refused":
                raise self._unsaid(plainly(term.name))
            if term.operation not in WRITTEN:
                raise self._unsaid(f"{what} is solved with others ({term.operation})")

    def _unsaid(self, what: str) -> Unsaid:
        return Unsaid(f"mechanism {self._of.suffix}: {what}")


def plainly(message: str) -> str:
    """Return what the population engine refuses, without its name and its advice."""
    said = message.partition("; choose engine = ")[0]
    unknown = said.replace("the population engine does not know", "there are no equations of")
    return unknown.removeprefix("the population engine cannot compute ")
