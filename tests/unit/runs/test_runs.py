"""Run folders, filled by workers that compute in no time what a cell would."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.fakes import Workers
from tests.grown import everywhere
from tests.made_runs import sessions, table
from workbench.engines import fixed_step
from workbench.errors import InputError, LedgerError, StoppedEarly
from workbench.evaluations import Ledger
from workbench.fitting import best_row
from workbench.runs import find_runs, new_folder, resume, start, start_or_resume, study_of
from workbench.runs.facts import study_told_by
from workbench.studies import load_study, plan_of
from workbench.workers import MachineError


def test_the_plan_is_the_studys_own_unless_told_otherwise(l5pc):
    study = load_study(l5pc)
    own = plan_of(study)
    assert (own.algorithm, own.population, own.generations, own.seed) == ("gp", 16, 60, 1)
    told = plan_of(study, population=None, seed=0, generations=5)
    assert (told.population, told.generations, told.seed) == (16, 5, 0)


def test_the_options_of_a_study_are_for_its_own_algorithm(l5pc, change):
    change(l5pc / "study.toml", 'algorithm = "gp"', 'algorithm = "ibea"\noptions = { eta = 20 }')
    study = load_study(l5pc)
    assert plan_of(study).options == {"eta": 20.0}
    assert plan_of(study, algorithm="ibea").options == {"eta": 20.0}
    assert plan_of(study, algorithm="random").options == {}


@pytest.mark.parametrize("name", ["population", "generations"])
def test_a_plan_without_individuals_is_refused(study, name):
    with pytest.raises(InputError, match=f"{name} must be a whole number of at least 1"):
        plan_of(study, **{name: 0})


def test_an_unknown_algorithm_names_the_nearest(study):
    with pytest.raises(InputError, match="did you mean 'nsga2'"):
        plan_of(study, algorithm="nsga").search(study.problem)


def test_a_finished_run(study, plan, folder):
    workers, heard = Workers(), []
    start(study, plan, folder, workers, [heard.append])
    assert workers.individuals == len(heard) == 12
    assert len(table(folder)) == 12
    assert sessions(folder) == ["finished"]
    record = json.loads((folder / "provenance.json").read_text())
    assert record["problem"]["digest"] == study.problem.digest
    assert record["search"]["seed"] == 5
    assert len(record["problem"]["parameters"]) == 8
    assert len(record["problem"]["objectives"]) == 15
    assert [entry["name"] for entry in record["problem"]["protocols"]] == [
        "Step1",
        "Step2",
        "Step3",
    ]


def test_the_traces_of_the_best_are_kept(study, plan, folder):
    workers = Workers()
    start(study, plan, folder, workers)
    assert workers.simulations == 3
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        best = best_row(ledger.rows())
    with np.load(folder / "traces" / "best.npz") as kept:
        assert (kept["generation"], kept["individual"]) == (best.generation, best.individual)
        assert kept["parameters"].tolist() == best.parameters.tolist()
        assert kept["Step2/t_ms"].size == kept["Step2/soma.v"].size == 60


@pytest.mark.parametrize("own", [(), (("Step2", fixed_step(0.025)),)])
def test_what_a_run_was_can_be_read_back(study, plan, folder, own):
    study = study.with_integrator(fixed_step(0.05), own).with_celsius(30.0)
    start(study, plan, folder, Workers())
    found, found_plan = study_of(folder)
    assert found.problem.digest == study.problem.digest
    assert found_plan == plan


def test_a_stopped_run_says_how_to_go_on_and_does(study, plan, folder):
    whole = folder.with_name("whole")
    start(study, plan, whole, Workers())
    with pytest.raises(StoppedEarly, match=f"workbench resume {folder}"):
        start(study, plan, folder, Workers(stop_at=7))
    with pytest.raises(StoppedEarly):
        resume(folder, Workers(stop_at=2))
    rest = Workers()
    resume(folder, rest)
    assert rest.individuals == 12 - 6 - 1
    assert table(folder) == table(whole)
    assert sessions(folder) == ["interrupted", "interrupted", "finished"]


def test_a_run_goes_on_with_what_it_was_made_with_unless_the_change_is_accepted(
    study, plan, folder
):
    old, new = {"neuron": "9.0.1", "efel": "5.7"}, {"neuron": "9.0.2", "efel": "5.7"}
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=5), made_with=old)
    workers = Workers()
    with pytest.raises(LedgerError, match=r"neuron 9\.0\.1 became 9\.0\.2.*--accept-changes"):
        resume(folder, workers, made_with=new)
    assert workers.individuals == 0
    with pytest.raises(StoppedEarly):
        resume(folder, Workers(stop_at=2), made_with=new, accept_changes=True)
    with pytest.raises(LedgerError, match=r"neuron 9\.0\.2 became 9\.0\.1"):
        resume(folder, workers, made_with=old)
    resume(folder, workers, made_with=new)
    record = json.loads((folder / "provenance.json").read_text())
    changes = [session.get("changes") for session in record["sessions"]]
    assert changes == [None, ["neuron 9.0.1 became 9.0.2"], []]
    resume(folder, Workers(), made_with=old)  # it is finished


def test_a_study_may_move(study, plan, folder, quick):
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=5))
    moved = quick.rename(quick.with_name("elsewhere"))
    with pytest.raises(LedgerError, match=rf"no longer at .*resume {folder} --study FOLDER"):
        resume(folder, Workers())
    resume(folder, Workers(), study=moved)
    assert len(table(folder)) == 12


def test_a_finished_run_is_not_run_again(study, plan, folder):
    start(study, plan, folder, Workers())
    before, workers = table(folder), Workers()
    resume(folder, workers)
    assert (workers.individuals, workers.simulations) == (0, 0)
    assert table(folder) == before


def test_an_error_ends_the_session_with_its_words(study, plan, folder):
    def fail(row):
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        start(study, plan, folder, Workers(), [fail])
    assert sessions(folder) == ["RuntimeError: the disk is full"]


def test_a_run_is_never_begun_over_another(study, plan, folder):
    start(study, plan, folder, Workers())
    record = (folder / "provenance.json").read_bytes()
    with pytest.raises(LedgerError, match="workbench resume"):
        start(study, plan, folder, Workers())
    assert (folder / "provenance.json").read_bytes() == record


def test_a_run_whose_study_has_changed_is_not_continued(study, plan, folder, quick, change):
    start(study, plan, folder, Workers())
    change(quick / "targets.toml", "[17.5, 0.8]", "[17.5, 0.9]")
    workers = Workers()
    with pytest.raises(LedgerError, match=r"targets of the study .* changed after this run"):
        resume(folder, workers)
    assert workers.individuals == 0


def test_a_run_goes_on_after_its_values_were_given_new_fields(study, plan, folder, monkeypatch):
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=7))
    larger = replace(study, problem=everywhere(study.problem, ("added", float, 0.5)))
    monkeypatch.setattr("workbench.runs.facts.load_study", lambda _: larger)
    resume(folder, Workers())
    found, _ = study_of(folder)
    assert found.problem.recipe.morphology.sections[0].added == 0.5
    assert found.problem.protocols[0].added == found.problem.recipe.added == 0.5
    assert len(table(folder)) == 12


@pytest.mark.parametrize("version", [None, 1, 3])
def test_a_run_with_digests_of_another_version_says_whose_doing_it_is(study, plan, folder, version):
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=7))
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        facts = dict(ledger.facts())
    facts.pop("digest_version")
    if version is not None:
        facts["digest_version"] = version
    with pytest.raises(
        LedgerError, match=r"the workbench's doing, not the study's.*began this run"
    ):
        study_told_by(facts, folder)


def test_children_that_cannot_start_stop_a_run_that_goes_on_later(study, plan, folder):
    class Few(Workers):
        def run(self, task, rows):
            for answer in super().run(task, rows):
                yield answer
                if self.individuals == 6:
                    raise MachineError("worker-1.2 could not be started: Resource temporarily ...")

    with pytest.raises(StoppedEarly, match=r"worker-1\.2 could not be started.*workbench resume"):
        start(study, plan, folder, Few())
    assert len(table(folder)) == 6
    resume(folder, Workers())
    assert len(table(folder)) == 12


@pytest.mark.parametrize("inside", ["", "deeper/run"])
def test_a_file_in_the_place_of_the_folder(study, plan, folder, inside):
    folder.parent.mkdir()
    folder.write_text("mine")
    with pytest.raises(LedgerError, match=r"no run can be begun in .*--out names another"):
        start(study, plan, folder / inside, Workers())
    assert folder.read_text() == "mine"


def test_a_folder_without_a_run(folder):
    with pytest.raises(LedgerError, match="no ledger"):
        resume(folder, Workers())


def test_start_or_resume_does_what_is_left(study, plan, folder):
    with pytest.raises(StoppedEarly):
        start_or_resume(study, plan, folder, Workers(stop_at=7))
    rest = Workers()
    start_or_resume(study, plan, folder, rest)
    assert rest.individuals == 6
    other = plan_of(study, algorithm="random", population=4, generations=3, seed=6)
    with pytest.raises(LedgerError, match="holds a run of"):
        start_or_resume(study, other, folder, Workers())


def test_runs_are_found_wherever_they_lie_below(study, plan, folder_in_memory):
    folders = [folder_in_memory / "runs" / name for name in ("b", "deep/a")]
    for folder in folders:
        start(study, plan, folder, Workers())
    assert find_runs(folder_in_memory / "runs") == folders
    assert find_runs(folder_in_memory / "nowhere") == []


def test_a_run_folder_may_be_moved(study, plan, folder):
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=7))
    moved = folder.rename(folder.with_name("moved"))
    resume(moved, Workers())
    assert len(table(moved)) == 12


def test_the_name_of_a_new_folder_tells_what_it_holds(study, plan):
    assert new_folder(study, plan).name.startswith("l5pc_quick-random-seed5-")
