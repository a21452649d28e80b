"""Cable measures of a cell whose membrane is linear, on the segments that NEURON would simulate.

A cell is a network of resistances: a segment's membrane at its centre, and the frusta between
centres (as `diam_from_list` in NEURON's treeset.cpp integrates them). A section begins where it
hangs, and ends in a point without membrane. Rall 1977 (Core conductor theory and cable properties
of neurons) defines space constant, electrotonic length and attenuation.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from workbench.arrays import Floats
from workbench.cells.recipe import PASSIVE, CellRecipe
from workbench.errors import InputError, StudyError, unknown
from workbench.morphology import Morphology, Site, locate, parse_site

Gates = Literal["frozen", "following", "initial", "passive"]
"""What gates do while a small current flows: stay as they rest, follow the voltage, or stay as a
run begins, at v_init; `passive` leaves out all mechanisms but `pas`."""

GATES: tuple[Gates, ...] = ("frozen", "following", "initial", "passive")

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


@dataclass(frozen=True, eq=False)
class Electrotonic:
    """The cable measures of a cell with a linear membrane.

    Attributes
    ----------
    morphology
        The tree.
    linear
        Its membrane and axial resistivity.
    """

    morphology: Morphology
    linear: Linear

    def __repr__(self) -> str:
        return (
            f"<Electrotonic {self.morphology.name}: {self.input_MOhm(0):.4g} MOhm in the middle of "
            f"the root, mean path {self.mean_path:.3g} space constants>"
        )

    @cached_property
    def lambda_um(self) -> Floats:
        """(sections,) space constant for constant currents, of each section's mean diameter."""
        diameters_um = [section.diameters_um((0, 1))[0] for section in self.morphology.sections]
        g = np.array([float(np.mean(one.real)) for one in self.linear.g_S_per_cm2])
        with np.errstate(divide="ignore"):
            return np.asarray(
                1e2 * np.sqrt(np.array(diameters_um) / (4 * g * np.array(self.linear.Ra_ohm_cm)))
            )

    @cached_property
    def lengths(self) -> Floats:
        """(sections,) length in space constants, summed over segments of their own diameters."""
        found = []
        for section, g, Ra in zip(
            self.morphology.sections, self.linear.g_S_per_cm2, self.linear.Ra_ohm_cm, strict=True
        ):
            diameters_um = section.segment_diameters_um(len(g))
            per_um = np.sqrt(4 * g * Ra / diameters_um) / 1e2
            found.append(float(section.length_um / len(g) * per_um.sum()))
        return np.array(found)

    @property
    def mean_path(self) -> float:
        """Mean electrotonic path length: of all tips, from where their tree leaves the soma.

        van Elburg & van Ooyen 2010 (PLoS Comput Biol 6:e1000781); the soma's own length is none.
        """
        sections = self.morphology.sections
        walked = np.zeros(len(sections))
        for index, section in enumerate(sections):
            if section.region == "somatic":
                continue
            on = section.parent
            before = 0.0
            if on >= 0 and sections[on].region != "somatic":
                before = walked[on] - (1 - section.parent_x) * self.lengths[on]
            walked[index] = before + self.lengths[index]
        tips = [
            walked[index]
            for index, children in enumerate(self.morphology.children)
            if not children and sections[index].region != "somatic"
        ]
        return float(np.mean(tips)) if tips else 0.0

    def input_MOhm(self, site: Site | str | int, frequency_Hz: float = 0.0) -> float:
        """Return the size of the input impedance at a site ("soma(0.5)", "apical@620um").

        Raises
        ------
        MorphologyError
            If there is no such site.
        InputError
            If the membrane is not known at this frequency.
        """
        return abs(self.impedance_MOhm(site, site, frequency_Hz))

    def transfer_MOhm(
        self, one: Site | str | int, other: Site | str | int, frequency_Hz: float = 0.0
    ) -> float:
        """Return the size of the transfer impedance, which is the same in both directions."""
        return abs(self.impedance_MOhm(one, other, frequency_Hz))

    def log_attenuation(
        self, source: Site | str | int, target: Site | str | int, frequency_Hz: float = 0.0
    ) -> float:
        """Return ln(V at the source / V at the target) of a current into the source."""
        here = self.input_MOhm(source, frequency_Hz)
        return math.log(here / self.transfer_MOhm(source, target, frequency_Hz))

    def impedance_MOhm(
        self, one: Site | str | int, other: Site | str | int, frequency_Hz: float = 0.0
    ) -> complex:
        """Return the voltage at one site for a unit of current into the other."""
        rows = [self._node(site) for site in (one, other)]
        return complex(self._from(rows[0], float(frequency_Hz))[rows[1]])

    def time_constants_ms(self, count: int = 2) -> tuple[float, ...]:
        """Return the slowest time constants of the passive decay, the slowest first.

        Raises
        ------
        InputError
            If the membrane is known at one frequency alone, or leaks nowhere.
        """
        if self.linear.frequency_Hz is not None:
            raise InputError("time constants are of frozen gates; these follow the voltage")
        return _slowest_ms(self._network, count)

    def _node(self, site: Site | str | int) -> int:
        if isinstance(site, int):
            index, x = site, 0.5
        else:
            index, x = locate(parse_site(site) if isinstance(site, str) else site, self.morphology)
        return self._network.node(index, x)

    @cached_property
    def _network(self) -> "_Network":
        return _Network(self.morphology, self.linear)

    def _from(self, row: int, frequency_Hz: float) -> Complexes:
        if self.linear.frequency_Hz not in (None, frequency_Hz):
            raise InputError(
                f"gates that follow are known for {self.linear.frequency_Hz:g} Hz, and not for "
                f"{frequency_Hz:g} Hz; freeze them, or leave the frequency out"
            )
        return self._network.voltages(row, frequency_Hz)


def electrotonic(recipe: CellRecipe, linear: Linear | None = None) -> Electrotonic:
    """Return the cable measures of a cell.

    Parameters
    ----------
    recipe
        The cell; its segments are those that count.
    linear
        Its membrane; by default that of `pas`, which is all that a passive cell has.

    Raises
    ------
    StudyError
        If a value is free, or the cell has other mechanisms and no `linear` is given.
    """
    if linear is None and not is_passive(recipe):
        others = ", ".join(sorted(recipe.suffixes - {"pas"}))
        raise StudyError(f"{recipe.name} is not passive: it has {others}")
    return Electrotonic(recipe.morphology, passive(recipe) if linear is None else linear)


def check_gates(gates: str) -> None:
    """Refuse other words than those of `GATES`.

    Raises
    ------
    InputError
        With those that there are.
    """
    if gates not in GATES:
        raise InputError(unknown("gates", gates, GATES))


def is_passive(recipe: CellRecipe) -> bool:
    """Tell whether a cell has no mechanism but `pas`."""
    return recipe.suffixes <= {"pas"}


def passive(recipe: CellRecipe) -> Linear:
    """Return the membrane of a cell without its mechanisms other than `pas`.

    Raises
    ------
    StudyError
        If a value is free.
    """
    g, cm, Ra = (_painted(recipe, name) for name in ("g_pas", "cm", "Ra"))
    leaking = {
        index
        for region, suffix in recipe.inserted
        if suffix == "pas"
        for index in recipe.morphology.indices(region)
    }
    g = [one if index in leaking else 0 * one for index, one in enumerate(g)]
    return Linear(tuple(g), tuple(cm), tuple(float(one[0]) for one in Ra))


def axial(recipe: CellRecipe) -> tuple[tuple[Floats, ...], tuple[float, ...]]:
    """Return the capacitance of all segments and the axial resistivity of all sections."""
    cm, Ra = _painted(recipe, "cm"), _painted(recipe, "Ra")
    return tuple(cm), tuple(float(one[0]) for one in Ra)


DEFAULTS = {**PASSIVE, "g_pas": 1e-3}
"""NEURON's values where nothing was painted."""


def _painted(recipe: CellRecipe, variable: str) -> list[Floats]:
    values = [np.full(count, DEFAULTS[variable]) for count in recipe.segment_counts]
    for one in recipe.painted():
        if one.variable == variable:
            values[one.section] = np.broadcast_to(
                np.asarray(one.values, dtype=float), values[one.section].shape
            )
    return values


class _Network:
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
        self._sides = sides
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

    def voltages(self, row: int, frequency_Hz: float) -> Complexes:
        """Return the voltage of all nodes, mV for 1 nA into one of them: MOhm."""
        from scipy.sparse.linalg import splu

        # nF and 1/ms are uS.
        membrane = self.membrane_uS + 2e-3j * np.pi * frequency_Hz * self.capacitance_nF
        current = np.zeros(self.size, dtype=complex)
        current[row] = 1.0
        return np.asarray(splu(self.conductances_uS(membrane)).solve(current))

    def conductances_uS(self, membrane: npt.NDArray[Any]) -> Any:
        """Return the matrix between voltages and currents, sparse."""
        from scipy.sparse import coo_array, diags_array

        one, other, MOhm = (np.array(column) for column in zip(*self._sides, strict=True))
        rows = np.concatenate([one, other, one, other])
        columns = np.concatenate([one, other, other, one])
        g = 1 / MOhm
        values = np.concatenate([g, g, -g, -g])
        shape = (self.size, self.size)
        axial_uS = coo_array((values, (rows, columns)), shape=shape)
        return (axial_uS + diags_array(membrane)).tocsc()


def _slowest_ms(network: _Network, count: int) -> tuple[float, ...]:
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
