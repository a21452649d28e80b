"""A run is read from its own folder, whatever became of its study."""

import json
import shutil

import pytest

from tests.fakes import Workers
from workbench.errors import LedgerError
from workbench.evaluations import Entry, Ledger
from workbench.evaluations.salvage import salvage
from workbench.runs import (
    attempts,
    evaluated,
    evaluations,
    feature_table,
    read_run,
    resume,
    start,
    state_of,
)
from workbench.runs.provenance import checksum
from workbench.studies import load_study, plan_of


@pytest.fixture
def run(quick, folder_in_memory):
    """Return the folder of a finished run of a study that is still there."""
    study = load_study(quick)
    plan = plan_of(study, algorithm="random", population=4, generations=3, seed=5)
    start(study, plan, folder_in_memory / "run", Workers())
    return folder_in_memory / "run"


def all_that_is_read(folder):
    summary = read_run(folder)
    return (
        summary.record,
        summary.best_sum,
        feature_table(summary),
        evaluations(folder),
        attempts(folder),
        state_of(folder),
        evaluated(folder),
    )


def test_a_finished_run_is_read_after_its_study_is_gone(run, quick):
    before = all_that_is_read(run)
    shutil.rmtree(quick)
    assert all_that_is_read(run) == before


def test_what_is_read_is_what_was_asked(run, quick):
    problem = load_study(quick).problem
    summary = read_run(run)
    assert summary.parameters == problem.parameters
    assert summary.rule == problem.rule
    assert [o.name for o in summary.objectives] == [o.name for o in problem.objectives]
    for read, asked in zip(summary.objectives, problem.objectives, strict=True):
        assert (read.mean, read.std, read.recording) == (asked.mean, asked.std, asked.recording)
        assert (read.window.begin_ms, read.window.end_ms) == (
            asked.window.begin_ms,
            asked.window.end_ms,
        )
    names = [p.name for p in problem.protocols]
    assert [p.name for p in summary.record.problem.protocols] == names
    assert set(evaluations(run)[0]) >= {*problem.parameter_names, "sum", "status"}


def test_a_finished_run_of_before_digests_had_versions_is_read(run):
    before = all_that_is_read(run)
    found = salvage(run / "ledger.sqlite")
    facts = {n: v for n, v in found.facts.items() if n not in ("schema_version", "digest_version")}
    (run / "ledger.sqlite").unlink()
    with Ledger.create(run / "ledger.sqlite", facts) as ledger:
        ledger.extend(Entry(row.generation, row.individual, a, row) for row, a in found.rows)
    assert read_run(run).best_sum == before[1]
    assert evaluations(run) == before[3]
    with pytest.raises(LedgerError, match="the workbench's doing, not the study's"):
        resume(run, Workers())


def without(folder, *place):
    """Take something out of a record, as if a workbench had not known to write it."""
    path = folder / "provenance.json"
    record = json.loads(path.read_text())
    del record["checksum"]
    *where, last = place
    here = record
    for part in where:
        here = here[part]
    del here[last]
    path.write_text(json.dumps({**record, "checksum": checksum(record)}))


PLACES = [
    ("problem", "protocols"),
    ("problem", "objectives", 3, "threshold_mV"),
    ("problem",),
    ("study", "title"),
]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_what_the_record_lacks_is_told_by_the_study_while_it_is_what_it_was(run, place):
    before = all_that_is_read(run)
    without(run, *place)
    assert all_that_is_read(run) == before


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_what_neither_tells_is_named(run, quick, change, place):
    key = ".".join(map(str, place)).replace(".", r"\.")
    without(run, *place)
    change(quick / "targets.toml", "[17.5, 0.8]", "[17.5, 0.9]")
    with pytest.raises(LedgerError, match=rf"older workbench.*{key}.*targets of the study .* chan"):
        read_run(run)
    shutil.rmtree(quick)
    with pytest.raises(LedgerError, match=rf"older workbench.*{key}.*no longer at {quick}"):
        evaluations(run)


def test_what_nobody_can_tell_makes_a_record_damaged(run):
    without(run, "machine")
    with pytest.raises(LedgerError, match=r"is damaged: machine: this key is missing.*resume"):
        read_run(run)


def test_a_resumed_run_has_a_whole_record_again(run, quick):
    whole = json.loads((run / "provenance.json").read_text())
    without(run, "problem", "protocols")
    resume(run, Workers())
    shutil.rmtree(quick)
    assert read_run(run).record.problem.protocols
    again = json.loads((run / "provenance.json").read_text())
    assert again["problem"] == whole["problem"]
