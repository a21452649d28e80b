"""The features of the best individual, one row an objective."""

from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.features import Missing
from workbench.fitting import Objective, counts, score_intervals, target_interval
from workbench.runs.summary import RunSummary
from workbench.runs.tally import distances_SD

NEAR_SD = 2.0
"""Up to here a feature is met."""


@dataclass(frozen=True)
class FeatureRow:
    """One objective and what the best individual has there.

    Attributes
    ----------
    target
        The target in words, with its weight if that is not 1.
    mean, std
        The target, in the feature's own unit.
    value
        Mean over the model's values, None if there is none.
    count
        How many values there are, one a spike for most features.
    values
        Their number and range, where there are several.
    mean_low, mean_high, score_low, score_high
        Ends of the 95 % intervals of the target's mean and of the score, where the target tells the
        values that it comes from.
    variable
        What is recorded: `v`, `ina`; of a comparison all of it.
    distance_SD
        Mean over the values of |value - mean| / std, without a cap; None if there is none.
    score
        What the search was told, weight and cap in it; None if there is no best individual.
    reason
        Why there is no value, or an empty text.
    closest_SD
        The least distance of any individual of the run; None if none ever had a value.
    """

    name: str
    protocol: str
    target: str
    mean: float
    std: float
    value: float | None
    count: int
    values: str
    distance_SD: float | None
    score: float | None
    reason: str
    closest_SD: float | None
    variable: str = "v"
    mean_low: float | None = None
    mean_high: float | None = None
    score_low: float | None = None
    score_high: float | None = None

    @property
    def label(self) -> str:
        """The name under that of its protocol: of a comparison whole, and with what is recorded."""
        short = self.name.removeprefix(f"{self.protocol}.")
        name = self.name if " " in short else short
        return name if self.variable == "v" else f"{name} ({self.variable})"

    @property
    def bias_SD(self) -> float | None:
        """How far the mean of the values is above (or, negative, below) the target."""
        return None if self.value is None else (self.value - self.mean) / self.std


def spread(measured: Floats) -> str:
    """Return '6 of 15.2 to 23.9' for several values that differ, else an empty text or '6'.

    A score is the mean of their distances from the target, not the distance of their mean.
    """
    if measured.size < 2:
        return ""
    lowest, highest = f"{measured.min():.4g}", f"{measured.max():.4g}"
    if lowest == highest:
        return str(measured.size)
    return f"{measured.size} of {lowest} to {highest}"


def feature_table(summary: RunSummary) -> tuple[FeatureRow, ...]:
    """Return the features of the best individual, in the order of the objectives.

    Of a fit in stages, those that count in the individual's stage.
    """
    best = summary.best
    if best is None:
        why = "no individual was evaluated" if not summary.evaluated else "every individual failed"
        return tuple(_empty_row(objective, why) for objective in summary.objectives)
    distances = distances_SD(summary.objectives, best)
    repeats = summary.record.repeated()
    ends = score_intervals(
        summary.objectives, summary.rule, best.evaluation.measured, best.scores, repeats
    )
    rows = []
    for i, objective in enumerate(summary.objectives):
        measured = best.evaluation.measured[i]
        if not counts(measured):
            continue
        missing = isinstance(measured, Missing)
        mean_low, mean_high = target_interval(objective, repeats) or (None, None)
        score_low, score_high = ends.scores[i] or (None, None)
        rows.append(
            FeatureRow(
                objective.name,
                objective.protocol,
                objective.target,
                objective.mean,
                objective.std,
                value=None if isinstance(measured, Missing) else objective.said(measured),
                count=best.evaluation.counts[i],
                values=""
                if isinstance(measured, Missing) or objective.against is not None
                else spread(measured),
                distance_SD=None if missing else float(distances[i]),
                score=float(best.scores[i]),
                reason=measured.reason if isinstance(measured, Missing) else "",
                closest_SD=_number(summary.closest_SD[i]),
                variable=_variable(objective),
                mean_low=mean_low,
                mean_high=mean_high,
                score_low=score_low,
                score_high=score_high,
            )
        )
    return tuple(rows)


def _variable(objective: Objective) -> str:
    return ", ".join(dict.fromkeys(part.variable for part in objective.operands))


def _empty_row(objective: Objective, why: str) -> FeatureRow:
    return FeatureRow(
        objective.name,
        objective.protocol,
        objective.target,
        objective.mean,
        objective.std,
        value=None,
        count=0,
        values="",
        distance_SD=None,
        score=None,
        reason=why,
        closest_SD=None,
        variable=_variable(objective),
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
