"""A cell as a value: a morphology and what is painted on it.

Nothing here knows of NEURON. An engine asks a recipe for its segment counts and for the value
of every variable in every segment, and builds that.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from workbench.arrays import Floats
from workbench.cells.distributions import Balance, Distribution, Profile, Total
from workbench.cells.paint import Balanced, Paint, PaintedSection, by_section
from workbench.cells.placed import Placed, PlacedPoint, check_placed, placements, values_of
from workbench.cells.pointers import Pointer
from workbench.cells.segments import MaximalLength, SegmentRule, segment_counts
from workbench.cells.spines import ALWAYS, Spines, check_spines, spine_factors
from workbench.cells.ties import Tie, tied
from workbench.cells.totals import check_totals, per_S_per_cm2
from workbench.cells.whole import check_globals, check_held
from workbench.digests import digest
from workbench.errors import InputError, StudyError, unknown
from workbench.mechanisms import MechanismSet, combine
from workbench.morphology import Morphology
from workbench.units import ANY, amount, unit_of

PASSIVE = {"cm": 1.0, "Ra": 35.4}
"""NEURON's values of a section on which nothing was painted (uF/cm2, ohm cm)."""


@dataclass(frozen=True)
class CellRecipe:
    """A morphology with its mechanisms, painted values and segments.

    Attributes
    ----------
    morphology
        The tree.
    mechanisms
        The sets of .mod files that the cell needs besides NEURON's own.
    inserted
        (region, suffix) pairs, in the order of insertion.
    paint
        Painted values; where two reach the same segment the later one wins.
    segments
        The rule that cuts sections into segments.
    celsius_degC, v_init_mV
        Temperature and starting voltage; they belong to the model.
    placed
        Point processes at sites, by names of their own.
    spines
        Spines whose membrane counts as that of the dendrite.
    ties
        Values that are computed from others: they follow whenever those change.
    global_values
        GLOBALs of mechanisms by their names in NEURON (`alpha_kmdb`), None where a parameter set
        gives them. All others have what their .mod files declare.
    held
        Reversal potentials such as `eca` that stay as painted where NEURON would compute them.
    pointers
        What POINTERs of its mechanisms read.
    """

    name: str
    morphology: Morphology
    mechanisms: tuple[MechanismSet, ...] = ()
    inserted: tuple[tuple[str, str], ...] = ()
    paint: tuple[Paint, ...] = ()
    segments: SegmentRule = MaximalLength()
    celsius_degC: float = 6.3
    v_init_mV: float = -65.0
    placed: tuple[Placed, ...] = ()
    spines: tuple[Spines, ...] = ()
    ties: tuple[Tie, ...] = ()
    global_values: Mapping[str, float | None] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    pointers: tuple[Pointer, ...] = ()

    def __post_init__(self) -> None:
        with _in_study(self.name):
            amount("celsius_degC", self.celsius_degC)
            amount("v_init_mV", self.v_init_mV)
            for paint in self.paint:
                if paint.value is not None:
                    amount(paint.name, paint.value, ANY)
            named = [(paint.variable, paint.region) for paint in self.paint]
            check_spines(self.morphology, self.spines, named)
            check_totals(self.paint, self.spines, self.morphology, self.mechanisms)
        if self.placed:
            check_placed(self.placed, combine(self.mechanisms), self.morphology)
        with _in_study(self.name):
            if self.global_values or self.held:
                pool = combine(self.mechanisms)
                check_globals(self.global_values, self.suffixes, pool)
                check_held(self.held, self.suffixes, pool)
        if self.ties:
            with _in_study(self.name):
                found = dict(tied(self.ties, self.values))
            painted = tuple(_valued(one, found) for one in self.paint)
            object.__setattr__(self, "paint", painted)
            placed = tuple(_placed_with(one, found) for one in self.placed)
            object.__setattr__(self, "placed", placed)
            object.__setattr__(self, "global_values", _with(self.global_values, found))

    def __repr__(self) -> str:
        return (
            f"<CellRecipe {self.name}: {len(self.morphology)} sections, {len(self.inserted)} "
            f"mechanisms inserted, {len(self.paint)} values painted, {len(self.free)} free; "
            f"{self.celsius_degC:g} degC, from {self.v_init_mV:g} mV>"
        )

    def with_morphology(self, morphology: Morphology) -> "CellRecipe":
        """Return the same paint on another tree, which is asked for the regions that it names.

        Raises
        ------
        MorphologyError
            If a region that the tree does not have yet cannot be asked of it.
        """
        known = morphology.region_names
        more = {one.name: one for one in self.morphology.regions if one.name not in known}
        return replace(self, morphology=morphology.with_regions(more) if more else morphology)

    def with_values(self, values: Mapping[str, float]) -> "CellRecipe":
        """Return the recipe with these parameters.

        They are named `<variable>.<region>` where painted, `<variable>.<name>` where placed, and
        `<variable>_<suffix>` where they are GLOBALs, `<constant>.<distribution>` of distributions.

        Raises
        ------
        StudyError
            If a name is not in this recipe, or a value is no number of reason.
        """
        names, ties = self.values, {tie.name: tie for tie in self.ties}
        for name, value in values.items():
            if name not in names:
                raise StudyError(f"{self.name}: {unknown('parameter', name, names)}")
            if name in ties:
                raise StudyError(
                    f"{self.name}: {name} is tied: it is {ties[name].expression!r}; give the "
                    "values that it is computed from, or a number in its place in cell.toml"
                )
            with _in_study(self.name):
                amount(name, value, ANY)
        return replace(
            self,
            paint=tuple(_valued(paint, values) for paint in self.paint),
            placed=tuple(_placed_with(one, values) for one in self.placed),
            global_values=_with(self.global_values, values),
        )

    @property
    def values(self) -> dict[str, float | None]:
        """Every value by name; None where it is free, or tied to what is.

        They are what is painted or placed, GLOBALs, and constants of distributions.
        """
        painted = {paint.name: paint.value for paint in self.paint}
        constants = {name: one for paint in self.paint for name, one in paint.constants.items()}
        return {**painted, **dict(values_of(self.placed)), **self.global_values, **constants}

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the values that a parameter set has still to give; what is tied is none."""
        tied = {tie.name for tie in self.ties}
        return tuple(n for n, value in self.values.items() if value is None and n not in tied)

    def placements(self) -> tuple[PlacedPoint, ...]:
        """Return every point of what is placed, in the order of the numbers."""
        return tuple(placements(self.placed, self.morphology))

    def unit_of(self, name: str) -> str:
        """Return the unit of a parameter as its .mod file declares it; "" where none is told."""
        pool = combine(self.mechanisms)
        for placed in self.placed:
            if name in placed.names:
                mechanism, own = pool[placed.mechanism], placed.names[name]
                declared = mechanism.parameters.get(own)
                return mechanism.weight_unit if declared is None else declared.unit
        if any(name in paint.constants for paint in self.paint):
            return unit_of(name.partition(".")[0])
        if name in self.global_values:
            return next(one.globals[name].unit for one in pool.values() if name in one.globals)
        if any(one.name == name and isinstance(one.distribution, Total) for one in self.paint):
            return "uS"
        variable = name.partition(".")[0]
        found = (one.parameters[variable] for one in pool.values() if variable in one.parameters)
        return next((parameter.unit for parameter in found), "")

    @property
    def suffixes(self) -> frozenset[str]:
        """The mechanisms that are inserted or placed."""
        inserted = (suffix for _, suffix in self.inserted)
        return frozenset((*inserted, *(one.mechanism for one in self.placed)))

    @cached_property
    def segment_counts(self) -> tuple[int, ...]:
        """The number of segments of every section, cut after the passive values are known."""
        return segment_counts(
            self.segments, self.morphology, self._passive("Ra"), self._passive("cm")
        )

    @cached_property
    def frame(self) -> str:
        """Digest of all but the values: cells of one frame differ in numbers alone."""
        painted = tuple((paint.variable, paint.region) for paint in self.paint)
        placed = tuple(one.layout for one in self.placed)
        shape = (self.morphology, self.mechanisms, self.inserted, self.segment_counts)
        return digest((*shape, painted, placed, *self.spines, *self.held, *self.pointers))

    def painted(self, before: "CellRecipe | None" = None) -> Iterator[PaintedSection]:
        """Yield every painted value section by section, in the order in which they apply.

        Variables that are painted as in `before`, a recipe of the same frame, are left out.

        Raises
        ------
        StudyError
            If a parameter is still free or a distribution gives no finite number.
        """
        if self.free:
            raise StudyError(
                f"{self.name}: no value for {', '.join(self.free)}; give a parameter set"
            )
        old = [None] * len(self.paint) if before is None else before.paint
        changed = {new.variable for new, was in zip(self.paint, old, strict=True) if new != was}
        if before is None:
            for section, factor in enumerate(self._factors.get(ALWAYS, ())):
                if factor != 1:
                    yield PaintedSection(section, ALWAYS, float(factor) * PASSIVE[ALWAYS])
        for paint in self.paint:
            if paint.variable in changed:
                factors = self._factors.get(paint.variable)
                for one in self._spread(paint):
                    if factors is not None:
                        one = one._replace(values=one.values * factors[one.section])
                    yield one

    @cached_property
    def _factors(self) -> dict[str, Floats]:
        """By variable, what spines multiply it with in each section."""
        names = {name for one in self.spines for name in one.scaled}
        return {name: spine_factors(self.morphology, self.spines, name) for name in names}

    def balanced(self) -> list[Balanced]:
        """Return what an engine has to balance, by section; where two paints reach one, the later.

        `painted` does not yield it.
        """
        last: dict[tuple[int, str], Balanced | None] = {}
        for paint in self.paint:
            variable, value = paint.variable, paint.value
            for section in self.morphology.indices(paint.region):
                balancing = isinstance(paint.distribution, Balance) and value is not None
                last[section, variable] = (
                    Balanced(section, variable, value) if balancing and value is not None else None
                )
        return [one for one in last.values() if one is not None]

    def _spread(self, paint: Paint) -> Iterator[PaintedSection]:
        assert paint.value is not None
        if isinstance(paint.distribution, Balance):
            return
        without = {*self.without_ion(paint)}
        if paint.distribution is not None:
            for section, values in self._distributed(paint, self.segment_counts):
                if section not in without:
                    yield PaintedSection(section, paint.variable, by_section(paint, values))
            return
        for section in self.morphology.indices(paint.region):
            if section in without:
                continue
            yield PaintedSection(section, paint.variable, float(paint.value))

    def without_ion(self, paint: Paint) -> list[int]:
        """Return the sections of a paint that lack the ion of its variable, where others have it.

        They are left out: `ena` of all is that of the sections with sodium.
        """
        carrying = self._ions.get(paint.variable)
        sections = self.morphology.indices(paint.region)
        if carrying is None or carrying.isdisjoint(sections):
            return []
        return [section for section in sections if section not in carrying]

    @cached_property
    def _ions(self) -> dict[str, set[int]]:
        """By variable of an ion, the sections in which a mechanism uses that ion."""
        pool, found = combine(self.mechanisms), dict[str, set[int]]()
        carried = [(suffix, self.morphology.indices(region)) for region, suffix in self.inserted]
        for one in self.placed:
            sections = tuple(section for section, _ in one.points(self.morphology))
            carried.append((one.mechanism, sections))
        for suffix, sections in carried:
            for ion in pool[suffix].ions if suffix in pool else ():
                for name in (f"e{ion.name}", f"{ion.name}i", f"{ion.name}o"):
                    found.setdefault(name, set()).update(sections)
        return found

    def _distributed(self, paint: Paint, counts: Sequence[int]) -> Iterator[tuple[int, Floats]]:
        """Yield the region's sections, each with its values when cut into `counts` segments."""
        assert paint.value is not None
        assert isinstance(paint.distribution, Distribution | Profile | Total)
        tree = self.morphology
        sections = tree.indices(paint.region)
        if not sections:
            return
        each = [counts[section] for section in sections]
        with _in_study(f"{self.name}: {paint.name}"):
            spread = paint.distribution.spread(paint.value, tree, sections, each)
        if isinstance(paint.distribution, Total):
            per = per_S_per_cm2(paint.variable, self.mechanisms)
            yield from zip(sections, [per * values for values in spread], strict=True)
            return
        for section, values in zip(sections, spread, strict=True):
            if not np.isfinite(values).all():
                raise StudyError(
                    f"{self.name}: {paint.name} is not finite in "
                    f"{tree.names[section]}; look at distribution {paint.distribution.name!r}"
                )
            yield section, values

    def _passive(self, variable: str) -> tuple[float, ...]:
        """Return the value of cm or Ra of every section; a distributed one in its middle."""
        values = [PASSIVE[variable]] * len(self.morphology.sections)
        middles = [1] * len(values)
        for paint in self.paint:
            if paint.variable != variable or paint.value is None or not paint.known:
                continue
            if paint.distribution is None:
                for section in self.morphology.indices(paint.region):
                    values[section] = paint.value
            else:
                for section, [value] in self._distributed(paint, middles):
                    values[section] = float(value)
        factors = self._factors.get(variable, np.ones(len(values)))
        return tuple((factors * values).tolist())


def covered(recipe: CellRecipe) -> Iterator[tuple[Paint, tuple[str, ...]]]:
    """Yield what is painted over in all its sections, and the regions by which it is."""
    indices = recipe.morphology.indices
    for number, paint in enumerate(recipe.paint):
        own = {*indices(paint.region)}
        over = {
            one.region: own.intersection(indices(one.region))
            for one in recipe.paint[number + 1 :]
            if one.variable == paint.variable
        }
        if own and own == set().union(*over.values()):
            yield paint, tuple(region for region, shared in over.items() if shared)


@contextmanager
def _in_study(name: str) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise StudyError(f"{name}: {error}") from None


def _valued(paint: Paint, values: Mapping[str, float | None]) -> Paint:
    if isinstance(one := paint.distribution, Distribution) and one.constants:
        own = {c: values[name] for name, c in one.names.items() if name in values}
        paint = replace(paint, distribution=replace(one, constants=_with(one.constants, own)))
    if paint.name not in values:
        return paint
    value = values[paint.name]
    return replace(paint, value=None if value is None else float(value))


def _with(
    given: Mapping[str, float | None], values: Mapping[str, float | None]
) -> dict[str, float | None]:
    """Return what is given with other values of the names that it has."""
    return {name: values.get(name, value) for name, value in given.items()}


def _placed_with(placed: Placed, values: Mapping[str, float | None]) -> Placed:
    own = {name: values[full] for full, name in placed.names.items() if full in values}
    return placed.with_values(own) if own else placed
