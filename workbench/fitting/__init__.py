"""Fitting: parameters, objectives, the problem and the loop."""

from workbench.fitting.evaluator import Evaluator, FitTask
from workbench.fitting.foreign import Described, EvaluatorProblem, problem_told
from workbench.fitting.loop import fit
from workbench.fitting.objectives import Objective, ScoreRule
from workbench.fitting.parameters import Parameter
from workbench.fitting.problem import Problem
from workbench.fitting.ranking import best_row, best_rows, rank
from workbench.fitting.sources import EvaluatorSource, source_of
from workbench.fitting.tasks import AnyProblem

__all__ = [
    "AnyProblem",
    "Described",
    "Evaluator",
    "EvaluatorProblem",
    "EvaluatorSource",
    "FitTask",
    "Objective",
    "Parameter",
    "Problem",
    "ScoreRule",
    "best_row",
    "best_rows",
    "fit",
    "problem_told",
    "rank",
    "source_of",
]
