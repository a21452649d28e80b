"""A site's own MPI, here Debian's Open MPI 4: the same table, signals, and one message if mixed.

`make test-cluster` runs it; `make test` does not, for it needs Debian's openmpi-bin.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import openmpi
from tests.system.command import COMMAND
from tests.system.running import MPIRUN, attempts, rank_of, sessions, table, wait_for_rows

FIT = ["fit", "hodgkin_huxley", "--population", "10", "--generations", "20"]
ROWS = 200
RANKS = [openmpi.MPIRUN, "-n", "3", *openmpi.COMMAND]
ENVIRONMENT = {**os.environ, **openmpi.ENVIRONMENT}

Rows = list[tuple[object, ...]]


@pytest.fixture(scope="module", autouse=True)
def _open_mpi() -> None:
    if shutil.which(openmpi.MPIRUN) is None or not openmpi.PYTHON.exists():
        pytest.fail("there is no Open MPI here; `make test-cluster` installs it")
    library = "from mpi4py import MPI; print(MPI.Get_library_version())"
    said = subprocess.run([openmpi.PYTHON, "-c", library], capture_output=True, text=True)
    assert said.stdout.startswith("Open MPI v4"), said.stdout + said.stderr


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    run = tmp_path_factory.mktemp("serial") / "run"
    done(*COMMAND, *FIT, "--workers", 1, "--out", run)
    assert len(table(run)) == ROWS
    return table(run)


def done(*command: object, code: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and expect its exit code."""
    ended = subprocess.run(
        [*map(str, command)],
        env={**ENVIRONMENT, **env},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == code, f"{ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    return ended


def begin(run: Path, *command: str, rows: int = 25, **env: str) -> subprocess.Popen[Any]:
    """Begin a run in the background and wait until it has some evaluations."""
    begun = subprocess.Popen(
        [*command, "--out", str(run)],
        env={**ENVIRONMENT, **env},
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_rows(begun, run, rows)
    return begun


def finished_once(run: Path, serial: Rows) -> bool:
    """Return whether a run is what an undisturbed one is, with nothing done twice."""
    outcomes = [outcome for _, outcome in attempts(run)]
    return table(run) == serial and outcomes.count("done") == ROWS


def test_processes_and_ranks_give_the_serial_table(tmp_path: Path, serial: Rows) -> None:
    done(*openmpi.COMMAND, *FIT, "--workers", 2, "--out", tmp_path / "two")
    assert table(tmp_path / "two") == serial
    said = done(*RANKS, *FIT, "--out", tmp_path / "ranks")
    assert table(tmp_path / "ranks") == serial
    assert {worker[:6] for worker, _ in attempts(tmp_path / "ranks")} == {
        "rank-0",
        "rank-1",
        "rank-2",
    }
    assert sessions(tmp_path / "ranks")[0]["workers"] == "3 MPI ranks"
    assert said.stderr.count("generation 20/20") == 1, "rank 0 alone writes to the console"


@pytest.mark.parametrize(
    ("number", "told", "code"),
    [
        (signal.SIGTERM, "SIGTERM", 1),
        (signal.SIGINT, "SIGTERM", 1),
        (signal.SIGUSR1, "SIGUSR1", 75),
    ],
)
def test_a_signal_to_mpirun_stops_all_ranks_and_others_go_on(
    tmp_path: Path, serial: Rows, number: signal.Signals, told: str, code: int
) -> None:
    """Open MPI 4's mpirun passes SIGUSR1 and the exit code on; asked to end, it leaves with 1."""
    run = tmp_path / "run"
    begun = begin(run, *RANKS, *FIT)
    begun.send_signal(number)
    asked = time.monotonic()
    _, said = begun.communicate(timeout=60)
    assert time.monotonic() - asked < 10, "a scheduler waits no longer"
    assert begun.returncode == code, said
    assert said.count(f"stopped: {told}; nothing is lost") == 1
    assert "Traceback" not in said
    assert sessions(run)[-1]["reason"] == f"stopped: {told}"
    assert 25 <= len(table(run)) < ROWS
    done(*COMMAND, "resume", run, "--workers", 2)
    assert finished_once(run, serial)


def test_a_run_is_closed_before_mpirun_kills_its_ranks(tmp_path: Path) -> None:
    """It does one second after SIGTERM, and here an evaluation takes longer."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, time\n"
        "from multiprocessing.connection import Connection\n"
        "said = Connection.send\n"
        "def send(self, message):\n"
        "    time.sleep(4 * (message[0] == 'done'))\n"
        "    said(self, message)\n"
        "if 'workbench.workers.child' in sys.orig_argv:\n"
        "    Connection.send = send\n"
    )
    run = tmp_path / "run"
    begun = begin(run, *RANKS, *FIT, rows=4, PYTHONPATH=str(tmp_path))
    begun.terminate()
    _, said = begun.communicate(timeout=60)
    assert sessions(run)[-1]["reason"] == "stopped: SIGTERM", said
    assert f"workbench resume {run}" in said


def test_a_killed_rank_ends_the_job_and_loses_nothing(tmp_path: Path, serial: Rows) -> None:
    run = tmp_path / "run"
    begun = begin(run, *RANKS, *FIT)
    os.kill(rank_of(begun.pid, 2, "OMPI_COMM_WORLD_RANK"), signal.SIGKILL)
    begun.communicate(timeout=30)
    assert begun.returncode != 0
    before = table(run)
    assert len(before) < ROWS
    done(*RANKS, "resume", run)
    assert set(before) <= set(table(run))
    assert finished_once(run, serial)


def test_ranks_of_open_mpi_go_on_with_a_run_of_mpich(tmp_path: Path, serial: Rows) -> None:
    run = tmp_path / "run"
    begun = begin(run, MPIRUN, "-n", "3", *COMMAND, *FIT)
    begun.terminate()
    _, said = begun.communicate(timeout=60)
    assert begun.returncode == 75, said
    assert len(table(run)) < ROWS
    done(*RANKS, "resume", run)
    assert [s["reason"] for s in sessions(run)] == ["stopped: SIGTERM", "finished"]
    assert finished_once(run, serial)


@pytest.mark.parametrize(
    ("launcher", "command", "library"),
    [(openmpi.MPIRUN, COMMAND, "MPICH Version"), (MPIRUN, openmpi.COMMAND, "Open MPI v4")],
    ids=["MPICH under Open MPI's mpirun", "Open MPI under MPICH's mpirun"],
)
def test_the_other_ones_mpirun_is_told_once(
    tmp_path: Path, launcher: str, command: list[str], library: str
) -> None:
    said = done(launcher, "-n", 3, *command, *FIT, "--out", tmp_path / "run", code=2)
    [line] = [line for line in said.stderr.splitlines() if "workbench: " in line]
    assert f"started 3 processes, but mpi4py's library ({library}" in line
    assert "use the mpirun that belongs to this MPI" in line
    assert said.stdout == ""
    assert not (tmp_path / "run").exists()
