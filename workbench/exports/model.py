"""A cell in numbers and what is done to it: what every format writes, each in its own words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np

from workbench.arrays import Floats
from workbench.cells import Balance, CellRecipe, Distribution, Paint, PaintedSection, Profile, Total
from workbench.engines import Integrator
from workbench.engines.neuron import conduct_of
from workbench.exports.sections import stock_names
from workbench.mechanisms import combine
from workbench.morphology import Site, locate
from workbench.protocols import Protocol
from workbench.studies import Study
from workbench.studies.engine_choice import FIELDS_STEP_ms

FIXED = Integrator(dt_ms=FIELDS_STEP_ms, atol=None)
"""Taken where a tool has no steps like ours."""


@dataclass(frozen=True)
class Painted:
    """One variable in one region.

    Attributes
    ----------
    values
        By section, a number for all of its segments or one for each.
    ion
        The ion without which sections of the region are left out; "" if none is.
    formula
        What the values were computed from, in words; "" if it is a number.
    """

    name: str
    variable: str
    region: str
    values: Mapping[int, float | Floats]
    ion: str = ""
    formula: str = ""

    @property
    def uniform(self) -> float | None:
        """The number that all sections have, if it is one."""
        numbers = {one for one in self.values.values() if not isinstance(one, np.ndarray)}
        alike = len(numbers) == 1 and not any(
            isinstance(one, np.ndarray) for one in self.values.values()
        )
        return float(numbers.pop()) if alike else None


@dataclass(frozen=True)
class Model:
    """A cell without free values, its protocols, and how another tool integrates each.

    Attributes
    ----------
    study
        Where it comes from.
    recipe
        The cell.
    label
        What the parameter set is called.
    values
        The parameter set.
    protocols
        Bound: a number wherever a parameter was named.
    integrators
        By protocol, those of the tool.
    own
        By protocol, those of the study.
    """

    study: Study
    recipe: CellRecipe
    label: str
    values: Mapping[str, float]
    protocols: tuple[Protocol, ...]
    integrators: Mapping[str, Integrator]
    own: Mapping[str, Integrator]

    @property
    def name(self) -> str:
        """The study's name."""
        return self.study.name

    @cached_property
    def names(self) -> list[str]:
        """The sections' names: a number in each array, pieces of cut sections too."""
        return stock_names(self.recipe.morphology)

    def place(self, site: Site) -> tuple[str, float]:
        """Return a site's section and the place on it."""
        section, x = locate(site, self.recipe.morphology)
        return self.names[section], x

    def celsius_degC(self, protocol: Protocol) -> float:
        """Return the temperature of a protocol: its own, else the cell's."""
        own = protocol.celsius_degC
        return self.recipe.celsius_degC if own is None else float(own)

    def v_init_mV(self, protocol: Protocol) -> float:
        """Return the voltage at which a protocol begins: its own, else the cell's."""
        own = protocol.v_init_mV
        return self.recipe.v_init_mV if own is None else float(own)

    @cached_property
    def globals_(self) -> dict[str, float]:
        """GLOBALs of mechanisms that are set before a run, and switches of TABLEs."""
        conduct = conduct_of(self.recipe)
        return {**dict(conduct.put_back), **conduct.during(self.recipe)}

    @cached_property
    def painted(self) -> tuple[Painted, ...]:
        """Every painted value, in the order in which they apply."""
        return tuple(_painted(self.recipe))


def model_of(
    study: Study,
    values: Mapping[str, float],
    label: str,
    protocols: tuple[Protocol, ...],
    cvode: bool,
) -> Model:
    """Return a model as a tool runs it that has fixed steps and, it may be, CVODE."""
    bound = tuple(one.bound() for one in protocols)
    own = {one.name: study.problem.integrator_of(one.name) for one in bound}
    theirs = {name: _theirs(integrator, cvode) for name, integrator in own.items()}
    recipe = study.problem.recipe.with_values(values)
    return Model(study, recipe, label, dict(values), bound, theirs, own)


def _theirs(own: Integrator, cvode: bool) -> Integrator:
    """Return the steps of a tool that are nearest to ours."""
    if own.dt_ms is not None:
        return replace(FIXED, dt_ms=own.dt_ms, order=own.order)
    if cvode and own.atol is not None:
        return Integrator(atol=own.atol, steps_per_ms=own.steps_per_ms)
    return FIXED


def _painted(recipe: CellRecipe) -> Iterator[Painted]:
    found = list(recipe.painted())
    expected = [_reached(recipe, paint) for paint in recipe.paint]
    bare = len(found) - sum(map(len, expected))
    each = iter(found)
    if bare:
        values = _by_section(islice(each, bare))
        yield Painted("cm", "cm", "all", values, formula="NEURON's own value, with spines")
    for paint, sections in zip(recipe.paint, expected, strict=True):
        if sections:
            values = _by_section(islice(each, len(sections)))
            ion = _ion(recipe, paint.variable) if recipe.without_ion(paint) else ""
            formula = _formula(recipe, paint)
            yield Painted(paint.name, paint.variable, paint.region, values, ion, formula)


def _by_section(painted: Iterable[PaintedSection]) -> dict[int, float | Floats]:
    return {
        section: value if isinstance(value, np.ndarray) and value.ndim else float(value)
        for section, _, value in painted
    }


def _reached(recipe: CellRecipe, paint: Paint) -> list[int]:
    if isinstance(paint.distribution, Balance):
        return []
    without = {*recipe.without_ion(paint)}
    return [one for one in recipe.morphology.indices(paint.region) if one not in without]


def _ion(recipe: CellRecipe, variable: str) -> str:
    pool = combine(recipe.mechanisms)
    names = {ion.name for suffix in recipe.suffixes if suffix in pool for ion in pool[suffix].ions}
    return next(n for n in names if variable in (f"e{n}", f"{n}i", f"{n}o"))


def _formula(recipe: CellRecipe, paint: Paint) -> str:
    spread, said = paint.distribution, ""
    if isinstance(spread, Distribution):
        names = {"value": paint.value, **spread.constants}
        given = ", ".join(f"{name} = {value:g}" for name, value in names.items())
        said = f"{spread.expression}, {given}, at each {spread.at}"
    elif isinstance(spread, Profile):
        said = f"{paint.value:g} times a factor by section ({spread.name})"
    elif isinstance(spread, Total):
        said = f"a total of {paint.value:g} uS"
    if any(paint.variable in one.scaled for one in recipe.spines):
        said = f"{said or f'{paint.value:g}'}, with spines"
    return said
