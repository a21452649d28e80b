"""What a search may solve, and what its workers are given for it."""

from workbench.fitting.evaluator import FitTask, RaceTask
from workbench.fitting.foreign import EvaluatorProblem
from workbench.fitting.problem import Problem
from workbench.fitting.stages import StageProblem
from workbench.workers.together import TogetherTask

AnyProblem = Problem | EvaluatorProblem | StageProblem
"""Parameters in bounds, objectives, and a score for each."""


def task_of(problem: AnyProblem) -> TogetherTask:
    """Return the task of evaluating individuals of a problem."""
    return FitTask(problem) if isinstance(problem, Problem) else problem.task


def raced(problem: AnyProblem) -> TogetherTask:
    """Return the task of evaluating individuals that race: rows, (d + 1,), end with their bound."""
    assert isinstance(problem, Problem)
    return RaceTask(problem)
