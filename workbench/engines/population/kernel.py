"""A membrane as C++: straight lines of arithmetic on vectors, an individual in each lane."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.engines.population.equations import Equations, UntranslatedError
from workbench.engines.population.graph import CONDITIONS, Graph, Node
from workbench.engines.population.membrane import Membrane, default_of

_CALLED = {"exp": "exponential", "log": "logarithm", "sqrt": "root", "fabs": "magnitude"}
_WRITTEN = {"and": "&", "or": "|"}
_STARTING = "Vec v, Vec const* shared, Vec const* own, Vec* s"
_LED = "Vec v, Vec dt, Vec const* shared, Vec const* own, Vec const* c, Vec const* flow, Vec* s"
_CONDUCTING = (
    "Vec v, Vec const* shared, Vec const* own, Vec const* s, Vec& i, Vec& g, Vec* flow, Vec* slope"
)


def write_membrane(membrane: Membrane, number: int) -> str:
    """Return the struct of a membrane, which `stepping.hpp` calls.

    Raises
    ------
    UntranslatedError
        If it holds what this engine does not compute.
    """
    membrane.check()
    return _Writer(membrane, number).text()


@dataclass
class _Lines:
    """Lines of C++ that compute nodes; `names` tells which are known already, and as what."""

    graph: Graph
    names: dict[Node, str]
    where: str
    prefix: str = "x"
    lines: list[str] = field(default_factory=list)

    def write(self, nodes: Iterable[Node]) -> list[str]:
        """Compute some nodes, and return what stands for each."""
        nodes = list(nodes)
        for node in self._missing(nodes):
            self._define(node)
        return [self._said(node) for node in nodes]

    def _missing(self, nodes: Sequence[Node]) -> list[Node]:
        found, left = set[Node](), list(nodes)
        while left:
            node = left.pop()
            if node not in found and node not in self.names and self.graph.value(node) is None:
                found.add(node)
                left.extend(self.graph.terms[node].operands)
        return sorted(found)

    def _said(self, node: Node) -> str:
        value = self.graph.value(node)
        return self.names[node] if value is None else f"every({value!r})"

    def _define(self, node: Node) -> None:
        term = self.graph.terms[node]
        if term.operation == "input":
            raise UntranslatedError(
                f"the population engine cannot compute {self.where}: it reads {term.name}, which "
                "is not known there; choose engine = 'neuron'"
            )
        said = [self._said(one) for one in term.operands]
        kind = "Mask" if term.operation in CONDITIONS else "Vec"
        name = self.names[node] = f"{self.prefix}{node}"
        self.lines.append(f"{kind} const {name} = {_expression(term.operation, said)};")


def _expression(operation: str, said: Sequence[str]) -> str:
    if operation in _CALLED:
        return f"{_CALLED[operation]}({said[0]})"
    if operation == "/":
        return f"quotient({said[0]}, {said[1]})"
    if operation == "?":
        return f"choose({said[0]}, {said[1]}, {said[2]})"
    if operation == "not":
        return f"~{said[0]}"
    return f"{said[0]} {_WRITTEN.get(operation, operation)} {said[1]}"


class _Writer:
    def __init__(self, membrane: Membrane, number: int) -> None:
        self._of, self._number = membrane, number
        self._graph = graph = Graph()
        self._places = {
            (one.suffix, name): place for place, (one, name) in enumerate(membrane.states)
        }
        slopes = {
            (one.suffix, name): node
            for one in membrane.equations
            for name, node in one.slopes(graph, membrane.look(one, graph)).items()
        }
        self._slopes = [slopes.get((one.suffix, name)) for one, name in membrane.states]
        self._rates = [self._rate(place, node) for place, node in enumerate(self._slopes)]

    def _rate(self, place: int, slope: Node | None) -> Node | None:
        """Return how a state's slope depends on itself: it must be along a line, and on no other.

        Then its equation is solved exactly while all else stands still.
        """
        if slope is None:
            return None
        graph, (one, name) = self._graph, self._of.states[place]
        mine = graph.input(self._input(one, name))
        rate = graph.derivative(slope, mine)
        others = [self._input(*other) for other in self._states_beside(place)]
        read = graph.inputs([slope])
        if self._input(one, name) in graph.inputs([rate]):
            raise one.refusal(one.file.states[name], f"{name}' is not linear in {name}")
        for other in others:
            if other in read:
                other_name = other.rpartition(" ")[2]
                raise one.refusal(one.file.states[name], f"{name}' depends on {other_name}")
        return rate

    def _states_beside(self, place: int) -> list[tuple[Equations, str]]:
        """Return the other states that move in the same phase: of pools, or of the rest."""
        states, pooled = self._of.states, self._of.pooled
        phase = states[:pooled] if place < pooled else states[pooled:]
        return [other for other in phase if other is not states[place]]

    def _input(self, one: Equations, name: str) -> str:
        written = name in one.concentrations
        return f"concentration {name}" if written else f"state {one.suffix} {name}"

    def text(self) -> str:
        of = self._of
        head = [
            f"// {', '.join(one.suffix for one in of.equations) or 'capacitance alone'}",
            f"struct Membrane{self._number} {{",
            f"    static constexpr int STATES = {len(of.states)}, POOLED = {of.pooled}, "
            f"FLOWS = {len(of.flows)}, OWN = {len(of.own)}, SHARED = {len(of.shared)};",
        ]
        return "\n".join([*head, *self._initial(), *self._move(), *self._currents(), "};", ""])

    def _initial(self) -> list[str]:
        """Return the function that gives all states their values as a run begins."""
        of, graph = self._of, self._graph
        known = {"v": "v", **self._told(), **dict.fromkeys(self._flowing(), "every(0)")}
        out = self._lines(known, "INITIAL")
        # A pool begins where its ion does.
        for name in of.written:
            start = repr(default_of(name))
            out.lines.append(f"Vec concentration_{name} = every({start});")
            out.names[graph.input(f"concentration {name}")] = f"concentration_{name}"
        for one in sorted(of.equations, key=lambda each: not each.concentrations):
            found = one.initial(graph, of.look(one, graph))
            # What is computed from a concentration before it is set is another number after it.
            known_now = dict(out.names)
            values = out.write(found.values())
            out.names = known_now
            out.prefix += "x"
            for name, value in zip(found, values, strict=True):
                place = self._places[one.suffix, name]
                out.lines.append(f"s[{place}] = {value};")
                if name in one.concentrations:
                    out.lines.append(f"concentration_{name} = s[{place}];")
        return self._function(f"void initial({_STARTING})", out.lines)

    def _move(self) -> list[str]:
        pooled, count = self._of.pooled, len(self._of.states)
        return [
            *self._phase("pools", range(pooled)),
            *self._phase("gates", range(pooled, count)),
        ]

    def _phase(self, name: str, places: Sequence[int]) -> list[str]:
        """Return the function that leads some states over a time `dt`."""
        of, graph = self._of, self._graph
        known = {"v": "v", **self._told()}
        for place in range(len(of.states)):
            one, state = of.states[place]
            source = f"s[{place}]" if place in places or place >= of.pooled else f"c[{place}]"
            known[self._input(one, state)] = source
        known |= self._flowing()
        out = self._lines(known, f"the {name}")
        slopes = [self._slopes[place] for place in places]
        rates = [self._rates[place] for place in places]
        done: list[str] = []
        for place, slope, rate in zip(places, slopes, rates, strict=True):
            if slope is not None and rate is not None:
                f, k = out.write([slope, rate])
                steady = graph.value(rate) == 0
                moved = f"{f} * dt" if steady else f"grown({f}, {k}, dt)"
                done.append(f"Vec const next{place} = s[{place}] + {moved};")
        done += [
            f"s[{place}] = next{place};"
            for place, slope in zip(places, slopes, strict=True)
            if slope is not None
        ]
        return self._function(f"void {name}({_LED})", [*out.lines, *done])

    def _currents(self) -> list[str]:
        """Return the function of all currents, mA/cm2, and of their slopes by v, S/cm2."""
        of, graph = self._of, self._graph
        v = graph.input("v")
        densities: dict[str, list[Node]] = {}
        for one in of.equations:
            for name, node in one.currents(graph, of.look(one, graph)).items():
                ion = any(name == f"i{each.name}" for each in one.file.ions)
                densities.setdefault(name if ion else f"{name} {one.suffix}", []).append(node)
        sums = {name: self._sum(nodes) for name, nodes in densities.items()}
        total = self._sum(list(sums.values()))
        flows = [sums.get(name, graph.constant(0)) for name in of.flows]
        slopes = graph.derivatives([total, *flows], v)
        known = {"v": "v", **self._told()}
        for place, (one, name) in enumerate(of.states):
            known[self._input(one, name)] = f"s[{place}]"
        out = self._lines(known, "the currents")
        said = out.write([total, *flows, *slopes])
        count = len(flows) + 1
        done = [f"i = {said[0]};", f"g = {said[count]};"]
        for place in range(len(flows)):
            done += [
                f"flow[{place}] = {said[1 + place]};",
                f"slope[{place}] = {said[count + 1 + place]};",
            ]
        return self._function(f"void currents({_CONDUCTING})", [*out.lines, *done])

    def _lines(self, known: Mapping[str, str], where: str) -> _Lines:
        suffixes = ", ".join(one.suffix for one in self._of.equations)
        names = {self._graph.input(name): said for name, said in known.items()}
        return _Lines(self._graph, names, f"{where} of {suffixes}")

    def _sum(self, nodes: Sequence[Node]) -> Node:
        found = self._graph.constant(0)
        for node in nodes:
            found = self._graph("+", found, node)
        return found

    def _told(self) -> dict[str, str]:
        shared = {name: f"shared[{place}]" for place, name in enumerate(self._of.shared)}
        return shared | {name: f"own[{place}]" for place, name in enumerate(self._of.own)}

    def _flowing(self) -> dict[str, str]:
        return {f"flow {name}": f"flow[{place}]" for place, name in enumerate(self._of.flows)}

    def _function(self, declared: str, lines: Sequence[str]) -> list[str]:
        return [f"    INLINED {declared} {{", *(f"        {line}" for line in lines), "    }"]
