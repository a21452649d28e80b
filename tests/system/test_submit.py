"""`workbench submit` as a user, with a scheduler of two lines: the test itself runs the script."""

import json
import os
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.system.command import COMMAND, REPOSITORY, Refused, Run
from tests.system.running import attempts, sessions, table, wait_for_rows

HOSTILE = "; touch pwned $(touch pwned) 'x' <img src=x onerror=alert(1)>"
SEARCH = ["--population", "10", "--generations", "12"]
ROWS = 120


@pytest.fixture
def cluster(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a machine with SLURM, where no name is kind."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("sbatch", "scontrol"):
        (commands / name).write_text(f'#!/bin/bash\necho {name} "$@" | tee -a {tmp_path}/called\n')
        (commands / name).chmod(0o755)
    return {
        "PATH": f"{commands}:{os.environ['PATH']}",
        "SLURM_JOB_ID": "41",
        "SLURM_PROCID": "0",
        "SLURM_NTASKS": "1",
    }


@pytest.fixture
def study(tmp_path: Path) -> Path:
    shutil.copytree(REPOSITORY / "optimizations" / "hodgkin_huxley", tmp_path / HOSTILE)
    return tmp_path / HOSTILE


def test_a_job_is_submitted_signalled_requeued_and_finished(
    workbench: Run, tmp_path: Path, cluster: dict[str, str], study: Path
) -> None:
    workbench("fit", study, *SEARCH, "--seed", 3, "--workers", 1, "--out", tmp_path / "local")
    local = table(tmp_path / "local")
    assert len(local) == ROWS

    job = tmp_path / "jobs" / HOSTILE
    asked = ["--ranks", 1, "--time", "1:00:00", "--seeds", "3", "--out", job, "--go"]
    done = workbench("submit", study, *asked, *SEARCH, **cluster)
    assert done.stdout.endswith("sbatch job.sh\n")
    assert (tmp_path / "called").read_text() == "sbatch job.sh\n"

    def begin() -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["bash", "job.sh"],
            cwd=job,
            env={**os.environ, **cluster},
            stderr=subprocess.PIPE,
            text=True,
        )

    run = job / "seed-3"
    first = begin()
    wait_for_rows(first, run, 25)
    first.send_signal(signal.SIGUSR1)
    said = first.communicate(timeout=60)[1]
    assert first.returncode == 75, said
    assert f"workbench resume {shlex.quote(str(run))}" in said
    assert (tmp_path / "called").read_text().endswith("\nscontrol requeue 41\n")
    assert 25 <= len(table(run)) < ROWS
    second = begin()
    said = second.communicate(timeout=300)[1]
    assert second.returncode == 0, said
    assert table(run) == local
    assert len(attempts(run)) == ROWS, "what the ledger held was not simulated again"
    assert [s["reason"] for s in sessions(run)] == ["stopped: SIGUSR1", "finished"]
    assert (tmp_path / "called").read_text().count("\n") == 2, "a fit that is done is not requeued"
    assert not list(tmp_path.rglob("pwned"))


def test_a_job_is_written_and_not_submitted(
    workbench: Run, tmp_path: Path, cluster: dict[str, str]
) -> None:
    asked = ["--ranks", 256, "--time", "1-12:00:00", "--seeds", "1-5", "--launch", "srun --mpi=x y"]
    cache = {"WORKBENCH_CACHE": str(tmp_path / "a cache")}
    done = workbench(
        *("submit", "hodgkin_huxley", *asked, "--scratch", "/local disk"),
        *("--directive", "--partition=long", "--json", *SEARCH),
        **{**cluster, **cache},
    )
    said = json.loads(done.stdout)
    assert said["answer"] is None
    assert said["command"] == "sbatch job.sh"
    assert not (tmp_path / "called").exists()
    script = Path(said["script"]).read_text()
    assert Path(said["script"]).parent.parent == tmp_path / "runs"
    assert {
        "#SBATCH --ntasks=256",
        "#SBATCH --time=36:00:00",
        "#SBATCH --array=1-5",
        "#SBATCH --partition=long",
        f"export WORKBENCH_CACHE='{tmp_path}/a cache'",
        "export TMPDIR='/local disk'",
        f"cd {tmp_path} || exit 2",
    } <= set(script.splitlines())
    assert f"srun --mpi=x y -n 256 {COMMAND[0]} " in script
    subprocess.run(["bash", "-n", said["script"]], check=True)


@pytest.mark.parametrize("scheduler", ["pbs", "sge"])
def test_other_schedulers(workbench: Run, tmp_path: Path, scheduler: str) -> None:
    job = tmp_path / "a job"
    asked = ["--ranks", 8, "--time", "2:00:00", "--seeds", "1,5", "--scheduler", scheduler]
    done = workbench("submit", "hodgkin_huxley", *asked, "--out", job)
    assert f"cd '{job}' && qsub" in done.stdout
    subprocess.run(["bash", "-n", str(job / "job.sh")], check=True)
    again = workbench("submit", "hodgkin_huxley", *asked, "--out", job, code=2)
    assert "holds a job already" in again.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--time", "12h"], "--time '12h' cannot be read; write HH:MM:SS"),
        (["--seeds", "5-1"], "write 1-5 or 1,4,7-9"),
        (["--scheduler", "slrum"], "did you mean 'slurm'"),
        (["--launch", "srun '"], "No closing quotation"),
        (["--directive", "--comment=a\n#SBATCH --x"], "cannot stand in a scheduler's directive"),
        (["--seed", "3"], "use --seeds"),
        (["--out", "x", "--workers", "3"], "use --ranks"),
        (["--populaton", "10"], "--population"),
        (["--algorithm", "foo"], "unknown search algorithm 'foo'"),
        (["--dt", "0.1", "--cvode", "0.1"], "exclude one another"),
    ],
)
def test_what_a_job_would_refuse_is_refused_now(
    refused: Refused, tmp_path: Path, args: list[str], said: str
) -> None:
    usual = ["hodgkin_huxley", "--ranks", "4", "--time", "1:00:00"]
    assert said in refused("submit", *usual, *args)
    assert not list(tmp_path.iterdir())


def test_no_scheduler_and_no_study(workbench: Run, tmp_path: Path) -> None:
    usual = ["--ranks", 4, "--time", "1:00:00"]
    alone = workbench("submit", "hodgkin_huxley", *usual, "--go", code=2, PATH=str(tmp_path))
    assert "sbatch is not on this machine; submit " in alone.stderr
    first = workbench("submit", "--population", 4, "hodgkin_huxley", *usual, code=2)
    assert "name the study first" in first.stderr
    assert "hodgkin_huxley" in workbench("submit", "hodgkin_huxly", *usual, code=2).stderr
