"""A fit that waits for no generation, killed and stopped: what ended is kept, the rest is asked."""

import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.system.command import COMMAND, Run
from tests.system.running import MPIRUN, sessions, table, wait_for_rows

SIZE = ["--algorithm", "steady-ibea", "--population", "10", "--generations", "20"]
FIT = ["fit", "hodgkin_huxley", *SIZE]
ROWS = 200


def tellings(run: Path) -> list[tuple[Any, ...]]:
    """Return generation, individual and `asked_after` in the order of telling."""
    question = (
        "SELECT generation, individual, asked_after FROM attempts WHERE checksum <> '' "
        "ORDER BY attempt"
    )
    with closing(sqlite3.connect(run / "ledger.sqlite")) as db:
        return db.execute(question).fetchall()


def assert_whole(run: Path) -> None:
    """Every number once, and asked when no more had been told than stand before it."""
    found = tellings(run)
    assert sorted(key[:2] for key in found) == [(g, i) for g in range(20) for i in range(10)]
    assert all(after <= place for place, (_, _, after) in enumerate(found))
    assert sessions(run)[-1]["reason"] == "finished"


def test_killed_again_and_again_with_two_workers(workbench: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = [*COMMAND, *FIT, "--workers", "2", "--out", str(run)]
    kept: list[tuple[Any, ...]] = []
    for count in (25, 90, 140):
        begun = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
        wait_for_rows(begun, run, count)
        os.kill(begun.pid, signal.SIGKILL)
        begun.communicate()
        before = {row[:2]: row for row in table(run)}
        now = tellings(run)
        assert now[: len(kept)] == kept, "no finished evaluation is lost"
        assert count <= len(now) < ROWS
        kept = now
        command = [*COMMAND, "resume", str(run), "--workers", "2"]
    workbench("resume", run, "--workers", 2)
    assert tellings(run)[: len(kept)] == kept
    assert {row[:2]: row for row in table(run) if row[:2] in before} == before
    assert_whole(run)

    # One more replay, of all of it.
    done = workbench("resume", run, "--workers", 1)
    assert "workers idle: " in done.stdout
    assert len(table(run)) == ROWS
    assert "20/20" in workbench("runs", tmp_path, "--json").stdout


def test_stopped_ranks_and_one_process_goes_on(workbench: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = [MPIRUN, "-n", "3", *COMMAND, *FIT, "--out", str(run)]
    begun = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    wait_for_rows(begun, run, 30)
    begun.send_signal(signal.SIGTERM)
    _, said = begun.communicate(timeout=60)
    assert begun.returncode == 75, said
    kept = tellings(run)
    assert 30 <= len(kept) < ROWS
    workbench("resume", run, "--workers", 1)
    assert tellings(run)[: len(kept)] == kept
    assert_whole(run)


def test_one_process_gives_the_same_run_again(workbench: Run, tmp_path: Path) -> None:
    size = [*SIZE[:-1], "5", "--workers", 1]
    for name in ("one", "two"):
        workbench("fit", "hodgkin_huxley", *size, "--out", tmp_path / name)
    assert table(tmp_path / "one") == table(tmp_path / "two")
    assert tellings(tmp_path / "one") == tellings(tmp_path / "two")


def test_the_walltime_ends_it_in_time(workbench: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    endless = [*FIT[:-1], "100000", "--workers", "2", "--out", run]
    stopped = workbench(*endless, "--walltime", "0:00:05", code=75)
    assert "walltime" in stopped.stderr
    assert len(tellings(run)) > 10
