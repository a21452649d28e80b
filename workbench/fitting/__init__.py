"""Fitting: parameters, objectives, the problem, the loop and its ledger."""

from workbench.fitting.evaluation import Evaluation
from workbench.fitting.evaluator import Evaluator, FitTask, evaluation_of
from workbench.fitting.flat import flat
from workbench.fitting.ledger import Ledger
from workbench.fitting.loop import fit
from workbench.fitting.objectives import Objective, ScoreRule
from workbench.fitting.parameters import Parameter
from workbench.fitting.problem import Problem
from workbench.fitting.ranking import best_row, rank
from workbench.fitting.records import Attempt, Entry, Row
from workbench.fitting.work import Answer, Listener, Rows, Task, Workers

__all__ = [
    "Answer",
    "Attempt",
    "Entry",
    "Evaluation",
    "Evaluator",
    "FitTask",
    "Ledger",
    "Listener",
    "Objective",
    "Parameter",
    "Problem",
    "Row",
    "Rows",
    "ScoreRule",
    "Task",
    "Workers",
    "best_row",
    "evaluation_of",
    "fit",
    "flat",
    "rank",
]
