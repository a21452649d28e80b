"""Fitting: parameters, objectives, the problem, the loop and its ledger."""

from workbench.fitting.evaluation import Evaluation
from workbench.fitting.evaluator import Evaluator, FitTask, evaluation_of
from workbench.fitting.ledger import Ledger
from workbench.fitting.loop import Answer, Listener, Task, Workers, fit
from workbench.fitting.objectives import Objective, ScoreRule
from workbench.fitting.parameters import Parameter
from workbench.fitting.problem import Problem
from workbench.fitting.ranking import best_row, rank
from workbench.fitting.records import Attempt, Row

__all__ = [
    "Answer",
    "Attempt",
    "Evaluation",
    "Evaluator",
    "FitTask",
    "Ledger",
    "Listener",
    "Objective",
    "Parameter",
    "Problem",
    "Row",
    "ScoreRule",
    "Task",
    "Workers",
    "best_row",
    "evaluation_of",
    "fit",
    "rank",
]
