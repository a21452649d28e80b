"""The stages of a run as its folder tells them: how far each is, its best, and its errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.evaluations import Evaluation, Ledger, Row
from workbench.fitting import (
    LEAST_SQUARES,
    LeastSquares,
    Objective,
    Parameter,
    ScoreRule,
    Segment,
    Stage,
    best_row,
    judged,
    residuals_of,
)
from workbench.studies import SearchPlan


@dataclass(frozen=True)
class StageSummary:
    """A stage of a fit.

    Attributes
    ----------
    stage
        What was asked.
    evaluated
        How many individuals it has.
    best
        The best of them; None if none came through, or none was evaluated.
    least_squares
        What its least squares found, the best of its starts; None of another search.
    """

    stage: Stage
    evaluated: int
    best: Row | None
    least_squares: LeastSquares | None = None

    @property
    def best_sum(self) -> float | None:
        """The sum of scores of the best over the targets that count in the stage, in SD."""
        return None if self.best is None else float(self.best.scores.sum())


@dataclass(frozen=True)
class Posed:
    """What a run was asked: parameters, objectives, and the rule of scores."""

    parameters: tuple[Parameter, ...]
    objectives: tuple[Objective, ...]
    rule: ScoreRule


def stages_of(ledger: Ledger, plan: SearchPlan, posed: Posed) -> tuple[StageSummary, ...]:
    """Return the stages of a run in order; none of a fit that is done at once."""
    segments = list(plan.segments)
    found = []
    for stage in plan.stages:
        own, segments = segments[: stage.seeds], segments[stage.seeds :]
        numbers = range(own[0].begin, own[-1].end)
        rows = [row for number in numbers for row in ledger.rows(number)]
        least = None
        if stage.search == LEAST_SQUARES:
            least = _least_squares(stage, own, rows, posed)
        best = best_row(filter(stage.competes, rows))
        found.append(StageSummary(stage, len(rows), best, least))
    return tuple(found)


def _least_squares(
    stage: Stage, segments: Sequence[Segment], rows: Sequence[Row], posed: Posed
) -> LeastSquares | None:
    """Return what the least sum of squares tells; None if no generation is whole and sound."""
    places = [i for i, one in enumerate(posed.objectives) if one.name in stage.targets]
    objectives = [posed.objectives[place] for place in places]

    def residuals(row: Row) -> list[Floats]:
        measured = tuple(row.evaluation.measured[place] for place in places)
        return residuals_of(objectives, posed.rule, Evaluation(measured, row.evaluation.status))

    firsts = [row for row in rows if row.individual == 0 and row.evaluation.whole]
    firsts.sort(key=lambda row: float(np.sum(np.square(np.concatenate(residuals(row))))))
    for first in firsts:
        beside = [row for row in rows if row.generation == first.generation]
        if len(beside) == segments[0].population:
            columns = [i for i, one in enumerate(posed.parameters) if one.name in stage.free]
            free = [posed.parameters[column] for column in columns]
            return judged(free, columns, beside, [residuals(row) for row in beside])
    return None


def stage_table(stages: Sequence[StageSummary]) -> list[dict[str, Any]]:
    """Return a row for each stage: what it frees, its search, and what came of it."""
    return [
        {
            "stage": one.stage.name,
            "search": one.stage.search,
            "seeds": one.stage.seeds,
            "free": ", ".join(one.stage.free),
            "features": len(one.stage.targets),
            "evaluations": one.evaluated,
            "best_sum": one.best_sum,
        }
        for one in stages
    ]


def error_table(stages: Sequence[StageSummary]) -> list[dict[str, Any]]:
    """Return a row for each parameter that least squares found, its errors in its own unit."""
    return [
        {"stage": one.stage.name, **row}
        for one in stages
        if one.least_squares is not None
        for row in _errors(one.least_squares)
    ]


def _errors(found: LeastSquares) -> list[dict[str, Any]]:
    return [
        {
            "parameter": name,
            "value": found.values[i],
            "error": found.errors[i],
            "low_90": found.lows[i],
            "high_90": found.highs[i],
            **{
                f"correlation with {other}": found.correlations[i][j]
                for j, other in enumerate(found.names)
            },
        }
        for i, name in enumerate(found.names)
    ]
