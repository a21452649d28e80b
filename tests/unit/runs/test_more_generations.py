"""A run that is given more generations is the run that was asked for them from the start."""

import json
from dataclasses import replace

import pytest

from tests.fakes import Workers
from tests.made_runs import sessions, table
from workbench.errors import InputError, LedgerError, StoppedEarly
from workbench.evaluations import Ledger
from workbench.runs import read_run, resume, start, start_or_resume, state_of, study_of
from workbench.search import ALGORITHMS
from workbench.studies import plan_of


def everything(folder):
    """Return the evaluations, and in which order they were told after how many others."""
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return list(ledger.table()), ledger.tellings()


def segments(folder):
    record = json.loads((folder / "provenance.json").read_text())
    return [session["generations"] for session in record["sessions"]]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_more_generations_are_those_of_a_longer_run(study, folder, algorithm):
    plan = plan_of(study, algorithm=algorithm, population=6, generations=2, seed=5)
    whole = folder.with_name("whole")
    start(study, replace(plan, generations=5), whole, Workers())
    start(study, plan, folder, Workers())
    resume(folder, Workers(), generations=3)
    with pytest.raises(StoppedEarly):
        resume(folder, Workers(stop_at=4), generations=5)
    resume(folder, Workers())
    assert everything(folder) == everything(whole)
    assert sessions(folder) == ["finished", "finished", "interrupted", "finished"]
    assert segments(folder) == [2, 3, 5, 5]


def test_the_record_and_the_list_know_the_total(study, plan, folder):
    start(study, plan, folder, Workers())
    with pytest.raises(StoppedEarly):
        resume(folder, Workers(stop_at=3), generations=6)
    assert study_of(folder)[1].generations == 6
    assert state_of(folder)["generations"] == "3/6"
    assert state_of(folder)["state"] == "can be resumed"
    assert not read_run(folder).finished
    resume(folder, Workers())
    assert state_of(folder)["state"] == "finished"
    assert read_run(folder).planned == read_run(folder).told == 6


def test_an_unfinished_run_may_end_earlier(study, plan, folder):
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=7))
    resume(folder, Workers(), generations=2)
    short = folder.with_name("short")
    start(study, replace(plan, generations=2), short, Workers())
    assert table(folder) == table(short)
    assert state_of(folder)["state"] == "finished"


@pytest.mark.parametrize("generations", [0, -1, 1, 2, 10**9, 2.5, "4"])
def test_a_total_that_cannot_be(study, plan, folder, generations):
    start(study, plan, folder, Workers())
    before = (folder / "provenance.json").read_bytes()
    with pytest.raises(InputError, match="generations"):
        resume(folder, Workers(), generations=generations)
    assert (folder / "provenance.json").read_bytes() == before


def test_more_generations_are_refused_where_what_it_is_made_with_changed(study, plan, folder):
    start(study, plan, folder, Workers(), made_with={"neuron": "9.0.1"})
    workers, new = Workers(), {"neuron": "9.0.2"}
    with pytest.raises(LedgerError, match=r"became 9\.0\.2.*--generations 4 --accept-changes"):
        resume(folder, workers, made_with=new, generations=4)
    assert workers.individuals == 0
    assert study_of(folder)[1].generations == 3
    resume(folder, workers, made_with=new, generations=4, accept_changes=True)
    assert workers.individuals == 4


def test_a_lost_record_forgets_no_generation(study, plan, folder):
    start(study, plan, folder, Workers())
    resume(folder, Workers(), generations=5)
    (folder / "provenance.json").unlink()
    workers = Workers()
    resume(folder, workers)
    assert workers.individuals == 0
    assert read_run(folder).planned == 5


def test_the_same_call_finds_a_run_that_was_given_more(study, plan, folder):
    start_or_resume(study, plan, folder, Workers())
    resume(folder, Workers(), generations=5)
    rest = Workers()
    start_or_resume(study, plan, folder, rest)
    start_or_resume(study, replace(plan, generations=5), folder, rest)
    assert rest.individuals == 0
    with pytest.raises(LedgerError, match=r"holds a run .* `resume` gives it more generations"):
        start_or_resume(study, replace(plan, generations=4), folder, rest)
