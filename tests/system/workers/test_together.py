"""Rows that are answered together are answered as if each were alone."""

import numpy as np
import pytest

from workbench.workers import ProcessWorkers, SerialWorkers
from workbench.workers.together import run_together

ROWS = np.arange(22.0).reshape(11, 2)


@pytest.fixture(params=["serial", "2 processes"])
def workers(request):
    if request.param == "serial":
        yield SerialWorkers()
        return
    with ProcessWorkers(2) as pool:
        yield pool


def test_each_row_has_its_answer(workers, tasks):
    answers = list(run_together(workers, tasks.Together(tasks.doubled), ROWS))
    assert sorted(answer.row for answer in answers) == list(range(11))
    for answer in answers:
        value, company = answer.value
        assert value.tolist() == (2 * ROWS[answer.row]).tolist()
        # Four at once at most: 4, 4 and 3 of them here, 3, 3, 3 and 2 on two places.
        expected = [4] * 8 + [3] * 3 if workers.places == 1 else [3] * 9 + [2] * 2
        assert company == expected[answer.row]
    assert not answers[-1].more
    # A time that two have is that of one evaluation, of twins.
    assert len({(answer.worker, answer.seconds) for answer in answers}) == 11


def test_no_rows_and_rows_one_by_one(workers, tasks):
    assert list(run_together(workers, tasks.Together(tasks.doubled), np.empty((0, 2)))) == []
    alone = run_together(workers, tasks.Together(tasks.doubled, together=1), ROWS)
    assert {answer.value[1] for answer in alone} == {1}


def test_who_kills_a_worker_takes_nobody_along(tasks):
    """The bundle is tried three times and each of it then alone: one row is given up."""
    rows = np.arange(8.0)[:, None]
    with ProcessWorkers(2) as pool:
        answers = list(run_together(pool, tasks.Together(tasks.killed_at_7), rows))
    last = {answer.row: answer for answer in answers if not answer.again}
    assert sorted(last) == list(range(8))
    for row in range(7):
        assert last[row].lost == ""
        assert last[row].value[0].tolist() == [2.0 * row]
    assert "given up after 3 attempts" in last[7].lost
    assert {answer.row for answer in answers if answer.again} == {4, 5, 6, 7}


def test_a_caller_may_make_rows_as_answers_come(workers, tasks):
    """No more are asked for than all places answer at once."""
    seen: list[int] = []
    ahead: list[int] = []

    def rows():
        for number, row in enumerate(ROWS):
            ahead.append(number - len(seen))
            yield row

    for answer in run_together(workers, tasks.Together(tasks.doubled), rows()):
        seen.append(answer.row)
    assert len(seen) == 11
    assert max(ahead) <= 4 * 4
