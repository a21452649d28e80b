"""Cable measures of a cell whose membrane is linear, on the segments that NEURON would simulate.

Rall 1977 (Core conductor theory and cable properties of neurons) defines space constant,
electrotonic length and attenuation.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from workbench.arrays import Floats
from workbench.cells.network import Complexes, Linear, Network, slowest_ms
from workbench.cells.recipe import PASSIVE, CellRecipe
from workbench.errors import InputError, StudyError, unknown
from workbench.morphology import Morphology, Site, locate, parse_site

Gates = Literal["frozen", "following", "initial", "passive"]
"""What gates do while a small current flows: stay as they rest, follow the voltage, or stay as a
run begins, at v_init; `passive` leaves out all mechanisms but `pas`."""

GATES: tuple[Gates, ...] = ("frozen", "following", "initial", "passive")

Direction = Literal["out", "in"]
"""Of an attenuation: from a site to the rest of the cell, or from there to the site."""

DIRECTIONS: tuple[Direction, ...] = ("out", "in")
"""Both."""


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

    @property
    def lengths(self) -> Floats:
        """(sections,) length in space constants, summed over segments of their own diameters."""
        return np.array([float(one.sum()) for one in self.segment_lengths])

    @cached_property
    def segment_lengths(self) -> tuple[Floats, ...]:
        """(nseg,) length of each section's segments in space constants of their own diameters."""
        found = []
        for section, g, Ra in zip(
            self.morphology.sections, self.linear.g_S_per_cm2, self.linear.Ra_ohm_cm, strict=True
        ):
            diameters_um = section.segment_diameters_um(len(g))
            per_um = np.sqrt(4 * g.real * Ra / diameters_um) / 1e2
            found.append(section.length_um / len(g) * per_um)
        return tuple(found)

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

    def inputs_MOhm(self, frequency_Hz: float = 0.0) -> tuple[Floats, ...]:
        """Return the size of the input impedance along each section.

        Returns
        -------
        (nseg + 2,) for each section: at its 0 end, in the middle of each segment, at its 1 end.
        """
        self._check(frequency_Hz)
        return self._by_section(np.abs(self._network.inputs_MOhm(frequency_Hz)))

    def log_attenuations(
        self, site: Site | str | int, direction: Direction = "out", frequency_Hz: float = 0.0
    ) -> tuple[Floats, ...]:
        """Return the log-attenuation between a site and all places.

        It adds up along the tree, so that it is a distance: a cell drawn with it is the
        electrotonic transform of Carnevale, Tsai, Claiborne & Brown 1995 (J Neurophysiol 74:2703).

        Parameters
        ----------
        direction
            "out": of a current into the site, to each place; "in": of a current into each place, to
            the site.

        Returns
        -------
        (nseg + 2,) for each section, as `inputs_MOhm`.

        Raises
        ------
        InputError
            Another direction, or a membrane that is not known at this frequency.
        """
        if direction not in DIRECTIONS:
            raise InputError(unknown("direction", direction, DIRECTIONS))
        row = self._node(site)
        transfer = np.abs(self._from(row, frequency_Hz))
        # Of the site itself the same solution, so that there it is exactly 0.
        source = np.full_like(transfer, transfer[row])
        if direction == "in":
            source = np.abs(self._network.inputs_MOhm(frequency_Hz))
            source *= transfer[row] / source[row]
        return self._by_section(np.log(source / transfer))

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
        return slowest_ms(self._network, count)

    def place(self, site: Site | str | int) -> tuple[int, float]:
        """Return a site's section and the place on it, 0 to 1; of an index alone the middle."""
        if isinstance(site, int):
            return site, 0.5
        return locate(parse_site(site) if isinstance(site, str) else site, self.morphology)

    def _node(self, site: Site | str | int) -> int:
        return self._network.node(*self.place(site))

    @cached_property
    def _network(self) -> Network:
        return Network(self.morphology, self.linear)

    def _by_section(self, nodes: Floats) -> tuple[Floats, ...]:
        return tuple(nodes[rows] for rows in self._network.rows)

    def _from(self, row: int, frequency_Hz: float) -> Complexes:
        self._check(frequency_Hz)
        return self._network.voltages(row, frequency_Hz)

    def _check(self, frequency_Hz: float) -> None:
        if self.linear.frequency_Hz not in (None, frequency_Hz):
            raise InputError(
                f"gates that follow are known for {self.linear.frequency_Hz:g} Hz, and not for "
                f"{frequency_Hz:g} Hz; freeze them, or leave the frequency out"
            )


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
