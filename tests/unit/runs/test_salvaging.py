"""A damaged run is rescued, goes on, and is then the run that was never damaged."""

import json
import shutil
import sqlite3

import numpy as np
import pytest

from workbench.engines.tasks import Simulations
from workbench.errors import LedgerError, StoppedEarly, StudyError
from workbench.evaluations import Evaluation, Ledger
from workbench.protocols import Traces
from workbench.runs import resume, salvage_run, start
from workbench.studies import load_study, plan_of
from workbench.workers.task import Answer


class Workers:
    """Computes in no time what a cell would; counts individuals."""

    def __init__(self):
        self.individuals = 0

    def run(self, task, rows):
        for number, row in enumerate(rows):
            if isinstance(task, Simulations):
                yield Answer(number, "fake", 0.1, Traces("none", np.arange(2.0), {}))
                continue
            self.individuals += 1
            problem = task.problem
            far = np.resize(problem.unit(row[None])[0], len(problem.objectives))
            aims = zip(problem.objectives, far, strict=True)
            measured = tuple(np.array([o.mean + o.std * x]) for o, x in aims)
            yield Answer(number, "fake", 0.1, Evaluation(measured))


@pytest.fixture(scope="module")
def study():
    return load_study("hodgkin_huxley")


@pytest.fixture
def run(study, folder_in_memory):
    """Return the folder of a finished run of 5 generations of 8 (IBEA learns from its scores)."""
    plan = plan_of(study, population=8, generations=5, seed=3)
    start(study, plan, folder_in_memory / "run", Workers())
    return folder_in_memory / "run"


def table(folder):
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return list(ledger.table())


def wipe(folder, column):
    """Overwrite the page that holds this column of the evaluation (2, 3)."""
    path = folder / "ledger.sqlite"
    query = f"SELECT {column} FROM evaluations WHERE generation = 2 AND individual = 3"
    db = sqlite3.connect(path)
    [(value,)] = db.execute(query).fetchall()
    db.close()
    content = bytearray(path.read_bytes())
    begin = content.index(value) // 4096 * 4096
    content[begin : begin + 4096] = bytes(4096)
    path.write_bytes(content)


def test_a_damaged_run_goes_on_as_if_nothing_had_been(run):
    whole = table(run)
    wipe(run, "scores")
    with pytest.raises(LedgerError, match=r"--salvage NEW.*workbench resume NEW"):
        resume(run, Workers())
    new = run.with_name("new")
    salvaged = salvage_run(run, new)
    assert 0 < salvaged.kept < 40
    assert salvaged.kept + salvaged.gone == 40
    workers = Workers()
    resume(new, workers)
    assert table(new) == whole
    assert 0 < workers.individuals <= salvaged.gone, "only what is gone was simulated"
    assert json.loads((new / "provenance.json").read_text())["sessions"][-1]["reason"] == "finished"


def test_a_cut_ledger_goes_on(run):
    whole = table(run)
    content = (run / "ledger.sqlite").read_bytes()
    (run / "ledger.sqlite").write_bytes(content[: len(content) * 2 // 3])
    new = run.with_name("new")
    salvage_run(run, new)
    resume(new, Workers())
    assert table(new) == whole


def test_facts_are_told_in_two_places(run):
    whole = table(run)
    spoil_facts(run)
    new = run.with_name("new")
    assert salvage_run(run, new).kept == 40
    resume(new, Workers())
    assert table(new) == whole


def spoil_facts(run):
    content = (run / "ledger.sqlite").read_bytes()
    damaged = content.replace(b'"population": 8', b'"population": 9')
    assert damaged != content
    (run / "ledger.sqlite").write_bytes(damaged)


def test_too_little_is_left(run):
    spoil_facts(run)
    (run / "provenance.json").write_text("{")
    with pytest.raises(LedgerError, match=r"too little is left.*ledger\.sqlite.*provenance\.json"):
        salvage_run(run, run.with_name("new"))
    assert not run.with_name("new").exists()


@pytest.mark.parametrize("left", [None, "", "{", "[]", '{"schema_version": 1}'])
def test_a_sound_ledger_needs_no_provenance(run, left, caplog):
    """What the record said of the problem is told by the study, and is the same."""
    whole = table(run)
    before = json.loads((run / "provenance.json").read_text())
    (run / "provenance.json").unlink()
    if left is not None:
        (run / "provenance.json").write_text(left)
    new = run.with_name("new")
    assert salvage_run(run, new).kept == 40
    assert "provenance.json was lost and is made anew" in caplog.text
    after = json.loads((new / "provenance.json").read_text())
    for key in ("study", "problem", "search", "facts"):
        assert after[key] == before[key]
    resume(new, Workers())
    assert table(new) == whole


def test_a_run_without_provenance_and_study_is_salvaged_all_the_same(run, monkeypatch, caplog):
    (run / "provenance.json").unlink()

    def gone(folder):
        raise StudyError(f"{folder} is not there")

    with monkeypatch.context() as patch:
        patch.setattr("workbench.runs.facts.load_study", gone)
        new = run.with_name("new")
        assert salvage_run(run, new).kept == 40
    assert "is not there" in caplog.text
    resume(new, Workers())
    assert table(new) == table(run)


def test_a_run_is_never_salvaged_over_another(run):
    before = (run / "ledger.sqlite").read_bytes()
    with pytest.raises(LedgerError, match="holds a run"):
        salvage_run(run, run)
    assert (run / "ledger.sqlite").read_bytes() == before


def test_a_full_disk_stops_a_run_that_goes_on_later(study, run, monkeypatch):
    """Not even the note that the session ended finds room; the reason is said all the same."""
    whole = table(run)
    shutil.rmtree(run)
    plan = plan_of(study, population=8, generations=5, seed=3)

    def full(*_):
        raise OSError(28, "No space left on device")

    def fill_up(row):
        if (row.generation, row.individual) == (2, 5):
            monkeypatch.setattr("workbench.runs.provenance.os.replace", full)
            monkeypatch.setattr(Ledger, "extend", stop)

    def stop(self, *_):
        raise StoppedEarly(f"{self.path} cannot be written: database or disk is full")

    with pytest.raises(StoppedEarly, match="disk is full"):
        start(study, plan, run, Workers(), [fill_up])
    monkeypatch.undo()
    assert not list(run.glob("*.partial"))
    assert len(table(run)) == 22
    resume(run, Workers())
    assert table(run) == whole


@pytest.mark.parametrize("name", ["; rm -rf x", "$(touch x)", "a b", "'"])
def test_advice_can_be_pasted_whatever_the_name(study, folder_in_memory, name):
    """What follows `workbench resume` is one word for a shell."""
    import shlex

    folder = folder_in_memory / name
    plan = plan_of(study, population=4, generations=1, algorithm="random")
    start(study, plan, folder, Workers())
    with pytest.raises(LedgerError) as refused:
        start(study, plan, folder, Workers())
    quoted = str(refused.value).split("`workbench resume ")[1].split("` goes on")[0]
    assert shlex.split(quoted) == [str(folder)]
