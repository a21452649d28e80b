"""Stages of a fit: what each varies and counts, what it begins with, and that none is lost."""

import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.fitting.mines import Killed, mined
from tests.unit.fitting.test_loop import REPRODUCIBLE
from workbench.evaluations import Competing, Evaluation, Ledger, Row
from workbench.features import Missing
from workbench.fitting import Posed, Stage, best_of_stage, best_rows, fit
from workbench.fitting.staged import Stages
from workbench.fitting.stages import StageProblem, segments_of

G_PAS, GNA = "g_pas.all", "gnabar_hh.somatic"
REST, COUNT, HEIGHT = "Rest.soma.voltage_base", "Step.soma.Spikecount", "Step.dend.AP_height"

PASSIVE = Stage("passive", (G_PAS,), (REST,), "least-squares", 3, 6, others={GNA: 0.05})
ACTIVE = Stage("active", (GNA,), (COUNT, HEIGHT), "ibea", 4, 3, seeds=2, begin=1)
STAGES = Stages((PASSIVE, ACTIVE), seed=5)
FACTS = {"stages": [{"begin": 0, "first": True}, {"begin": 6, "first": False}]}


@pytest.fixture
def problem(problem):
    """The small problem with a base of -75 mV: -80 + 1e4 g_pas is that inside the bounds."""
    *others, base = problem.objectives
    return replace(problem, objectives=(*others, replace(base, mean=-75.0)))


@pytest.fixture
def path(folder_in_memory):
    return folder_in_memory / "ledger.sqlite"


def run(problem, path, workers, stages=STAGES, kind=Ledger, listeners=()):
    opened = kind.open(path, write=True) if path.exists() else kind.create(path, FACTS)
    with opened as ledger:
        fit(problem, stages, workers, ledger, 0, listeners)


def rows_of(path):
    with Ledger.open(path) as ledger:
        return list(ledger.rows())


def table(path):
    with sqlite3.connect(path) as db:
        return db.execute(REPRODUCIBLE).fetchall()


def test_each_stage_varies_and_counts_what_it_says(problem, path, fake_workers):
    run(problem, path, fake_workers())
    rows = rows_of(path)
    passive = [row for row in rows if row.generation < 6]
    active = [row for row in rows if row.generation >= 6]
    assert {row.parameters[1] for row in passive} == {0.05}
    assert all((row.scores[:2] == 0).all() for row in passive)
    assert len({row.parameters[0] for row in active}) == 1
    assert active[0].parameters[0] == pytest.approx(5e-4, rel=1e-6)
    assert all(row.scores[2] == 0 for row in active)
    assert sorted({row.generation for row in active}) == [6, 7, 8, 9, 10, 11]
    with Ledger.open(path) as ledger:
        assert [generation for generation, _ in ledger.told_at()] == list(range(12))
        assert {row.generation for row in ledger.competitors()} == set(range(6, 12))


def test_a_search_hears_of_its_own_targets(problem):
    whole = StageProblem(problem, ACTIVE, (1e-4, 0.0))
    assert whole.counted == [0, 1]
    assert whole.columns == [1]
    assert whole.physical(np.array([[0.5]])).tolist() == [[1e-4, 0.25]]
    task = whole.task
    assert task.problem.parameter_names == (GNA,)
    assert [one.name for one in task.problem.protocols] == ["Step"]
    assert task.problem.recipe.values[G_PAS] == 1e-4


def test_what_does_not_count_has_no_value(problem, evaluate_row):
    task = StageProblem(problem, PASSIVE, (0.0, 0.05)).task
    whole = task._whole(type(evaluate_row([1e-4, 0.2]))((np.array([-70.0]),)))
    assert whole.measured[2] == [-70.0]
    assert [type(one) for one in whole.measured[:2]] == [Missing, Missing]


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("left", [1, 2, 4, 9, 15, 24])
def test_a_killed_fit_becomes_the_one_that_was_not(
    problem, folder_in_memory, fake_workers, left, before
):
    whole, killed = folder_in_memory / "whole.sqlite", folder_in_memory / "killed.sqlite"
    run(problem, whole, fake_workers())
    with pytest.raises(Killed):
        run(problem, killed, fake_workers(), kind=mined(left, before))
    heard = []
    run(problem, killed, fake_workers(), listeners=[heard.append])
    assert table(killed) == table(whole)
    assert len({(row.generation, row.individual) for row in heard}) == len(rows_of(whole))


def test_a_finished_one_evaluates_nothing(problem, path, fake_workers):
    run(problem, path, fake_workers())
    before = table(path)

    class Nobody:
        places = 1

        def run(self, task, rows):
            assert not len(rows)
            return iter(())

    run(problem, path, Nobody())
    assert table(path) == before


def test_the_next_begins_with_several(problem, path, fake_workers):
    """The first row is the best of the stage before; the others follow in their order."""
    first = Stage("first", (GNA,), (COUNT,), "random", 6, 2, others={G_PAS: 1e-4})
    second = Stage("second", (GNA, G_PAS), (COUNT, REST), "ibea", 5, 1, begin=3, others={})
    run(problem, path, fake_workers(), Stages((first, second), seed=2))
    rows = rows_of(path)
    best = best_rows([row for row in rows if row.generation < 2], 3)
    begun = [row.parameters for row in rows if row.generation == 2][:3]
    assert [row[1] for row in begun] == pytest.approx([row.parameters[1] for row in best])
    assert len({row[0] for row in begun}) == 3, "what is varied for the first time is drawn"
    assert begun[0][0] == pytest.approx(1e-4), "and begins where it was held"


def test_least_squares_begins_where_a_parameter_was_held(problem, path, fake_workers):
    first = Stage("first", (GNA,), (COUNT,), "random", 6, 2, others={G_PAS: 2e-4})
    second = Stage("second", (G_PAS,), (REST,), "least-squares", 3, 6, others={})
    run(problem, path, fake_workers(), Stages((first, second), seed=2))
    begun = next(row for row in rows_of(path) if row.generation == 2)
    assert begun.parameters[0] == pytest.approx(2e-4)
    # Beyond its bounds it cannot begin.
    path.unlink()
    run(problem, path, fake_workers(), Stages((replace(first, others={G_PAS: 9}), second), seed=2))
    begun = next(row for row in rows_of(path) if row.generation == 2)
    assert begun.parameters[0] == pytest.approx(1e-3)


def test_least_squares_is_judged_by_squares(problem):
    """0 and 2 SD have the smaller sum, 1.2 and 1.2 SD the smaller sum of squares."""
    base, height = problem.objectives[2], problem.objectives[1]
    stage = replace(PASSIVE, targets=(REST, HEIGHT))
    posed = Posed(problem.objectives, problem.rule)

    def row(individual, generation, *away_SD):
        means = [one.mean + far * one.std for one, far in zip((height, base), away_SD, strict=True)]
        measured = (Missing("not counted"), *(np.array([mean]) for mean in means))
        parameters = np.array([1e-4 * (1 + generation), 0.05])
        scores = np.array([0.0, *away_SD])
        return Row(generation, individual, parameters, Evaluation(measured), scores)

    rows = [row(0, 0, 0.0, 2.0), row(1, 1, 0.0, 0.1), row(0, 2, 1.2, 1.2)]
    assert [one.generation for one in best_of_stage(stage, posed, rows, 2)] == [2, 0]
    summed = replace(stage, search="ibea")
    assert [one.generation for one in best_of_stage(summed, posed, rows, 3)] == [1, 0, 2]


def test_least_squares_from_several_rows(problem, path, fake_workers):
    """The centre of the bounds first, then rows that are drawn; each walks to the same place."""
    stage = replace(PASSIVE, seeds=3)
    run(problem, path, fake_workers(), Stages((stage,), seed=5))
    rows = [row for row in rows_of(path) if row.individual == 0]
    begun = [row.parameters[0] for row in rows if row.generation in (0, 6, 12)]
    assert begun[0] == pytest.approx(1e-4), "the centre on its log scale"
    assert len(set(begun)) == 3
    for begin in (0, 6, 12):
        own = [row for row in rows if begin <= row.generation < begin + 6]
        [best] = best_rows(own, 1)
        assert best.parameters[0] == pytest.approx(5e-4, rel=1e-3)


def test_segments_and_who_competes():
    found = segments_of([PASSIVE, ACTIVE])
    assert [(one.stage, one.begin, one.end, one.population) for one in found] == [
        ("passive", 0, 6, 3),
        ("active", 6, 9, 4),
        ("active", 9, 12, 4),
    ]
    competing = Competing.told_by(FACTS)
    assert [competing.stage(generation) for generation in (0, 5, 6, 11)] == [0, 0, 1, 1]
    assert Competing.told_by({}).stage(99) == 0
