"""How sure targets and scores are of few sweeps: the percentile bootstrap (Efron 1979).

The values of which a target's mean is are drawn anew, as many as there are and with replacement,
and each draw gives a mean; an interval ends at the 2.5th and the 97.5th percentile of what the
draws give. The SD of the target is the unit in which a score is told, and stays what it is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from workbench.arrays import Floats
from workbench.features import Measured, Missing
from workbench.fitting.objectives import Objective, ScoreRule

RESAMPLES = 2000
SEED = 1
_ENDS_percent = (2.5, 97.5)

Interval = tuple[float, float]
"""The ends of a 95 % interval."""


@dataclass(frozen=True)
class Repeats:
    """The values of which a target's mean is, and the sweeps, or cells, that they are of.

    Targets with the same source and as many values are resampled together: what one sweep has of
    several features goes together.
    """

    values: tuple[float, ...]
    source: tuple[str, ...] = ()

    def means(self, name: str) -> Floats | None:
        """Return the mean of each resample, (RESAMPLES,); None of a single value.

        Parameters
        ----------
        name
            Of the target: without a source it is resampled by itself.
        """
        count = len(self.values)
        if count < 2:
            return None
        key = json.dumps([SEED, self.source or name, count])
        seed = int.from_bytes(sha256(key.encode()).digest()[:8])
        drawn = np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))
        means: Floats = np.array(self.values)[drawn].mean(axis=1)
        return means


def interval_of(draws: Floats | None) -> Interval | None:
    """Return the 95 % interval of what resamples gave; None without any."""
    if draws is None:
        return None
    low, high = np.percentile(draws, _ENDS_percent).tolist()
    return low, high


@dataclass(frozen=True)
class ScoreIntervals:
    """Between which ends the scores of an individual lie when its targets' sweeps are resampled.

    Attributes
    ----------
    scores
        By objective, in SD times weight; None where a target tells no values, or one.
    sum
        Of the sum of all scores; None where no target tells values.
    """

    scores: tuple[Interval | None, ...]
    sum: Interval | None


def score_intervals(
    objectives: Sequence[Objective],
    rule: ScoreRule,
    measured: Sequence[Measured],
    scores: Floats,
    repeats: Mapping[str, Repeats],
) -> ScoreIntervals:
    """Return the 95 % intervals of the scores of an individual.

    Parameters
    ----------
    measured
        By objective, what the individual has.
    scores
        By objective, (k,): what stays where nothing is resampled.
    repeats
        By an objective's name, its values.
    """
    total = np.full(RESAMPLES, 0.0)
    found: list[Interval | None] = []
    for objective, values, score in zip(objectives, measured, scores.tolist(), strict=True):
        means = _means(objective, repeats)
        if means is None or isinstance(values, Missing):
            total += score
            found.append(None)
            continue
        away = np.abs(values[:, None] - means).mean(axis=0) / objective.std
        draws = objective.weight * (away if rule.cap is None else np.minimum(away, rule.cap))
        total += draws
        found.append(interval_of(draws))
    return ScoreIntervals(tuple(found), interval_of(total) if any(found) else None)


def target_interval(objective: Objective, repeats: Mapping[str, Repeats]) -> Interval | None:
    """Return the 95 % interval of a target's mean; None where it tells no values, or one."""
    return interval_of(_means(objective, repeats))


def _means(objective: Objective, repeats: Mapping[str, Repeats]) -> Floats | None:
    known = repeats.get(objective.name)
    return None if known is None else known.means(objective.name)
