"""A real SLURM of one node: submitted, signalled, requeued, finished, the same as here.

`make test-cluster` runs it; `make test` does not, for it needs Debian's slurm-wlm, munge and
openmpi-bin.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.cluster import openmpi
from tests.system.command import COMMAND
from tests.system.running import MPIRUN, attempts, sessions, table

ONE_NODE = Path(__file__).with_name("one_node.sh")
FIT = ["hodgkin_huxley", "--population", "10"]
FOREVER = ["--generations", "100000"]
LAUNCHERS = {
    "MPICH, srun": (COMMAND, "srun --mpi=pmi2"),
    "MPICH, mpirun": (COMMAND, MPIRUN),
    "Open MPI, srun": (openmpi.COMMAND, "srun --mpi=pmix"),
    "Open MPI, mpirun": (openmpi.COMMAND, openmpi.MPIRUN),
}

Local = Callable[[int, int], list[tuple[object, ...]]]


class Slurm:
    """The cluster, as a user of it sees it."""

    def __init__(self, conf: Path, folder: Path) -> None:
        self._env = {**os.environ, **openmpi.ENVIRONMENT, "SLURM_CONF": str(conf)}
        self._folder = folder

    def run(self, *command: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end and expect its exit code."""
        done = subprocess.run(
            command, cwd=self._folder, env=self._env, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def say(self, *command: str) -> str:
        """Return what a command answers."""
        return self.run(*command).stdout

    def submit(self, *args: str, command: Sequence[str] = COMMAND) -> str:
        """Submit a fit and return the number of its job."""
        return self.say(*command, "submit", *args, "--go").split()[-1]

    def fact(self, job: str, name: str) -> str:
        """Return what SLURM knows of a job."""
        facts = self.say("scontrol", "--oneliner", "show", "job", job).split()
        return next(fact.partition("=")[2] for fact in facts if fact.startswith(f"{name}="))

    def ends(self, job: str) -> str:
        """Wait until a job is over and return how it ended."""
        until(lambda: self.say("squeue", "--noheader", "--format=%i").split() == [], 300)
        return self.fact(job, "JobState")


def until(condition: Callable[[], bool], limit_s: float = 120) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {limit_s:.0f} s")
        time.sleep(0.5)


def rows(run: Path) -> int:
    return len(table(run)) if (run / "ledger.sqlite").exists() else 0


@pytest.fixture(scope="module")
def slurm() -> Iterator[Slurm]:
    if shutil.which("slurmctld", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.fail("there is no SLURM here: apt-get install slurm-wlm munge")
    # The path of a socket may have 107 characters; pytest's own folders are long.
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder:
        subprocess.run([ONE_NODE, "start", folder], check=True)
        try:
            yield Slurm(Path(folder) / "slurm.conf", Path(folder))
        finally:
            subprocess.run([ONE_NODE, "stop", folder], check=True)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Local:
    """Return what a run on this machine, in one process, has in its ledger."""

    @cache
    def fit(generations: int, seed: int) -> list[tuple[object, ...]]:
        run = tmp_path_factory.mktemp("local") / "run"
        plan = ["--generations", str(generations), "--seed", str(seed)]
        command = [*COMMAND, "fit", *FIT, *plan, "--workers", "1", "--out", str(run)]
        subprocess.run(command, check=True, capture_output=True)
        return table(run)

    return fit


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_job_is_signalled_requeued_and_finished(
    slurm: Slurm, tmp_path: Path, local: Local, launcher: str
) -> None:
    job = tmp_path / "a job; 'x'"
    command, launch = LAUNCHERS[launcher]
    asked = ["--ranks", "2", "--time", "0:10:00", "--launch", launch, "--out", str(job)]
    number = slurm.submit(*FIT, "--generations", "40", *asked, command=command)
    run = job / "seed-1"
    until(lambda: rows(run) > 25)
    slurm.say("scancel", "--batch", "--signal=USR1", number)
    assert slurm.ends(number) == "COMPLETED"
    assert slurm.fact(number, "Restarts") == "1"
    assert [s["reason"] for s in sessions(run)] == ["stopped: SIGUSR1", "finished"]
    assert {s["workers"] for s in sessions(run)} == {"2 MPI ranks"}
    assert table(run) == local(40, 1)
    assert len(attempts(run)) == 400, "what the ledger held was not simulated again"


def test_slurm_itself_sends_the_signal_when_the_time_is_nearly_over(
    slurm: Slurm, tmp_path: Path, local: Local
) -> None:
    asked = ["--ranks", "2", "--time", "0:01:00", "--out", str(tmp_path / "job")]
    slurm.say(*COMMAND, "submit", *FIT, *FOREVER, *asked)
    script = tmp_path / "job" / "job.sh"
    # Which of the two comes first is a matter of a second: SLURM looks every half a minute.
    written, walltime, rest = script.read_text().partition("--walltime 00:00:54")
    assert walltime, written
    script.write_text(f"{written}--walltime 1:00:00{rest}")
    number = slurm.say("sbatch", "--parsable", f"--chdir={tmp_path}", str(script)).strip()
    run = tmp_path / "job" / "seed-1"
    until(lambda: slurm.fact(number, "Restarts") == "1")
    before = rows(run)
    until(lambda: rows(run) > before + 25)
    slurm.say("scancel", number)
    assert slurm.ends(number) == "CANCELLED"
    assert [s["reason"] for s in sessions(run)] == ["stopped: SIGUSR1", "stopped: SIGTERM"]
    generations = rows(run) // 10
    assert table(run)[: 10 * generations] == local(generations, 1)


def test_an_array_runs_each_seed_and_requeues_one(
    slurm: Slurm, tmp_path: Path, local: Local
) -> None:
    """It is the last task, which has the number of the whole array, that is signalled."""
    asked = ["--ranks", "1", "--time", "0:10:00", "--seeds", "1,3", "--out", str(tmp_path / "job")]
    number = slurm.submit(*FIT, "--generations", "40", *asked)
    first, last = (tmp_path / "job" / f"seed-{seed}" for seed in (1, 3))
    until(lambda: rows(last) > 25)
    slurm.say("scancel", "--batch", "--signal=USR1", f"{number}_2")
    assert slurm.ends(f"{number}_2") == "COMPLETED"
    assert [s["reason"] for s in sessions(last)] == ["stopped: SIGUSR1", "finished"]
    assert [s["reason"] for s in sessions(first)] == ["finished"]
    assert table(last) == local(40, 3)
    assert table(first) == local(40, 1)


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_job_that_the_user_cancels_stays_cancelled(
    slurm: Slurm, tmp_path: Path, launcher: str
) -> None:
    """Its fit stops with exit code 75, too, and must not come back."""
    command, launch = LAUNCHERS[launcher]
    asked = ["--ranks", "2", "--time", "0:10:00", "--launch", launch]
    number = slurm.submit(*FIT, *FOREVER, *asked, "--out", str(tmp_path / "job"), command=command)
    run = tmp_path / "job" / "seed-1"
    until(lambda: rows(run) > 25)
    slurm.say("scancel", number)
    assert slurm.ends(number) == "CANCELLED"
    assert slurm.fact(number, "Restarts") == "0"
    assert [s["reason"] for s in sessions(run)] == ["stopped: SIGTERM"]


def test_a_job_whose_fit_is_killed_is_submitted_again_by_hand(
    slurm: Slurm, tmp_path: Path, local: Local
) -> None:
    asked = ["--ranks", "2", "--time", "0:10:00", "--out", str(tmp_path / "job")]
    number = slurm.submit(*FIT, "--generations", "40", *asked)
    run = tmp_path / "job" / "seed-1"
    until(lambda: rows(run) > 25)
    slurm.say("scancel", "--signal=KILL", number)
    assert slurm.ends(number) in ("FAILED", "CANCELLED")
    before = table(run)
    assert len(before) < 400
    number = slurm.say(
        "sbatch", "--parsable", f"--chdir={tmp_path}", f"{tmp_path}/job/job.sh"
    ).strip()
    assert slurm.ends(number) == "COMPLETED"
    assert set(before) <= set(table(run))
    assert table(run) == local(40, 1)


@pytest.mark.parametrize(
    ("command", "interface"),
    [(COMMAND, "pmix"), (openmpi.COMMAND, "pmi2"), (openmpi.COMMAND, "none")],
    ids=["MPICH's wheel, PMIx", "Open MPI, PMI-2", "Open MPI, none"],
)
def test_an_interface_that_the_mpi_does_not_speak_is_told_once(
    slurm: Slurm, tmp_path: Path, command: list[str], interface: str
) -> None:
    run = tmp_path / "run"
    srun = ["srun", f"--mpi={interface}", "-n", "2"]
    done = slurm.run(*srun, *command, "fit", *FIT, "--out", str(run), code=2)
    [line] = [line for line in done.stderr.splitlines() if not line.startswith("srun: ")]
    assert "started 2 processes, but mpi4py's library" in line
    assert "srun --mpi=list" in line
    assert not run.exists()


def test_an_mpirun_in_a_shell_that_srun_started(slurm: Slurm, tmp_path: Path, local: Local) -> None:
    """srun's PMI tells each process that it is the only one; `srun --pty bash` is such a shell."""
    shell = ["srun", "--mpi=pmi2", "-n", "1", "--cpus-per-task", "2"]
    fit = ["fit", *FIT, "--generations", "4", "--out", str(tmp_path / "run")]
    slurm.run(*shell, openmpi.MPIRUN, "-n", "2", *openmpi.COMMAND, *fit)
    assert sessions(tmp_path / "run")[0]["workers"] == "2 MPI ranks"
    assert table(tmp_path / "run") == local(4, 1)
