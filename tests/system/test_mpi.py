"""`mpirun -n N workbench fit`: the same table, one message where something is wrong, no hang."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.system.command import COMMAND, Run
from tests.system.running import (
    MPIRUN,
    attempts,
    children_of,
    rank_of,
    sessions,
    table,
    wait_for_rows,
)
from tests.system.test_interrupted_compile import wait_until

FIT = ["fit", "hodgkin_huxley", "--population", "10", "--generations", "12"]
LAUNCHERS = [
    {"PMI_SIZE": "3", "PMI_RANK": "{rank}"},
    {"OMPI_COMM_WORLD_SIZE": "3", "OMPI_COMM_WORLD_RANK": "{rank}"},
    {
        "PMI_SIZE": "1",
        "PMI_RANK": "0",
        "OMPI_COMM_WORLD_SIZE": "3",
        "OMPI_COMM_WORLD_RANK": "{rank}",
    },
    {"SLURM_STEP_NUM_TASKS": "3", "SLURM_PROCID": "{rank}"},
    {"SLURM_STEP_NUM_TASKS": "3", "SLURM_PROCID": "{rank}", "PMIX_RANK": "{rank}"},
]


def mpirun(
    count: int, *args: object, folder: Path, code: int = 0
) -> subprocess.CompletedProcess[str]:
    command = [MPIRUN, "-n", str(count), *COMMAND, *map(str, args)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    run = tmp_path_factory.mktemp("serial") / "run"
    subprocess.run([*COMMAND, *FIT, "--workers", "1", "--out", str(run)], check=True)
    found = table(run)
    assert [row[:2] for row in found] == [(g, i) for g in range(12) for i in range(10)]
    return found


def test_processes_and_ranks_give_the_serial_table(
    workbench: Run, tmp_path: Path, serial: list[tuple[object, ...]]
) -> None:
    workbench(*FIT, "--workers", 2, "--out", tmp_path / "two")
    assert table(tmp_path / "two") == serial
    done = mpirun(3, *FIT, "--out", tmp_path / "ranks", folder=tmp_path)
    assert table(tmp_path / "ranks") == serial
    assert {worker[:6] for worker, _ in attempts(tmp_path / "ranks")} == {
        "rank-0",
        "rank-1",
        "rank-2",
    }
    assert sessions(tmp_path / "ranks")[0]["workers"] == "3 MPI ranks"
    assert done.stderr.count("generation 12/12") == 1, "rank 0 alone writes to the console"
    assert done.stdout.count("The best individual") == 1


def test_a_killed_rank_ends_the_job_and_loses_nothing(
    workbench: Run, tmp_path: Path, serial: list[tuple[object, ...]]
) -> None:
    run = tmp_path / "run"
    command = [MPIRUN, "-n", "3", *COMMAND, *FIT, "--out", str(run)]
    begun = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    wait_for_rows(begun, run, 15)
    os.kill(rank_of(begun.pid, 2), signal.SIGKILL)
    assert begun.wait(timeout=30) != 0
    before = table(run)
    assert len(before) < 120
    assert set(before) <= set(serial)
    workbench("resume", run, "--workers", 2)
    assert table(run) == serial
    done = [outcome for _, outcome in attempts(run) if outcome == "done"]
    assert len(done) == 120, "what the ledger held was not simulated again"


@pytest.fixture
def impatient(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which a rank stands still after three seconds."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'workbench' in ' '.join(sys.orig_argv) and 'workers.child' not in sys.orig_argv:\n"
        "    from workbench.workers import ranks, serving\n"
        "    ranks.SILENT_s, serving.BEAT_s = 3.0, 0.5\n"
    )
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def test_a_rank_that_stands_still_stops_nobody(
    tmp_path: Path, serial: list[tuple[object, ...]], impatient: dict[str, str]
) -> None:
    """What it had is done elsewhere, and the job ends as if it were there."""
    run = tmp_path / "run"
    command = [MPIRUN, "-n", "3", *COMMAND, *FIT, "--out", str(run)]
    begun = subprocess.Popen(command, env=impatient, stderr=subprocess.PIPE, text=True)
    wait_for_rows(begun, run, 15)
    still = rank_of(begun.pid, 2)
    os.kill(still, signal.SIGSTOP)
    _, said = begun.communicate(timeout=120)
    assert begun.returncode == 0, said
    assert said.count("was silent for 3 s; its work is done elsewhere") == 1
    assert table(run) == serial
    assert sessions(run)[-1]["reason"] == "finished"
    assert (run / "report.html").exists()
    assert sum("was silent" in outcome for _, outcome in attempts(run)) <= 1
    wait_until(lambda: not Path(f"/proc/{still}").exists())


def test_a_rank_that_comes_back_is_given_work_again(
    tmp_path: Path, impatient: dict[str, str]
) -> None:
    run = tmp_path / "run"
    longer = [*FIT[:-1], "100000", "--out", str(run)]
    begun = subprocess.Popen(
        [MPIRUN, "-n", "2", *COMMAND, *longer], env=impatient, stderr=subprocess.PIPE, text=True
    )
    wait_for_rows(begun, run, 15)
    still = rank_of(begun.pid, 1)
    os.kill(still, signal.SIGSTOP)
    until = time.monotonic() + 60
    while not any("was silent" in outcome for _, outcome in attempts(run)):
        assert time.monotonic() < until
        time.sleep(0.2)
    alone = len(attempts(run))
    wait_for_rows(begun, run, len(table(run)) + 10)
    os.kill(still, signal.SIGCONT)
    while not any(name.startswith("rank-1") for name, _ in attempts(run)[alone:]):
        assert time.monotonic() < until
        time.sleep(0.2)
    os.kill(still, signal.SIGSTOP)
    begun.send_signal(signal.SIGTERM)
    _, said = begun.communicate(timeout=60)
    assert begun.returncode == 75, said
    assert sessions(run)[-1]["reason"] == "stopped: SIGTERM"


def test_children_that_are_killed_are_replaced(
    tmp_path: Path, serial: list[tuple[object, ...]]
) -> None:
    run = tmp_path / "run"
    command = [MPIRUN, "-n", "2", *COMMAND, *FIT, "--out", str(run)]
    begun = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    for rank, rows in ((0, 10), (1, 30), (1, 50)):
        wait_for_rows(begun, run, rows)
        [child] = children_of(rank_of(begun.pid, rank))
        os.kill(child, signal.SIGKILL)
    assert begun.wait(timeout=120) == 0
    assert table(run) == serial
    outcomes = [outcome for _, outcome in attempts(run)]
    assert sum("SIGKILL" in outcome for outcome in outcomes) in (2, 3), "one may have been idle"


def test_an_error_on_rank_0_is_told_once(tmp_path: Path) -> None:
    done = mpirun(3, "fit", "hodgkin_huxly", folder=tmp_path, code=2)
    assert done.stderr.count("workbench: ") == 1
    assert "hodgkin_huxley" in done.stderr
    done = mpirun(2, *FIT, "--workers", 4, folder=tmp_path, code=2)
    assert done.stderr.count("workbench: ") == 1
    assert "--workers" in done.stderr


@pytest.mark.parametrize("launcher", LAUNCHERS)
@pytest.mark.parametrize("rank", [0, 1])
def test_another_mpi_than_the_launchers_is_told_once(
    workbench: Run, tmp_path: Path, launcher: dict[str, str], rank: int
) -> None:
    """Each process finds itself rank 0 of 1, whatever the launcher says."""
    variables = {name: value.format(rank=rank) for name, value in launcher.items()}
    done = workbench(*FIT, "--out", tmp_path / "run", code=2, **variables)
    assert not (tmp_path / "run").exists()
    if rank:
        assert (done.stdout, done.stderr) == ("", "")
        return
    [line] = done.stderr.strip().splitlines()
    assert "started 3 processes, but mpi4py's library (MPICH" in line
    assert ("sees 1: " if "PMIX_RANK" not in launcher else "cannot talk to it: ") in line
    assert "use the mpirun that belongs to this MPI" in line


def test_no_mpi4py_is_told_once(workbench: Run, tmp_path: Path) -> None:
    (tmp_path / "mpi4py.py").write_text("raise ImportError('not here')")
    done = workbench(
        *FIT, code=2, PMI_SIZE="2", PMI_RANK="0", PYTHONPATH=str(tmp_path), PYTHONSAFEPATH=""
    )
    [line] = done.stderr.strip().splitlines()
    assert "neuron-workbench[mpi]" in line


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
