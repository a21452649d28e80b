"""What drives placed point processes: trains of events. A new kind is a class here."""

import math
from abc import ABC, abstractmethod
from dataclasses import KW_ONLY, dataclass, fields
from pathlib import Path
from typing import ClassVar

import numpy as np

from workbench.arrays import Floats
from workbench.cells import WEIGHT, CellRecipe
from workbench.errors import InputError, StudyError, shortened, unknown
from workbench.inputs import text
from workbench.keys import key
from workbench.mechanisms import combine
from workbench.protocols.stimulus import Amount

MOST_EVENTS = 1_000_000
"""Of a train, at all of its points together; each is an entry of NEURON's queue."""

_AT_ONCE = 64
_SEEDS = 2**32


@dataclass(frozen=True)
class Events(ABC):
    """Events that drive every point of a placed point process.

    Every amount may be the name of one of the protocol's parameters; what a train answers holds
    once they are numbers.

    Attributes
    ----------
    kind
        Its name in `protocols.toml`.
    place
        The name of the placed point process.
    weight
        Of each event, where it is not the placed point process' own.
    """

    kind: ClassVar[str]

    place: str = key("What they drive: a name under `[place]` of cell.toml.")
    _: KW_ONLY
    weight: Amount | None = key(
        "Of each event, where it is not the `weight` under `[place]`; or the name of a parameter "
        "of the protocol.",
        None,
    )

    @classmethod
    def amounts(cls) -> tuple[str, ...]:
        """Return the names of its fields that are amounts."""
        return tuple(f.name for f in fields(cls) if f.type in (Amount, Amount | None))

    @abstractmethod
    def times_of(self, point: int) -> Floats:
        """Return the times (ms) at which events reach a point, in order.

        Points are numbered from 0, in the order in which a placed point process has them.
        """

    @abstractmethod
    def mean_count(self) -> float:
        """Return how many reach a point, on average if they are drawn."""

    @abstractmethod
    def window_ms(self) -> tuple[float, float]:
        """Return the times between which they come."""

    @abstractmethod
    def words(self) -> str:
        """Return what drives what, and when, as a caption has it."""

    def told(self) -> dict[str, float]:
        """Return its numbers by name; not single times."""
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in values if isinstance(value, int | float)}

    def _where(self) -> str:
        begin_ms, end_ms = self.window_ms()
        return f"on {self.place} from {begin_ms:g} to {end_ms:g} ms"

    def _check_above_0(self, *names: str) -> None:
        for name in names:
            amount = getattr(self, name)
            if not isinstance(amount, str) and not 0 < amount < math.inf:
                raise self._refused(f"{name} is {amount:g}, it must be above 0")

    def _refused(self, why: str) -> StudyError:
        return StudyError(f"events on {self.place}: {why}")


def read_times_ms(path: Path) -> tuple[float, ...]:
    """Return the times in a text file, one in ms on each line; empty lines count for nothing.

    Raises
    ------
    InputError
        If it cannot be read, a line is no time, or a time comes before the one above it.
    """
    times_ms: list[float] = []
    for number, line in enumerate(text(path).splitlines(), 1):
        written = line.strip()
        if not written:
            continue
        try:
            at_ms = float(written)
        except ValueError:
            at_ms = math.nan
        if not 0 <= at_ms < math.inf:
            raise InputError(
                f"{path}:{number}: {shortened(repr(written))} is no time; write one in ms on each "
                "line, a number from 0 on, and nothing else"
            )
        if times_ms and at_ms < times_ms[-1]:
            raise InputError(
                f"{path}:{number}: {at_ms:g} ms comes after {times_ms[-1]:g} ms; sort the times"
            )
        times_ms.append(at_ms)
    return tuple(times_ms)


@dataclass(frozen=True)
class EventTimes(Events):
    """Events at given times, at all points at once."""

    kind: ClassVar[str] = "times"
    times_ms: tuple[float, ...] = key(
        "When they come, in order: numbers, or the name of a text file beside the study with a "
        "time in ms on each line.",
        read=list[float] | str,
        reader=read_times_ms,
    )
    delay_ms: Amount = key("How much later they arrive.", 0.0)

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

    def __repr__(self) -> str:
        first_ms, last_ms = self.times_ms[0], self.times_ms[-1]
        given = "".join(f", {name} {getattr(self, name)}" for name in self.amounts())
        times = f"{len(self.times_ms)} times from {first_ms:g} to {last_ms:g} ms"
        return f"<EventTimes on {self.place}: {times}{given}>"

    def times_of(self, point: int) -> Floats:
        """Return the times (ms) at which events reach a point."""
        return np.array(self.times_ms) + float(self.delay_ms)

    def mean_count(self) -> float:
        """Return the number of times."""
        return len(self.times_ms)

    def window_ms(self) -> tuple[float, float]:
        """Return the first time and the last."""
        times_ms = self.times_of(0)
        return float(times_ms[0]), float(times_ms[-1])

    def words(self) -> str:
        """Return how many there are, where and when."""
        return f"{len(self.times_ms)} events {self._where()}"


@dataclass(frozen=True)
class RegularEvents(Events):
    """Events at a frequency, at all points at once."""

    kind: ClassVar[str] = "regular"
    delay_ms: Amount = key("When the first comes.")
    frequency_Hz: Amount = key("How often they come.")
    count: Amount = key("How many.")

    def __post_init__(self) -> None:
        self._check_above_0("frequency_Hz", "count")
        if isinstance(self.count, str):
            return
        if self.count != int(self.count) or self.count > MOST_EVENTS:
            raise self._refused(
                f"count is {self.count:g}, it must be a whole number of at most {MOST_EVENTS}"
            )

    def times_of(self, point: int) -> Floats:
        """Return the times (ms) at which events reach a point."""
        numbers = np.arange(int(self.count), dtype=float)
        return np.asarray(float(self.delay_ms) + 1000.0 / float(self.frequency_Hz) * numbers)

    def mean_count(self) -> float:
        """Return how many there are."""
        return float(self.count)

    def window_ms(self) -> tuple[float, float]:
        """Return the times of the first and the last."""
        times_ms = self.times_of(0)
        return float(times_ms[0]), float(times_ms[-1])

    def words(self) -> str:
        """Return how many there are, where and when."""
        return f"{self.count:g} events at {self.frequency_Hz:g} Hz {self._where()}"


@dataclass(frozen=True)
class PoissonEvents(Events):
    """A Poisson process, an independent one for each point.

    What comes depends on the seed and on the number of the point, and on nothing else.
    """

    kind: ClassVar[str] = "poisson"
    delay_ms: Amount = key("When it begins.")
    duration_ms: Amount = key("How long it lasts.")
    rate_Hz: Amount = key("Events per second at each point, on average.")
    seed: int = key("Of the times.", 1, read=int)

    def __post_init__(self) -> None:
        self._check_above_0("rate_Hz")
        if not (isinstance(self.seed, int) and 0 <= self.seed < _SEEDS):
            raise self._refused(
                f"seed is {self.seed!r}, it must be a whole number from 0 to {_SEEDS - 1}"
            )
        if isinstance(self.rate_Hz, str) or isinstance(self.duration_ms, str):
            return
        if (expected := self.rate_Hz / 1000.0 * self.duration_ms) > MOST_EVENTS:
            raise self._refused(
                f"{self.rate_Hz:g} Hz for {self.duration_ms:g} ms are some {expected:g} events at "
                f"each point, at most {MOST_EVENTS}"
            )

    def times_of(self, point: int) -> Floats:
        """Return the times (ms) at which events reach a point."""
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

    def mean_count(self) -> float:
        """Return their mean number."""
        return float(self.rate_Hz) / 1000.0 * float(self.duration_ms)

    def window_ms(self) -> tuple[float, float]:
        """Return begin and end of the process."""
        return float(self.delay_ms), float(self.delay_ms) + float(self.duration_ms)

    def words(self) -> str:
        """Return rate, place and times."""
        return f"Poisson events at {self.rate_Hz:g} Hz {self._where()}"


@dataclass(frozen=True)
class EventSequence(Events):
    """One event at each point, one point after the other in the order of their numbers.

    Of points along a way these grow with `order = "out"` away from the soma, with `"in"` towards
    it.
    """

    kind: ClassVar[str] = "sequence"
    delay_ms: Amount = key("When the first point has its event.")
    interval_ms: Amount = key("From one point's event to the next one's.")

    def times_of(self, point: int) -> Floats:
        """Return the time (ms) at which an event reaches a point."""
        return np.array([float(self.delay_ms) + point * float(self.interval_ms)])

    def mean_count(self) -> float:
        """Return 1."""
        return 1

    def window_ms(self) -> tuple[float, float]:
        """Return the first time alone: how many points there are is the cell's."""
        return float(self.delay_ms), float(self.delay_ms)

    def words(self) -> str:
        """Return when it begins, where, and how it goes on."""
        return (
            f"an event at each of {self.place} in turn, from {self.delay_ms:g} ms on, every "
            f"{self.interval_ms:g} ms"
        )


EVENTS: tuple[type[Events], ...] = (EventTimes, RegularEvents, PoissonEvents, EventSequence)
"""All kinds."""


def check_events(events: Events, recipe: CellRecipe) -> None:
    """Refuse events of a bound protocol that cannot drive a cell.

    Raises
    ------
    StudyError
        If nothing of this name is placed there, it receives no events, its events have no weight,
        or there are too many of them.
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
    points = len(target.points(recipe.morphology))
    if (total := points * events.mean_count()) > MOST_EVENTS:
        raise StudyError(
            f"{key}: some {events.mean_count():g} for each of {points} points are {total:.4g} "
            f"events, at most {MOST_EVENTS} can be queued; give a lower rate, a shorter train or "
            "fewer points"
        )
