"""A fit in which every individual fails for one reason ends soon, and can be mended."""

import numpy as np
import pytest

from workbench.errors import AllFailed
from workbench.evaluations import Evaluation, Ledger
from workbench.features import Missing
from workbench.fitting import fit
from workbench.search import make_search
from workbench.workers.task import Answer

POPULATION, GENERATIONS = 5, 6
ALGORITHMS = ["random", "ibea", "steady-ibea"]
NAN = Evaluation((Missing("a recording is not a number"),) * 3, "NOT_FINITE")
ABSURD = Evaluation((Missing("-1e6 mV in soma(0.5)"),) * 3, "ABSURD")
DIED = "given up after 3 attempts; the last: worker-1.3 was ended by SIGSEGV"


class Workers:
    """One worker; `answer` gives the evaluation of the n-th row it takes, None if it dies of it."""

    def __init__(self, answer):
        self.answer = answer
        self.taken = 0

    def run(self, task, rows):
        for number, row in enumerate(rows):
            self.taken += 1
            value = self.answer(self.taken - 1, row)
            if value is not None:
                yield Answer(number, "fake", 0.5, value)
                continue
            for attempt in (1, 2):
                lost = f"worker-1.{attempt} was ended by SIGSEGV"
                yield Answer(number, "fake", 0.5, lost=lost, again=True)
            yield Answer(number, "fake", 0.5, lost=DIED)


def run(problem, path, workers, algorithm, heard=()):
    search = make_search(algorithm, 2, 3, POPULATION, 3)
    opened = Ledger.open(path, write=True) if path.exists() else Ledger.create(path, {})
    with opened as ledger:
        fit(problem, search, workers, ledger, GENERATIONS, heard)


def rows(path):
    with Ledger.open(path) as ledger:
        return [(r.generation, r.individual, r.evaluation.status) for r in ledger.rows()]


@pytest.fixture
def path(folder_in_memory):
    return folder_in_memory / "ledger.sqlite"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_all_failed_in_one_way(problem, path, algorithm):
    workers, heard = Workers(lambda *_: NAN), []
    said = r"all 5 individuals .* in one way: a recording is not a number or infinite \(a record"
    with pytest.raises(AllFailed, match=said) as caught:
        run(problem, path, workers, algorithm, [heard.append])
    assert caught.value.exit_code == 1
    assert workers.taken == len(heard) == POPULATION
    # What was found stays, and to ask again does not help.
    before = rows(path)
    assert [row[2] for row in before] == ["NOT_FINITE"] * POPULATION
    with pytest.raises(AllFailed, match=said):
        run(problem, path, workers, algorithm)
    assert (workers.taken, rows(path)) == (POPULATION, before)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("other", ["sound", "failed"])
def test_one_that_did_otherwise_is_enough(problem, path, evaluate_row, algorithm, other):
    def answer(number, row):
        if number % POPULATION == POPULATION - 1:
            return evaluate_row(row) if other == "sound" else ABSURD
        return NAN

    run(problem, path, Workers(answer), algorithm)
    assert len(rows(path)) == GENERATIONS * POPULATION


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_later_generation_may_fail(problem, path, evaluate_row, algorithm):
    def answer(number, row):
        return evaluate_row(row) if number < POPULATION else NAN

    run(problem, path, Workers(answer), algorithm)
    assert len(rows(path)) == GENERATIONS * POPULATION


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_whatever_ends_all_workers_is_scored_for_nobody(
    problem, folder_in_memory, evaluate_row, algorithm
):
    """It is mended, and the table is that of a run in which it never was."""
    whole, path = folder_in_memory / "whole.sqlite", folder_in_memory / "ledger.sqlite"
    run(problem, whole, Workers(lambda _, row: evaluate_row(row)), algorithm)
    broken = Workers(lambda *_: None)
    with pytest.raises(AllFailed, match=r"none of 5 .*SIGSEGV.*`workbench resume` evaluates them"):
        run(problem, path, broken, algorithm)
    assert broken.taken == POPULATION
    assert rows(path) == []
    with Ledger.open(path) as ledger:
        outcomes = [attempt["outcome"] for attempt in ledger.attempts()]
    assert len(outcomes) == 3 * POPULATION
    assert outcomes.count(DIED) == POPULATION
    run(problem, path, Workers(lambda _, row: evaluate_row(row)), algorithm)
    assert rows(path) == rows(whole)
    with Ledger.open(path) as one, Ledger.open(whole) as other:
        assert list(one.table()) == list(other.table())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_those_that_end_their_workers_are_scored_once_somebody_does_not(
    problem, path, evaluate_row, algorithm
):
    def answer(number, row):
        return None if number < POPULATION - 1 else evaluate_row(row)

    run(problem, path, Workers(answer), algorithm)
    found = rows(path)
    assert [row[2] for row in found[:POPULATION]] == ["WORKER_DIED"] * (POPULATION - 1) + ["OK"]
    assert len(found) == GENERATIONS * POPULATION
    with Ledger.open(path) as ledger:
        scores = np.array([row.scores for row in ledger.rows(0)])
    assert np.isfinite(scores).all()
