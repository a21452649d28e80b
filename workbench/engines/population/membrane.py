"""Mechanisms that share segments, and what their names stand for there."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from workbench.engines.population.equations import Equations, FARADAY_C_per_mol, GAS_J_per_mol_K
from workbench.engines.population.graph import Graph, Node
from workbench.engines.population.statements import Look
from workbench.mechanisms.builtin import BUILT_IN

_OTHER_ION = {"e": 0.0, "c": 1.0}
"""What NEURON gives an ion that it does not know: mV, mM."""


@dataclass(frozen=True)
class Membrane:
    """The mechanisms of some segments, with what of theirs is told from outside.

    Attributes
    ----------
    equations
        In the order of insertion.
    charges
        Of ions, by name.
    shared
        Names of values that a cell has once for all these segments: what is painted evenly, GLOBALs
        that the cell sets, celsius.
    own
        Names of values that each segment has.
    held
        Reversal potentials that are as painted, whatever the concentrations are.
    """

    equations: tuple[Equations, ...]
    charges: Mapping[str, float]
    shared: tuple[str, ...]
    own: tuple[str, ...]
    held: tuple[str, ...] = ()

    @cached_property
    def states(self) -> tuple[tuple[Equations, str], ...]:
        """All that moves; concentrations and their mechanisms' other STATEs first."""
        every = [(one, name) for one in self.equations for name in one.states]
        return tuple(sorted(every, key=lambda each: not each[0].concentrations))

    @cached_property
    def pooled(self) -> int:
        """How many of the states are those of mechanisms that write concentrations."""
        return sum(bool(one.concentrations) for one, _ in self.states)

    @cached_property
    def written(self) -> frozenset[str]:
        """The concentrations that move."""
        return frozenset(name for one in self.equations for name in one.concentrations)

    @cached_property
    def flows(self) -> tuple[str, ...]:
        """The currents of ions that pools read, such as ica."""
        read = (
            name
            for one in self.equations
            for ion in one.file.ions
            for name in ion.reads
            if name == f"i{ion.name}"
        )
        return tuple(sorted(set(read)))

    def name_of(self, one: Equations, name: str) -> str:
        """Return the name under which graphs have a state."""
        written = name in one.concentrations
        return f"concentration {name}" if written else f"state {one.suffix} {name}"

    def check(self) -> None:
        """Refuse what this engine does not compute.

        Raises
        ------
        UntranslatedError
            With file and line.
        """
        for one in self.equations:
            one.check()
            for name in one.concentrations:
                if name not in one.states:
                    raise one.refusal(
                        one.file.tree,
                        f"{name} is written and no STATE of that name",
                    )
            if not one.concentrations and any(
                name == f"i{ion.name}" and name not in ion.writes
                for ion in one.file.ions
                for name in ion.reads
            ):
                raise one.refusal(one.file.tree, "it reads a current and writes no concentration")

    def look(self, one: Equations, graph: Graph) -> Look:
        """Return what the names of a mechanism's variables stand for in these segments."""

        def found(name: str) -> Node:
            if name in ("v", "celsius", "area", "diam"):
                return graph.input(name)
            ion = next((i for i in one.file.ions if name in (*i.reads, *i.writes)), None)
            if ion is not None and name == f"e{ion.name}":
                return self.reversal_mV(graph, ion.name)
            if ion is not None and name == f"i{ion.name}":
                return graph.input(f"flow {name}")
            if ion is not None:
                return self.concentration_mM(graph, name)
            if name in one.states:
                return graph.input(f"state {one.suffix} {name}")
            return self._told(graph, f"{name}_{one.suffix}", one.parameters[name])

        return found

    def _told(self, graph: Graph, name: str, otherwise: float) -> Node:
        return graph.input(name) if name in (*self.shared, *self.own) else graph.constant(otherwise)

    def concentration_mM(self, graph: Graph, name: str) -> Node:
        """Return the concentration of an ion, by its name such as cai."""
        if name in self.written:
            return graph.input(f"concentration {name}")
        if self.written.intersection((f"{name[:-1]}i", f"{name[:-1]}o")):
            # NEURON begins both at its own values where a mechanism writes either.
            return graph.constant(default_of(name))
        return self._told(graph, name, default_of(name))

    def reversal_mV(self, graph: Graph, ion: str) -> Node:
        """Return what is painted; or Nernst's, where a mechanism reads or writes concentrations.

        As NEURON decides on an ion's style in a section (nrn_promote in eion.cpp).
        """
        if f"e{ion}" in self.held:
            return self._told(graph, f"e{ion}", default_of(f"e{ion}"))
        names = [f"{ion}i", f"{ion}o"]
        used = (n for one in self.equations for i in one.file.ions for n in (*i.reads, *i.writes))
        if not set(used).intersection(names):
            return self._told(graph, f"e{ion}", default_of(f"e{ion}"))
        inside, outside = (self.concentration_mM(graph, name) for name in names)
        if not self.charges.get(ion):
            one = next(one for one in self.equations if ion in {i.name for i in one.file.ions})
            raise one.refusal(one.file.tree, f"the ion {ion} without a VALENCE")
        per_K = 1e3 * GAS_J_per_mol_K / FARADAY_C_per_mol / self.charges[ion]
        kelvin = graph("+", graph.input("celsius"), graph.constant(273.15))
        ratio = graph("log", graph("/", outside, inside))
        return graph("*", graph("*", graph.constant(per_K), kelvin), ratio)


def default_of(name: str) -> float:
    """Return what NEURON gives a variable of an ion where nobody paints it."""
    ions = (one for one in BUILT_IN.values() if one.kind == "ion")
    known = {p.name: p.default for one in ions for p in one.range_parameters}
    return known.get(name, _OTHER_ION["e" if name.startswith("e") else "c"])
