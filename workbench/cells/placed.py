"""Point processes at places of a cell: synapses, and whatever else sits at a point."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

from workbench.cells.placements import AtSites, Placement, placement_of, read_sites
from workbench.cells.stretches import Point
from workbench.errors import InputError, MechanismError, MorphologyError, StudyError, unknown
from workbench.mechanisms import Mechanism
from workbench.morphology import REGIONS, Morphology, Site, parse_site
from workbench.units import ANY, amount

_ON_PLACED = re.compile(r"\s*([^\W\d]\w*)(?:\[(\d+)\])?\s*")

WEIGHT = "weight"
"""The name under which a placed point process has the weight of its events."""


@dataclass(frozen=True)
class Placed:
    """A point process under a name of its own, at sites or where a placement says.

    Attributes
    ----------
    name
        What events and parameters call it: `tau_decay.<name>`, `weight.<name>`.
    mechanism
        A POINT_PROCESS of the cell's mechanisms, or NEURON's ExpSyn or Exp2Syn.
    sites
        Where one stands each; a single site or its text is taken too. Or a placement, as a value
        of `cells/placements.py` or with the keys that `sites` has in cell.toml.
    values
        PARAMETERs by their names in the .mod file, in the units there; None is free: a parameter
        set gives it. `weight` is that of an event, the first argument of NET_RECEIVE.

    Raises
    ------
    InputError
        If a text is no site, or a number cannot be.

    Examples
    --------
    >>> Placed("syn", "AMPA", "apical@400um", {"tau_decay": 3.0, "weight": 0.001}).sites
    (DistanceSite(region='apical', distance_um=400.0, choose='thickest'),)
    >>> Placed("many", "AMPA", {"region": "apical", "count": 40, "seed": 7})
    <Placed many: AMPA at apical, 40 points by length, seed 7; no values>
    """

    name: str
    mechanism: str
    sites: Placement | Mapping[str, Any] | Sequence[Site | str] | Site | str
    values: Mapping[str, float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or self.name in ("all", *REGIONS):
            raise StudyError(
                f"a placed point process is called {self.name!r}; take letters, digits and _, and "
                f"no name of a region ({', '.join(('all', *REGIONS))})"
            )
        with self._named():
            object.__setattr__(self, "sites", _read(self.sites))
            for name, value in self.values.items():
                if value is not None:
                    amount(name, value, ANY)

    def __repr__(self) -> str:
        values = [f"{n} {'free' if v is None else format(v, 'g')}" for n, v in self.values.items()]
        said = ", ".join(values) or "no values"
        return f"<Placed {self.name}: {self.mechanism} at {self.placement}; {said}>"

    def with_values(self, values: Mapping[str, float | None]) -> "Placed":
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

    @property
    def placement(self) -> Placement:
        """Where its points stand."""
        if isinstance(self.sites, Placement):
            return self.sites
        assert isinstance(self.sites, tuple)
        return AtSites(self.sites)

    def points(self, morphology: Morphology) -> tuple[Point, ...]:
        """Return where each stands, in the order of their numbers.

        Raises
        ------
        MorphologyError
            If a site or region is not there.
        StudyError
            If there is no point, or too many.
        """
        with self._named():
            return _drawn(self.placement, morphology)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Put the key before the message of every error inside."""
        try:
            yield
        except MorphologyError as error:
            raise MorphologyError(f"place.{self.name}: {error}") from None
        except InputError as error:
            raise StudyError(f"place.{self.name}: {error}") from None


def _read(
    given: Placement | Mapping[str, Any] | Sequence[Site | str] | Site | str,
) -> Placement | tuple[Site, ...]:
    if isinstance(given, Placement):
        return given
    if isinstance(given, Mapping):
        return placement_of(given)
    if not (sites := read_sites(given)):
        raise StudyError("say where it stands: a site, sites, or a placement under sites")
    return sites


@lru_cache(maxsize=64)
def _drawn(placement: Placement, morphology: Morphology) -> tuple[Point, ...]:
    return placement.points(morphology)


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
        If two have one name, or one that of a region, or a density gives no point or too many.
    """
    names = [one.name for one in placed]
    for one in placed:
        if names.count(one.name) > 1:
            raise StudyError(f"two placed point processes are called {one.name}")
        if one.name in morphology.region_names:
            raise StudyError(
                f"place.{one.name}: {one.name} is the name of a region; take another one"
            )
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
    return (
        f"{name} is no RANGE variable, so it has one value for the cell: give it under "
        "[parameters.global], or declare it RANGE"
    )


def values_of(placed: Sequence[Placed]) -> Iterator[tuple[str, float | None]]:
    """Yield every value of placed point processes by the name that a cell gives it."""
    for one in placed:
        for name, own in one.names.items():
            yield name, one.values[own]


class PlacedPoint(NamedTuple):
    """One point of a placed point process, as tables have it.

    Attributes
    ----------
    place, mechanism, number
        Whose it is, what it is, and its number there, from 0 on.
    section, x, distance_um
        Where it stands, and how far that is from soma(0.5) along the tree.
    """

    place: str
    mechanism: str
    number: int
    section: str
    x: float
    distance_um: float


def placements(placed: Sequence[Placed], morphology: Morphology) -> Iterator[PlacedPoint]:
    """Yield every point of what is placed on a cell, in the order of the numbers."""
    for one in placed:
        for number, (index, x) in enumerate(one.points(morphology)):
            distance_um = float(morphology.path_distance_um(index, x))
            section = morphology.names[index]
            yield PlacedPoint(one.name, one.mechanism, number, section, x, distance_um)


@dataclass(frozen=True)
class OnPlaced:
    """A point of a placed point process: the name under `[place]`, and the point's number there.

    The number may be left out where there is one point alone.
    """

    place: str
    number: int | None = None

    def __str__(self) -> str:
        return self.place if self.number is None else f"{self.place}[{self.number}]"


def parse_where(text: str) -> Site | OnPlaced:
    """Return the site, or the point of a placed point process, that a text names.

    Raises
    ------
    MorphologyError
        If it is neither.

    >>> parse_where("syn[3]")
    OnPlaced(place='syn', number=3)
    """
    if match := _ON_PLACED.fullmatch(text):
        return OnPlaced(match[1], None if match[2] is None else int(match[2]))
    return parse_site(text)
