"""Evaluators in Python, without NEURON: what is taken, and what is said of what is not."""

import sys

import numpy as np
import pytest

from workbench.errors import InputError, LedgerError
from workbench.evaluations import Ledger
from workbench.features import Missing
from workbench.fitting import EvaluatorProblem, source_of
from workbench.runs import evaluator_problem, resume_evaluator, start_or_resume_evaluator
from workbench.studies import evaluator_plan
from workbench.workers import SerialWorkers

EVALUATOR = """
class Named:
    def __init__(self, name, bounds=None):
        self.name, self.bounds = name, bounds


class Evaluator:
    params = [Named("a", [0, 2]), Named("b", [-1, 1])]
    objectives = [Named("near"), Named("flat")]
    add = 0.0

    def evaluate_with_lists(self, values):
        a, b = values
        return [(a - 1) ** 2 + self.add, abs(b)]


def evaluator():
    return Evaluator()
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a module with the evaluator and more, and return where the evaluator comes from."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    number = 0

    def written(more=""):
        nonlocal number
        number += 1
        name = f"{tmp_path.name}_{number}".replace("-", "_")
        (tmp_path / f"{name}.py").write_text(EVALUATOR + more)
        return source_of(f"{name}.py:evaluator")

    return written


def problem_of(source) -> EvaluatorProblem:
    return evaluator_problem(source, SerialWorkers())


def evaluated(source, *row):
    problem = problem_of(source)
    [answer] = SerialWorkers().run(problem.task, np.array([row]))
    return answer.value, problem


def test_scores_are_the_evaluators(write):
    found, problem = evaluated(write(), 1.7, -0.3)
    assert problem.score(found).tolist() == [(1.7 - 1) ** 2, 0.3]
    assert [(p.name, p.low, p.high) for p in problem.parameters] == [("a", 0, 2), ("b", -1, 1)]
    assert [one.name for one in problem.objectives] == ["near", "flat"]


def test_what_bluepyopts_optimisations_call_comes_first(write):
    more = "Evaluator.init_simulator_and_evaluate_with_lists = lambda self, values: [3, 4]"
    found, problem = evaluated(write(more), 1, 0)
    assert problem.score(found).tolist() == [3, 4]


@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_no_number_scores_the_most(write, bad):
    found, problem = evaluated(write(f"Evaluator.add = float('{bad}')"), 1, 0.5)
    assert isinstance(found.measured[0], Missing)
    assert problem.score(found).tolist() == [250, 0.5]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("Evaluator.add = -9", "the score of near is -9"),
        ("Evaluator.add = None", r"raised an error .*TypeError: .*line 14, in evaluate_with_lists"),
        ("Evaluator.evaluate_with_lists = lambda *_: [1]", "2 objectives and gave 1 scores"),
        ("Evaluator.params[1].bounds = None", "its parameter b has no bounds"),
        ("Evaluator.params[1].name = 'a'", "two of its parameters are named a"),
        ("Evaluator.objectives = []", "has no objectives"),
        ("evaluator = dict", "gives {}, which is no evaluator: it needs params"),
        ("1 / 0", "cannot be made: ZeroDivisionError: .*line 19, in <module>"),
        ("del evaluator", "cannot be made: AttributeError"),
    ],
)
def test_what_is_wrong_is_said_in_one_error(write, more, said):
    with pytest.raises(InputError, match=said):
        evaluated(write(more), 1, 0.5)


class Here:
    """An evaluator that is defined in a module."""

    params = objectives = ()

    def evaluate_with_lists(self, values):
        return []


def test_where_an_evaluator_comes_from(write):
    source = write()
    assert source.name.endswith(":evaluator")
    assert source_of(evaluated).name == f"{__name__}:evaluated"
    given = source_of(Here())
    assert given.name == "Here"
    assert isinstance(given.made(), Here)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("simple", "write MODULE:FUNCTION or FILE.py:FUNCTION"),
        ("nowhere.py:one", "is no Python file"),
        (3, "is no evaluator"),
        (lambda: None, "cannot be imported by the processes"),
    ],
)
def test_what_no_process_could_make(given, said):
    with pytest.raises(InputError, match=said):
        source_of(given)


def test_what_cannot_be_pickled():
    one = Here()
    one.open = lambda: None
    with pytest.raises(InputError, match="cannot be pickled"):
        source_of(one)


def test_a_run_goes_on_with_the_same_evaluator_alone(write, tmp_path):
    plan = evaluator_plan("ibea", 6, 2, 3)
    folder, workers = tmp_path / "run", SerialWorkers()

    def scores():
        with Ledger.open(folder / "ledger.sqlite") as ledger:
            return [row.scores.tolist() for row in ledger.rows()]

    start_or_resume_evaluator(problem_of(write()), plan, folder, workers, limit_s=10)
    assert len(scores()) == 12
    resume_evaluator(folder, problem_of(write()), workers, generations=3)
    assert len(scores()) == 18
    other = problem_of(write("Evaluator.add = 1e-9"))
    with pytest.raises(LedgerError, match="it is another evaluator"):
        resume_evaluator(folder, other, workers, generations=4)
    assert len(scores()) == 18
    resume_evaluator(folder, other, workers, generations=4, accept_changes=True)
    assert len(scores()) == 24
    narrow = problem_of(write("Evaluator.params[0].bounds = [0, 1]"))
    with pytest.raises(LedgerError, match=r"parameters of .* changed"):
        resume_evaluator(folder, narrow, workers, generations=5)
    with pytest.raises(LedgerError, match="holds a run of"):
        start_or_resume_evaluator(
            problem_of(write()), evaluator_plan("cma", 6, 4, 3), folder, workers, limit_s=10
        )
