"""The stages of a run as its folder tells them: how far each is, its best, and its errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.evaluations import Ledger, Row
from workbench.fitting import (
    LEAST_SQUARES,
    LeastSquares,
    Parameter,
    Posed,
    Segment,
    Stage,
    best_of_stage,
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


def stages_of(
    ledger: Ledger, plan: SearchPlan, parameters: Sequence[Parameter], posed: Posed
) -> tuple[StageSummary, ...]:
    """Return the stages of a run in order; none of a fit that is done at once."""
    segments = list(plan.segments)
    found = []
    for stage in plan.stages:
        own, segments = segments[: stage.seeds], segments[stage.seeds :]
        numbers = range(own[0].begin, own[-1].end)
        rows = [row for number in numbers for row in ledger.rows(number)]
        least = None
        if stage.search == LEAST_SQUARES:
            free = [(i, one) for i, one in enumerate(parameters) if one.name in stage.free]
            least = _least_squares(stage, own, rows, free, posed)
        best = best_of_stage(stage, posed, rows, 1)
        found.append(StageSummary(stage, len(rows), best[0] if best else None, least))
    return tuple(found)


def _least_squares(
    stage: Stage,
    segments: Sequence[Segment],
    rows: Sequence[Row],
    free: Sequence[tuple[int, Parameter]],
    posed: Posed,
) -> LeastSquares | None:
    """Return what the least sum of squares tells; None if no generation is whole and sound."""
    columns, parameters = zip(*free, strict=True)
    for first in best_of_stage(stage, posed, rows, len(rows)):
        beside = [row for row in rows if row.generation == first.generation]
        if len(beside) == segments[0].population:
            away = [residuals_of(stage.targets, posed, row.evaluation) for row in beside]
            return judged(parameters, columns, beside, away)
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
