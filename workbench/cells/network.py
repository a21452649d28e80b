"""A cell with a linear membrane as a network of resistances and capacitances.

A segment's membrane lies at its centre, and the frusta between centres are the resistances (as
`diam_from_list` in NEURON's treeset.cpp integrates them). A section begins where it hangs, and ends
in a point without membrane.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.morphology import Morphology

Complexes = npt.NDArray[np.complex128]

FEW = 16
"""Nodes of so small a network that all its time constants are found."""


@dataclass(frozen=True, eq=False)
class Linear:
    """What the membrane of a cell is, section by section.

    Attributes
    ----------
    g_S_per_cm2
        (nseg,) conductance of each segment's membrane.
    cm_uF_per_cm2
        (nseg,) capacitance.
    Ra_ohm_cm
        Of each section.
    frequency_Hz
        The only frequency that the conductance is of, 0 where gates follow; None for any.
    """

    g_S_per_cm2: tuple[Floats, ...]
    cm_uF_per_cm2: tuple[Floats, ...]
    Ra_ohm_cm: tuple[float, ...]
    frequency_Hz: float | None = None


class Network:
    """Nodes, and what flows between them: the centres of segments and the ends of sections."""

    def __init__(self, morphology: Morphology, linear: Linear) -> None:
        self._counts = [len(one) for one in linear.g_S_per_cm2]
        self._starts: list[int] = []  # the node at each section's 0 end
        self._firsts: list[int] = []  # that of its first segment
        self._morphology = morphology
        self.size = 1
        sides: list[tuple[int, int, float]] = []
        areas, g, cm = [np.zeros(1)], [np.zeros(1)], [np.zeros(1)]
        for index, section in enumerate(morphology.sections):
            count = self._counts[index]
            start = 0 if section.parent < 0 else self.node(section.parent, section.parent_x)
            self._starts.append(start)
            self._firsts.append(self.size)
            halves = section.axial_per_um(np.linspace(0, 1, 2 * count + 1))
            halves_MOhm = 1e-2 * linear.Ra_ohm_cm[index] * halves
            between = [
                halves_MOhm[0],
                *(halves_MOhm[1:-1:2] + halves_MOhm[2:-1:2]),
                halves_MOhm[-1],
            ]
            nodes = [start, *range(self.size, self.size + count + 1)]
            sides += zip(nodes[:-1], nodes[1:], between, strict=True)
            areas += [section.areas_um2(np.linspace(0, 1, count + 1)), np.zeros(1)]
            g += [linear.g_S_per_cm2[index], np.zeros(1)]
            cm += [linear.cm_uF_per_cm2[index], np.zeros(1)]
            self.size += count + 1
        area_um2 = np.concatenate(areas)
        self.sides = sides
        self.membrane_uS = 1e-2 * area_um2 * np.concatenate(g)
        self.capacitance_nF = 1e-5 * area_um2 * np.concatenate(cm)

    def node(self, section: int, x: float) -> int:
        """Return the node that stands for a place: an end, or the segment that it is in."""
        count = self._counts[section]
        if x <= 0:
            return self._starts[section]
        if x >= 1:
            return self._firsts[section] + count
        return self._firsts[section] + min(int(count * x), count - 1)

    @cached_property
    def rows(self) -> tuple[npt.NDArray[np.intp], ...]:
        """The nodes of each section: its 0 end, its segments, its 1 end."""
        return tuple(
            np.array([start, *range(first, first + count + 1)])
            for start, first, count in zip(self._starts, self._firsts, self._counts, strict=True)
        )

    def voltages(self, row: int, frequency_Hz: float) -> Complexes:
        """Return the voltage of all nodes, mV for 1 nA into one of them: MOhm."""
        from scipy.sparse.linalg import splu

        membrane = self._admittances_uS(frequency_Hz)
        current = np.zeros(self.size, dtype=complex)
        current[row] = 1.0
        return np.asarray(splu(self.conductances_uS(membrane)).solve(current))

    def inputs_MOhm(self, frequency_Hz: float) -> Complexes:
        """Return the input impedance of all nodes.

        Rall 1959 (Exp Neurol 1:491): what a branch adds where it hangs is its axial conductance in
        series with all that lies behind, first towards the root, then away from it.
        """
        seen = self._admittances_uS(frequency_Hz)
        behind = np.zeros(self.size, dtype=complex)
        for parent, node, MOhm in reversed(self.sides):
            behind[node] = seen[node] / (1 + MOhm * seen[node])
            seen[parent] += behind[node]
        for parent, node, MOhm in self.sides:
            rest = seen[parent] - behind[node]
            seen[node] += rest / (1 + MOhm * rest)
        with np.errstate(divide="ignore"):
            return np.asarray(1 / seen)

    def _admittances_uS(self, frequency_Hz: float) -> Complexes:
        # nF and 1/ms are uS.
        return np.asarray(
            self.membrane_uS + 2e-3j * np.pi * frequency_Hz * self.capacitance_nF, dtype=complex
        )

    def conductances_uS(self, membrane: npt.NDArray[Any]) -> Any:
        """Return the matrix between voltages and currents, sparse."""
        from scipy.sparse import coo_array, diags_array

        one, other, MOhm = (np.array(column) for column in zip(*self.sides, strict=True))
        rows = np.concatenate([one, other, one, other])
        columns = np.concatenate([one, other, other, one])
        g = 1 / MOhm
        values = np.concatenate([g, g, -g, -g])
        shape = (self.size, self.size)
        axial_uS = coo_array((values, (rows, columns)), shape=shape)
        return (axial_uS + diags_array(membrane)).tocsc()


def slowest_ms(network: Network, count: int) -> tuple[float, ...]:
    """Return the largest tau with C v = tau G v."""
    from scipy.linalg import eigh
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import LinearOperator, eigsh, splu

    G, C = network.conductances_uS(network.membrane_uS), network.capacitance_nF
    wanted = min(count, int((C > 0).sum()))
    if not (network.membrane_uS > 0).any():
        raise InputError("no time constant: the membrane leaks nowhere")
    if network.size <= FEW:
        found = eigh(np.diag(C), G.toarray(), eigvals_only=True)[::-1]
        return tuple(found[:wanted].tolist())
    inverse = LinearOperator(G.shape, splu(G).solve, dtype=float)
    found = eigsh(
        diags_array(C).tocsc(), wanted, G, Minv=inverse, which="LA",
        v0=np.ones(network.size), return_eigenvectors=False,
    )  # fmt: skip
    return tuple(np.sort(found)[::-1].tolist())
