"""What a measure is given: the neurites of a cell, or those of one region."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.morphology.section import REGIONS, Section
from workbench.morphology.tree import Morphology
from workbench.morphology.writers.drawn import drawn_in_pieces, place_um
from workbench.morphology.writers.mutable import mutable

Measure = Callable[["Shape"], float]

MEASURES: dict[str, Measure] = {}
"""All measures of neurites, by the name of their column."""


def measure(function: Measure) -> Measure:
    """Make a function a measure; its name is that of the column, and ends with the unit."""
    MEASURES[function.__name__] = function
    return function


@dataclass(frozen=True, eq=False)
class Drawn:
    """A drawn cell (see `writers.drawn`), and the same in NeuroM's hands.

    Attributes
    ----------
    cell
        The drawn cell.
    named
        By the name of a region that is none of the four, its sections in it.
    """

    cell: Morphology
    named: Mapping[str, frozenset[int]] = field(default_factory=dict)

    @cached_property
    def neurom(self) -> Any:
        """NeuroM's morphology, each part of a tree under its own type."""
        return self.neurom_of(None)

    def neurom_of(self, only: frozenset[int] | None) -> Any:
        """Return NeuroM's morphology with some of the neurites alone."""
        from neurom.core.morphology import Morphology as NeuroMs

        made = mutable(self.cell, outlined=False, only=only)
        return NeuroMs(made, self.cell.name, process_subtrees=True)

    @cached_property
    def origin_um(self) -> Floats:
        """Where the middle of the soma is, or of the root where there is no soma."""
        return place_um(self.cell.sections[0], 0.5)


@dataclass(frozen=True, eq=False)
class Shape:
    """The neurites of a region, or of the whole cell ("all"); the soma is none.

    Trees of a named region begin and end with the region, as if there were nothing else.
    """

    drawn: Drawn
    region: str

    @cached_property
    def indices(self) -> tuple[int, ...]:
        """Of the sections, in the drawn cell."""
        if self.region in self.drawn.named:
            return tuple(sorted(self.drawn.named[self.region]))
        regions = REGIONS[1:] if self.region == "all" else (self.region,)
        cell = self.drawn.cell
        return tuple(i for i in range(len(cell)) if cell.sections[i].region in regions)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections themselves."""
        return tuple(self.drawn.cell.sections[index] for index in self.indices)

    @cached_property
    def children(self) -> dict[int, tuple[int, ...]]:
        """By section what goes on from its end within the region."""
        own, cell = set(self.indices), self.drawn.cell
        return {
            index: tuple(
                child
                for child in cell.children[index]
                if child in own and cell.sections[child].parent_x == 1
            )
            for index in self.indices
        }

    @cached_property
    def stems(self) -> tuple[int, ...]:
        """The sections with which the region's trees begin."""
        grown = {child for children in self.children.values() for child in children}
        return tuple(index for index in self.indices if index not in grown)

    @cached_property
    def forks(self) -> tuple[int, ...]:
        """The sections that end in two or more."""
        return tuple(index for index in self.indices if len(self.children[index]) > 1)

    @cached_property
    def path_um(self) -> dict[int, float]:
        """By section the path distance of its end from where its tree begins."""
        walked: dict[int, float] = {}
        for index in self.indices:
            section = self.drawn.cell.sections[index]
            before = 0.0 if index in self.stems else walked[section.parent]
            walked[index] = before + section.length_um
        return walked

    @cached_property
    def points_um(self) -> Floats:
        """(n, 3) all points."""
        return np.vstack([section.points[:, :3] for section in self.sections])

    @cached_property
    def radial_um(self) -> Floats:
        """(n,) the distance of all points from the middle of the soma."""
        return np.asarray(np.linalg.norm(self.points_um - self.drawn.origin_um, axis=1))

    def value(self, feature: str) -> float:
        """Return the one value of a feature of NeuroM."""
        return float(self.values(feature)[0])

    def values(self, feature: str, **options: Any) -> Floats:
        """Return all values of a feature of NeuroM, (n,)."""
        import neurom

        types = {"axonal": "axon", "basal": "basal_dendrite", "apical": "apical_dendrite"}
        chosen = getattr(neurom.NeuriteType, types.get(self.region, "all"))
        # A section that ends where it begins has no tortuosity.
        with np.errstate(divide="ignore", invalid="ignore"):
            found = neurom.get(feature, self._neurom, neurite_type=chosen, **options)
        return np.atleast_1d(np.asarray(found, dtype=float))

    @cached_property
    def _neurom(self) -> Any:
        only = self.drawn.named.get(self.region)
        return self.drawn.neurom if only is None else self.drawn.neurom_of(only)


def drawn_of(morphology: Morphology) -> Drawn:
    """Return a cell drawn, with its named regions."""
    cell, pieces = drawn_in_pieces(morphology)
    named = {
        one.name: frozenset(
            new
            for index in morphology.indices(one.name)
            for new in pieces[index]
            if cell.sections[new].region != "somatic"
        )
        for one in morphology.regions
    }
    return Drawn(cell, named)


def shape_of(morphology: Morphology, region: str = "all") -> Shape:
    """Return what the measures take."""
    return Shape(drawn_of(morphology), region)


def mean(values: Floats) -> float:
    """Return the mean of all finite values; NaN where there is none."""
    kept = values[np.isfinite(values)]
    return float(kept.mean()) if len(kept) else float("nan")


def largest(values: Floats) -> float:
    """Return the largest value; NaN where there is none."""
    return float(values.max()) if len(values) else float("nan")
