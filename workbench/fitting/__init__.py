"""Fitting: parameters, objectives, the problem and the loop."""

from workbench.fitting.block import BlockCheck
from workbench.fitting.bootstrap import (
    Interval,
    Repeats,
    ScoreIntervals,
    interval_of,
    score_intervals,
    target_interval,
)
from workbench.fitting.evaluator import Evaluator, FitTask
from workbench.fitting.foreign import Described, EvaluatorProblem, problem_told
from workbench.fitting.least_squares import LeastSquares, Posed, judged, residuals_of
from workbench.fitting.least_squares import population_of as least_squares_rows
from workbench.fitting.loop import fit
from workbench.fitting.objectives import Objective, ScoreRule
from workbench.fitting.parameters import Parameter
from workbench.fitting.penalties import Penalty
from workbench.fitting.problem import Problem
from workbench.fitting.ranking import best_row, best_rows, rank
from workbench.fitting.sources import EvaluatorSource, source_of
from workbench.fitting.staged import Stages, best_of_stage
from workbench.fitting.stages import LEAST_SQUARES, Segment, Stage, counts, segments_of
from workbench.fitting.tasks import AnyProblem

__all__ = [
    "LEAST_SQUARES",
    "AnyProblem",
    "BlockCheck",
    "Described",
    "Evaluator",
    "EvaluatorProblem",
    "EvaluatorSource",
    "FitTask",
    "Interval",
    "LeastSquares",
    "Objective",
    "Parameter",
    "Penalty",
    "Posed",
    "Problem",
    "Repeats",
    "ScoreIntervals",
    "ScoreRule",
    "Segment",
    "Stage",
    "Stages",
    "best_of_stage",
    "best_row",
    "best_rows",
    "counts",
    "fit",
    "interval_of",
    "judged",
    "least_squares_rows",
    "problem_told",
    "rank",
    "residuals_of",
    "score_intervals",
    "segments_of",
    "source_of",
    "target_interval",
]
