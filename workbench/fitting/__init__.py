"""Fitting: parameters, objectives, the problem and the loop."""

from workbench.fitting.evaluator import Evaluator, FitTask
from workbench.fitting.loop import fit
from workbench.fitting.objectives import Objective, ScoreRule
from workbench.fitting.parameters import Parameter
from workbench.fitting.problem import Problem
from workbench.fitting.ranking import best_row, best_rows, rank

__all__ = [
    "Evaluator",
    "FitTask",
    "Objective",
    "Parameter",
    "Problem",
    "ScoreRule",
    "best_row",
    "best_rows",
    "fit",
    "rank",
]
