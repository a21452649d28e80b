"""What of a cell's membrane is alike in which segments: channels, their densities, and pools."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import NamedTuple
from xml.etree.ElementTree import Element, tostring

import numpy as np

from workbench.engines.population.blocks import follow
from workbench.engines.population.equations import Equations, UntranslatedError
from workbench.engines.population.frame import Frame, Values, frame_of
from workbench.engines.population.graph import Graph, Node
from workbench.engines.population.membrane import default_of
from workbench.exports.model import Model
from workbench.exports.neuroml.channels import channel, pool
from workbench.exports.neuroml.kinetics import (
    Conductance,
    Gate,
    Kinetics,
    Pool,
    plainly,
)
from workbench.exports.neuroml.lems import Unsaid

CALCIUM = "ca"
"""The ion whose concentration NeuroML's channels read, and whose current its pools do."""

NEAR = 1e-6
"""A gate begins where it stays if INITIAL is so near to that."""

Segment = tuple[int, int]
Row = tuple[tuple[str, float], ...]
"""Values of parameters, by name."""


@dataclass(frozen=True)
class Density:
    """A channel in some segments; `reversal_mV` is None where Nernst's equation gives it."""

    channel: str
    ion: str
    S_per_cm2: float
    reversal_mV: float | None


@dataclass(frozen=True)
class Species:
    """A pool in some segments, and where the concentrations begin."""

    pool: str
    inside_mM: float
    outside_mM: float


@dataclass
class Membrane:
    """The mechanisms of a cell.

    Attributes
    ----------
    components
        Channels and pools, each behind its LEMS types, by id.
    densities, species
        In which segments they are.
    unsaid
        What NeuroML cannot say, a sentence each.
    """

    components: dict[str, list[Element]] = field(default_factory=dict)
    densities: dict[Density, list[Segment]] = field(default_factory=lambda: defaultdict(list))
    species: dict[Species, list[Segment]] = field(default_factory=lambda: defaultdict(list))
    unsaid: list[str] = field(default_factory=list)

    def component(self, name: str, render: Callable[[str], list[Element]]) -> str:
        """Add a component under its name, or with a number behind it; return its id."""
        for number in count(1):
            key = name if number == 1 else f"{name}_{number}"
            made = render(key)
            if key not in self.components:
                self.components[key] = made
            if [*map(tostring, self.components[key])] == [*map(tostring, made)]:
                return key
        raise AssertionError


class Conditions(NamedTuple):
    """What holds for the whole cell; `calcium` is the ion that has a pool, "" if none has."""

    celsius_degC: float
    v_init_mV: float
    calcium: str


def membrane_of(model: Model) -> Membrane:
    """Return the mechanisms of a cell, at the temperature of its protocols."""
    found, first = Membrane(), model.protocols[0]
    celsius_degC = model.celsius_degC(first)
    try:
        frame = frame_of(model.recipe)
        values = frame.values(model.recipe, celsius_degC)
    except UntranslatedError as error:
        found.unsaid.append(plainly(str(error)))
        return found
    membranes = [patch.membrane for patch in frame.patches if not patch.points]
    written = sorted({one for each in membranes for one in each.written})
    if len(written) > 1:
        listed = ", ".join(written)
        found.unsaid.append(f"pools of {listed}: channels of NeuroML read one concentration")
    ions = {ion.name for each in membranes for one in each.equations for ion in one.file.ions}
    calcium = written[0][:-1] if written else ""
    if calcium and CALCIUM in ions - {calcium}:
        found.unsaid.append(f"a pool of {calcium}: it would be {CALCIUM}, which the cell has too")
    at = Conditions(celsius_degC, model.v_init_mV(first), calcium)
    for number, patch in enumerate(frame.patches):
        if not patch.points:
            _Patch(found, frame, values, number, at).read()
    found.unsaid[:] = dict.fromkeys(found.unsaid)
    return found


class _Patch:
    """The segments of one membrane."""

    def __init__(
        self, found: Membrane, frame: Frame, values: Values, number: int, at: Conditions
    ) -> None:
        self.found, self.at, self.of = found, at, frame.patches[number].membrane
        sections, counts = frame.patches[number].sections, frame.recipe.segment_counts
        self._segments = [(section, n) for section in sections for n in range(counts[section])]
        self._told = {
            name: np.broadcast_to(value, len(self._segments))
            for name, value in frame.told(values, number).items()
            if name not in ("celsius", "area")
        }
        self.begins: dict[str, float] = {}
        """With which concentrations the first segment begins, mM."""

    def read(self) -> None:
        """Add what the mechanisms are to what is found; pools first, since gates read them."""
        for one in sorted(self.of.equations, key=lambda each: not each.concentrations):
            try:
                _Mechanism(self, one).read()
            except Unsaid as why:
                self.found.unsaid.append(str(why))
            except UntranslatedError as why:
                self.found.unsaid.append(f"mechanism {one.suffix}: {plainly(str(why))}")

    def alike(self, names: set[str]) -> Iterator[tuple[Row, list[Segment]]]:
        """Yield the values that some parameters have, with the segments that have them."""
        read = sorted(names.intersection(self._told))
        together: dict[Row, list[Segment]] = defaultdict(list)
        for place, segment in enumerate(self._segments):
            together[tuple((name, float(self._told[name][place])) for name in read)].append(segment)
        yield from together.items()


class _Mechanism:
    """A mechanism in these segments."""

    def __init__(self, patch: _Patch, of: Equations) -> None:
        self._patch, self._of, self._graph = patch, of, Graph()
        look = patch.of.look(of, self._graph)
        blocks = follow(of, self._graph, look)
        self._kinetics = Kinetics(of, blocks, patch.of, self._graph, patch.at.celsius_degC)
        self._channels: dict[object, str] = {}

    def read(self) -> None:
        """Add its currents and its pools to what is found."""
        currents = [*self._kinetics.conductances()]
        for one in currents:
            suffix = self._of.suffix
            self._conductance(suffix if len(currents) == 1 else f"{suffix}_{one.current}", one)
        for pool_ in self._kinetics.pools():
            self._pool(pool_)

    def _conductance(self, name: str, one: Conductance) -> None:
        graph, at = self._graph, self._patch.at
        nodes = [one.density, one.reversal_mV]
        gates = [node for gate in one.gates for node in gate.nodes]
        ion = CALCIUM if one.ion and one.ion == at.calcium else one.ion or "non_specific"
        for row, segments in self._patch.alike(graph.inputs([*nodes, *gates])):
            density, reversal = self._numbers(nodes, row)
            S_per_cm2, erev_mV = graph.value(density), graph.value(reversal)
            if S_per_cm2 is None:
                raise Unsaid(f"mechanism {name}: its density is no number")
            if erev_mV is None and reversal != self._nernst(one.ion, row):
                raise Unsaid(f"mechanism {name}: it turns neither at a number nor at Nernst's")
            if S_per_cm2:
                key = self._channel(name, ion, one.gates, row)
                density_ = Density(key, ion, S_per_cm2, erev_mV)
                self._patch.found.densities[density_] += segments

    def _channel(self, name: str, ion: str, gates: tuple[Gate, ...], row: Row) -> str:
        told = tuple(self._gate(name, gate, row) for gate in gates)
        known = (name, told)
        if known not in self._channels:
            render = partial(channel, ion=ion, gates=told, graph=self._graph)
            self._channels[known] = self._patch.found.component(name, render)
        return self._channels[known]

    def _gate(self, name: str, gate: Gate, row: Row) -> Gate:
        """Return a gate with numbers for parameters; refuse one that begins elsewhere."""
        graph, at = self._graph, self._patch.at
        steady, *others = self._numbers(gate.nodes, row)
        if gate.tau_ms is None or gate.begins is None:
            return replace(gate, steady=steady)
        tau_ms, begins = others
        start = {graph.input("v"): graph.constant(at.v_init_mV)}
        for concentration, mM in self._patch.begins.items():
            start[graph.input(f"concentration {concentration}")] = graph.constant(mM)
        stays, is_at = map(graph.value, graph.replaced([steady, begins], start))
        if stays is not None and is_at is not None and abs(stays - is_at) > NEAR:
            raise Unsaid(
                f"mechanism {name}: INITIAL sets {gate.name} to {is_at:.6g} where it stays at "
                f"{stays:.6g}, and gates of NeuroML begin where they stay"
            )
        return Gate(gate.name, gate.instances, steady, tau_ms)

    def _pool(self, one: Pool) -> None:
        graph, ion = self._graph, one.name[:-1]
        concentration = graph.input(f"concentration {one.name}")
        before = {concentration: graph.constant(default_of(one.name))}
        for row, segments in self._patch.alike(graph.inputs([one.slope, one.begins])):
            slope, begins = self._numbers([one.slope, one.begins], row)
            inside_mM = graph.value(graph.replaced([begins], before)[0])
            read = graph.inputs([slope]) - {f"flow i{ion}", "area", f"concentration {one.name}"}
            if read or inside_mM is None:
                raise Unsaid(
                    f"mechanism {self._of.suffix}: {one.name} depends on "
                    f"{', '.join(sorted(read)) or 'more than numbers'}"
                )
            self._patch.begins.setdefault(one.name, inside_mM)
            render = partial(pool, current=f"i{ion}", slope=slope, graph=graph)
            key = self._patch.found.component(self._of.suffix, render)
            species = Species(key, inside_mM, default_of(f"{ion}o"))
            self._patch.found.species[species] += segments

    def _nernst(self, ion: str, row: Row) -> Node | None:
        reversal = self._patch.of.reversal_mV
        return self._numbers([reversal(self._graph, ion)], row)[0] if ion else None

    def _numbers(self, nodes: Sequence[Node], row: Row) -> list[Node]:
        graph = self._graph
        told = {graph.input(name): graph.constant(value) for name, value in row}
        told[graph.input("celsius")] = graph.constant(self._patch.at.celsius_degC)
        return graph.replaced(nodes, told)
