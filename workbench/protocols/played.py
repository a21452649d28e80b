"""Currents that are played: straight lines between knots, the same numbers on every engine."""

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import numpy as np

from workbench.arrays import Floats
from workbench.protocols.stimulus import Lasting, Stimulus

MOST_KNOTS = 2_000_000
"""Of one stimulus; times and currents are 32 MB."""


@dataclass(frozen=True)
class Played(Stimulus):
    """A current along straight lines between knots, and none before and after them."""

    @abstractmethod
    def knots(self, until_ms: float) -> tuple[Floats, Floats]:
        """Return times (ms) and currents (nA), both (n,), from its begin on.

        Two knots of one time are a jump. Those beyond its end, or beyond the first at `until_ms` or
        later, do not count.
        """

    def course(self, until_ms: float) -> tuple[Floats, Floats]:
        """Return the knots of the whole current until a time or later, each (n,)."""
        begin_ms, end_ms = self.window_ms(until_ms)
        if begin_ms >= until_ms:
            return np.array([0.0, until_ms]), np.zeros(2)
        t_ms, current_nA = self.knots(until_ms)
        if t_ms[-1] > end_ms:
            last_nA = np.interp(end_ms, t_ms, current_nA)
            inside = t_ms < end_ms
            t_ms = np.append(t_ms[inside], end_ms)
            current_nA = np.append(current_nA[inside], last_nA)
        if begin_ms > 0:
            t_ms = np.concatenate([[0.0, begin_ms], t_ms])
            current_nA = np.concatenate([[0.0, 0.0], current_nA])
        if end_ms <= until_ms:
            t_ms = np.concatenate([t_ms, [end_ms, end_ms + until_ms]])
            current_nA = np.concatenate([current_nA, [0.0, 0.0]])
        return t_ms, current_nA

    def current_nA(self, t_ms: Floats) -> Floats:
        """Return the current into the cell at some times; where it jumps, that after the jump."""
        at_ms = np.asarray(t_ms, dtype=float)
        if not at_ms.size:
            return np.zeros(at_ms.shape)
        known_ms, known_nA = self.course(float(at_ms.max()) + 1.0)
        after = np.clip(np.searchsorted(known_ms, at_ms, side="right"), 1, known_ms.size - 1)
        since, until = known_ms[after - 1], known_ms[after]
        part = (at_ms - since) / (until - since)
        found = known_nA[after - 1] + part * (known_nA[after] - known_nA[after - 1])
        return np.where(at_ms < known_ms[0], 0.0, found)

    def jumps_ms(self, until_ms: float) -> Sequence[float]:
        """Return where two knots have one time, and begin and end."""
        t_ms, _ = self.course(until_ms)
        within = t_ms[:-1][np.diff(t_ms) == 0]
        return sorted({*within.tolist(), *self.window_ms(until_ms)})


@dataclass(frozen=True)
class Sampled(Lasting, Played):
    """A current whose knots are at equal distances."""

    @abstractmethod
    def spacing_ms(self) -> float:
        """Return the time from knot to knot."""

    @abstractmethod
    def samples_nA(self, since_ms: Floats) -> Floats:
        """Return the currents at knots, from times since it begins."""

    def refusal(self, until_ms: float) -> str:
        """Return that it has too many knots, or nothing."""
        if (count := self._count(until_ms)) <= MOST_KNOTS:
            return ""
        return (
            f"in a run of {until_ms:g} ms it has {count:.3g} knots, one every "
            f"{self.spacing_ms():g} ms; at most {MOST_KNOTS:g} are allowed. Shorten it or make it "
            "slower"
        )

    def knots(self, until_ms: float) -> tuple[Floats, Floats]:
        """Return times and currents."""
        since_ms = self.spacing_ms() * np.arange(self._count(until_ms), dtype=np.float64)
        return float(self.delay_ms) + since_ms, self.samples_nA(since_ms)

    def longest_step_ms(self) -> float:
        """Return the finest that it does."""
        finest = self.detail()
        assert finest is not None
        return finest.shortest_ms

    def _count(self, until_ms: float) -> int:
        begin_ms, end_ms = self.window_ms(until_ms)
        lasting_ms = max(min(end_ms, until_ms) - begin_ms, 0.0)
        return int(np.ceil(lasting_ms / self.spacing_ms() * (1 - 1e-12))) + 2


@lru_cache(maxsize=8)
def correlated(seed: int, count: int, part: float) -> Floats:
    """Return normal deviates, (count,), whose correlation from one to the next is exp(-part).

    NumPy never changes the numbers of RandomState. One comes after the other in Python, since
    operations on arrays may round otherwise on another machine.
    """
    deviates = np.random.RandomState(seed).standard_normal(count).tolist()
    kept, fresh = math.exp(-part), math.sqrt(-math.expm1(-2 * part))
    drawn = accumulate(deviates, lambda before, new: kept * before + fresh * new)
    return np.fromiter(drawn, float, count)
