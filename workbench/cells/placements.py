"""Where the points of a placed point process stand: a frozen value for each kind of placement.

What is drawn depends on the shape, the seed and a point's number, and not on the segments: a
further point leaves those before it where they are. A new kind is a class here.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal, get_args

import numpy as np

from workbench.cells.stretches import By, Point, Stretch, points_at, reached, way
from workbench.errors import StudyError
from workbench.keys import key
from workbench.morphology import DistanceSite, Morphology, SectionSite, Site, locate, parse_site
from workbench.units import amount

SHOWN = 3
"""Sites of many that a printed value names."""

MOST_POINTS = 100_000
"""Of one placed point process; a pyramidal cell has some 30,000 synapses."""

_REGION = "Where: a region, `all`, or a section such as `apic[3]`."
_SEEDS = 2**32


class Placement(ABC):
    """Where points stand; `str` says it in words."""

    @abstractmethod
    def points(self, morphology: Morphology) -> tuple[Point, ...]:
        """Return where each stands, in the order of their numbers.

        Raises
        ------
        MorphologyError
            If a site or region is not there.
        StudyError
            If there is no point or there are too many.
        """


@dataclass(frozen=True)
class AtSites(Placement):
    """`{ at, count }`: so many at each of some sites."""

    at: Sequence[Site | str] | Site | str = key(
        "A site, or several: `apical@400um`.", read=str | list[str]
    )
    count: int = key("How many points; at each of `at`, one unless it is given.", 1)

    def __post_init__(self) -> None:
        sites = read_sites(self.at)
        if not sites:
            raise StudyError("at holds no site")
        _check_whole("count", self.count)
        _check_most(self.count * len(sites))
        object.__setattr__(self, "at", sites)

    def __str__(self) -> str:
        assert isinstance(self.at, tuple)
        sites = [str(site) for site in self.at]
        where = ", ".join(sites if len(sites) <= SHOWN else [*sites[:SHOWN], "..."])
        where = where if len(sites) == 1 else f"{len(sites)} sites, {where}"
        return where if self.count == 1 else f"{where}, {self.count} at each"

    def points(self, morphology: Morphology) -> tuple[Point, ...]:
        """Return one site's points after the other's."""
        assert isinstance(self.at, tuple)
        return tuple(locate(site, morphology) for site in self.at for _ in range(self.count))


@dataclass(frozen=True)
class _InRegion(Placement):
    region: str = key(_REGION)


@dataclass(frozen=True)
class Scattered(_InRegion):
    """`{ region, count, by, seed }`: points each independently and uniformly in a region."""

    count: int = key("How many points.")
    by: By = key("Uniformly per `length` or per membrane `area`.", "length")
    seed: int = key("Of the places.", 1)

    def __post_init__(self) -> None:
        _check_whole("count", self.count)
        _check_most(self.count)
        if self.by not in get_args(By):
            raise StudyError(f"by is {self.by!r}; allowed: {', '.join(get_args(By))}")
        _check_seed(self.seed)

    def __str__(self) -> str:
        return f"{self.region}, {self.count} points by {self.by}, seed {self.seed}"

    def points(self, morphology: Morphology) -> tuple[Point, ...]:
        """Return point after point as they are drawn."""
        # Of `random` numpy says that its numbers stay what they are; of distributions it does not.
        drawn = np.random.default_rng(self.seed).random(self.count)
        return points_at(morphology, _whole(morphology, self.region), drawn, self.by)


@dataclass(frozen=True)
class Dense(_InRegion):
    """`{ region, density_per_um, seed }` or with `density_per_um2`: so many points for its size.

    The nearest whole number to the density times the region's length or membrane area, placed as
    `count` of them by `length` or `area` are.
    """

    density_per_um: float | None = key("Points per length.", None)
    density_per_um2: float | None = key("Points per membrane area.", None)
    seed: int = key("Of the places.", 1)

    def __post_init__(self) -> None:
        given = [d for d in (self.density_per_um, self.density_per_um2) if d is not None]
        if len(given) != 1:
            raise StudyError("a region alone; give density_per_um or density_per_um2, or count")
        if not amount("density", given[0], (-math.inf, math.inf)) > 0:
            raise StudyError(f"the density is {given[0]:g}, it must be above 0")
        _check_seed(self.seed)

    def __str__(self) -> str:
        return f"{self.region}, {self._density:g} per {self._unit}, seed {self.seed}"

    def points(self, morphology: Morphology) -> tuple[Point, ...]:
        """Return point after point as they are drawn."""
        by: By = "length" if self.density_per_um is not None else "area"
        _whole(morphology, self.region)
        extent = (morphology.length_um if by == "length" else morphology.area_um2)(self.region)
        _check_most(self._density * extent)
        if not (count := round(self._density * extent)):
            raise StudyError(
                f"{self._density:g} per {self._unit} gives no point on {extent:.4g} {self._unit} "
                f"of the region {self.region}; give a larger density, a count or sites"
            )
        return Scattered(self.region, count, by, self.seed).points(morphology)

    @property
    def _density(self) -> float:
        return self.density_per_um or self.density_per_um2 or 0.0

    @property
    def _unit(self) -> str:
        return "um" if self.density_per_um is not None else "um2"


@dataclass(frozen=True)
class Spaced(_InRegion):
    """`{ region, every_um }`: a point wherever the path distance from soma(0.5) is a multiple."""

    every_um: float = key("The distance along each branch from a point to the next.")

    def __post_init__(self) -> None:
        if not amount("every_um", self.every_um) > 0:
            raise StudyError(f"every_um is {self.every_um:g}, it must be above 0")

    def __str__(self) -> str:
        return f"{self.region}, every {self.every_um:g} um"

    def points(self, morphology: Morphology) -> tuple[Point, ...]:
        """Return section after section, each outwards, its farther end included."""
        _check_most(morphology.length_um(self.region) / self.every_um)
        found = []
        for index, _, _ in _whole(morphology, self.region):
            for from_x, to_x in ((0.5, 0.0), (0.5, 1.0)) if index == 0 else ((0.0, 1.0),):
                near, far = morphology.path_distance_um(index, (from_x, to_x)) / self.every_um
                for step in range(math.floor(near + 1e-9) + 1, math.floor(far + 1e-9) + 1):
                    part = min((step - near) / (far - near), 1.0)
                    found.append((index, float(from_x + part * (to_x - from_x))))
        if not found:
            raise StudyError(
                f"no multiple of {self.every_um:g} um from soma(0.5) lies in the region "
                f"{self.region}; give a shorter distance"
            )
        return tuple(found)


@dataclass(frozen=True)
class Along(Placement):
    """`{ along, count, order }`: points on the way between two sites, evenly, one at each of them.

    One of the sites has to lie between the soma and the other. Numbers grow away from the soma
    (`out`) or towards it (`in`): events of the type `sequence` come in their order.
    """

    along: Sequence[Site | str] = key('Two sites: `["soma(0.5)", "apic[36](1)"]`.', read=list[str])
    count: int = key("How many points.")
    order: Literal["out", "in"] = key(
        "How they are numbered: away from the soma (`out`) or towards it (`in`).", "out"
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "along", read_sites(self.along))
        if len(self.along) != 2:
            raise StudyError(f"along holds {len(self.along)} sites; give two, a way has two ends")
        _check_whole("count", self.count)
        _check_most(self.count)
        if self.order not in ("out", "in"):
            raise StudyError(f"order is {self.order!r}; allowed: out, in")

    def __str__(self) -> str:
        here, there = self.along
        return f"{self.count} points along {here} to {there}, numbered {self.order}"

    def points(self, morphology: Morphology) -> tuple[Point, ...]:
        """Return them evenly spaced; a single one stands at the end where they begin."""
        here, there = (locate(_site(one), morphology) for one in self.along)
        stretches = way(morphology, here, there)
        if stretches is None:
            first, second = self.along
            raise StudyError(
                f"neither {first} nor {second} lies between the soma and the other, so there is no "
                "way in or out; give two sites of one branch"
            )
        parts = np.linspace(0.0, 1.0, self.count)
        return points_at(morphology, stretches, parts if self.order == "out" else 1.0 - parts)


@dataclass(frozen=True)
class Clustered(Placement):
    """`{ clusters, each, within_um, region, seed }`: points near centres drawn in a region.

    Centres are uniform by length, and so are the points of a cluster on what of the region is not
    farther from its centre along the tree. A further cluster leaves the others where they are.
    """

    clusters: int = key("How many clusters.")
    each: int = key("How many points a cluster has.")
    within_um: float = key("How far from its centre a point is at most, along the tree.")
    region: str = key(_REGION, "all")
    seed: int = key("Of the places.", 1)
    across_soma: bool = key("Whether a cluster may reach over the soma.", False)

    def __post_init__(self) -> None:
        _check_whole("clusters", self.clusters)
        _check_whole("each", self.each)
        _check_most(self.clusters * self.each)
        _check_seed(self.seed)
        if not amount("within_um", self.within_um) > 0:
            raise StudyError(f"within_um is {self.within_um:g}, it must be above 0")

    def __str__(self) -> str:
        return (
            f"{self.region}, {self.clusters} clusters of {self.each} within {self.within_um:g} um, "
            f"seed {self.seed}"
        )

    def points(self, morphology: Morphology) -> tuple[Point, ...]:
        """Return cluster after cluster."""
        inside = set(morphology.indices(self.region))
        everywhere = _whole(morphology, self.region)
        found: list[Point] = []
        for number in range(self.clusters):
            drawn = np.random.default_rng((self.seed, number)).random(1 + self.each)
            [centre] = points_at(morphology, everywhere, drawn[:1])
            near = reached(morphology, centre, self.within_um, across_soma=self.across_soma)
            here = tuple(one for one in near if one.section in inside)
            found += points_at(morphology, here, drawn[1:])
        return tuple(found)


PLACEMENTS: tuple[type[Placement], ...] = (AtSites, Scattered, Dense, Spaced, Along, Clustered)
"""All kinds."""


def placement_of(given: Mapping[str, Any]) -> Placement:
    """Return the placement of the kind that has these keys.

    Raises
    ------
    InputError
        If no kind has them, or a value cannot be.

    >>> placement_of({"region": "apical", "count": 40})
    Scattered(region='apical', count=40, by='length', seed=1)
    """
    for kind in PLACEMENTS:
        entries = fields(kind)  # type: ignore[arg-type]
        needed = {one.name for one in entries if one.default is MISSING}
        if needed <= given.keys() <= {one.name for one in entries}:
            return kind(**given)
    forms = (f"{{ {', '.join(one.name for one in fields(k))} }}" for k in PLACEMENTS)  # type: ignore[arg-type]
    raise StudyError(
        f"there is no placement of {', '.join(given) or 'nothing'}; allowed: {'; '.join(forms)}"
    )


def read_sites(given: Sequence[Site | str] | Site | str) -> tuple[Site, ...]:
    """Return sites as values; a single one, or its text, is taken too.

    Raises
    ------
    MorphologyError
        If a text is no site.
    """
    several = [given] if isinstance(given, str | SectionSite | DistanceSite) else given
    return tuple(map(_site, several))


def _site(given: Site | str) -> Site:
    return parse_site(given) if isinstance(given, str) else given


def _whole(morphology: Morphology, region: str) -> tuple[Stretch, ...]:
    """Return the sections of a region from end to end."""
    indices = morphology.indices(region)
    if not indices:
        raise StudyError(f"this cell has no {region} section; choose another region")
    return tuple(Stretch(index, 0.0, 1.0) for index in indices)


def _check_whole(name: str, given: int) -> None:
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise StudyError(f"{name} is {given!r}, it must be a whole number from 1 on")


def _check_most(count: float) -> None:
    if count > MOST_POINTS:
        raise StudyError(
            f"these are {count:.6g} points, at most {MOST_POINTS} can be placed under one name"
        )


def _check_seed(given: int) -> None:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given < _SEEDS:
        raise StudyError(f"seed is {given!r}, it must be a whole number from 0 to {_SEEDS - 1}")
