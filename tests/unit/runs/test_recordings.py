"""Recorded voltages that targets name stay with the run."""

import json
import shutil
from dataclasses import replace

import pytest

from tests.fakes import Workers
from workbench.errors import InputError, LedgerError, StoppedEarly
from workbench.evaluations import Ledger
from workbench.reports import render
from workbench.reports.figures import trace_panels
from workbench.resources import shipped
from workbench.runs import read_run, rescore, resume, salvage_run, start
from workbench.runs.traces import read_traces
from workbench.studies import load_study, plan_of

TARGETS = """\
[step.soma.trace]
file = "recording.csv"
window_ms = [10, 100]
sd_mV = 0.5

[step.soma.features]
spike_count = [7, 0.4]
"""


@pytest.fixture
def patch(tmp_path):
    """Return the folder of a study with a trace among its targets."""
    folder = tmp_path / "patch"
    shutil.copytree(shipped("optimizations") / "hodgkin_huxley", folder)
    (folder / "targets.toml").write_text(TARGETS)
    (folder / "recording.csv").write_text("time_s,v_V\n0,-0.065\n0.05,-0.0651\n0.12,-0.06\n")
    return folder


@pytest.fixture
def run(patch, folder):
    begin(patch, folder, Workers())
    return folder


def begin(patch, folder, workers):
    study = load_study(patch)
    plan = plan_of(study, algorithm="ibea", population=4, generations=3, seed=5)
    start(study, plan, folder, workers)


def table(folder):
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return list(ledger.table())


def kept(folder):
    [file] = (folder / "recordings").iterdir()
    return file


def test_a_run_is_read_from_its_own_folder(run, patch):
    objective = load_study(patch).problem.objectives[1]
    shutil.rmtree(patch)
    found = read_run(run).objectives[1]
    assert found == objective
    assert found.target == "recording.csv, SD 0.5 mV"
    assert "recording.csv, SD 0.5 mV" in render(run).read_text()
    [best] = [json.loads((run / "best.json").read_text())["features"]["step.soma.trace"]]
    assert best["recording"] == "recording.csv"


def test_the_trace_is_drawn_on_its_recording(run):
    [step] = read_traces(run, read_run(run).record.problem).protocols
    assert list(step.recorded) == ["soma.v"]
    assert step.recorded["soma.v"].v_mV.tolist() == pytest.approx([-65.0, -65.1, -60.0])
    bare = replace(step, recorded={})
    assert len(trace_panels(step, 100)) > len(trace_panels(bare, 100))


def test_a_resumed_run_is_the_same_and_needs_its_recording_unchanged(run, patch):
    other = run.with_name("stopped")
    with pytest.raises(StoppedEarly):
        begin(patch, other, Workers(stop_at=6))
    kept(other).unlink()
    resume(other, Workers())
    assert table(other) == table(run)
    assert kept(other).read_text() == kept(run).read_text()
    file = patch / "recording.csv"
    file.write_text(file.read_text().replace("-0.0651", "-0.0652"))
    with pytest.raises(LedgerError, match=r"targets of the study .* changed"):
        resume(run, Workers())


@pytest.mark.parametrize("spoil", ["", "time_ms,v_mV\n0,-65\n50,-65\n120,-60\n", None])
def test_one_that_is_gone_or_changed_is_said(run, spoil):
    if spoil is None:
        kept(run).unlink()
    else:
        kept(run).write_text(spoil)
    with pytest.raises(LedgerError, match=r"missing or damaged: put recording\.csv there"):
        read_run(run)
    resume(run, Workers())
    assert read_run(run).objectives[1].against.recorded.name == "recording.csv"


def test_another_sd_is_scored_without_measuring(run, patch):
    targets = patch / "targets.toml"
    targets.write_text(TARGETS.replace("sd_mV = 0.5", "sd_mV = 0.25\nweight = 3"))
    new = rescore(run, run.with_name("new"))
    shutil.rmtree(patch)
    assert read_run(new).objectives[1].std == 0.25
    with Ledger.open(run / "ledger.sqlite") as old, Ledger.open(new / "ledger.sqlite") as ledger:
        for before, after in zip(old.rows(), ledger.rows(), strict=True):
            assert after.scores[1] == pytest.approx(6 * before.scores[1])


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("sd_mV = 0.5", "sd_mV = 0.5\ncut_spikes = true", "is now asked in .* against .* spikes"),
        ("[10, 100]", "[10, 90]", r"was measured in \[10, 100\] ms against recording\.csv"),
        ("recording.csv", "other.csv", r"is now asked in \[10, 100\] ms against other\.csv"),
    ],
)
def test_another_comparison_was_not_measured(run, patch, before, after, says):
    (patch / "other.csv").write_text("time_ms,v_mV\n0,-65\n50,-66\n120,-60\n")
    targets = patch / "targets.toml"
    targets.write_text(TARGETS.replace(before, after))
    with pytest.raises(InputError, match=says):
        rescore(run, run.with_name("new"))


def test_a_rescued_run_has_it(run):
    salvage_run(run, run.with_name("rescued"))
    assert kept(run.with_name("rescued")).read_text() == kept(run).read_text()
