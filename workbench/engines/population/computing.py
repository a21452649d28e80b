"""A membrane in numpy: what is recorded of it besides voltages, and leaks that balance it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import isqrt
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.engines.population.blocks import follow
from workbench.engines.population.equations import Equations, UntranslatedError
from workbench.engines.population.graph import Graph, Node
from workbench.engines.population.membrane import Membrane, default_of

_OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "fabs": np.abs,
    "<": np.less,
    "<=": np.less_equal,
    "==": np.equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
    "?": np.where,
}


class Computed:
    """The equations of a membrane, to be computed wherever their inputs are known.

    Numbers go by the names of the graph's inputs: `v`, `celsius`, what is told of a cell, and
    states under `Membrane.name_of`.
    """

    def __init__(self, membrane: Membrane) -> None:
        self._of, self._graph = membrane, Graph()
        self._blocks = [
            (one, follow(one, self._graph, membrane.look(one, self._graph)))
            for one in membrane.equations
        ]

    @cached_property
    def _currents(self) -> Mapping[str, Node]:
        """The density of each ion's current, and of each that is no ion's, mA/cm2."""
        found: dict[str, Node] = {}
        for one, blocks in self._blocks:
            ions = {f"i{ion.name}" for ion in one.file.ions}
            for name, node in blocks.currents.items():
                key = name if name in ions else f"{name}_{one.suffix}"
                found[key] = self._graph("+", found[key], node) if key in found else node
        return found

    @cached_property
    def current(self) -> Node:
        """The density of all currents, mA/cm2, outward."""
        total = self._graph.constant(0)
        for node in self._currents.values():
            total = self._graph("+", total, node)
        return total

    def node(self, variable: str) -> Node | None:
        """Return what NEURON calls by a name in these segments; None where it is no equation's."""
        graph = self._graph
        if variable == "v":
            return graph.input("v")
        found = self._of_ion(variable)
        for one, blocks in self._blocks:
            name = variable.removesuffix(f"_{one.suffix}")
            if found is None and name != variable:
                if name in one.states or name in one.parameters:
                    found = self._of.look(one, graph)(name)
                else:
                    found = blocks.left.get(name)
        if found is None:
            return None
        flows = {
            graph.input(f"flow {name}"): self._currents.get(name, graph.constant(0))
            for name in self._of.flows
        }
        return graph.replaced([found], flows)[0]

    def _of_ion(self, variable: str) -> Node | None:
        for ion in {ion.name for one in self._of.equations for ion in one.file.ions}:
            if variable == f"e{ion}":
                return self._of.reversal_mV(self._graph, ion)
            if variable in (f"{ion}i", f"{ion}o"):
                return self._of.concentration_mM(self._graph, variable)
            if variable == f"i{ion}":
                return self._currents.get(variable, self._graph.constant(0))
        return None

    def refusal(self, node: Node) -> str:
        """Return why a node cannot be computed, or nothing."""
        terms = (self._graph.terms[one] for one in self._graph.needed([node]))
        return next((term.name for term in terms if term.operation == "refused"), "")

    def states_of(self, node: Node) -> list[int]:
        """Return which of the membrane's states a node is made of."""
        read = self._graph.inputs([node])
        names = enumerate(self._of.name_of(*state) for state in self._of.states)
        return [place for place, name in names if name in read]

    def values(self, nodes: Sequence[Node], known: Mapping[str, Floats | float]) -> list[Floats]:
        """Compute some nodes of what is known, by the names of inputs; arrays of one shape."""
        found: dict[Node, Any] = {}
        with np.errstate(all="ignore"):
            for node in self._graph.needed(nodes):
                found[node] = self._value(node, found, known)
        return [found[node] for node in nodes]

    def _value(
        self, node: Node, found: Mapping[Node, Any], known: Mapping[str, Floats | float]
    ) -> Any:
        term = self._graph.terms[node]
        given = [found[one] for one in term.operands]
        if term.operation == "constant":
            return term.value
        if term.operation == "input":
            return known[term.name]
        if term.operation == "refused":
            raise UntranslatedError(term.name)
        if term.operation == "solved":
            size = isqrt(len(given))
            rows = np.stack(np.broadcast_arrays(*given), axis=-1)
            system = rows.reshape(*rows.shape[:-1], size, size + 1)
            return np.linalg.solve(system[..., :-1], system[..., -1:])[..., 0]
        if term.operation == "part":
            return given[0][..., int(term.value)]
        return _OPERATIONS[term.operation](*given)

    def initial(self, known: Mapping[str, Floats | float]) -> dict[str, Floats | float]:
        """Return the states as a run begins; concentrations are set first, as by the kernel."""
        of = self._of
        flows = {f"flow {name}": 0.0 for name in of.flows}
        now: dict[str, Floats | float] = {**known, **flows}
        now |= {f"concentration {name}": default_of(name) for name in of.written}
        states: dict[str, Floats | float] = {}

        def pools_first(each: tuple[Equations, Any]) -> bool:
            return not each[0].concentrations

        for one, blocks in sorted(self._blocks, key=pools_first):
            values = self.values(list(blocks.initial.values()), now)
            found = {of.name_of(one, n): x for n, x in zip(blocks.initial, values, strict=True)}
            states |= found
            now |= {name: x for name, x in found.items() if name.startswith("concentration ")}
        return states
