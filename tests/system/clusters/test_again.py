"""When a job is run again: if its time was over and it had done something, and nobody ended it."""

import os
import signal
import time

import pytest

from tests.system.clusters.node import Node
from tests.unit.clusters.jobs import job

RUN_AGAIN = {
    "slurm": (75, "scontrol requeue 7 in {start}"),
    "pbs": (75, "qsub -v WORKBENCH_TASK=1 job.sh in {folder}"),
    "sge": (99, None),
}
WRITE = "mkdir -p seed-1; echo row >> seed-1/ledger.sqlite; "
UNTIL_SIGNALLED = (
    "trap 'echo got {name}; exit 75' {name}; touch ready; while :; do sleep 0.01; done"
)
UNTIL_TOLD = (
    "trap 'told=$((told + 1))' TERM; told=0; touch ready; "
    "until [ $told -gt 0 ]; do sleep 0.01; done; sleep 1; echo told $told; exit 75"
)


@pytest.fixture
def node(tmp_path):
    return Node(tmp_path)


@pytest.mark.parametrize("scheduler", RUN_AGAIN)
def test_a_stopped_fit_is_run_again(node, scheduler):
    code, call = RUN_AGAIN[scheduler]
    (node.folder / "jobs").mkdir()
    asked = job(node.folder / "jobs", f"cd {node.folder}/jobs; {WRITE} exit 75", start=node.folder)
    assert node.run(scheduler, asked)[0] == code
    expected = [] if call is None else [call.format(start=node.folder, folder=asked.folder)]
    assert node.called == expected


@pytest.mark.parametrize("scheduler", RUN_AGAIN)
@pytest.mark.parametrize("code", [0, 1, 2, 137])
def test_a_fit_that_ended_is_not_run_again(node, scheduler, code):
    assert node.run(scheduler, job(node.folder, f"{WRITE} exit {code}"))[0] == code
    assert node.called == []


@pytest.mark.parametrize("scheduler", RUN_AGAIN)
def test_a_fit_that_did_nothing_is_not_run_again(node, scheduler):
    code, _, err = node.run(scheduler, job(node.folder, "exit 75"))
    assert (code, node.called) == (75, [])
    assert "nothing was evaluated" in err


@pytest.mark.parametrize("scheduler", RUN_AGAIN)
def test_what_was_begun_is_gone_on_with(node, scheduler):
    asked = job(node.folder, f'{WRITE} echo "$@"')
    run = node.folder / "seed-1"
    first = node.run(scheduler, asked)[1]
    assert first.startswith(f"fit /studies/cell --seed 1 --out {run} --walltime")
    assert node.run(scheduler, asked)[1].startswith(f"resume {run} --walltime")


def told(node, fit, tell, number):
    """Tell a script a signal when its fit is at work; return its exit code and output."""
    begun = node.begin("slurm", job(node.folder, WRITE + fit))
    until = time.monotonic() + 20
    while not (node.folder / "ready").exists() and time.monotonic() < until:
        time.sleep(0.01)
    tell(begun.pid, number)
    out, _ = begun.communicate(timeout=20)
    return begun.returncode, out.decode()


def signalled(node, number):
    """Send a signal to the script alone."""
    name = signal.Signals(number).name
    return told(node, UNTIL_SIGNALLED.format(name=name), os.kill, number)


def test_the_schedulers_signal_reaches_the_fit_and_the_job_is_requeued(node):
    assert signalled(node, signal.SIGUSR1) == (75, "got SIGUSR1\n")
    assert len(node.called) == 1


def test_a_job_that_somebody_ends_is_not_requeued(node):
    assert signalled(node, signal.SIGTERM) == (75, "got SIGTERM\n")
    assert node.called == []


def test_a_fit_that_was_told_to_end_is_not_told_twice(node):
    """Open MPI's mpirun would leave at once, and its ranks with it."""
    assert told(node, UNTIL_TOLD, os.killpg, signal.SIGTERM) == (75, "told 1\n")
    assert node.called == []


@pytest.mark.parametrize("variable", ["PBS_ARRAY_INDEX", "WORKBENCH_TASK"])
def test_pbs_runs_one_task_of_an_array_again(node, variable):
    write = "mkdir -p seed-5; echo row >> seed-5/ledger.sqlite; exit 75"
    assert node.run("pbs", job(node.folder, write, seeds=(4, 5)), **{variable: "2"})[0] == 75
    assert node.called == [f"qsub -v WORKBENCH_TASK=2 job.sh in {node.folder}"]


def test_slurm_requeues_one_task_of_an_array(node):
    """The number of its last task is that of the array: by that, all tasks would be requeued."""
    write = "mkdir -p seed-5; echo row >> seed-5/ledger.sqlite; exit 75"
    numbers = {"SLURM_JOB_ID": "7", "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "2"}
    assert node.run("slurm", job(node.folder, write, seeds=(4, 5)), **numbers)[0] == 75
    assert node.called == [f"scontrol requeue 7_2 in {node.folder}"]
