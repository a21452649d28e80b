"""A depolarisation block, looked for by a simulation of its own where the scores are small.

The rule and numbers are those of Gouwens et al. 2018 (Nat Commun 9:710).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from workbench.arrays import Floats
from workbench.engines import Failure, Outcome
from workbench.errors import StudyError
from workbench.evaluations import Evaluation
from workbench.features import Measured, Missing, Penalised
from workbench.fitting.objectives import LARGEST_TARGET
from workbench.protocols import Protocol, Trace, find_defect


@dataclass(frozen=True)
class BlockCheck:
    """A protocol under which a good cell goes on firing, and what it has if it does not.

    Attributes
    ----------
    protocol, location
        What is simulated, and whose `v` is looked at.
    begin_ms, end_ms
        The window.
    where_SD
        The mean score of a feature, in SD, below which an individual is checked: others are far
        from the targets, and the simulation is saved.
    above_mV, below_mV, longest_ms
        The voltage may be above the one, and below the other, for so long at a time.
    score
        That of every feature of an individual that fails, in SD.
    """

    protocol: Protocol
    location: str
    begin_ms: float
    end_ms: float
    where_SD: float = 75.0
    above_mV: float = -50.0
    below_mV: float = -75.0
    longest_ms: float = 50.0
    score: float = 75.0

    def __post_init__(self) -> None:
        sane = all(0 <= number <= LARGEST_TARGET for number in (self.where_SD, self.score))
        if not sane or self.below_mV >= self.above_mV:
            raise StudyError(
                f"{self.name}: where_SD = {self.where_SD:g}, score = {self.score:g}, above_mV = "
                f"{self.above_mV:g}, below_mV = {self.below_mV:g}; the first two must be between 0 "
                f"and {LARGEST_TARGET:g}, and below_mV less than above_mV"
            )
        if self.end_ms - self.begin_ms <= self.longest_ms:
            raise StudyError(
                f"{self.name}: its window lasts {self.end_ms - self.begin_ms:g} ms, and no voltage "
                f"stays anywhere for more than longest_ms = {self.longest_ms:g} in it"
            )

    @property
    def name(self) -> str:
        """Of the table in targets.toml: `strongest.soma.block`."""
        return f"{self.protocol.name}.{self.location}.block"

    def is_due(self, scores: Floats) -> bool:
        """Whether an individual with these scores, (k,), is checked."""
        return bool(scores.sum() < self.where_SD * scores.size)

    def judged(
        self, evaluation: Evaluation, outcomes: Mapping[str, Outcome | Missing]
    ) -> Evaluation:
        """Return the evaluation of an individual that was checked, with what came of it."""
        outcome = outcomes[self.protocol.name]
        if isinstance(outcome, Failure):
            failed = Missing(f"{self.name}: {outcome.message}")
            return replace(_all(evaluation, failed), status=outcome.kind.name)
        if isinstance(outcome, Missing):
            return _all(evaluation, Missing(f"{self.name}: {outcome.reason}"))
        wrong = "; ".join(self._wrong(outcome[f"{self.location}.v"]))
        if not wrong:
            return evaluation
        return _all(evaluation, Penalised(f"depolarisation block: {wrong}", self.score))

    def _wrong(self, trace: Trace) -> Iterator[str]:
        if defect := find_defect(trace, self.protocol.duration_ms):
            yield defect.message
            return
        under = f"under {self.protocol.name}"
        above_ms = longest_ms(trace, self.above_mV, self.begin_ms, self.end_ms)
        if above_ms > self.longest_ms:
            yield f"above {self.above_mV:g} mV for {above_ms:.4g} ms {under}"
        mirrored = replace(trace, values=-trace.values)
        below_ms = longest_ms(mirrored, -self.below_mV, self.begin_ms, self.end_ms)
        if below_ms > self.longest_ms:
            yield f"below {self.below_mV:g} mV for {below_ms:.4g} ms {under}"


def _all(evaluation: Evaluation, measured: Measured) -> Evaluation:
    return replace(evaluation, measured=(measured,) * len(evaluation.measured))


def longest_ms(trace: Trace, level: float, begin_ms: float, end_ms: float) -> float:
    """Return the longest time at a stretch, within a window, that values lie above a level (ms).

    Values are straight between their samples.
    """
    lasting = np.diff(trace.t_ms) > 0
    t0, t1 = trace.t_ms[:-1][lasting], trace.t_ms[1:][lasting]
    v0, v1 = trace.values[:-1][lasting] - level, trace.values[1:][lasting] - level
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = t0 + (t1 - t0) * v0 / (v0 - v1)
    ups, downs = (v0 <= 0) & (v1 > 0), (v0 > 0) & (v1 <= 0)
    first = np.clip(np.where(ups, crossing, t0), begin_ms, end_ms)
    last = np.clip(np.where(downs, crossing, t1), begin_ms, end_ms)
    longest = held = 0.0
    reached = -np.inf
    inside = (v0 > 0) | (v1 > 0)
    for begin, end in zip(first[inside].tolist(), last[inside].tolist(), strict=True):
        held = held + end - begin if begin <= reached else end - begin
        reached = end
        longest = max(longest, held)
    return longest
