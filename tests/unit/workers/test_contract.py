"""What a fit may expect of workers, whoever they are."""

import os

import numpy as np
import pytest

from workbench.errors import MorphologyError
from workbench.workers import ProcessWorkers, SerialWorkers

ROWS = np.array([[1.5, -2.0], [0.0, 3.0], [np.pi, 1e-300], [4.0, 4.0], [5.0, 5.0]])


@pytest.fixture(scope="module", params=["serial", "1 process", "2 processes"])
def workers(request):
    if request.param == "serial":
        yield SerialWorkers()
        return
    with ProcessWorkers(int(request.param.split()[0])) as workers:
        yield workers


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
    assert str(workers) in ("this process", "1 child processes", "2 child processes")


def test_serial_work_is_done_here(tasks):
    [answer] = SerialWorkers().run(tasks.Task(tasks.surroundings), ROWS[:1])
    assert answer.value["pid"] == os.getpid()


def test_a_bug_under_serial_work_is_raised_as_it_is(tasks):
    with pytest.raises(ZeroDivisionError):
        list(SerialWorkers().run(tasks.Task(tasks.buggy), ROWS))
