"""Child processes may hang, crash and be killed; the answers are the same."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import InputError, WorkerError
from workbench.workers import MachineError, ProcessWorkers

ROWS = np.arange(4.0)[:, None]


def alive(pid):
    """Whether a process runs: a zombie that nobody has waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def gone_within(pid, seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not alive(pid):
            return True
        time.sleep(0.01)
    return False


def marks(folder):
    """Return how often each row was begun."""
    return {
        float(file.name): file.stat().st_size for file in folder.iterdir() if file.name != "pid"
    }


def by_row(answers):
    return {a.row: a.value.tolist() for a in answers if not a.lost}


def started(tasks, limit_s):
    """Return two workers whose children run already: a short limit is for the work alone."""
    workers = ProcessWorkers(2)
    list(workers.run(tasks.Task(tasks.slowly_doubled), np.full((2, 1), 0.1)))
    for seat in workers._seats:
        seat.limits = dataclasses.replace(seat.limits, seconds=limit_s)
    return workers


def test_the_work_is_shared(tasks):
    with ProcessWorkers(2) as workers:
        answers = list(workers.run(tasks.Task(tasks.slowly_doubled), np.full((2, 1), 0.3)))
        assert len({answer.worker for answer in answers}) == 2
        assert str(workers) == "2 child processes"


def test_no_more_children_than_rows(tasks):
    with ProcessWorkers(3) as workers:
        for _ in range(2):
            pids = [a.value[0] for a in workers.run(tasks.Task(tasks.opened_here), ROWS[:1])]
            assert len(pids) == 1
        assert [a.value[0] for a in workers.run(tasks.Task(tasks.opened_here), ROWS[:1])] == pids


def test_a_child_is_a_process_of_its_own_in_a_bare_place(tasks, monkeypatch):
    for name in ("PMI_RANK", "PMI_SIZE", "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "SLURM_PROCID"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("KEPT_FOR_THE_MODEL", "yes")
    with ProcessWorkers(1) as workers:
        [answer] = workers.run(tasks.Task(tasks.surroundings), ROWS[:1])
    found = answer.value
    assert found["pid"] != os.getpid()
    assert found["folder"] != os.getcwd()
    assert found["files"] == [f"{answer.worker}.log"]
    assert not [n for n in found["environment"] if n.startswith(("PMI", "OMPI", "SLURM"))]
    assert found["environment"]["KEPT_FOR_THE_MODEL"] == "yes"
    assert found["environment"]["OMP_NUM_THREADS"] == "1"
    assert "neuron" not in found["modules"]
    assert not Path(found["folder"]).exists()


def test_an_answer_that_cannot_travel_is_a_bug(tasks):
    with ProcessWorkers(1) as workers, pytest.raises(WorkerError, match="pickle"):
        list(workers.run(tasks.Task(tasks.unpicklable), ROWS[:1]))


def test_a_task_that_cannot_be_imported_there_is_a_bug(tasks, monkeypatch):
    """Not a row that is tried thrice and then given up."""
    monkeypatch.setenv("PYTHONPATH", "")
    with ProcessWorkers(1) as workers, pytest.raises(WorkerError, match=r"No module.*worker_tasks"):
        list(workers.run(tasks.Task(tasks.doubled), ROWS[:1]))


def test_a_child_that_is_killed_is_replaced_and_its_row_run_again(tasks, tmp_path):
    task = tasks.Task(tasks.killed_at_first, str(tmp_path))
    with ProcessWorkers(2) as workers:
        answers = list(workers.run(task, ROWS[:2]))
    assert by_row(answers) == {0: [0.0], 1: [2.0]}
    lost = [answer for answer in answers if answer.lost]
    assert sorted(answer.row for answer in lost) == [0, 1]
    for answer in lost:
        assert answer.again
        assert answer.value is None
        assert answer.lost == f"{answer.worker} was ended by SIGKILL"
    assert marks(tmp_path) == {0.0: 2, 1.0: 2}


def test_a_row_that_kills_everybody_is_given_up_after_three_attempts(tasks, tmp_path):
    task = tasks.Task(tasks.always_dies, str(tmp_path))
    with ProcessWorkers(1) as workers:
        first, second, third = workers.run(task, ROWS[1:2])
        assert by_row(workers.run(tasks.Task(tasks.doubled), ROWS[:1])) == {0: [0.0]}
    assert [first.again, second.again, third.again] == [True, True, False]
    assert first.lost == f"{first.worker} was ended by SIGSEGV"
    assert third.lost == (
        f"given up after 3 attempts; the last: {third.worker} ended with exit code 7: out of "
        "memory, said the library"
    )
    assert third.value is None
    assert len({first.worker, second.worker, third.worker}) == 3
    assert marks(tmp_path) == {1.0: 3}


def test_a_hanging_row_is_ended_after_the_limit_and_given_up(tasks, tmp_path):
    task = tasks.Task(tasks.hangs, str(tmp_path))
    begun = time.monotonic()
    with started(tasks, limit_s=0.5) as workers:
        answers = list(workers.run(task, np.array([[0.0], [1.0], [0.0], [0.0]])))
    assert by_row(answers) == {0: [0.0], 2: [0.0], 3: [0.0]}
    lost = [answer for answer in answers if answer.lost]
    assert [(answer.row, answer.again) for answer in lost] == [(1, True), (1, True), (1, False)]
    assert "took longer than 0.5 s" in lost[0].lost
    assert "given up after 3 attempts" in lost[-1].lost
    assert all(0.5 <= answer.seconds < 3 for answer in lost)
    assert gone_within(int((tmp_path / "pid").read_text()), 0.1)
    assert time.monotonic() - begun < 10


def test_a_slow_listener_does_not_lose_answers(tasks):
    """Writing to a disk may take longer than a row; what waits in the pipe is in time."""
    rows = np.array([[0.0], [0.2]])
    with started(tasks, limit_s=0.5) as workers:
        answers = []
        for answer in workers.run(tasks.Task(tasks.slowly_doubled), rows):
            answers.append(answer)
            time.sleep(0.6 if len(answers) == 1 else 0.0)
    assert [answer.lost for answer in answers] == ["", ""]


def test_a_slow_listener_may_hear_of_a_death(tasks, tmp_path):
    """The dead child is over its limit too when the listener comes back: it is lost once."""
    task = tasks.Task(tasks.killed_at_first, str(tmp_path))
    with started(tasks, limit_s=0.5) as workers:
        answers = []
        for answer in workers.run(task, ROWS[:1]):
            answers.append(answer)
            time.sleep(0.6)
    assert [bool(answer.lost) for answer in answers] == [True, False]


def test_an_idle_child_that_died_costs_one_attempt(tasks):
    with ProcessWorkers(1) as workers:
        [(pid, _)] = [a.value for a in workers.run(tasks.Task(tasks.opened_here), ROWS[:1])]
        os.kill(pid, signal.SIGKILL)
        assert gone_within(pid, 2)
        first, second = workers.run(tasks.Task(tasks.doubled), ROWS[1:2])
    assert first.again
    assert "SIGKILL" in first.lost
    assert second.value.tolist() == [2.0]


def test_a_large_row_and_a_large_answer_travel(tasks):
    """More than a pipe holds at once."""
    row = np.arange(1e6)
    with ProcessWorkers(1) as workers:
        [answer] = workers.run(tasks.Task(tasks.doubled), row[None])
    assert np.array_equal(answer.value, 2 * row)


def test_closing_ends_children_whatever_they_do(tasks, tmp_path):
    workers = ProcessWorkers(1)
    running = workers.run(tasks.Task(tasks.hangs, str(tmp_path)), np.array([[0.0], [1.0]]))
    next(running)
    [pid] = [seat.pid for seat in workers._seats]
    assert alive(pid)
    running.close()
    assert not alive(pid)
    workers.close()
    workers.close()


PARENT = """
import sys
import numpy as np
from worker_tasks import Task, hangs
from workbench.workers import ProcessWorkers
with ProcessWorkers(1) as workers:
    list(workers.run(Task(hangs, sys.argv[1]), np.array([[1.0]])))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot tell a child to die")
def test_children_die_with_a_parent_that_is_killed(tasks, tmp_path):
    """Even in the middle of a simulation."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)])
    try:
        until = time.monotonic() + 20
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert parent.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        child = int((tmp_path / "pid").read_text())
        assert alive(child)
    finally:
        parent.kill()
        parent.wait()
    assert gone_within(child, 2)


def test_children_without_a_folder_could_not_be_started(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "full"))
    with pytest.raises(MachineError, match=r"child processes could not be started.*full.*TMPDIR"):
        ProcessWorkers(1)


@pytest.mark.parametrize("count", [0, -1])
def test_somebody_has_to_work(count):
    with pytest.raises(InputError, match=rf"number of workers is {count}, .*at least 1"):
        ProcessWorkers(count)


@pytest.mark.parametrize("limit_s", [0.0, -1.0, float("nan")])
def test_a_limit_leaves_time_to_work(limit_s):
    with pytest.raises(InputError, match=r"limit_s is .*above 0"):
        ProcessWorkers(1, limit_s)
