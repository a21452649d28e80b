"""A membrane as C++: straight lines of arithmetic on vectors, an individual in each lane."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isqrt

from workbench.engines.population.blocks import WEIGHT, follow
from workbench.engines.population.equations import UntranslatedError
from workbench.engines.population.exponentials import rewritten
from workbench.engines.population.graph import CONDITIONS, Graph, Node, Term
from workbench.engines.population.membrane import Membrane, default_of
from workbench.engines.population.reactions import Kept
from workbench.engines.population.systems import eliminated, jacobian, residuals

_CALLED = {"held": "held", "log": "logarithm", "sqrt": "root", "fabs": "magnitude"}
_OF_A_LINE = {"exp": "exponential", "exprelr": "exprelr"}
_WRITTEN = {"and": "&", "or": "|"}
_KINDS = {"solved": "auto"}
_STARTING = "Vec v, Vec const* shared, Vec const* own, Vec* s"
_LED = (
    "Vec v, Vec dt, Vec const* shared, Vec const* own, Vec const* c, Vec const* flow, "
    "Vec* s, Vec* rest"
)
_RECEIVING = "Vec v, Vec weight, Vec const* shared, Vec const* own, Vec* s"
_CONDUCTING = (
    "Vec v, Vec const* shared, Vec const* own, Vec const* s, Vec& i, Vec& g, Vec* flow, Vec* slope"
)

_STEP = "the step"
_MOST_TOGETHER = 32


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
                left.extend(self._operands(node))
        return sorted(found)

    def _operands(self, node: Node) -> tuple[Node, ...]:
        """Return what a node is computed from: of exp(a x + b) that is x."""
        term = self.graph.terms[node]
        straight = term.operation in _OF_A_LINE
        return (self.graph.line(*term.operands)[0],) if straight else term.operands

    def _said(self, node: Node) -> str:
        value = self.graph.value(node)
        return self.names[node] if value is None else f"every({value!r})"

    def _define(self, node: Node) -> None:
        term = self.graph.terms[node]
        if term.operation == "refused":
            raise UntranslatedError(term.name)
        if term.operation == "input":
            raise UntranslatedError(
                f"the population engine cannot compute {self.where}: it reads {term.name}, which "
                "is not known there; choose engine = 'neuron'"
            )
        said = [self._said(one) for one in self._operands(node)]
        if term.operation in _OF_A_LINE:
            said += [repr(number) for number in self.graph.line(*term.operands)[1:]]
        kind = "Mask" if term.operation in CONDITIONS else _KINDS.get(term.operation, "Vec")
        name = self.names[node] = f"{self.prefix}{node}"
        self.lines.append(f"{kind} const {name} = {_expression(term, said)};")


def _expression(term: Term, said: Sequence[str]) -> str:
    operation = term.operation
    if operation == "solved":
        return f"solved<{isqrt(len(said))}>({{{{{', '.join(said)}}}}})"
    if operation == "part":
        return f"{said[0]}.of[{int(term.value)}]"
    if operation in _OF_A_LINE:
        return f"{_OF_A_LINE[operation]}({', '.join(said)})"
    if operation in _CALLED:
        return f"{_CALLED[operation]}({said[0]})"
    if operation == "?":
        return f"choose({said[0]}, {said[1]}, {said[2]})"
    if operation == "not":
        return f"~{said[0]}"
    return f"{said[0]} {_WRITTEN.get(operation, operation)} {said[1]}"


@dataclass(frozen=True)
class _Group:
    """The places of states that are led on together, and their sums that are kept."""

    places: tuple[int, ...]
    sums: tuple[Kept, ...]


class _Writer:
    def __init__(self, membrane: Membrane, number: int) -> None:
        self._of, self._number = membrane, number
        self._graph = graph = Graph()
        self._blocks = [
            (one, follow(one, graph, membrane.look(one, graph))) for one in membrane.equations
        ]
        self._names = [membrane.name_of(*state) for state in membrane.states]
        self._inputs = [graph.input(name) for name in self._names]
        slopes = {
            self._of.name_of(one, name): node
            for one, blocks in self._blocks
            for name, node in blocks.slopes.items()
        }
        slopes = dict(zip(slopes, rewritten(graph, [*slopes.values()]), strict=True))
        self._slopes = [slopes.get(name) for name in self._names]
        self._rates = [
            None if slope is None else graph.derivative(slope, mine)
            for slope, mine in zip(self._slopes, self._inputs, strict=True)
        ]
        count, pooled = len(membrane.states), membrane.pooled
        self._phases = {"pools": range(pooled), "gates": range(pooled, count)}
        self._groups = {name: self._grouped(places) for name, places in self._phases.items()}

    def _grouped(self, places: Sequence[int]) -> list[_Group]:
        """Return what moves together in a phase: states that read one another, or share a sum.

        A state by itself, whose slope depends on it along a line, is led on exactly.
        """
        group = {place: {place} for place in places}
        sums = [kept for kept in self._sums() if not {*places}.isdisjoint(self._in(kept))]
        for together in (*map(self._read, places), *map(self._in, sums)):
            joined = set[int]().union(*(group[place] for place in together if place in group))
            group.update(dict.fromkeys(joined, joined))
        found = []
        for members in {min(each): sorted(each) for each in group.values()}.values():
            if len(members) > 1 or self._bends(members[0]):
                self._check_size(members)
                own = tuple(kept for kept in sums if self._in(kept) <= {*members})
                found.append(_Group(tuple(members), own))
        return found

    def _check_size(self, members: Sequence[int]) -> None:
        if len(members) > _MOST_TOGETHER:
            one, name = self._of.states[members[0]]
            what = f"{len(members)} STATEs that move one another, above {_MOST_TOGETHER}"
            raise one.refusal(one.where(name), what)

    def _sums(self) -> list[Kept]:
        return [
            Kept({self._of.name_of(one, name): w for name, w in kept.weights.items()}, kept.total)
            for one, blocks in self._blocks
            for kept in blocks.sums
        ]

    def _in(self, kept: Kept) -> set[int]:
        return {self._names.index(name) for name in kept.weights}

    def _read(self, place: int) -> set[int]:
        """Return a state, and those that its slope reads."""
        slope = self._slopes[place]
        read = set() if slope is None else self._graph.inputs([slope])
        return {place, *(i for i, name in enumerate(self._names) if name in read)}

    def _bends(self, place: int) -> bool:
        rate = self._rates[place]
        return rate is not None and self._names[place] in self._graph.inputs([rate])

    def text(self) -> str:
        of = self._of
        head = [
            f"// {', '.join(one.suffix for one in of.equations) or 'capacitance alone'}",
            f"struct Membrane{self._number} {{",
            f"    static constexpr int STATES = {len(of.states)}, POOLED = {of.pooled}, "
            f"FLOWS = {len(of.flows)}, OWN = {len(of.own)}, SHARED = {len(of.shared)};",
        ]
        functions = (self._initial(), self._move(), self._currents(), self._receive())
        return "\n".join([*head, *(line for lines in functions for line in lines), "};", ""])

    def _initial(self) -> list[str]:
        """Return the function that gives all states their values as a run begins."""
        of, graph = self._of, self._graph
        known = {"v": "v", **self._told(), **dict.fromkeys(self._flowing(), "every(0)")}
        out = self._lines(known, "INITIAL")
        # A pool begins where its ion does.
        for name in sorted(of.written):
            start = repr(default_of(name))
            out.lines.append(f"Vec concentration_{name} = every({start});")
            out.names[graph.input(f"concentration {name}")] = f"concentration_{name}"
        for one, blocks in sorted(self._blocks, key=lambda each: not each[0].concentrations):
            found = blocks.initial
            # What is computed from a concentration before it is set is another number after it.
            known_now = dict(out.names)
            values = out.write(found.values())
            out.names = known_now
            out.prefix += "x"
            for name, value in zip(found, values, strict=True):
                place = self._names.index(self._of.name_of(one, name))
                out.lines.append(f"s[{place}] = {value};")
                if name in one.concentrations:
                    out.lines.append(f"concentration_{name} = s[{place}];")
        return self._function(f"void initial({_STARTING})", out.lines)

    def _move(self) -> list[str]:
        return [
            line
            for name, places in self._phases.items()
            for line in (*self._phase(name, places), *self._together(name, places))
        ]

    def _known_in(self, places: Sequence[int]) -> dict[str, str]:
        """Return what is known while states at some places are led on."""
        pooled = self._of.pooled
        sources = {
            name: f"s[{place}]" if place in places or place >= pooled else f"c[{place}]"
            for place, name in enumerate(self._names)
        }
        return {"v": "v", **self._told(), **sources, **self._flowing()}

    def _phase(self, name: str, places: Sequence[int]) -> list[str]:
        """Return the function that leads the states by themselves over a time `dt`."""
        graph = self._graph
        out = self._lines(self._known_in(places), f"the {name}")
        together = {place for group in self._groups[name] for place in group.places}
        done: list[str] = []
        moving = []
        for place in places:
            slope, rate = self._slopes[place], self._rates[place]
            if place not in together and slope is not None and rate is not None:
                f, k = out.write([slope, rate])
                steady = graph.value(rate) == 0
                moved = f"{f} * dt" if steady else f"grown({f}, {k}, dt)"
                done.append(f"Vec const moved{place} = {moved};")
                moving.append(place)
        done += [f"move(s[{place}], rest[{place}], moved{place});" for place in moving]
        return self._function(f"void {name}({_LED})", [*out.lines, *done])

    def _together(self, name: str, places: Sequence[int]) -> list[str]:
        """Return the function of a step of backward Euler of the others, and which they are."""
        groups = self._groups[name]
        out = self._lines({**self._known_in(places), _STEP: "dt"}, f"the {name}")
        for group in groups:
            self._solve(out, group)
        members = [place for group in groups for place in group.places]
        choice = "".join(f"i == {i} ? {place} : " for i, place in enumerate(members))
        return [
            f"    static constexpr int {name.upper()}_TOGETHER = {len(members)};",
            *self._function(f"int {name[:-1]}_at([[maybe_unused]] int i)", [f"return {choice}0;"]),
            *self._function(f"void {name}_together({_LED})", out.lines),
        ]

    def _solve(self, out: _Lines, group: _Group) -> None:
        graph = self._graph
        names = [self._names[place] for place in group.places]
        now = {name: graph.input(name) for name in names}
        slopes = {
            name: self._slopes[place] or graph.constant(0)
            for name, place in zip(names, group.places, strict=True)
        }
        step = graph.input(_STEP)
        begun = {name: graph.input(f"begun {name}") for name in names}
        made, replaced = residuals(graph, now, begun, slopes, step, group.sums)
        rows = jacobian(graph, [*made.values()], [*now.values()])
        bent = not {*names}.isdisjoint(graph.inputs(node for row in rows for node in row))
        equations = [*made.values()]
        if not bent:
            same = {begun[name]: now[name] for name in names}
            equations = graph.replaced(equations, same)
        right = [graph.negative(node) for node in equations]
        last = [place for place, name in enumerate(names) if name in replaced]
        changes = eliminated(graph, rows, right, last)
        if not bent:
            said = out.write(changes)
            out.lines += [
                f"move(s[{p}], rest[{p}], {x});" for p, x in zip(group.places, said, strict=True)
            ]
            return
        moving = {*names, *(f"begun {name}" for name in names)}
        out.write(n for n in graph.needed(changes) if moving.isdisjoint(graph.inputs([n])))
        inner = _Lines(graph, dict(out.names), out.where, f"n{group.places[0]}x")
        for name, place in zip(names, group.places, strict=True):
            inner.names[now[name]] = f"now{place}"
            inner.names[begun[name]] = f"s[{place}]"
            # Newton's method finds what a state moves: in its value rounding would drown that.
            inner.names[graph("-", now[name], begun[name])] = f"by{place}"
        said = inner.write(changes)
        out.lines += [f"Vec by{place}{{}}, now{place} = s[{place}];" for place in group.places]
        left = f"left{group.places[0]}"
        out.lines += [
            f"Mask {left} = ~Mask{{}};",
            f"for (int turn = 0; turn < TURNS && any({left}); ++turn) {{",
            *(f"    {line}" for line in inner.lines),
            "    Mask far{};",
        ]
        for place, change in zip(group.places, said, strict=True):
            least = "1e-30" if place < self._of.pooled else "1"
            out.lines += [
                f"    far = far | is_far({change}, now{place}, {least});",
                f"    by{place} = choose({left}, by{place} + {change}, by{place});",
                f"    now{place} = s[{place}] + by{place};",
            ]
        out.lines += [f"    {left} = {left} & far;", "}"]
        out.lines += [
            f"move(s[{p}], rest[{p}], choose({left}, none(), by{p}));" for p in group.places
        ]

    def _currents(self) -> list[str]:
        """Return the function of all currents, mA/cm2, and of their slopes by v, S/cm2."""
        of, graph = self._of, self._graph
        v = graph.input("v")
        densities: dict[str, list[Node]] = {}
        for one, blocks in self._blocks:
            for name, node in blocks.currents.items():
                ion = any(name == f"i{each.name}" for each in one.file.ions)
                densities.setdefault(name if ion else f"{name} {one.suffix}", []).append(node)
        sums = {name: self._sum(nodes) for name, nodes in densities.items()}
        total = self._sum(list(sums.values()))
        flows = [sums.get(name, graph.constant(0)) for name in of.flows]
        slopes = graph.derivatives([total, *flows], v)
        known = {"v": "v", **self._told()}
        known |= {name: f"s[{place}]" for place, name in enumerate(self._names)}
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

    def _receive(self) -> list[str]:
        """Return the function of an event, and whether there is one."""
        received = {
            self._names.index(self._of.name_of(one, name)): node
            for one, blocks in self._blocks
            for name, node in blocks.received.items()
        }
        told = f"    static constexpr bool RECEIVES = {str(bool(received)).lower()};"
        if not received:
            return [told]
        known = {"v": "v", WEIGHT: "weight", **self._told()}
        known |= {name: f"s[{place}]" for place, name in enumerate(self._names)}
        out = self._lines(known, "NET_RECEIVE")
        said = out.write(received.values())
        moved = zip(received, said, strict=True)
        # One may be another as it was.
        lines = [f"Vec const next{place} = {value};" for place, value in moved]
        lines += [f"s[{place}] = next{place};" for place in received]
        return [told, *self._function(f"void receive({_RECEIVING})", [*out.lines, *lines])]

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
