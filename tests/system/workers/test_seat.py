"""The child in a seat is replaced when it costs too much."""

import errno
import time

import numpy as np
import pytest

from workbench.errors import InputError, WorkerError
from workbench.workers.seat import Limits, OutOfMemoryError, Seat, StartError, watch


def run(seat, task, *rows):
    """Return what becomes of each row, one after the other, each tried once."""
    answers = []
    for number, row in enumerate(rows):
        seat.begin(task, number, np.array([float(row)]))
        until = time.monotonic() + 30
        while (answer := seat.look()) is None:
            assert time.monotonic() < until
            watch([seat])
        answers.append(answer)
    return answers


@pytest.fixture
def seat(tmp_path):
    seats = []

    def make(**limits):
        folder = tmp_path / "children"
        folder.mkdir(exist_ok=True)
        seats.append(Seat("seat", folder, Limits(**limits)))
        return seats[-1]

    yield make
    for one in seats:
        one.close()


def test_a_new_child_takes_over_after_so_many_rows(seat, tasks):
    answers = run(seat(rows=2), tasks.Task(tasks.opened_here), 1, 2, 3, 4, 5)
    assert [a.worker for a in answers] == ["seat.1", "seat.1", "seat.2", "seat.2", "seat.3"]
    assert len({a.value[0] for a in answers}) == 3
    assert not any(a.lost for a in answers)


def test_a_new_child_takes_over_from_one_that_has_grown(seat, tasks):
    """Each row leaves 150 MB behind: a second one is beyond half of what is allowed."""
    answers = run(seat(memory_MB=600.0), tasks.Task(tasks.leaks), 150, 150, 150, 1)
    assert [a.worker for a in answers] == ["seat.1", "seat.1", "seat.2", "seat.2"]
    assert [a.value.tolist() for a in answers] == [[300.0], [300.0], [300.0], [2.0]]


def test_a_child_that_eats_memory_is_noticed_while_it_does(seat, tasks, tmp_path):
    one = seat(memory_MB=400.0)
    begun = time.monotonic()
    [first] = run(one, tasks.Task(tasks.doubled), 1)
    [answer] = run(one, tasks.Task(tasks.eats, str(tmp_path)), 700)
    assert time.monotonic() - begun < 20
    assert not first.lost
    assert answer.again
    assert "MB of memory, 400 are its share" in answer.lost
    [again] = run(one, tasks.Task(tasks.doubled), 5)
    assert (again.worker, again.value.tolist()) == ("seat.2", [10.0])


def test_a_new_child_that_needs_more_than_its_share_ends_the_run(seat, tasks, tmp_path):
    """Lost three times over, the row would be scored by how many workers there are."""
    with pytest.raises(WorkerError, match=r"400 are its share .*use fewer workers"):
        run(seat(memory_MB=400.0), tasks.Task(tasks.eats, str(tmp_path)), 700)


def test_a_child_that_was_large_from_the_first_row_on_is_kept(seat, tasks):
    answers = run(seat(memory_MB=600.0), tasks.Task(tasks.leaks), 350, 10, 10)
    assert {a.worker for a in answers} == {"seat.1"}


def test_a_child_that_the_kernel_killed_for_memory_lost_nothing(seat, tasks, tmp_path, monkeypatch):
    """A crash and a kill by anybody else are lost attempts."""
    monkeypatch.setattr("workbench.workers.seat.killed_for_memory", iter([3, 3, 3, 4]).__next__)
    one = seat()
    [answer] = run(one, tasks.Task(tasks.killed_at_first, str(tmp_path)), 1)
    assert "was ended by SIGKILL" in answer.lost
    with pytest.raises(OutOfMemoryError, match=r"seat\.2 was killed for want of memory; .*--mem"):
        run(one, tasks.Task(tasks.killed_at_first, str(tmp_path)), 2)
    assert not one.busy
    monkeypatch.setattr("workbench.workers.seat.killed_for_memory", iter([4, 5]).__next__)
    [answer] = run(one, tasks.Task(tasks.always_dies, str(tmp_path)), 3)
    assert "SIGSEGV" in answer.lost


def test_a_child_that_finds_no_memory_is_no_bug(seat, tasks):
    with pytest.raises(OutOfMemoryError, match=r"seat\.1 found no memory \(MemoryError\)"):
        run(seat(), tasks.Task(tasks.eats), 1e9)


def test_little_memory_is_no_reason(seat, tasks):
    answers = run(seat(memory_MB=600.0), tasks.Task(tasks.eats), 100, 100, 100)
    assert {a.worker for a in answers} == {"seat.1"}


def test_the_limit_begins_when_the_task_is_open(seat, tasks):
    """A file system may be slow on the first day of a run."""
    [answer] = run(seat(seconds=0.5), tasks.SlowToOpen(), 3)
    assert (answer.lost, answer.value.tolist()) == ("", [6.0])


def test_a_child_that_never_reads_its_task_is_given_up(seat, tasks, monkeypatch):
    """The task does not fit into the pipe, and the child does not come so far as to read it."""
    monkeypatch.setattr("workbench.workers.seat.START_s", 0.5)
    monkeypatch.setenv("WORKBENCH_TEST_HANGS", "at import")
    [answer] = run(seat(), tasks.Task(tasks.doubled, "x" * 10_000_000), 3)
    assert "took longer than 0.5 s to start" in answer.lost


def test_a_child_without_room_for_its_log_is_no_bug(seat, tasks, tmp_path):
    """Later there may be room."""
    one = seat()
    (tmp_path / "children").rename(tmp_path / "away")
    with pytest.raises(StartError, match=r"seat\.1 could not be started: No such.*seat\.1\.log"):
        run(one, tasks.Task(tasks.doubled), 1)
    assert not one.busy
    (tmp_path / "away").rename(tmp_path / "children")
    [answer] = run(one, tasks.Task(tasks.doubled), 1)
    assert answer.value.tolist() == [2.0]


def test_a_system_without_room_for_a_process_is_no_bug(seat, tasks, monkeypatch):
    def refused(*_, **__):
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    one = seat()
    with monkeypatch.context() as patch:
        patch.setattr("workbench.workers.seat.subprocess.Popen", refused)
        with pytest.raises(StartError, match=r"Resource temporarily unavailable; .*ulimit -u"):
            run(one, tasks.Task(tasks.doubled), 1)
    [answer] = run(one, tasks.Task(tasks.doubled), 1)
    assert answer.value.tolist() == [2.0]


@pytest.mark.parametrize(("name", "value"), [("seconds", 0.0), ("memory_MB", -1.0), ("rows", 0)])
def test_limits_that_allow_nothing(name, value):
    with pytest.raises(InputError, match="it must be a"):
        Limits(**{name: value})
