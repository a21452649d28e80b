"""Scripts: whatever the names are, the workbench is given them as they are, and nothing else runs.

The scripts are run by bash, with a line of shell where the workbench would be.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.clusters.jobs import Node, job
from workbench.clusters import SCHEDULERS, job_name, send, write_script
from workbench.clusters.script import script_of
from workbench.errors import InputError, WorkbenchError

TELL = r"""printf '%s\0' "$WORKBENCH_CACHE" "$TMPDIR" "$PWD" "$@" """
HOSTILE = [
    "; rm -rf $HOME",
    "a\nb",
    "$(touch pwned)",
    "`id`",
    "'\"'",
    "#SBATCH --array=1-9",
    "{{ x }}",
]

# What a path or an argument of a process can hold at all.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
names = texts.filter(lambda text: "/" not in text and text not in (".", "..") and len(text) < 60)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    return Node(tmp_path_factory.mktemp("node"))


def check_what_is_told(node, scheduler, name, word):
    folder = node.folder / name
    started_in = node.folder / "start" / name
    started_in.mkdir(parents=True, exist_ok=True)
    asked = job(
        folder,
        TELL,
        start=started_in,
        fit=("fit", name, word),
        environment={"WORKBENCH_CACHE": word},
        scratch=Path("/") / name,
    )
    code, out, err = node.run(scheduler, asked)
    assert (code, err) == (0, "")
    assert out.split("\0") == [
        *(word, f"/{name}", str(started_in)),
        *("fit", name, word, "--seed", "1", "--out", str(folder / "seed-1")),
        *("--walltime", "00:55:00", "--workers", "1", ""),
    ]
    shutil.rmtree(node.folder / "start")


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_only_names(node, scheduler, text):
    check_what_is_told(node, scheduler, text, text)


@settings(max_examples=40, deadline=None)
@given(names, texts)
def test_any_name_is_only_a_name(node, name, word):
    check_what_is_told(node, "slurm", name, word)


@settings(max_examples=200)
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


@pytest.mark.parametrize(
    ("scheduler", "variable"),
    [("slurm", "SLURM_ARRAY_TASK_ID"), ("pbs", "PBS_ARRAY_INDEX"), ("sge", "SGE_TASK_ID")],
)
def test_each_task_has_its_seed_and_folder(node, scheduler, variable):
    asked = job(Path("/jobs"), TELL, start=node.folder, seeds=(4, 5, 90))
    for task, seed in (("1", "4"), ("2", "5"), ("3", "90")):
        _, out, _ = node.run(scheduler, asked, **{variable: task})
        assert out.split("\0")[5:9] == ["--seed", seed, "--out", f"/jobs/seed-{seed}"]


def test_ranks_are_started_by_the_launcher(node):
    ranks = job(node.folder, ranks=64, launcher=("echo", "a launcher", "-x"))
    _, out, _ = node.run("slurm", ranks)
    assert out.startswith("a launcher -x -n 64 bash -c :")
    assert "--workers" not in out


def test_threads_of_libraries_stay_on_the_ranks_own_processor(node):
    tell = "echo $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS $MKL_NUM_THREADS"
    assert node.run("slurm", job(node.folder, tell))[1] == "1 1 1\n"


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_scripts_are_bash(tmp_path, scheduler):
    asked = job(tmp_path / "it's", seeds=(1, 2), ranks=2, launcher=("mpirun",))
    script = write_script(asked, SCHEDULERS[scheduler])
    subprocess.run(["bash", "-n", str(script)], check=True)
    assert script.stat().st_mode & 0o111


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
