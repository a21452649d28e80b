"""A run is read as it was, whatever became of its study; it goes on only with the study it had."""

import json
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from tests.system.command import COMMAND, REPOSITORY, Run
from tests.system.running import table, wait_for_rows


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Return the folder of a study of one's own."""
    shipped = REPOSITORY / "optimizations" / "hodgkin_huxley"
    return Path(shutil.copytree(shipped, tmp_path / "squid"))


def edit(study: Path) -> None:
    """Give a target another mean, take one away, and give a parameter other bounds."""
    for file, before, after in (
        ("targets.toml", "[14.67, 0.73]", "[14.68, 0.73]"),
        ("targets.toml", "spike_count = [7, 0.5]\n", ""),
        ("cell.toml", "[0.03, 0.48]", "[0.03, 0.5]"),
    ):
        text = (study / file).read_text()
        assert before in text
        (study / file).write_text(text.replace(before, after))


FATES: dict[str, Callable[[Path], object]] = {
    "edited": edit,
    "renamed": lambda study: study.rename(study.with_name("axon")),
    "gone": shutil.rmtree,
}


def all_that_is_read(workbench: Run, run: Path) -> list[Any]:
    """Return what each verb and Python say of a run."""
    found = wb.open_run(run)
    (run / "report.html").unlink()
    workbench("report", run)
    return [
        (run / "report.html").read_text(),
        workbench("ledger", run).stdout,
        json.loads(workbench("ledger", run, "--json").stdout),
        workbench("ledger", run, "--attempts").stdout,
        json.loads(workbench("runs", run.parent, "--json").stdout),
        (dict(found.best), found.score),
        found.features().to_csv(),
        found.evaluations().to_csv(),
    ]


def test_a_finished_run_is_read_after_its_study_was_edited_renamed_and_deleted(
    workbench: Run, tmp_path: Path, study: Path
) -> None:
    run = tmp_path / "runs" / "a"
    fit = ["fit", study, "--population", 4, "--generations", 2, "--seed", 1, "--workers", 1]
    workbench(*fit, "--out", run)
    before = all_that_is_read(workbench, run)
    assert len(before[2]) == 8
    assert before[5][1] == min(row["sum"] for row in before[2])
    for what_becomes_of in (edit, FATES["renamed"]):
        what_becomes_of(study)
        assert all_that_is_read(workbench, run) == before
    shutil.rmtree(study.with_name("axon"))
    assert all_that_is_read(workbench, run) == before
    said = workbench("ledger", run, "--salvage", "another").stdout
    assert "8 evaluations are sound" in said
    assert workbench("ledger", "another").stdout == before[1]


@pytest.mark.parametrize("fate", FATES)
def test_an_unfinished_run_goes_on_with_the_study_that_it_had_or_not_at_all(
    workbench: Run, tmp_path: Path, study: Path, fate: str
) -> None:
    run = tmp_path / "run"
    fit = ["fit", str(study), "--population", "10", "--generations", "50", "--workers", "1"]
    begun = subprocess.Popen(
        [*COMMAND, *fit, "--out", str(run)], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    wait_for_rows(begun, run, 5)
    begun.send_signal(signal.SIGTERM)
    begun.communicate(timeout=60)
    assert begun.returncode == 75
    known = table(run)
    FATES[fate](study)
    said = workbench("resume", run, "--workers", 1, code=2).stderr
    assert str(study) in said
    assert table(run) == known
    workbench("report", run)
    assert "preliminary" in (run / "report.html").read_text()
    assert len(json.loads(workbench("ledger", run, "--json").stdout)) == len(known)
