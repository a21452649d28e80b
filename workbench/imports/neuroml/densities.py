"""Conductances of a NeuroML cell, and the mechanisms that have them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.errors import InputError, shortened
from workbench.imports.neuroml.documents import Model
from workbench.imports.neuroml.expressions import distributions_of
from workbench.imports.neuroml.quantities import DENSITY, PERMEABILITY, VOLTAGE, needed, quantity
from workbench.imports.neuroml.shape import Shape
from workbench.inputs import Element
from workbench.mechanisms import Ion, Mechanism

FIXED = ("channelDensity", "channelDensityVShift", "channelDensityNonUniform")
NERNST = ("channelDensityNernst", "channelDensityNonUniformNernst", "channelDensityGHK2")
GHK = ("channelDensityGHK", "channelDensityNonUniformGHK")
_ABOUT = ("notes", "annotation", "property")
_LEAK = "pas"
# What one of a mechanism's unit is in S/cm2, and in cm/s.
_DENSITIES = {"S/cm2": 1.0, "mho/cm2": 1.0, "siemens/cm2": 1.0, "mS/cm2": 1e-3, "pS/um2": 1e-4}
_PERMEABILITIES = {"cm/s": 1.0, "um/s": 1e-4}
_SI = {DENSITY: 1e-4, PERMEABILITY: 100.0}


class Unsaid(Exception):  # noqa: N818 - it is an answer, not a fault
    """A conductance that a study cannot say; the message says why."""


@dataclass(frozen=True)
class Density:
    """A conductance or permeability of a channel on some sections.

    Attributes
    ----------
    group
        The name that their region may have.
    values
        For each distribution its sections; None is a distribution that is even.
    amount
        In NEURON's unit, where it is even.
    """

    element: Element
    mechanism: Mechanism
    group: str
    sections: tuple[int, ...]
    variable: str
    amount: float
    spread: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The element's id."""
        return self.element.attributes.get("id", "?")

    @property
    def is_leak(self) -> bool:
        """Whether it is a leak, in `pas`."""
        return self.mechanism.suffix == _LEAK

    @property
    def erev_mV(self) -> float:
        """The reversal potential that the file gives."""
        return quantity(self.element, "erev", VOLTAGE)

    @property
    def ions(self) -> list[Ion]:
        """The ions of which the mechanism has a current."""
        return [one for one in self.mechanism.ions if f"i{one.name}" in one.writes]

    @property
    def ion(self) -> Ion | None:
        """The ion that carries the mechanism's current, None if none does.

        Raises
        ------
        Unsaid
            If several do, or another one than in the file.
        """
        writing = self.ions
        if len(writing) > 1:
            raise Unsaid("the mechanism of this name has currents of several ions")
        theirs = self.element.attributes.get("ion", "non_specific")
        if writing and theirs != writing[0].name:
            raise Unsaid(f"its ion is {shortened(theirs)}, the mechanism's is {writing[0].name}")
        return writing[0] if writing else None


def told(element: Element) -> str:
    """Return what the file says of a conductance, in words."""
    given = element.attributes
    where = given.get("segmentGroup") or "the whole cell"
    for one in element.all("variableParameter"):
        where = one.attributes.get("segmentGroup", where)
    if "segment" in given:
        where = f"segment {given['segment']}"
    amount = given.get("condDensity") or given.get("permeability") or "varying"
    amount = f"{given['number']} channels" if "number" in given else amount
    words = f"{given.get('ionChannel', '?')} on {where}, {amount} ({given.get('id', '?')})"
    return shortened(words, 200)


def density_of(
    model: Model, shape: Shape, element: Element, pool: Mapping[str, Mechanism]
) -> Density:
    """Return what an element says, in terms of a mechanism.

    Raises
    ------
    Unsaid
        If no mechanism is known to have it.
    InputError
        If the element cannot be read.
    """
    if element.tag not in (*FIXED, *NERNST, *GHK):
        raise Unsaid(f"a {element.tag} cannot be said; give a channelDensity")
    mechanism = _mechanism(model, needed(element, "ionChannel"), pool)
    if mechanism.suffix == _LEAK and element.tag not in FIXED:
        raise Unsaid("it has no gates, and pas no reversal potential that is computed")
    dimension = PERMEABILITY if element.tag in GHK else DENSITY
    variable, each = _variable(mechanism, dimension)
    attribute = "permeability" if element.tag in GHK else "condDensity"
    if varying := element.all("variableParameter"):
        _check_varying(element, varying, attribute)
        group, sections = _where(shape, varying[0])
        spread = _spread(shape, sections, varying[0], _SI[dimension] / each)
        return Density(element, mechanism, group, sections, variable, 1.0, spread)
    group, sections = _where(shape, element)
    amount = quantity(element, attribute, dimension) / each
    return Density(element, mechanism, group, sections, variable, amount)


def _check_varying(element: Element, varying: list[Element], attribute: str) -> None:
    for one in varying:
        if (parameter := needed(one, "parameter")) != attribute:
            raise Unsaid(f"its {shortened(parameter)} varies; only {attribute} may")
    if len(varying) > 1 or attribute in element.attributes:
        raise Unsaid(f"it gives its {attribute} several times; give one for each group")


def _mechanism(model: Model, channel: str, pool: Mapping[str, Mechanism]) -> Mechanism:
    """Return the mechanism that has the name of a channel, or NEURON's leak for a leak."""
    found = model.channels.get(channel)
    if found is not None and all(one.tag in _ABOUT for one in found.children):
        return pool[_LEAK]
    one = pool.get(channel)
    if one is None or one.kind != "density" or not one.file:
        missing = "" if found else ", and neither the file nor those it includes define the channel"
        raise Unsaid(f"there is no mechanism {channel} in a folder of .mod files{missing}")
    return one


def _variable(mechanism: Mechanism, dimension: str) -> tuple[str, float]:
    """Return the parameter that is a mechanism's conductance, and what one of its unit is."""
    units = _PERMEABILITIES if dimension == PERMEABILITY else _DENSITIES
    found = [one for one in mechanism.range_parameters if one.unit.replace(" ", "") in units]
    if len(found) != 1:
        named = ", ".join(one.name for one in found) or "none"
        raise Unsaid(
            f"the mechanism of this name has not one RANGE parameter that is a {dimension}: {named}"
        )
    return f"{found[0].name}_{mechanism.suffix}", units[found[0].unit.replace(" ", "")]


def _where(shape: Shape, element: Element) -> tuple[str, tuple[int, ...]]:
    """Return the group that an element is on, or its segment, with the sections."""
    if "segment" in element.attributes:
        segment = needed(element, "segment")
        if not segment.isdecimal() or int(segment) not in shape.section_of:
            raise InputError(f"{element.where}: there is no segment {shortened(segment)}")
        what = f"{element.where}: segment {segment}"
        return f"segment_{segment}", shape.sections_with([int(segment)], what)
    group = element.attributes.get("segmentGroup", "all")
    return group, shape.sections(group, element.where)


def _spread(
    shape: Shape, sections: tuple[int, ...], varying: Element, factor: float
) -> Mapping[str, tuple[int, ...]]:
    """Return the expressions of a varying parameter, with the sections of each."""
    values = varying.all("inhomogeneousValue")
    if len(values) != 1:
        raise InputError(f"{varying.where}: one <inhomogeneousValue> is needed here")
    if "inhomogeneousParameter" not in values[0].attributes:
        raise Unsaid("its inhomogeneousValue is written as before v2beta4, in no stated unit")
    name = needed(values[0], "inhomogeneousParameter")
    group = shape.groups.groups.get(needed(varying, "segmentGroup"))
    known = group.element.all("inhomogeneousParameter") if group else []
    found = [one for one in known if one.attributes.get("id") == name]
    if len(found) != 1:
        raise InputError(f"{values[0].where}: its group has no inhomogeneousParameter {name}")
    try:
        return distributions_of(shape, sections, found[0], needed(values[0], "value"), factor)
    except InputError as error:
        raise Unsaid(f"how it varies cannot be said: {error}") from None
