"""Values along a cell, which become colours: of its shape, its membrane, or given in a table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.cells.electrotonic import DEFAULTS
from workbench.errors import InputError, unknown
from workbench.mechanisms import combine
from workbench.morphology import Morphology, in_space
from workbench.morphology.regions.branching import branching_of
from workbench.reports.shapes.look import Look
from workbench.reports.shapes.subject import Subject
from workbench.reports.shapes.tables import rows_of
from workbench.units import units

LONGEST_um = 10.0
"""A piece of a section that has one value of its shape."""


@dataclass(frozen=True, eq=False)
class Values:
    """One number for each piece of each section; NaN where there is none.

    Attributes
    ----------
    bounds
        (k + 1,) for each section: where its pieces begin and end, from 0 to 1.
    values
        (k,) for each section.
    label
        What they are, with their unit.
    """

    bounds: tuple[Floats, ...]
    values: tuple[Floats, ...]
    label: str

    def at(self, section: int, x: Floats) -> Floats:
        """Return the values at places of a section, 0 to 1."""
        pieces = np.searchsorted(self.bounds[section], x, side="right") - 1
        return np.asarray(self.values[section][np.clip(pieces, 0, len(self.values[section]) - 1)])


VALUES: dict[str, Callable[[Subject, Look], Values]] = {}
"""The words for values, each with the function that finds them."""


def value(function: Callable[[Subject, Look], Values]) -> Callable[[Subject, Look], Values]:
    """Make a function's name a word for a colour; a unit ends it."""
    VALUES[function.__name__] = function
    return function


def values_of(subject: Subject, look: Look) -> Values | None:
    """Return the values that give the colours; None if these are the regions'.

    Raises
    ------
    InputError
        If the colour is no word, no painted variable, and no table with a value for sections of
        this cell.
    """
    colour = look.colour
    if look.by_region:
        return None
    if isinstance(colour, Path) or (isinstance(colour, str) and colour.endswith(".csv")):
        return _given(subject.morphology, colour, look.value)
    if not isinstance(colour, str):
        return _given(subject.morphology, colour, look.value)
    if colour in VALUES:
        return VALUES[colour](subject, look)
    painted = _paintable(subject)
    if colour in painted:
        return _painted(subject, colour)
    raise InputError(unknown("colour", colour, ["region", *VALUES, *painted]))


@value
def distance_um(subject: Subject, look: Look) -> Values:
    """Return path distances from the middle of the soma."""
    tree, bounds = subject.morphology, _pieces(subject.morphology)
    found = [tree.path_distance_um(i, _middles(one)) for i, one in enumerate(bounds)]
    return Values(bounds, tuple(found), "path distance from the soma (um)")


@value
def radial_um(subject: Subject, look: Look) -> Values:
    """Return straight distances from the middle of the soma."""
    tree, bounds = subject.morphology, _pieces(subject.morphology)
    places = in_space(tree)
    middle = _placed(places[0], tree.sections[0].arcs_um, np.array([0.5]))
    found = [
        np.linalg.norm(_placed(points, section.arcs_um, _middles(one)) - middle, axis=1)
        for points, section, one in zip(places, tree.sections, bounds, strict=True)
    ]
    return Values(bounds, tuple(found), "distance from the soma (um)")


@value
def diameter_um(subject: Subject, look: Look) -> Values:
    """Return mean diameters."""
    bounds = _pieces(subject.morphology)
    sections = zip(subject.morphology.sections, bounds, strict=True)
    return Values(bounds, tuple(s.diameters_um(one) for s, one in sections), "diameter (um)")


@value
def order(subject: Subject, look: Look) -> Values:
    """Return branch orders, 0 for stems; the soma has none."""
    tree = subject.morphology
    found = tuple(np.array([number]) for number in branching_of(tree).order)
    return Values((np.array([0.0, 1.0]),) * len(tree), found, "branch order")


@value
def attenuation(subject: Subject, look: Look) -> Values:
    """Return log-attenuations out of a site, or into it."""
    cable = subject.cable
    found = cable.log_attenuations(look.site, look.direction, look.frequency_Hz)
    way = "out of" if look.direction == "out" else "into"
    return _of_segments(found, f"ln attenuation {way} {look.site}{_at(look)}")


@value
def input_MOhm(subject: Subject, look: Look) -> Values:
    """Return the size of the input impedance."""
    found = subject.cable.inputs_MOhm(look.frequency_Hz)
    return _of_segments(found, f"input impedance{_at(look)} (MOhm)")


def _at(look: Look) -> str:
    return f", {look.frequency_Hz:g} Hz" if look.frequency_Hz else ""


def _of_segments(along: tuple[Floats, ...], label: str) -> Values:
    """Return what is known at ends and in the middle of segments as values of the segments."""
    bounds = tuple(np.linspace(0, 1, len(one) - 1) for one in along)
    return Values(bounds, tuple(one[1:-1] for one in along), label)


def _paintable(subject: Subject) -> list[str]:
    try:
        recipe = subject.recipe
    except InputError:
        return []
    return sorted({paint.variable for paint in recipe.paint} | {"cm", "Ra"})


def _painted(subject: Subject, variable: str) -> Values:
    """Return a painted variable; where it was not painted it has NEURON's value, or none."""
    recipe = subject.recipe
    missing = DEFAULTS[variable] if variable in ("cm", "Ra") else np.nan
    found = [np.full(count, missing) for count in recipe.segment_counts]
    for one in recipe.painted():
        if one.variable == variable:
            found[one.section][:] = one.values
    bounds = tuple(np.linspace(0, 1, count + 1) for count in recipe.segment_counts)
    parameters = [one.parameters.get(variable) for one in combine(recipe.mechanisms).values()]
    unit = next((one.unit for one in parameters if one is not None), "")
    return Values(bounds, tuple(found), f"{variable} ({unit})" if unit else variable)


def _given(tree: Morphology, colour: Any, column: str | None) -> Values:
    """Return what a table says; a value reaches half-way to its neighbours on the section."""
    name, rows = rows_of(colour, column)
    found: dict[int, dict[float, float]] = {}
    for section, x, number in rows:
        for index, place in _places(tree, section, x):
            places = found.setdefault(index, {})
            if place in places:
                raise InputError(
                    f"colour: two values at {tree.names[index]}({place:g}); "
                    "give the values of one cell at one time"
                )
            places[place] = number
    if not found:
        raise InputError("colour: there is no value in it")
    bounds, values = zip(*_spread(found, len(tree)), strict=True)
    return Values(bounds, values, _worded(name))


def _worded(name: str) -> str:
    """Return the name of a quantity in words, with the unit that ends it in brackets."""
    known = ["um2", *(unit for spellings in units().values() for unit in spellings)]
    unit = max((one for one in known if name.endswith(f"_{one}")), key=len, default="")
    words = name.removesuffix(f"_{unit}").replace("_", " ")
    return f"{words} ({unit})" if unit else words


def _places(tree: Morphology, section: str | int, x: float | None) -> Iterator[tuple[int, float]]:
    """Yield where a value is: at a place, or without one in the middle of all that it is of."""
    if isinstance(section, int):
        yield tree.index(section), 0.5 if x is None else x
    elif x is not None:
        yield tree.place(section, x)
    else:
        name = section if "[" in section else f"{section}[0]"
        yield from ((index, 0.5) for index in tree.indices(name))


def _spread(found: Mapping[int, Mapping[float, float]], count: int) -> Iterator[tuple[Any, Any]]:
    for index in range(count):
        places = sorted(found.get(index, {0.5: np.nan}).items())
        x = np.array([place for place, _ in places])
        yield (
            np.concatenate([[0.0], (x[1:] + x[:-1]) / 2, [1.0]]),
            np.array([number for _, number in places]),
        )


def _pieces(tree: Morphology) -> tuple[Floats, ...]:
    counts = [int(np.ceil(section.length_um / LONGEST_um)) for section in tree.sections]
    return tuple(np.linspace(0, 1, count + 1) for count in counts)


def _middles(bounds: Floats) -> Floats:
    return np.asarray((bounds[1:] + bounds[:-1]) / 2)


def _placed(points: Floats, arcs_um: Floats, x: Floats) -> Floats:
    """Return where places are, (n, 3)."""
    at = x * arcs_um[-1]
    return np.column_stack([np.interp(at, arcs_um, column) for column in points.T[:3]])
