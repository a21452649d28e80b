"""The membrane of a NeuroML cell as tables of a study: what is inserted, what is painted."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from workbench.cells.ions import overrules
from workbench.errors import InputError
from workbench.imports.neuroml.densities import (
    FIXED,
    Density,
    Unsaid,
    density_of,
    told,
)
from workbench.imports.neuroml.documents import Model
from workbench.imports.neuroml.potentials import Potentials
from workbench.imports.neuroml.quantities import (
    CAPACITANCE,
    CONCENTRATION,
    RESISTIVITY,
    VOLTAGE,
    needed,
    quantity,
)
from workbench.imports.neuroml.regions import Regions
from workbench.imports.neuroml.shape import Shape
from workbench.inputs import Element
from workbench.mechanisms import Mechanism

_GLOBAL = "global"


@dataclass
class Membrane:
    """Tables of a cell.toml.

    Attributes
    ----------
    values
        What the file says of each section besides channels: cm, Ra and the voltage it begins at.
    hold
        Reversal potentials that stay as they are painted.
    pools
        Concentration models that are said.
    active, lost
        Channels that are no leaks: those that are said, and those that are not.
    unsaid
        What the file says and a study cannot, a sentence each.
    """

    insert: dict[str, list[str]] = field(default_factory=dict)
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    distributions: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[int, float]] = field(default_factory=dict)
    hold: list[str] = field(default_factory=list)
    pools: list[str] = field(default_factory=list)
    active: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)


def membrane_of(
    model: Model, shape: Shape, pool: Mapping[str, Mechanism]
) -> tuple[Membrane, Regions]:
    """Return what a study says of a cell's membrane, and the regions for it.

    Regions that bear one variable with other values never overlap, so their order says nothing.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    builder = _Builder(model, shape, pool)
    builder.even("specificCapacitance", model.membrane, "cm", CAPACITANCE)
    builder.even("resistivity", model.inside, "Ra", RESISTIVITY)
    builder.begin()
    densities = builder.densities()
    builder.pools()
    builder.carry(densities)
    builder.leaks([one for one in densities if one.is_leak])
    builder.channels([one for one in densities if not one.is_leak])
    builder.concentrations()
    builder.groups()
    return builder.found, builder.regions


class _Builder:
    def __init__(self, model: Model, shape: Shape, pool: Mapping[str, Mechanism]) -> None:
        self._model, self._shape, self._pool = model, shape, pool
        self._carried: list[list[Mechanism]] = [[] for _ in shape.tree.sections]
        self._potentials = Potentials(shape.tree.names, self._carried)
        self.regions = Regions(shape)
        self.found = Membrane()

    def even(self, tag: str, within: Element, variable: str, dimension: str) -> None:
        """Paint what has one value a group; where two reach a section the later one wins."""
        at: dict[int, float] = {}
        elements = within.all(tag)
        last: dict[int, str] = {}
        for one in elements:
            group = one.attributes.get("segmentGroup", "all")
            for section in self._shape.sections(group, one.where):
                at[section], last[section] = quantity(one, "value", dimension), group
        self.found.values[variable] = at
        whole = len(set(at.values())) == 1 and len(at) == len(self._shape.tree)
        for group in ["all"] if whole else dict.fromkeys(last.values()):
            held = [n for n in at if whole or last[n] == group]
            for value in dict.fromkeys(at[n] for n in held):
                self._paint([n for n in held if at[n] == value], group, variable, value)

    def begin(self) -> None:
        """Note at which voltages the sections begin."""
        at = self.found.values.setdefault("v", {})
        for one in self._model.membrane.all("initMembPotential"):
            group = one.attributes.get("segmentGroup", "all")
            for section in self._shape.sections(group, one.where):
                at[section] = quantity(one, "value", VOLTAGE)

    def densities(self) -> list[Density]:
        """Return the conductances of which the mechanisms are known."""
        kept: list[Density] = []
        for element in self._model.membrane.children:
            if not element.tag.startswith("channel"):
                continue
            try:
                one = density_of(self._model, self._shape, element, self._pool)
                for other in kept:
                    _check_apart(one, other)
                kept.append(one)
            except Unsaid as why:
                self._lose(element, why)
        return kept

    def pools(self) -> None:
        """Insert the concentration models of which the mechanisms are known."""
        for one in self._model.inside.all("species"):
            ion, name = _ion(one), needed(one, "concentrationModel")
            sections, group = self._species(one)
            mechanism = self._pool.get(name)
            writes = mechanism and any(
                ion == used.name and f"{ion}i" in used.writes for used in mechanism.ions
            )
            if mechanism is None or not writes:
                self.found.unsaid.append(
                    f"{name}, the concentration model of {ion} on {group}: there is no mechanism "
                    f"of this name that writes {ion}i."
                )
                continue
            self._insert(sections, group, mechanism)
            self.found.pools.append(name)
            for section in sections:
                self._carried[section].append(mechanism)

    def carry(self, densities: Iterable[Density]) -> None:
        """Note which mechanisms the sections carry."""
        for one in densities:
            for section in one.sections:
                self._carried[section].append(one.mechanism)

    def leaks(self, leaks: Sequence[Density]) -> None:
        """Paint the leaks; several at one place are one leak with the sum of their currents."""
        for one in leaks:
            if (ion := one.element.attributes.get("ion", "")) not in ("", "non_specific"):
                self.found.unsaid.append(
                    f"{told(one.element)}: it is a leak of {ion}, and pas has a current of no ion."
                )
        together: dict[tuple[int, ...], list[int]] = {}
        for section in range(len(self._shape.tree)):
            here = tuple(n for n, one in enumerate(leaks) if section in one.sections)
            if here:
                together.setdefault(here, []).append(section)
        for numbers, sections in together.items():
            several = [leaks[n] for n in numbers]
            group = several[0].group
            self._insert(sections, group, several[0].mechanism)
            if several[0].spread:
                for name, held in several[0].spread.items():
                    self._spread([n for n in held if n in sections], several[0], name)
            total = sum(one.amount for one in several)
            self._paint(sections, group, "e_pas", _joint_mV(several))
            if not several[0].spread:
                self._paint(sections, group, "g_pas", total)

    def channels(self, given: Sequence[Density]) -> None:
        """Insert and paint the channels that are no leaks, or say why not.

        Whether one can be said depends on what else is there: without one that cannot, the others
        are asked anew.
        """
        kept = list(given)
        while refused := self._potentials.refused(kept):
            one, why = refused
            self._lose(one.element, why)
            kept.remove(one)
            for section in one.sections:
                self._carried[section].remove(one.mechanism)
        self.found.hold = self._potentials.hold
        for one in kept:
            self._channel(one)

    def _channel(self, one: Density) -> None:
        self.found.active.append(one.mechanism.suffix)
        self._insert(one.sections, one.group, one.mechanism)
        if one.spread:
            for expression, held in one.spread.items():
                self._spread(held, one, expression)
        else:
            self._paint(one.sections, one.group, one.variable, one.amount)
        potentials = self._potentials.of(one)
        if one.element.tag in FIXED and one.ion and f"e{one.ion.name}" not in potentials:
            self.found.unsaid.append(
                f"{told(one.element)}: its mechanism takes no reversal potential from outside; "
                f"look whether it has {one.erev_mV:g} mV in itself."
            )
        for variable, value in potentials.items():
            if variable in one.mechanism.globals:
                self.found.parameters.setdefault(_GLOBAL, {})[variable] = value
            else:
                self._paint(one.sections, one.group, variable, value)

    def concentrations(self) -> None:
        """Say where concentrations begin: painted, or a GLOBAL where a mechanism writes one."""
        asked: dict[str, dict[float, str]] = {}
        for one in self._model.inside.all("species"):
            ion = _ion(one)
            sections, group = self._species(one)
            here = [
                n for n in sections if any(i.name == ion for m in self._carried[n] for i in m.ions)
            ]
            for variable, attribute in (
                (f"{ion}i", "initialConcentration"),
                (f"{ion}o", "initialExtConcentration"),
            ):
                value = quantity(one, attribute, CONCENTRATION)
                free = [
                    n
                    for n in here
                    if not any(overrules(m, ion, variable) for m in self._carried[n])
                ]
                if free and f"{ion}_ion" in self._pool:
                    self._paint(free, group, variable, value)
                elif here:
                    asked.setdefault(f"{variable}0_{ion}_ion", {})[value] = group
        for name, values in asked.items():
            self._begin_at(name, values)

    def _begin_at(self, name: str, values: Mapping[float, str]) -> None:
        """Set where a concentration begins that mechanisms write."""
        known = self._pool.get(name.partition("_")[2])
        if known is not None and name in known.globals and len(values) == 1:
            [value] = values
            if value != known.globals[name].default:
                self.found.parameters.setdefault(_GLOBAL, {})[name] = value
            return
        listed = ", ".join(f"{value:g} mM on {group}" for value, group in values.items())
        self.found.unsaid.append(
            f"{name} is one for the cell, and cannot be what the file asks: {listed}."
        )

    def groups(self) -> None:
        """Give the groups of several sections names of regions, whether they are used or not."""
        for name, group in self._shape.groups.groups.items():
            if group.is_section or name == "all":
                continue
            # What ends inside of a section is no region.
            with suppress(InputError):
                sections = self._shape.sections(name, group.element.where)
                if len(sections) > 1:
                    self.regions.name(sections, name)

    def _species(self, one: Element) -> tuple[tuple[int, ...], str]:
        group = one.attributes.get("segmentGroup", "all")
        return self._shape.sections(group, one.where), group

    def _insert(self, sections: Sequence[int], group: str, mechanism: Mechanism) -> None:
        listed = self.found.insert.setdefault(self.regions.name(sections, group), [])
        if mechanism.suffix not in listed:
            listed.append(mechanism.suffix)

    def _paint(self, sections: Sequence[int], group: str, variable: str, value: Any) -> None:
        region = self.regions.name(sections, group)
        self.found.parameters.setdefault(region, {})[variable] = value

    def _spread(self, sections: Sequence[int], one: Density, expression: str) -> None:
        region = self.regions.name(sections, one.group)
        name = f"{one.variable}_{region}"
        self.found.distributions[name] = expression
        self._paint(sections, one.group, one.variable, {"value": 1.0, "distribution": name})

    def _lose(self, element: Element, why: Unsaid) -> None:
        self.found.unsaid.append(f"{told(element)}: {why}.")
        self.found.lost.append(element.attributes.get("ionChannel", "?"))


def _ion(species: Element) -> str:
    return species.attributes.get("ion") or needed(species, "id")


def _check_apart(one: Density, other: Density) -> None:
    if one.mechanism is not other.mechanism or (one.is_leak and not (one.spread or other.spread)):
        return
    if set(one.sections) & set(other.sections):
        raise Unsaid(
            f"{other.key} has the same channel at some of the places; NeuroML adds the two, and a "
            "section of NEURON's has one: give their sum"
        )


def _joint_mV(leaks: Sequence[Density]) -> float:
    """Return the reversal potential of several leaks together.

    sum g_i (v - e_i) = G (v - E) with G = sum g_i and E = sum g_i e_i / G.
    """
    total = sum(one.amount for one in leaks)
    if len(leaks) == 1 or not total:
        return leaks[0].erev_mV
    return sum(one.amount * one.erev_mV for one in leaks) / total
