"""What every stimulus answers: when it acts, where it jumps, which current flows, in which words.

Engines, guards, figures, records and exports ask this and nothing else. The kinds are in
`stimuli.py`; what stands for each in NEURON is in `engines/neuron/clamps.py`.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, NamedTuple

from workbench.arrays import Floats
from workbench.errors import StudyError
from workbench.keys import key
from workbench.morphology import Site

Amount = float | str
"""A number, or the name of one of the protocol's parameters."""

ROUNDING_ms = 1e-6
"""By how much two times may differ that are meant to be one."""


class Detail(NamedTuple):
    """The finest that a stimulus does: how long it lasts, and what it is."""

    shortest_ms: float
    words: str


class Own(NamedTuple):
    """A variable of a stimulus itself: NEURON's name of it there, and its unit."""

    name: str
    unit: str


@dataclass(frozen=True)
class Stimulus(ABC):
    """What is done to a cell at a site.

    Every amount, and the site, may be the name of one of the protocol's parameters; what a
    stimulus answers holds once they are numbers.

    Attributes
    ----------
    kind
        Its name in `protocols.toml`.
    recorded
        Variables of its own that can be recorded at its site, by the name that recordings give.
    """

    kind: ClassVar[str]
    recorded: ClassVar[Mapping[str, Own]] = {}

    site: Site | str = key(
        "Such as `soma(0.5)` or `apical@620um`; or the name of a parameter of the protocol."
    )
    delay_ms: Amount = key("When it begins.")

    @classmethod
    def amounts(cls) -> tuple[str, ...]:
        """Return the names of its fields that are amounts."""
        return tuple(entry.name for entry in fields(cls) if entry.type == Amount)

    @abstractmethod
    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return begin and end, where features are measured; the run ends at `until_ms`."""

    @abstractmethod
    def current_nA(self, t_ms: Floats) -> Floats | None:
        """Return the current into the cell at some times; None if the cell decides on it."""

    @abstractmethod
    def detail(self) -> Detail | None:
        """Return the finest that a fixed step has to see, or None if there is nothing to see."""

    @abstractmethod
    def words(self, until_ms: float) -> str:
        """Return what it does in a run of this length, where and when, as a caption has it."""

    def refusal(self, until_ms: float) -> str:
        """Return why it cannot be simulated in a run of this length, or nothing."""
        return ""

    def jumps_ms(self, until_ms: float) -> Sequence[float]:
        """Return the times at which a step of an integrator has to end."""
        return self.window_ms(until_ms)

    def longest_step_ms(self) -> float:
        """Return the longest step that misses nothing between two jumps."""
        return math.inf

    def level_nA(self, begin_ms: float, end_ms: float) -> float | None:
        """Return the current between two times if it is the same all along, else None."""
        inside, _ = self._covers(begin_ms, end_ms)
        return None if inside else 0.0

    def parts(self) -> "Sequence[Stimulus]":
        """Return the stimuli that engines know, which together do the same."""
        return (self,)

    def told(self) -> dict[str, float | str]:
        """Return its amounts, and files as texts, by name."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        del values["site"]
        return {n: v if isinstance(v, int | float) else str(v) for n, v in values.items()}

    def _covers(self, begin_ms: float, end_ms: float) -> tuple[bool, bool]:
        """Return whether it acts within two times at all, and whether throughout."""
        on_ms, off_ms = self.window_ms(math.inf)
        inside = on_ms < end_ms - ROUNDING_ms and off_ms > begin_ms + ROUNDING_ms
        return inside, on_ms <= begin_ms + ROUNDING_ms and off_ms >= end_ms - ROUNDING_ms

    def _where(self, until_ms: float) -> str:
        begin_ms, end_ms = self.window_ms(until_ms)
        return f"{self.site} from {begin_ms:g} to {min(end_ms, until_ms):g} ms"

    def _check_above_0(self, *names: str) -> None:
        for name in names:
            amount = getattr(self, name)
            if not isinstance(amount, str) and not 0 < amount < math.inf:
                raise StudyError(f"{self.kind}: {name} is {amount:g}, it must be above 0")

    def _check_whole(self, name: str, most: int) -> None:
        number = getattr(self, name)
        if isinstance(number, str):
            return
        if number > most:
            raise StudyError(f"{self.kind}: {name} is {number:g}, it must be at most {most}")
        if number != int(number):
            raise StudyError(f"{self.kind}: {name} is {number:g}, it must be a whole number")


@dataclass(frozen=True)
class Lasting(Stimulus):
    """A stimulus that acts for a given time."""

    duration_ms: Amount = key("How long it lasts.")

    def window_ms(self, until_ms: float) -> tuple[float, float]:
        """Return begin and end."""
        return float(self.delay_ms), float(self.delay_ms) + float(self.duration_ms)
