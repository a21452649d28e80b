"""A fit that begins with individuals of another run, whatever becomes of that run."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests.fakes import Workers
from tests.made_runs import table
from workbench.errors import AllFailed, InputError, StoppedEarly
from workbench.evaluations import Ledger
from workbench.fitting import best_rows
from workbench.runs import begin_from, begun_words, resume, salvage_run, start, start_or_resume
from workbench.runs.facts import begun_with
from workbench.search import ALGORITHMS
from workbench.studies import load_study, plan_of


@pytest.fixture
def before(study, plan, folder):
    """Return a run of 3 generations of 4."""
    start(study, plan, folder.with_name("before"), Workers())
    return folder.with_name("before")


def rows(folder, generation=None):
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return list(ledger.rows(generation))


def first_values(folder):
    return np.array([row.parameters for row in rows(folder, 0)])


def test_the_best_of_the_run_come_first_and_the_rest_is_drawn(study, plan, folder, before):
    larger = replace(plan, population=16)
    start(study, begin_from(study, larger, before, folder), folder, Workers())
    best = np.array([row.parameters for row in best_rows(rows(before), 16)])
    assert len(best) == 12
    found = first_values(folder)
    assert found[:12] == pytest.approx(best, rel=1e-12)
    alone = folder.with_name("alone")
    start(study, larger, alone, Workers())
    assert (found[12:] == first_values(alone)[12:]).all()


def test_the_last_generation_and_single_individuals(study, plan, folder, before):
    last = begin_from(study, plan, f"{before}:last", folder).begin
    assert sorted(last.individuals) == [(2, i) for i in range(4)]
    ranked = best_rows(rows(before), 12)
    for which, row in (("best", ranked[0]), ("3", ranked[2]), ("1/2", rows(before, 1)[2])):
        begin = begin_from(study, plan, f"{before}:{which}", folder).begin
        assert begin.individuals == ((row.generation, row.individual),)
        assert study.problem.physical(np.array(begin.rows))[0] == pytest.approx(row.parameters)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_stopped_in_its_first_generation_it_goes_on_without_the_other_run(
    study, folder, before, algorithm
):
    plan = plan_of(study, algorithm=algorithm, population=6, generations=3, seed=2)
    begun = begin_from(study, plan, before, folder)
    whole = folder.with_name("whole")
    start(study, begun, whole, Workers())
    with pytest.raises(StoppedEarly):
        start(study, begun, folder, Workers(stop_at=3))
    shutil.rmtree(before)
    resume(folder, Workers())
    assert table(folder) == table(whole)
    salvaged = folder.with_name("salvaged")
    salvage_run(folder, salvaged)
    resume(salvaged, Workers())
    assert table(salvaged) == table(whole)


def test_the_record_tells_of_whom(study, plan, folder, before):
    start(study, begin_from(study, plan, before, folder), folder, Workers())
    for said in (
        json.loads((folder / "provenance.json").read_text())["search"]["begin"],
        json.loads((folder / "provenance.json").read_text())["facts"]["plan"]["begin"],
    ):
        assert said["run"] == str(before)
        assert said["problem"] == study.problem.digest
        assert len(said["individuals"]) == len(said["rows"]) == 4
        assert said["notes"] == []
    assert "begin" not in json.loads((before / "provenance.json").read_text())["facts"]["plan"]


def test_the_same_call_goes_on_after_the_other_run_has(study, plan, folder, before):
    start_or_resume(study, begin_from(study, plan, before, folder), folder, Workers())
    resume(before, Workers(), generations=6)
    rest = Workers()
    start_or_resume(study, begin_from(study, plan, before, folder), folder, rest)
    shutil.rmtree(before)
    start_or_resume(study, begin_from(study, plan, before, folder), folder, rest)
    assert rest.individuals == 0
    assert begun_with(folder).begin.asked == str(before)


def test_what_the_run_has_not_is_drawn_and_what_it_has_too_much_is_left_out(
    study, plan, folder, before, l5pc
):
    larger = load_study(l5pc)
    plan_there = plan_of(larger, population=10, generations=1)
    begin = begin_from(larger, plan_there, before, folder).begin
    own, theirs = larger.problem.parameter_names, study.problem.parameter_names
    missing = [name for name in own if name not in theirs]
    assert [note.partition(" ")[0] for note in begin.notes] == missing
    assert all("its values are drawn" in note for note in begin.notes)
    again = begin_from(larger, plan_there, before, folder).begin
    assert begin.rows == again.rows
    other = begin_from(larger, replace(plan_there, seed=9), before, folder).begin
    columns = np.array(begin.rows) == np.array(other.rows)
    assert [n for n, same in zip(own, columns.all(axis=0), strict=True) if same] == [
        n for n in own if n in theirs
    ]
    larger_run = folder.with_name("larger")
    start(larger, plan_there, larger_run, Workers())
    back = begin_from(study, plan, larger_run, folder).begin
    assert sum("is not free here and is left out" in note for note in back.notes) == len(missing)
    assert f"begins with 4 individuals of {larger_run}\nnote: " in begun_words(back)


def test_what_leaves_the_bounds_is_put_on_them(study, plan, folder, before):
    first, *others = study.problem.parameters
    values = [row.parameters[0] for row in best_rows(rows(before), 4)]
    middle = sorted(values)[1]
    narrow = replace(first, low=first.low, high=middle)
    problem = replace(study.problem, parameters=(narrow, *others))
    begin = begin_from(replace(study, problem=problem), plan, before, folder).begin
    [note] = begin.notes
    assert note.startswith(f"{first.name}: 2 of 4 values leave [{first.low:g}, {middle:g}]")
    found = problem.physical(np.array(begin.rows))[:, 0]
    assert found == pytest.approx(np.minimum(values, middle))


def test_a_run_of_another_cell_is_refused(study, plan, folder, full_run):
    run = full_run.write()
    with pytest.raises(InputError, match=r"none of the free parameters of l5pc_quick: it has gNa"):
        begin_from(study, plan, run, folder)


def test_a_run_in_which_all_failed(study, plan, folder, new_run):
    run = new_run()
    run.add(0, 0, ["silent"] * 3, status="UNFINISHED")
    failed = run.write()
    with pytest.raises(AllFailed, match="no individual could be simulated"):
        begin_from(study, plan, failed, folder)
    with pytest.raises(InputError, match="no whole generation yet"):
        begin_from(study, plan, f"{failed}:last", folder)


@pytest.mark.parametrize("asked", ["none", "", "a:b", "release", "a\0b", "/dev/null"])
def test_what_is_no_run_says_what_would_be(study, plan, folder, asked):
    with pytest.raises(InputError, match=r"there is no run .* to begin from; name a run folder"):
        begin_from(study, plan, asked, folder)
