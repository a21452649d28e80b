"""What drives placed point processes: trains of events, each with a weight.

Every amount may be the name of one of the protocol's parameters.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from workbench.cells import WEIGHT, CellRecipe
from workbench.errors import StudyError, unknown
from workbench.mechanisms import combine
from workbench.protocols.stimulus import Amount

Floats = NDArray[np.float64]

_AT_ONCE = 64

MOST_EVENTS = 1_000_000
"""Of a train; each is an entry of NEURON's queue."""


@dataclass(frozen=True)
class EventTimes:
    """Events at given times.

    Attributes
    ----------
    place
        The placed point process; all of its points receive the events.
    times_ms
        In order; several may be equal.
    delay_ms
        How much later than `times_ms` the events arrive.
    weight
        Of each event, where it is not the `weight` of the placed point process.
    """

    place: str
    times_ms: tuple[float, ...]
    delay_ms: Amount = 0.0
    weight: Amount | None = None

    def __post_init__(self) -> None:
        try:
            times_ms = np.array(self.times_ms, dtype=float)
        except (TypeError, ValueError):
            raise self._refused(f"times_ms is {self.times_ms!r}, no row of numbers") from None
        if times_ms.ndim != 1 or not times_ms.size:
            raise self._refused("times_ms holds no time")
        if times_ms.size > MOST_EVENTS:
            raise self._refused(f"these are {times_ms.size} events, at most {MOST_EVENTS}")
        for number in np.flatnonzero(~(np.isfinite(times_ms) & (times_ms >= 0)))[:1]:
            raise self._refused(
                f"time {number + 1} is {times_ms[number]:g} ms; each is a finite number from 0 on"
            )
        for number in np.flatnonzero(np.diff(times_ms) < 0)[:1]:
            raise self._refused(
                f"time {number + 2} is {times_ms[number + 1]:g} ms and comes after "
                f"{times_ms[number]:g} ms; sort them"
            )
        object.__setattr__(self, "times_ms", tuple(times_ms.tolist()))

    def times_of(self, point: int) -> Floats:
        """Return the times (ms) at which events reach a point, once the amounts are numbers."""
        return np.array(self.times_ms) + float(self.delay_ms)

    def _refused(self, why: str) -> StudyError:
        return StudyError(f"events on {self.place}: {why}")


@dataclass(frozen=True)
class RegularEvents:
    """Events at a frequency; the first comes at `delay_ms`, at all points at once.

    `place` and `weight` are those of `EventTimes`.
    """

    place: str
    delay_ms: Amount
    frequency_Hz: Amount
    count: Amount
    weight: Amount | None = None

    def __post_init__(self) -> None:
        _check_above_0(self.place, frequency_Hz=self.frequency_Hz, count=self.count)
        if isinstance(self.count, str):
            return
        if self.count != int(self.count) or self.count > MOST_EVENTS:
            raise StudyError(
                f"events on {self.place}: count is {self.count:g}, it must be a whole number of at "
                f"most {MOST_EVENTS}"
            )

    def times_of(self, point: int) -> Floats:
        """Return the times (ms) at which events reach a point, once the amounts are numbers."""
        numbers = np.arange(int(self.count), dtype=float)
        return np.asarray(float(self.delay_ms) + 1000.0 / float(self.frequency_Hz) * numbers)


@dataclass(frozen=True)
class PoissonEvents:
    """A Poisson process from `delay_ms` for `duration_ms`, an independent one for each point.

    What comes depends on the seed and on the number of the point, in the order in which a placed
    point process has them, and on nothing else. `place` and `weight` are those of `EventTimes`.
    """

    place: str
    delay_ms: Amount
    duration_ms: Amount
    rate_Hz: Amount
    seed: int = 1
    weight: Amount | None = None

    def __post_init__(self) -> None:
        _check_above_0(self.place, rate_Hz=self.rate_Hz)
        if not (isinstance(self.seed, int) and 0 <= self.seed < 2**32):
            raise StudyError(
                f"events on {self.place}: seed is {self.seed!r}, it must be a whole number from 0 "
                f"to {2**32 - 1}"
            )
        if isinstance(self.rate_Hz, str) or isinstance(self.duration_ms, str):
            return
        if (expected := self.rate_Hz / 1000.0 * self.duration_ms) > MOST_EVENTS:
            raise StudyError(
                f"events on {self.place}: {self.rate_Hz:g} Hz for {self.duration_ms:g} ms are some "
                f"{expected:g} events at each point, at most {MOST_EVENTS}"
            )

    def times_of(self, point: int) -> Floats:
        """Return the times (ms) at which events reach a point, once the amounts are numbers."""
        duration_ms, mean_ms = float(self.duration_ms), 1000.0 / float(self.rate_Hz)
        generator = np.random.default_rng((self.seed, point))
        found, reached_ms = [], 0.0
        while reached_ms < duration_ms:
            # By inversion, of numbers that numpy promises to keep.
            waits_ms = -mean_ms * np.log1p(-generator.random(_AT_ONCE))
            found.append(reached_ms + np.cumsum(waits_ms))
            reached_ms = float(found[-1][-1])
        times_ms = np.concatenate(found or [np.empty(0)])
        return float(self.delay_ms) + times_ms[times_ms < duration_ms]


Events = EventTimes | RegularEvents | PoissonEvents
"""What may drive a placed point process."""

_NO_AMOUNTS = ("place", "times_ms", "seed")


def amounts_of(events: Events) -> dict[str, Amount]:
    """Return the amounts of a train by their names, without a weight that is not given."""
    given = ((f.name, getattr(events, f.name)) for f in fields(events) if f.name not in _NO_AMOUNTS)
    return {name: amount for name, amount in given if amount is not None}


def check_events(events: Events, recipe: CellRecipe) -> None:
    """Refuse events that cannot drive a cell.

    Raises
    ------
    StudyError
        If nothing of this name is placed there, it receives no events, or its events have no
        weight.
    """
    placed = {one.name: one for one in recipe.placed}
    key = f"events on {events.place}"
    if events.place not in placed:
        what = unknown("placed point process", events.place, placed)
        raise StudyError(f"{key}: {what}; `[place.<name>]` of the cell places one")
    target = placed[events.place]
    pool = combine(recipe.mechanisms)
    receives = pool[target.mechanism].receives
    if receives is None:
        able = [m.suffix for m in pool.values() if m.kind == "point" and m.receives is not None]
        raise StudyError(
            f"{key}: {target.mechanism} has no NET_RECEIVE that does anything, so events change "
            f"nothing. Driven by events are {', '.join(sorted(able))}"
        )
    if receives and events.weight is None and WEIGHT not in target.values:
        raise StudyError(
            f"{key}: they have no weight; give one to them, or to place.{target.name} for all of "
            "its events"
        )
    if not receives and events.weight is not None:
        raise StudyError(f"{key}: NET_RECEIVE of {target.mechanism} takes no weight; leave it out")


def _check_above_0(place: str, **amounts: Amount) -> None:
    for name, amount in amounts.items():
        if not isinstance(amount, str) and not 0 < amount < math.inf:
            raise StudyError(f"events on {place}: {name} is {amount:g}, it must be above 0")
