"""The account of a torture: it would tell of a row that differs, is lost or was made in vain."""

import dataclasses

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.evaluations import Attempt, Evaluation, Ledger, Row
from workbench.features import Missing
from workbench.studies import load_study, plan_of
from workbench.torture import Account, Faults, Ordeal, torture
from workbench.torture.account import compare, failed, repetitions
from workbench.torture.faults import _mark, _share, key_of, read_marks
from workbench.torture.trial import _choose

SOUND = Account(40, 4, 2, 1, 1, 2, 0, 0, 3, 1, 8, 5.0, 30.0)


def make_row(individual, parameters=None, value=1.0, generation=0):
    given = np.array([float(individual)]) if parameters is None else np.array(parameters)
    evaluation = Evaluation((np.array([value]), Missing("no spike")))
    return Row(generation, individual, given, evaluation, np.array([value, 250.0]))


@pytest.fixture
def run(folder_in_memory):
    """Return a function that writes a run folder with these rows and lost attempts."""

    def make(name, rows, lost=0):
        (folder_in_memory / name).mkdir()
        with Ledger.create(folder_in_memory / name / "ledger.sqlite", {}) as ledger:
            for _ in range(lost):
                ledger.lost(0, 0, Attempt("worker-1", 1.0, "worker-1 was ended by SIGKILL"))
            for row in rows:
                ledger.append(row, Attempt("worker-1", 1.0))
        return folder_in_memory / name

    return make


def test_equal_tables_are_equal_whatever_the_order_of_writing(run):
    rows = [make_row(i) for i in range(3)]
    assert compare(run("one", rows), run("other", rows[::-1], lost=2)) == 0


def test_every_row_that_differs_or_is_missing_counts(run):
    one = run("one", [make_row(0), make_row(1), make_row(2)])
    other = run("other", [make_row(0), make_row(1, value=np.nextafter(1.0, 2.0)), make_row(3)])
    assert compare(one, other) == 3
    assert compare(one, one.with_name("nothing")) == 3


def test_passed_only_if_all_is_well():
    assert SOUND.passed
    for change in ({"different": 1}, {"lost": 1}, {"repeated": 9}):
        assert not dataclasses.replace(SOUND, **change).passed


def test_repetitions_are_those_that_no_fault_explains(run):
    """Two twins share a simulation, their like in the next generation has one of its own."""
    twins = [make_row(0, [1.0]), make_row(1, [1.0]), make_row(0, [1.0], generation=1)]
    folder = run("run", [*twins, make_row(1, [2.0], generation=1)], lost=1)
    once = {"a": ["begun", "ended", "begun", "ended"], "b": ["begun", "hang", "begun", "ended"]}
    assert repetitions(folder, once) == (0, 0)
    again = {**once, "c": ["begun", "begun", "ended"]}
    assert repetitions(folder, again) == (2, 1)


def test_failures_are_counted(run):
    bad = dataclasses.replace(make_row(1), evaluation=Evaluation((Missing("nan"),) * 2, "ABSURD"))
    assert failed(run("run", [make_row(0), bad])) == 1


def test_marks_count_across_openings(tmp_path):
    faults = Faults(marks=str(tmp_path))
    assert [_mark(faults, "a", "begun") for _ in range(3)] == [0, 1, 2]
    assert _mark(faults, "b", "begun") == 0
    assert read_marks(tmp_path) == {"a": ["begun"] * 3, "b": ["begun"]}


def test_shares_are_even_and_belong_to_the_row():
    keys = [key_of(np.array([i / 7, 1.0])) for i in range(4000)]
    shares = np.array([_share(key, "nan") for key in keys])
    assert len(set(keys)) == 4000
    # Four standard deviations of a binomial with p = 0.05.
    assert abs(np.mean(shares < 0.05) - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 4000)
    assert [_share(key, "nan") for key in keys] == shares.tolist()
    assert abs(np.corrcoef(shares, [_share(key, "moment") for key in keys])[0, 1]) < 0.1


def test_faults_hit_as_many_rows_as_asked(run):
    import random

    folder = run("run", [make_row(i) for i in range(50)])
    ordeal = Ordeal(worker_kills=5, hangs=0.1, segfaults=0.04)
    chosen = _choose(folder, ordeal, random.Random(1))
    said = list(chosen.values())
    assert [said.count(f) for f in ("worker kill", "hang", "segfault")] == [5, 5, 2]
    assert chosen == _choose(folder, ordeal, random.Random(1))
    assert set(chosen) <= {key_of(np.array([float(i)])) for i in range(50)}
    with pytest.raises(InputError, match="do not find room in 50"):
        _choose(folder, Ordeal(worker_kills=60), random.Random(1))


def test_a_fit_that_is_never_the_same_is_not_tortured(tmp_path):
    study = load_study("hodgkin_huxley")
    plan = plan_of(study, algorithm="steady-ibea", population=8, generations=2)
    with pytest.raises(InputError, match="steady-ibea finds something else each time"):
        torture(study, plan, Ordeal(), tmp_path / "ordeal", 1, print)
    assert not (tmp_path / "ordeal").exists()
