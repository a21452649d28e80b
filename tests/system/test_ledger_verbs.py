"""`workbench runs` and `workbench ledger`: to look, to export, to rescue."""

import csv
import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.system.command import COMMAND, Run

NAME = "; rm -rf <img src=x onerror=alert(1)>"
FIT = ["fit", "hodgkin_huxley", "--population", "4", "--generations", "2", "--workers", "1"]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which a fit was begun: beside its run a file that nobody may touch."""
    folder = tmp_path_factory.mktemp("fitted")
    (folder / "keep").touch()
    subprocess.run([*COMMAND, *FIT, "--seed", "1", "--out", NAME], cwd=folder, check=True)
    return folder


@pytest.fixture
def run(fitted: Path, tmp_path: Path) -> Path:
    """Return a run folder with a name that neither a shell nor a page may take for its own."""
    shutil.copytree(fitted, tmp_path, dirs_exist_ok=True)
    return tmp_path / NAME


def test_a_run_of_any_name_is_listed_and_exported(
    workbench: Run, tmp_path: Path, run: Path
) -> None:
    assert (tmp_path / "keep").exists()
    assert "<img src=x" not in (run / "report.html").read_text()
    [listed] = json.loads(workbench("runs", ".", "--json").stdout)
    assert (listed["run"], listed["evaluations"], listed["state"]) == (NAME, 8, "finished")

    workbench("ledger", run, "--out", "all.csv")
    with (tmp_path / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    printed = json.loads(workbench("ledger", run, "--json").stdout)
    assert [list(row) for row in rows] == [list(row) for row in printed]
    assert [float(row["sum"]) for row in rows] == [row["sum"] for row in printed]
    assert [row["individual"] for row in rows] == list("01230123")
    workbench("ledger", run, "--attempts", "--out", "attempts.csv")
    assert len((tmp_path / "attempts.csv").read_text().splitlines()) == 9
    said = workbench("ledger", run, "--out", "all.xls", code=2).stderr
    assert ".csv" in said
    assert ".parquet" in said


def test_a_damaged_run_is_rescued(workbench: Run, tmp_path: Path, run: Path) -> None:
    before = workbench("ledger", run).stdout
    content = (run / "ledger.sqlite").read_bytes()
    (run / "ledger.sqlite").write_bytes(content[:-5000])
    said = workbench("ledger", run, code=2).stderr
    assert "is damaged" in said
    assert f"workbench ledger {shlex.quote(NAME)} --salvage" in said.replace(f"{tmp_path}/", "")
    [listed] = json.loads(workbench("runs", ".", "--json").stdout)
    assert "is damaged" in listed["state"]

    told = workbench("ledger", run, "--salvage", "a new one").stdout
    assert "workbench resume 'a new one'" in told
    workbench("resume", "a new one", "--workers", 1)
    assert workbench("ledger", "a new one").stdout == before


def test_a_run_is_whole_again_after_a_resume(workbench: Run, run: Path) -> None:
    """All that lies beside the ledger can be made anew."""
    before = workbench("ledger", run).stdout
    (run / "provenance.json").write_text("{")
    (run / "traces" / "best.npz").write_text("{")
    said = workbench("report", run, code=2).stderr
    assert "provenance.json is damaged" in said
    assert "workbench resume" in said
    said = workbench("resume", run, "--workers", 1).stderr
    assert "is made anew" in said
    assert "Traceback" not in said
    assert workbench("ledger", run).stdout == before


def test_a_report_that_cannot_be_written_does_not_end_a_fit_in_a_traceback(
    workbench: Run, run: Path
) -> None:
    (run / "report.html").unlink()
    (run / "report.html").mkdir()
    said = workbench("resume", run, "--workers", 1, code=75).stderr
    assert f"workbench report {shlex.quote(str(run))}" in said
    assert "Traceback" not in said
    (run / "report.html").rmdir()
    workbench("report", run)
