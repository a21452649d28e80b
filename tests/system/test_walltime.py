"""Signals and the walltime stop a run with exit code 75; any number of workers goes on."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.system.command import COMMAND, Refused, Run
from tests.system.running import MPIRUN, attempts, sessions, table, wait_for_rows

FIT = ["fit", "hodgkin_huxley", "--population", "10", "--generations", "12"]
ROWS = 120


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    run = tmp_path_factory.mktemp("undisturbed") / "run"
    subprocess.run([*COMMAND, *FIT, "--workers", "1", "--out", str(run)], check=True)
    assert len(table(run)) == ROWS
    return table(run)


def stopped_by(number: int, command: list[str], run: Path) -> tuple[str, float]:
    """Send a signal after a few evaluations; return what was said, and how long the end took."""
    begun = subprocess.Popen(
        [*command, "--out", str(run)], cwd=run.parent, stderr=subprocess.PIPE, text=True
    )
    wait_for_rows(begun, run, 25)
    begun.send_signal(number)
    asked = time.monotonic()
    _, said = begun.communicate(timeout=60)
    took_s = time.monotonic() - asked
    assert begun.returncode == 75, said
    assert said.count(f"workbench resume {run}") == 1
    assert "Traceback" not in said
    assert 25 <= len(table(run)) < ROWS
    return said, took_s


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT])
def test_a_signal_stops_a_run_and_ranks_go_on(
    tmp_path: Path, undisturbed: list[tuple[object, ...]], number: signal.Signals
) -> None:
    run = tmp_path / "run"
    stopped_by(number, [*COMMAND, *FIT, "--workers", "2"], run)
    assert sessions(run)[-1]["reason"] == f"stopped: {number.name}"
    resume = [MPIRUN, "-n", "3", *COMMAND, "resume", str(run)]
    subprocess.run(resume, check=True, capture_output=True)
    assert table(run) == undisturbed
    assert sessions(run)[-1]["reason"] == "finished"
    done = [outcome for _, outcome in attempts(run) if outcome == "done"]
    assert len(done) == ROWS, "what the ledger held was not simulated again"


def test_sigterm_to_mpirun_ends_all_ranks_and_one_process_goes_on(
    workbench: Run, tmp_path: Path, undisturbed: list[tuple[object, ...]]
) -> None:
    run = tmp_path / "run"
    said, took_s = stopped_by(signal.SIGTERM, [MPIRUN, "-n", "3", *COMMAND, *FIT], run)
    assert took_s < 10, "a scheduler waits no longer"
    assert said.count("stopped: SIGTERM") == 1
    assert sessions(run)[-1]["reason"] == "stopped: SIGTERM"
    workbench("resume", run, "--workers", 1)
    assert table(run) == undisturbed


def test_the_walltime_stops_a_run_before_it_is_over(
    workbench: Run, tmp_path: Path, undisturbed: list[tuple[object, ...]]
) -> None:
    run = tmp_path / "run"
    endless = [*FIT[:-1], "100000", "--workers", "1", "--out", run]
    begun = time.monotonic()
    stopped = workbench(*endless, "--walltime", "0:00:08", code=75)
    assert time.monotonic() - begun > 5
    assert "walltime" in stopped.stderr
    assert sessions(run)[-1]["reason"] == "stopped: the walltime is nearly over"
    before = table(run)
    assert before[:ROWS] == undisturbed[: len(before)]
    # The search and the first generation need a moment too: leave a second session some.
    workbench("resume", run, "--walltime", "0:00:06", code=75)
    assert table(run)[: len(before)] == before
    assert len(sessions(run)) == 2


@pytest.mark.parametrize("walltime", ["", "12", "1:00", "0:00:00", "1:60:00", "-1:00:00", "1h"])
def test_a_walltime_that_cannot_be_read(refused: Refused, tmp_path: Path, walltime: str) -> None:
    assert "HH:MM:SS" in refused(*FIT, f"--walltime={walltime}")
    assert not (tmp_path / "runs").exists()
