"""How a painted value varies over the tree: an arithmetic expression of the path distance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, get_args

import numpy as np

from workbench.arrays import Floats
from workbench.cells.arithmetic import ALLOWED, FUNCTIONS, RefusedError, computed, names_in
from workbench.errors import StudyError, unknown
from workbench.inputs import LONGEST_EXPRESSION
from workbench.morphology import Morphology, Site, locate
from workbench.units import ANY, amount

Place = Literal["centre", "last segment's end", "section's end"]
"""Which point of a segment a distance is taken at."""

PLACES: tuple[Place, ...] = get_args(Place)
VARIABLES = ("value", "distance_um", "max_distance_um")


@dataclass(frozen=True)
class Distribution:
    """A value as a function of where on the tree it is.

    The expression may use `value` (what a parameter set gives), `distance_um` (path distance
    from soma(0.5)) and `max_distance_um` (of the farthest section end of the painted region),
    + - * / **, comparisons, `a if condition else b` and exp, log, sqrt, abs, minimum, maximum.

    `at` says which point of a segment counts: its centre; its centre but the section's end for
    the last segment, as scripts do that loop over all of a section's points with both ends
    (Hay et al. 2011); or the section's end for the whole section (Halnes et al. 2011).

    `constants` are further names, with their values; None is free: a parameter set gives it, under
    `<constant>.<name of the distribution>`.

    Raises
    ------
    StudyError
        If the expression cannot be parsed or uses anything else, or not all constants.

    Examples
    --------
    >>> fall = Distribution("f", "value * exp(-distance_um / far_um)", constants={"far_um": 100.0})
    >>> fall.evaluate(1.0, np.array([0.0, 100.0]), 200.0).round(3).tolist()
    [1.0, 0.368]
    """

    name: str
    expression: str
    at: Place = "centre"
    constants: Mapping[str, float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at not in PLACES:
            raise StudyError(f"distribution {self.name!r}: at: {unknown('place', self.at, PLACES)}")
        for name, value in self.constants.items():
            if not name.isidentifier() or name in (*VARIABLES, *FUNCTIONS):
                raise StudyError(
                    f"distribution {self.name!r}: a constant is called {name!r}; take letters, "
                    f"digits and _, and none of {', '.join((*VARIABLES, *FUNCTIONS))}"
                )
            if value is not None:
                amount(name, value, ANY)
        self.evaluate(1.0, np.array([0.0, 1.0]), 1.0)
        for name in self.constants:
            if name not in names_in(self.expression):
                raise StudyError(f"distribution {self.name!r}: its expression has no {name}")

    @property
    def names(self) -> dict[str, str]:
        """What a cell calls its constants, `<constant>.<name>`, with their names here."""
        return {f"{constant}.{self.name}": constant for constant in self.constants}

    def spread(
        self, value: float, tree: Morphology, sections: Sequence[int], counts: Sequence[int]
    ) -> list[Floats]:
        """Return the painted values of the segments of a region's sections, (count,) each."""
        distance_um, farthest_um = _distances_um(tree, tuple(sections), tuple(counts), self.at)
        values = self.evaluate(value, distance_um, farthest_um)
        return np.split(values, np.cumsum(counts)[:-1])

    def evaluate(self, value: float, distance_um: Floats, max_distance_um: float) -> Floats:
        """Return the painted value at each distance, shape of `distance_um`.

        As everywhere in numpy, 1/0 is infinite and log(-1) is NaN.
        """
        names = {
            "value": np.float64(value),
            "distance_um": distance_um,
            "max_distance_um": np.float64(max_distance_um),
            **{n: np.float64(1.0 if v is None else v) for n, v in self.constants.items()},
        }
        try:
            result = computed(self.expression, names)
        except RefusedError as error:
            raise StudyError(
                f"distribution {self.name!r}: cannot use "
                f"{self.expression[:LONGEST_EXPRESSION]!r}: {error}. "
                f"Allowed: numbers, {', '.join((*VARIABLES, *self.constants))}, {ALLOWED}"
            ) from None
        return np.broadcast_to(np.asarray(result, dtype=float), distance_um.shape)


@dataclass(frozen=True)
class Profile:
    """A value times a factor for each section, as in the tables of compartmental models.

    A section may have several factors, one for each of as many equal parts from its begin on; a
    segment takes that of the part in which its centre lies.
    """

    name: str
    factors: Mapping[str, float | tuple[float, ...]]

    def spread(
        self, value: float, tree: Morphology, sections: Sequence[int], counts: Sequence[int]
    ) -> list[Floats]:
        """Return the painted values of the segments of a region's sections, (count,) each.

        Raises
        ------
        StudyError
            If the table has no entry for a section.
        """
        names = [tree.uncut_names[section] for section in sections]
        for name in names:
            if name not in self.factors:
                raise StudyError(
                    f"distribution {self.name!r} has no factor for {name}; it has "
                    f"{', '.join(self.factors)}"
                )
        return [
            value * self._along(name, tree, section, count)
            for name, section, count in zip(names, sections, counts, strict=True)
        ]

    def _along(self, name: str, tree: Morphology, section: int, count: int) -> Floats:
        """Return the factor of each segment of a section, or of a piece of it, (count,)."""
        factors = self.factors[name]
        if not isinstance(factors, tuple):
            return np.full(count, factors)
        pieces = next(pieces for pieces in tree.wholes if section in pieces)
        lengths_um = [tree.sections[index].length_um for index in pieces]
        before_um = sum(lengths_um[: pieces.index(section)])
        centres_um = (
            before_um + (np.arange(count) + 0.5) / count * lengths_um[pieces.index(section)]
        )
        parts = (centres_um / sum(lengths_um) * len(factors)).astype(int)
        found: Floats = np.array(factors, dtype=float)[parts]
        return found


@dataclass(frozen=True)
class Balance:
    """A reversal potential with which the membrane of each segment carries no current.

    The painted value is the voltage (mV) at which that is so. An engine computes the reversal
    potential when all else of the cell is known.
    """


@dataclass(frozen=True)
class Total:
    """The conductance of a whole region, in place of a density: the painted value is in uS.

    A total of G uS on A um2 of membrane is G / A uS/um2, 100 times as many S/cm2.

    Attributes
    ----------
    at
        All of it is in the segment at this site, and the rest of the region has none. Without a
        site it is spread evenly over the region's membrane.
    """

    at: Site | None = None

    def carriers(self, tree: Morphology, sections: Sequence[int]) -> tuple[int, ...]:
        """Return those of a region's sections that have some of it.

        Raises
        ------
        MorphologyError
            If there is no such site.
        """
        return tuple(sections) if self.at is None else (locate(self.at, tree)[0],)

    def spread(
        self, value: float, tree: Morphology, sections: Sequence[int], counts: Sequence[int]
    ) -> list[Floats]:
        """Return the S/cm2 in the segments of a region's sections, (count,) each.

        Raises
        ------
        StudyError
            If the membrane that is to have it has no area.
        """
        areas_um2 = [
            tree.sections[section].areas_um2(np.linspace(0, 1, count + 1))
            for section, count in zip(sections, counts, strict=True)
        ]
        shares = [np.full(count, 1.0 if self.at is None else 0.0) for count in counts]
        if self.at is not None:
            section, x = locate(self.at, tree)
            here = shares[tuple(sections).index(section)]
            here[min(int(x * len(here)), len(here) - 1)] = 1.0
        area_um2 = sum(float(one @ area) for one, area in zip(shares, areas_um2, strict=True))
        if not area_um2 > 0:
            raise StudyError(f"a total of {value:g} uS is on membrane without an area")
        return [100 * value / area_um2 * one for one in shares]


@lru_cache(maxsize=64)
def _distances_um(
    tree: Morphology, sections: tuple[int, ...], counts: tuple[int, ...], at: Place
) -> tuple[Floats, float]:
    """Return the distance of each segment, section after section, and of the farthest end."""
    found = []
    for section, count in zip(sections, counts, strict=True):
        x = (np.arange(count) + 0.5) / count
        if at == "last segment's end":
            x[-1] = 1.0
        elif at == "section's end":
            x[:] = 1.0
        found.append(np.asarray(tree.path_distance_um(section, x), dtype=float))
    distance_um = np.concatenate(found)
    distance_um.setflags(write=False)
    return distance_um, max(float(tree.path_distance_um(section, 1.0)) for section in sections)
