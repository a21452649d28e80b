"""Same seed, same run: for any number of workers, and killed or not."""

import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.system.command import COMMAND, Run
from tests.system.running import table, wait_for_rows

FIT = ["fit", "l5pc_quick", "--seed", "1", "--population", "8", "--generations", "3"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    run = tmp_path_factory.mktemp("serial") / "run"
    subprocess.run([*COMMAND, *FIT, "--workers", "1", "--out", str(run)], check=True)
    assert (run / "report.html").stat().st_size > 10_000
    assert (run / "traces" / "best.npz").is_file()
    return table(run)


def test_the_run_is_whole(undisturbed: list[tuple[object, ...]]) -> None:
    assert [row[:2] for row in undisturbed] == [(g, i) for g in range(3) for i in range(8)]


def test_two_workers_give_the_same_table(
    workbench: Run, tmp_path: Path, undisturbed: list[tuple[object, ...]]
) -> None:
    workbench(*FIT, "--workers", 2, "--out", tmp_path / "two")
    assert table(tmp_path / "two") == undisturbed


def test_killed_in_the_middle_and_resumed_gives_the_same_table(
    workbench: Run, tmp_path: Path, undisturbed: list[tuple[object, ...]]
) -> None:
    run = tmp_path / "killed"
    begun = subprocess.Popen([*COMMAND, *FIT, "--workers", "2", "--out", str(run)], cwd=tmp_path)
    wait_for_rows(begun, run, 11)
    os.kill(begun.pid, signal.SIGKILL)
    begun.wait()
    before = table(run)
    assert 11 <= len(before) < 24

    workbench("resume", run, "--workers", 2)
    assert table(run) == undisturbed
    with closing(sqlite3.connect(run / "ledger.sqlite")) as db:
        [(done,)] = db.execute("SELECT count(*) FROM attempts WHERE outcome = 'done'")
    assert done == 24, "what the ledger held was not simulated again"


def test_sigterm_stops_with_75_and_resumes(workbench: Run, tmp_path: Path) -> None:
    run = tmp_path / "stopped"
    command = [*COMMAND, *FIT[:-1], "1", "--workers", "1", "--out", str(run)]
    begun = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    wait_for_rows(begun, run, 2)
    begun.terminate()
    _, said = begun.communicate(timeout=10)
    assert begun.returncode == 75
    assert f"workbench resume {run}" in said

    workbench("resume", run)
    assert len(table(run)) == 8


def test_a_folder_with_a_run_is_refused(workbench: Run, tmp_path: Path) -> None:
    tiny = [*FIT[:4], "--population", 2, "--generations", 1, "--out", tmp_path / "run"]
    workbench(*tiny)
    refused = workbench(*tiny, code=2)
    assert "workbench resume" in refused.stderr
