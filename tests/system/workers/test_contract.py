"""What a fit may expect of workers, whoever they are.

`test_ranks.py` runs this file again under mpirun, where the workers are the ranks.
"""

import os
import time

import numpy as np
import pytest

from workbench.errors import MorphologyError, StoppedEarly, WorkerError
from workbench.workers import ProcessWorkers, RankWorkers, SerialWorkers, Stop, find_launch

ROWS = np.array([[1.5, -2.0], [0.0, 3.0], [np.pi, 1e-300], [4.0, 4.0], [5.0, 5.0]])


SUPERVISED = ["ranks"] if find_launch(os.environ) else ["1 process", "2 processes"]
KINDS = SUPERVISED if "ranks" in SUPERVISED else ["serial", *SUPERVISED]


PLACES = {"this process": 0, "1 child processes": 1, "2 child processes": 2, "2 MPI ranks": 2}


def make(kind, request, **options):
    if kind == "ranks":
        return RankWorkers(request.getfixturevalue("crew"), **options)
    return ProcessWorkers(int(kind.split()[0]), **options)


@pytest.fixture(scope="module", params=KINDS)
def workers(request):
    if request.param == "serial":
        yield SerialWorkers()
        return
    with make(request.param, request) as workers:
        yield workers


@pytest.fixture(params=SUPERVISED)
def hire(request):
    """Return what makes workers that are supervised."""
    return lambda **options: make(request.param, request, **options)


def values(workers, task, rows):
    """Return the answers' values in the order of the rows."""
    answers = list(workers.run(task, rows))
    assert all(answer.lost == "" and not answer.again for answer in answers)
    assert sorted(answer.row for answer in answers) == list(range(len(rows)))
    return [answer.value for answer in sorted(answers, key=lambda answer: answer.row)]


def test_every_row_has_its_own_answer(workers, tasks):
    found = np.array(values(workers, tasks.Task(tasks.doubled), ROWS))
    assert found.tobytes() == (2 * ROWS).tobytes()


def test_no_rows_no_answers(workers, tasks):
    assert list(workers.run(tasks.Task(tasks.doubled), np.empty((0, 2)))) == []


def test_one_row(workers, tasks):
    [value] = values(workers, tasks.Task(tasks.doubled), ROWS[:1])
    assert value.tolist() == [3.0, -4.0]


def test_rows_may_be_made_one_by_one(workers, tasks):
    """The next may depend on the answers so far: it is made when somebody is free for it."""
    answers, ahead = [], []

    def rows():
        for row in ROWS:
            ahead.append(len(ahead) - len(answers))
            yield row + 10 * len(answers)

    for answer in workers.run(tasks.Task(tasks.doubled), rows()):
        answers.append(answer)
    assert sorted(answer.row for answer in answers) == list(range(len(ROWS)))
    assert max(ahead) <= 2 * PLACES.get(str(workers), 3)
    by_number = {answer.row: answer.value for answer in answers}
    assert by_number[0].tolist() == (2 * ROWS[0]).tolist()


def test_answers_say_who_worked_and_how_long(workers, tasks):
    [answer] = workers.run(tasks.Task(tasks.slowly_doubled), np.array([[0.05]]))
    assert 0.05 <= answer.seconds < 5
    assert answer.worker


def test_a_task_is_opened_once_by_whoever_works_on_it(workers, tasks):
    task = tasks.Task(tasks.opened_here, note=str(workers))
    found = [*values(workers, task, ROWS), *values(workers, task, ROWS)]
    assert {count for _, count in found} == {1}


def test_tasks_take_turns(workers, tasks):
    """A fit asks for evaluations, then for the traces of the best, of the same workers."""
    double, count = tasks.Task(tasks.doubled), tasks.Task(tasks.opened_here, "turns")
    for _ in range(2):
        assert values(workers, double, ROWS[:2])[1].tolist() == [0.0, 6.0]
        assert all(opened == 1 for _, opened in values(workers, count, ROWS[:2]))


def test_an_error_of_ours_comes_out_as_itself(workers, tasks):
    with pytest.raises(MorphologyError) as caught:
        list(workers.run(tasks.Task(tasks.refused), np.array([[8.0]])))
    assert str(caught.value) == "row 8: there is no apic[99]"
    assert values(workers, tasks.Task(tasks.doubled), ROWS[:1])[0].tolist() == [3.0, -4.0]


def test_an_error_while_opening_comes_out_as_itself(workers, tasks):
    with pytest.raises(MorphologyError, match=r"there is no apic\[99\]"):
        list(workers.run(tasks.Unopenable(), ROWS))


def test_a_caller_may_stop_listening(workers, tasks):
    for answer in workers.run(tasks.Task(tasks.doubled), ROWS):
        assert answer.value.tolist() == (2 * ROWS[answer.row]).tolist()
        break
    found = values(workers, tasks.Task(tasks.doubled), ROWS + 1)
    assert np.array(found).tolist() == (2 * (ROWS + 1)).tolist()


def test_they_can_be_named(workers):
    names = ("this process", "1 child processes", "2 child processes", "2 MPI ranks", "3 MPI ranks")
    assert str(workers) in names


def lost(answers):
    return [(answer.row, answer.again) for answer in answers if answer.lost]


def by_row(answers):
    return {answer.row: answer.value.tolist() for answer in answers if not answer.lost}


def test_what_loads_other_things_never_shares_a_process(hire, tasks):
    """A process keeps the mechanisms that it has loaded, so another build needs another process."""
    with hire() as workers:
        pids = [
            {pid for pid, _ in values(workers, tasks.Task(tasks.opened_here, what, what), ROWS)}
            for what in ("default", "native", "default")
        ]
    first, second, third = pids
    assert not first & second
    assert not second & third


def test_a_child_that_is_killed_is_replaced(hire, tasks, tmp_path):
    task = tasks.Task(tasks.killed_at_first, str(tmp_path))
    with hire() as workers:
        answers = list(workers.run(task, ROWS[:4, :1]))
    assert by_row(answers) == {row: [2 * ROWS[row, 0]] for row in range(4)}
    assert sorted(lost(answers)) == [(row, True) for row in range(4)]
    assert all(a.lost == f"{a.worker} was ended by SIGKILL" for a in answers if a.lost)


def test_a_row_that_kills_everybody_is_given_up(hire, tasks, tmp_path):
    task = tasks.Task(tasks.always_dies, str(tmp_path))
    with hire() as workers:
        answers = list(workers.run(task, ROWS[1:2, :1]))
        assert by_row(workers.run(tasks.Task(tasks.doubled), ROWS[:1])) == {0: [3.0, -4.0]}
    assert lost(answers) == [(0, True), (0, True), (0, False)]
    assert "given up after 3 attempts; the last: " in answers[-1].lost
    assert answers[-1].lost.endswith("ended with exit code 7: out of memory, said the library")


def test_a_row_that_hangs_is_ended_within_a_second_of_its_limit(hire, tasks, tmp_path):
    """As seen by the parent, which may itself wait for a processor: the issue allows one second."""
    task = tasks.Task(tasks.hangs_at_first, str(tmp_path))
    with hire(limit_s=0.5) as workers:
        answers = list(workers.run(task, ROWS[:1, :1]))
    assert (lost(answers), by_row(answers)) == ([(0, True)], {0: [3.0]})
    assert "took longer than 0.5 s" in answers[0].lost
    assert 0.5 <= answers[0].seconds < 1.5


def test_a_bug_in_the_task_is_told_with_its_traceback(hire, tasks):
    with hire() as workers:
        with pytest.raises(WorkerError, match=r"in buggy[^$]*ZeroDivisionError: a bug in the task"):
            list(workers.run(tasks.Task(tasks.buggy), ROWS))
        assert by_row(workers.run(tasks.Task(tasks.doubled), ROWS[:1])) == {0: [3.0, -4.0]}


def test_a_stop_is_heard_while_all_work(hire, tasks):
    """What ends in the time of grace is yielded, nothing new is begun, the rest is ended."""
    stop = Stop(grace_s=0.8)
    rows = np.array([[0.0], [60.0], [60.0], [60.0], [60.0]])
    with hire(stop=stop) as workers:
        list(workers.run(tasks.Task(tasks.slowly_doubled), np.zeros((3, 1))))
        running = workers.run(tasks.Task(tasks.slowly_doubled), rows)
        assert next(running).row == 0
        begun = time.monotonic()
        stop.ask("because of the test")
        with pytest.raises(StoppedEarly, match="because of the test"):
            next(running)
        assert 0.7 < time.monotonic() - begun < 20
        with pytest.raises(StoppedEarly):
            next(workers.run(tasks.Task(tasks.slowly_doubled), np.zeros((1, 1))))


def test_serial_work_is_done_here(tasks):
    [answer] = SerialWorkers().run(tasks.Task(tasks.surroundings), ROWS[:1])
    assert answer.value["pid"] == os.getpid()


def test_a_bug_under_serial_work_is_raised_as_it_is(tasks):
    with pytest.raises(ZeroDivisionError):
        list(SerialWorkers().run(tasks.Task(tasks.buggy), ROWS))
