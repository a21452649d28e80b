"""What a fit aims at, and how far a measured feature is from it."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.errors import StudyError
from workbench.evaluations import Evaluation, Measure
from workbench.features import Measured, Missing, Penalised

LARGEST_TARGET = 1e12
SMALLEST_SD = 1e-12
"""Beyond these the sum of a search's scores would leave the floating-point numbers."""

SMALLEST_WEIGHT = 1e-6
LARGEST_WEIGHT = 1e6


@dataclass(frozen=True)
class Objective(Measure):
    """A measure with its target, mean and standard deviation in the feature's unit.

    Attributes
    ----------
    weight
        What its distance in SD is multiplied with, to give its score.
    side
        `below` or `above` for a relation, which is met by all values on that side of the mean;
        empty for a target that is missed on both sides.
    """

    _: KW_ONLY
    mean: float
    std: float
    weight: float = 1.0
    side: Literal["", "below", "above"] = ""

    def __post_init__(self) -> None:
        if self.against is not None:
            self.against.check(self.window)
        sane = abs(self.mean) <= LARGEST_TARGET and SMALLEST_SD <= self.std <= LARGEST_TARGET
        if not sane:
            raise StudyError(
                f"{self.name}: the target is [{self.mean}, {self.std}]; write [mean, standard "
                "deviation] with a standard deviation above 0, numbers of at most "
                f"{LARGEST_TARGET:g} and an SD of at least {SMALLEST_SD:g}"
            )
        if not SMALLEST_WEIGHT <= self.weight <= LARGEST_WEIGHT:
            raise StudyError(
                f"{self.name}: the weight is {self.weight:g}; allowed are {SMALLEST_WEIGHT:g} to "
                f"{LARGEST_WEIGHT:g}; leave out what is not to count"
            )

    @property
    def name(self) -> str:
        """That of the measure, and of a relation what is asked: `A < 5`, or `A < B`."""
        measured = super().name
        if not self.side:
            return measured
        if self.minus is not None and self.mean == 0:
            return measured.replace(" - ", f" {self._sign} ")
        return f"{measured} {self._sign} {self.mean:g}"

    @property
    def target(self) -> str:
        """What it should be, in words: `20 ± 4`, `20 ± 4, weight 2`, or `< 0, SD 1`.

        Of a trace, `recording.csv, SD 0.5 mV`.
        """
        weight = "" if self.weight == 1 else f", weight {self.weight:g}"
        if self.against is not None:
            return f"{self.against}, SD {self.std:g} mV{weight}"
        if self.side:
            return f"{self._sign} {self.mean:g}, SD {self.std:g}{weight}"
        return f"{self.mean:g} ± {self.std:g}{weight}"

    def away(self, values: Floats) -> Floats:
        """Return how far values are from the target, in the feature's unit; NaN of NaN."""
        if self.side == "below":
            return np.maximum(values - self.mean, 0.0)
        if self.side == "above":
            return np.maximum(self.mean - values, 0.0)
        return np.abs(values - self.mean)

    def said(self, values: Floats) -> float:
        """Return the number that stands for its values: their mean, of a trace the distance.

        Of a trace there is one value, the distance, or one for each sample, of which it is the root
        mean square. The root of the square of one number is that number, to the last bit.
        """
        if self.against is not None:
            return float(np.sqrt(np.mean(np.square(values))))
        return float(np.mean(values))

    @property
    def _sign(self) -> str:
        return "<" if self.side == "below" else ">"


@dataclass(frozen=True)
class ScoreRule:
    """From the values of a feature to a score in standard deviations; lower is better.

    An objective's weight multiplies all of these.

    Attributes
    ----------
    missing
        Score of a feature that has no value.
    cap
        Largest score of a feature that has values; None for no limit. A cap at `missing` keeps
        silence from winning over spikes that are far off.
    failed
        Score of every objective of an individual whose simulation failed.
    morphologies
        What the scores on several morphologies become: their mean, or those on the morphology
        where their sum is largest.
    """

    missing: float = 250.0
    cap: float | None = 250.0
    failed: float = 500.0
    morphologies: Literal["mean", "worst"] = "mean"

    def __post_init__(self) -> None:
        numbers = (self.missing, self.failed, 0.0 if self.cap is None else self.cap)
        sane = all(0 <= number <= LARGEST_TARGET for number in numbers)
        if not sane or self.failed < self.missing:
            raise StudyError(
                f"score: missing = {self.missing}, cap = {self.cap}, failed = {self.failed}; all "
                f"must be between 0 and {LARGEST_TARGET:g}, and failed at least missing"
            )

    def of_missing(self, why: Missing) -> float:
        """Return the score of a feature without a value: that of its penalty, or `missing`."""
        return why.score if isinstance(why, Penalised) else self.missing

    def score(self, objective: Objective, measured: Measured) -> float:
        """Return the mean over all values of |value - mean| / std, before it is weighed.

        Of a relation, 0 where it is met, and else the same.

        The rule of eFEL's `getDistance`, which BluePyOpt uses: each spike counts, so that
        values scattered around the mean do not pass for the mean.
        """
        if isinstance(measured, Missing):
            return self.of_missing(measured)
        if objective.against is not None:
            measured = np.array([objective.said(measured)])
        away = objective.away(measured)
        # What np.mean computes, in half the time: this is done for every value of a fit.
        score = float(np.add.reduce(away) / away.size / objective.std)
        return score if self.cap is None else min(score, self.cap)


def sides_of(objectives: Sequence[Objective], evaluation: Evaluation) -> NDArray[np.int8]:
    """Return on which side of its target each feature lies on average, (k,).

    -1 is below it, 1 at or above it, 0 where there is no value.
    """
    sides = np.zeros(len(objectives), dtype=np.int8)
    if not evaluation.failed:
        for place, measured in enumerate(evaluation.measured):
            if not isinstance(measured, Missing):
                sides[place] = 1 if measured.mean() >= objectives[place].mean else -1
    return sides
