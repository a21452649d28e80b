"""Run folders, filled by workers that compute in no time what a cell would."""

import contextlib
import errno
import json
import os
import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import Workers
from tests.grown import everywhere
from tests.made_runs import provenance
from workbench.engines import fixed_step
from workbench.errors import InputError, LedgerError, StoppedEarly
from workbench.evaluations import Ledger
from workbench.fitting import best_row
from workbench.runs import find_runs, new_folder, read_run, resume, start, start_or_resume, study_of
from workbench.runs.facts import study_told_by
from workbench.runs.provenance import ProvenanceLostError, read_provenance, write_provenance
from workbench.runs.record import Record
from workbench.studies import load_study, plan_of
from workbench.workers import MachineError


def table(folder):
    db = sqlite3.connect(folder / "ledger.sqlite")
    rows = db.execute("SELECT * FROM evaluations").fetchall()
    db.close()
    return rows


def sessions(folder):
    record = json.loads((folder / "provenance.json").read_text())
    return [session["reason"] for session in record["sessions"]]


@pytest.fixture
def study(quick):
    return load_study(quick)


@pytest.fixture
def plan(study):
    return plan_of(study, algorithm="random", population=4, generations=3, seed=5)


@pytest.fixture
def folder(folder_in_memory):
    return folder_in_memory / "runs" / "a"


def test_the_plan_is_the_studys_own_unless_told_otherwise(l5pc):
    study = load_study(l5pc)
    own = plan_of(study)
    assert (own.algorithm, own.population, own.generations, own.seed) == ("ibea", 100, 100, 1)
    told = plan_of(study, population=None, seed=0, generations=5)
    assert (told.population, told.generations, told.seed) == (100, 5, 0)


def test_the_options_of_a_study_are_for_its_own_algorithm(l5pc, change):
    change(l5pc / "study.toml", "seed = 1", "seed = 1\noptions = { eta = 20 }")
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


@pytest.mark.parametrize(
    "left", [None, "", "{", "[1]", '{"schema_version": 1}', "[" * 10_000, "9" * 5_000, "\0"]
)
def test_a_lost_provenance_is_made_anew(study, plan, folder, left, caplog):
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=7))
    before = json.loads((folder / "provenance.json").read_text())
    (folder / "provenance.json").unlink()
    if left is not None:
        (folder / "provenance.json").write_text(left)
    rest = Workers()
    resume(folder, rest)
    assert rest.individuals == 6
    assert "was lost and is made anew" in caplog.text
    after = json.loads((folder / "provenance.json").read_text())
    assert before.keys() < after.keys()
    assert left is None or (folder / "provenance.damaged.json").read_text() == left
    for key in ("study", "problem", "search", "facts"):
        assert after[key] == before[key]
    assert sessions(folder) == ["told by the ledger alone", "finished"]
    assert read_run(folder).evaluated == 12


def test_a_provenance_of_another_version_is_left_alone(study, plan, folder):
    start(study, plan, folder, Workers())
    write_provenance(folder, read(folder).model_copy(update={"schema_version": 9}))
    written = (folder / "provenance.json").read_text()
    with pytest.raises(LedgerError, match="of version 9"):
        resume(folder, Workers())
    assert (folder / "provenance.json").read_text() == written


def read(folder):
    """Return the record of a run, which has to tell all without the study."""
    return read_provenance(folder, lambda: pytest.fail("the study was asked for"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_no_changed_byte_of_a_provenance_goes_unseen(provenance_written, place, byte):
    """Unless the JSON says the same as before, as with another blank."""
    folder, before, data = provenance_written
    data = bytearray(data)
    data[int(place * len(data))] = byte
    (folder / "provenance.json").write_bytes(data)
    with contextlib.suppress(ProvenanceLostError):
        assert read(folder) == before


@pytest.fixture(scope="module")
def provenance_written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    record = Record.model_validate({**provenance(), "é": "ü", "restored": "\udcff"})
    write_provenance(folder, record)
    return folder, record, (folder / "provenance.json").read_bytes()


def spoil_a_trace(content):
    """Change a byte of a compressed trace, so that only its checksum tells."""
    begin = content.index(b"soma.v.npy")
    return content[: begin + 60] + bytes([content[begin + 60] ^ 255]) + content[begin + 61 :]


@pytest.mark.parametrize(
    "damage", [lambda _: b"", lambda _: b"{", lambda whole: whole[:-100], spoil_a_trace]
)
def test_damaged_traces_of_the_best_are_written_anew(study, plan, folder, damage):
    start(study, plan, folder, Workers())
    path = folder / "traces" / "best.npz"
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    workers = Workers()
    resume(folder, workers)
    assert (workers.individuals, workers.simulations) == (0, 3)
    with np.load(path) as kept:
        assert kept["Step2/soma.v"].size == 60


def test_a_pipe_in_the_place_of_the_traces_is_replaced(study, plan, folder):
    """To read from it would wait for ever."""
    start(study, plan, folder, Workers())
    path = folder / "traces" / "best.npz"
    path.unlink()
    os.mkfifo(path)
    resume(folder, Workers())
    with np.load(path) as kept:
        assert kept["Step2/soma.v"].size == 60


class FullDisk:
    """Refuses to write files of a name, as a full disk does: it does not say which file."""

    def __init__(self, monkeypatch, where):
        self._patch, self._where = monkeypatch, where

    def fill(self, *_):
        self._patch.setattr(self._where, self._refuse)

    def _refuse(self, *_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_at_a_resume_changes_nothing(study, plan, folder, monkeypatch):
    with pytest.raises(StoppedEarly):
        start(study, plan, folder, Workers(stop_at=7))
    before = (folder / "provenance.json").read_bytes()
    with monkeypatch.context() as patch:
        FullDisk(patch, "workbench.runs.provenance.os.fsync").fill()
        with pytest.raises(StoppedEarly, match="No space left") as stopped:
            resume(folder, Workers())
    assert f"workbench resume {folder}" in str(stopped.value)
    assert (folder / "provenance.json").read_bytes() == before
    resume(folder, Workers())
    assert sessions(folder) == ["interrupted", "finished"]


def test_traces_that_find_no_room_are_kept_later(study, plan, folder, monkeypatch):
    with monkeypatch.context() as patch:
        FullDisk(patch, "workbench.runs.traces._write").fill()
        with pytest.raises(StoppedEarly, match="No space left"):
            start(study, plan, folder, Workers())
    assert len(table(folder)) == 12
    assert sessions(folder)[0].startswith("stopped: ")
    rest = Workers()
    resume(folder, rest)
    assert (rest.individuals, rest.simulations) == (0, 3)


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
