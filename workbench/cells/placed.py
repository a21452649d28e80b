"""Point processes at places of a cell: synapses, and whatever else sits at a point.

They stand at named sites, or scattered over a region with a density and a seed.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from workbench.cells.sites import DistanceSite, SectionSite, Site, locate, parse_site
from workbench.errors import InputError, MechanismError, StudyError, unknown
from workbench.mechanisms import Mechanism
from workbench.morphology import REGIONS, Morphology, Section
from workbench.units import ANY, amount

Point = tuple[int, float]
"""A section's index in the morphology, and the place on it, 0 to 1."""

WEIGHT = "weight"
"""The name under which a placed point process has the weight of its events."""

SHOWN = 3
"""Sites of many that a printed value names."""

MOST_POINTS = 100_000
"""Of one placed point process; a pyramidal cell has some 30,000 synapses."""


@dataclass(frozen=True)
class Placed:
    """A point process under a name of its own, at sites or scattered over a region.

    Attributes
    ----------
    name
        What events and parameters call it: `tau_decay.<name>`, `weight.<name>`.
    mechanism
        A POINT_PROCESS of the cell's mechanisms, or NEURON's ExpSyn or Exp2Syn.
    sites
        Where one stands each; a single site or its text is taken too.
    values
        PARAMETERs by their names in the .mod file, in the units there; None is free: a parameter
        set gives it. `weight` is that of an event, the first argument of NET_RECEIVE.
    region, density_per_um, density_per_um2, seed
        In place of sites: the nearest whole number of points to one of the densities, per length
        or per membrane area, each independently and uniformly anywhere in the region. Where they
        come to lie depends on the shape and the seed, not on the segments.

    Raises
    ------
    InputError
        If a text is no site, or a number cannot be.

    Examples
    --------
    >>> Placed("syn", "AMPA", "apical@400um", {"tau_decay": 3.0, "weight": 0.001}).sites
    (DistanceSite(region='apical', distance_um=400.0, choose='thickest'),)
    """

    name: str
    mechanism: str
    sites: Sequence[Site | str] | Site | str = ()
    values: Mapping[str, float | None] = field(default_factory=dict)
    region: str = ""
    density_per_um: float | None = None
    density_per_um2: float | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name in ("all", *REGIONS):
            raise StudyError(
                f"a placed point process is called {self.name!r}; take letters, digits and _, and "
                f"no name of a region ({', '.join(('all', *REGIONS))})"
            )
        given = self.sites
        if isinstance(given, str | SectionSite | DistanceSite):
            given = [given]
        sites = tuple(parse_site(s) if isinstance(s, str) else s for s in given)
        object.__setattr__(self, "sites", sites)
        self._check_density()
        for name, value in self.values.items():
            if value is not None:
                self._amount(name, value)

    def __repr__(self) -> str:
        values = (f"{n} {'free' if v is None else format(v, 'g')}" for n, v in self.values.items())
        per = f"{self._density:g} per {self._per}"
        where = f"{self.region}, {per}, seed {self.seed}"
        if not self._per:
            sites = [str(site) for site in self.located]
            where = ", ".join(sites if len(sites) <= SHOWN else [*sites[:SHOWN], "..."])
            where = where if len(sites) == 1 else f"{len(sites)} sites, {where}"
        return f"<Placed {self.name}: {self.mechanism} at {where}; {', '.join(values)}>"

    def with_values(self, values: Mapping[str, float]) -> "Placed":
        """Return it with other values of those that it has, by their names here."""
        return replace(self, values={n: values.get(n, v) for n, v in self.values.items()})

    @property
    def names(self) -> dict[str, str]:
        """What a cell calls its values, `weight.<name>`, with their names here."""
        return {f"{name}.{self.name}": name for name in self.values}

    @property
    def layout(self) -> "Placed":
        """The same without its numbers: what points there are, and what is set of them."""
        return replace(self, values=dict.fromkeys(self.values))

    def points(self, morphology: Morphology) -> tuple[Point, ...]:
        """Return where each stands, in the order of the sites or of the draws.

        Raises
        ------
        MorphologyError
            If a site is not there.
        StudyError
            If the region has no section, or the density gives no point or too many.
        """
        if not self._per:
            return tuple(locate(site, morphology) for site in self.located)
        if not morphology.indices(self.region):
            raise StudyError(
                f"place.{self.name}: this cell has no {self.region} section; choose another region"
            )
        by_area = self._per == "um2"
        extent = (morphology.area_um2 if by_area else morphology.length_um)(self.region)
        if self._density * extent > MOST_POINTS:
            raise self._too_many(self._density * extent)
        points = _scattered(morphology, self.region, self._per, self._density, self.seed)
        if not points:
            raise StudyError(
                f"place.{self.name}: {self._density:g} per {self._per} gives no point on "
                f"{extent:.4g} {self._per} of the region {self.region}; give a larger density, or "
                "sites"
            )
        return points

    @property
    def located(self) -> tuple[Site, ...]:
        """The sites, as values."""
        assert isinstance(self.sites, tuple)
        return self.sites

    @property
    def _density(self) -> float:
        return self.density_per_um or self.density_per_um2 or 0.0

    @property
    def _per(self) -> str:
        if self.density_per_um is not None:
            return "um"
        return "" if self.density_per_um2 is None else "um2"

    def _check_density(self) -> None:
        densities = [d for d in (self.density_per_um, self.density_per_um2) if d is not None]
        ways = bool(self.sites) + len(densities)
        if ways != 1 or bool(self.region) != bool(densities):
            raise StudyError(
                f"place.{self.name}: say where it stands in one way: sites, or a region with "
                "density_per_um or density_per_um2"
            )
        if len(self.located) > MOST_POINTS:
            raise self._too_many(len(self.located))
        for density in densities:
            if not 0 < self._amount("density", density) < math.inf:
                raise StudyError(
                    f"place.{self.name}: the density is {density:g}, it must be above 0"
                )
        if not (isinstance(self.seed, int) and 0 <= self.seed < 2**32):
            raise StudyError(f"place.{self.name}: seed is {self.seed!r}, a whole number from 0 on")

    def _amount(self, name: str, value: float) -> float:
        try:
            return amount(name, value, ANY)
        except InputError as error:
            raise StudyError(f"place.{self.name}: {error}") from None

    def _too_many(self, count: float) -> StudyError:
        return StudyError(
            f"place.{self.name}: these are {count:.6g} points, at most {MOST_POINTS} can be placed "
            "under one name"
        )


@lru_cache(maxsize=64)
def _scattered(
    morphology: Morphology, region: str, per: str, density: float, seed: int
) -> tuple[Point, ...]:
    """Return independent, uniform points of a region."""
    sections = morphology.indices(region)
    pieces = [_Pieces(morphology.sections[index], per == "um2") for index in sections]
    ends = np.cumsum([one.extent for one in pieces])
    # Of `random` numpy says that its numbers stay what they are; of the distributions it does not.
    drawn = np.random.default_rng(seed).random(round(density * ends[-1])) * ends[-1]
    which = np.minimum(np.searchsorted(ends, drawn, side="right"), len(pieces) - 1)
    found = []
    for number, at in zip(which.tolist(), drawn.tolist(), strict=True):
        begin = float(ends[number]) - pieces[number].extent
        found.append((sections[number], pieces[number].place(at - begin)))
    return tuple(found)


class _Pieces:
    """The frusta of a section, measured by length or by the area of their sides."""

    def __init__(self, section: Section, by_area: bool) -> None:
        self._arcs_um = section.arcs_um
        diameters_um = np.array(section.points[:, 3], dtype=float)
        self._from, self._to = diameters_um[:-1], diameters_um[1:]
        lengths_um = np.diff(self._arcs_um)
        if by_area:
            slant_um = np.hypot(lengths_um, (self._to - self._from) / 2)
            self._extents = np.pi * (self._from + self._to) / 2 * slant_um
        else:
            self._extents = lengths_um
            self._from = self._to = np.ones_like(lengths_um)
        self._ends = np.cumsum(self._extents)
        self.extent = float(self._ends[-1])

    def place(self, at: float) -> float:
        """Return the place, 0 to 1, up to which the section has an extent of `at`."""
        piece = min(int(np.searchsorted(self._ends, at)), len(self._ends) - 1)
        part = (at - (self._ends[piece] - self._extents[piece])) / (self._extents[piece] or 1.0)
        near, far = self._from[piece], self._to[piece]
        # The side of a cone up to the part u of its length is near u + (far - near) u^2 / 2.
        part = min(max(float(part), 0.0), 1.0)
        u = part * (near + far) / (near + math.sqrt(near**2 + part * (far**2 - near**2)))
        length_um = self._arcs_um[piece] + u * (self._arcs_um[piece + 1] - self._arcs_um[piece])
        return min(max(float(length_um / self._arcs_um[-1]), 0.0), 1.0)


def check_placed(
    placed: Sequence[Placed], pool: Mapping[str, Mechanism], morphology: Morphology
) -> None:
    """Refuse what cannot stand on a cell.

    Parameters
    ----------
    placed
        All of the cell.
    pool
        Its mechanisms, by suffix.

    Raises
    ------
    MechanismError
        If a mechanism is not there or no point process, or has no such parameter.
    MorphologyError
        If a site is not there.
    StudyError
        If two have one name, or a density gives no point or too many.
    """
    names = [one.name for one in placed]
    for one in placed:
        if names.count(one.name) > 1:
            raise StudyError(f"two placed point processes are called {one.name}")
        mechanism = _point_process(one, pool)
        allowed = [name for name in mechanism.parameters if name != WEIGHT]
        allowed += [WEIGHT] if mechanism.receives else []
        for name in one.values:
            if name not in allowed:
                what = _global(name, mechanism) or unknown("parameter", name, allowed)
                raise MechanismError(f"place.{one.name}: {one.mechanism}: {what}")
        one.points(morphology)


def _point_process(placed: Placed, pool: Mapping[str, Mechanism]) -> Mechanism:
    known = [suffix for suffix, mechanism in pool.items() if mechanism.kind == "point"]
    key = f"place.{placed.name}"
    mechanism = pool.get(placed.mechanism)
    if mechanism is None:
        raise MechanismError(f"{key}: {unknown('point process', placed.mechanism, known)}")
    if mechanism.kind == "artificial":
        raise MechanismError(
            f"{key}: {placed.mechanism} is an ARTIFICIAL_CELL, which stands nowhere; trains of "
            "events are given under events of a protocol"
        )
    if mechanism.kind != "point":
        raise MechanismError(
            f"{key}: {placed.mechanism} is a {mechanism.kind} mechanism, not a point process; "
            f"insert it in a region. Can be placed: {', '.join(sorted(known)) or 'none'}"
        )
    return mechanism


def _global(name: str, mechanism: Mechanism) -> str:
    if name not in (one.name for one in mechanism.global_parameters):
        return ""
    return f"{name} is no RANGE variable, so it has one value for all cells; declare it RANGE"


def values_of(placed: Sequence[Placed]) -> Iterator[tuple[str, float | None]]:
    """Yield every value of placed point processes by the name that a cell gives it."""
    for one in placed:
        for name, own in one.names.items():
            yield name, one.values[own]
