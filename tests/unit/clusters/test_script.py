"""What each scheduler is told, and what is said of a job that cannot be sent."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.clusters.jobs import job
from workbench.clusters import SCHEDULERS, job_name, send, write_script
from workbench.clusters.script import script_of
from workbench.errors import InputError, WorkbenchError


@settings(max_examples=50)
@given(st.text())
def test_every_study_has_a_job_name_that_a_directive_can_hold(study):
    script = script_of(job(Path("/x"), name=job_name(study)), SCHEDULERS["slurm"])
    [line] = [line for line in script.split("\n") if "--job-name" in line]
    assert line == f"#SBATCH --job-name={job_name(study)}"
    assert set(job_name(study)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
    )


def directives(scheduler, **given):
    usual = {"ranks": 256, "time_s": 43200, "launcher": ("srun",)}
    asked = job(Path("/jobs/one"), **{**usual, **given})
    lines = script_of(asked, SCHEDULERS[scheduler]).splitlines()
    assert lines[0] == "#!/bin/bash"
    end = next(n for n, line in enumerate(lines) if n and not line.startswith("#"))
    return lines[1 : end - 1]


def test_what_slurm_is_told():
    assert directives("slurm", directives=("--partition=long", "-A neuro")) == [
        "#SBATCH --job-name=fit-cell",
        "#SBATCH --ntasks=256",
        "#SBATCH --cpus-per-task=1",
        "#SBATCH --time=12:00:00",
        "#SBATCH --signal=B:USR1@120",
        "#SBATCH --requeue",
        "#SBATCH --open-mode=append",
        "#SBATCH --output=%x-%j.log",
        "#SBATCH --partition=long",
        "#SBATCH -A neuro",
    ]
    assert "#SBATCH --array=1-3" in directives("slurm", seeds=(4, 5, 9))


def test_what_pbs_is_told():
    assert directives("pbs", directives=("-q long",)) == [
        "#PBS -N fit-cell",
        "#PBS -l select=256:ncpus=1:mpiprocs=1",
        "#PBS -l walltime=12:00:00",
        "#PBS -r y",
        "#PBS -j oe",
        "#PBS -V",
        "#PBS -q long",
    ]
    submitted = SCHEDULERS["pbs"].submission(job(Path("/x"), seeds=(4, 5, 9)))
    assert submitted == ("qsub", "-J", "1-3", "job.sh")


def test_what_sge_is_told():
    assert directives("sge", seeds=(4, 5, 9), directives=("-q long",)) == [
        "#$ -S /bin/bash",
        "#$ -N fit-cell",
        "#$ -pe mpi 256",
        "#$ -l h_rt=12:00:00",
        "#$ -r y",
        "#$ -j y",
        "#$ -cwd",
        "#$ -V",
        "#$ -t 1-3",
        "#$ -q long",
    ]
    assert not [line for line in directives("sge", ranks=1) if "-pe" in line or "-t" in line]


def test_a_folder_with_a_job_is_refused(tmp_path):
    write_script(job(tmp_path), SCHEDULERS["slurm"])
    before = (tmp_path / "job.sh").read_text()
    with pytest.raises(InputError, match="holds a job already"):
        write_script(job(tmp_path, seeds=(2,)), SCHEDULERS["slurm"])
    assert (tmp_path / "job.sh").read_text() == before


def test_what_the_scheduler_says_is_told(tmp_path, monkeypatch):
    asked = job(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="sbatch is not on this machine"):
        send(asked, SCHEDULERS["slurm"])
    sbatch = tmp_path / "sbatch"
    sbatch.write_text('#!/bin/sh\necho "Submitted $1 in $PWD"')
    sbatch.chmod(0o755)
    assert send(asked, SCHEDULERS["slurm"]) == f"Submitted job.sh in {tmp_path}"
    sbatch.write_text("#!/bin/sh\necho no such partition >&2; exit 1")
    with pytest.raises(WorkbenchError, match="refused the job: no such partition"):
        send(asked, SCHEDULERS["slurm"])
