"""Scripts: whatever the names are, the workbench is given them as they are, and nothing else runs.

The scripts are run by bash, with a line of shell where the workbench would be.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.system.clusters.node import Node
from tests.unit.clusters.jobs import job
from workbench.clusters import SCHEDULERS, write_script

TELL = r"""printf '%s\0' "$WORKBENCH_CACHE" "$TMPDIR" "$PWD" "$@" """
HOSTILE = [
    "; rm -rf $HOME",
    "$(touch pwned)",
    "`id`",
    "'\"'",
    "# SBATCH --array=1-9",
    "{{ x }}",
]

# What a path or an argument of a process can hold at all, and a job does not refuse.
texts = st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1
).filter(
    lambda text: (
        len(f"{text}.".splitlines()) == 1
        and min(text) >= " "
        and not any(order in text for order in ("#$", "#SBATCH", "#PBS"))
    )
)
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
