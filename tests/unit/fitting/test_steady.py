"""The fit that never waits: what ended is kept, and what was asked is found again."""

import random
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.fitting.mines import Killed, mined
from workbench.errors import LedgerError
from workbench.evaluations import Attempt, Entry, Ledger
from workbench.evaluations.salvage import salvage
from workbench.fitting import fit
from workbench.search import make_search
from workbench.workers.task import Answer

GENERATIONS, POPULATION = 6, 5
TOTAL = GENERATIONS * POPULATION
EVERYTHING = (
    "SELECT attempt, generation, individual, asked_after, parameters, scores, outcome "
    "FROM attempts LEFT JOIN evaluations USING (generation, individual, checksum) ORDER BY attempt"
)


class Serial:
    """One worker without look-ahead, as `SerialWorkers`."""

    def __init__(self, evaluate):
        self.evaluate = evaluate
        self.done = []

    def run(self, task, rows):
        for number, row in enumerate(rows):
            self.done.append(row.tobytes())
            yield Answer(number, "serial", 0.5, self.evaluate(row))


class Crowd:
    """So many workers of changing speed; what ended together is handed over together."""

    def __init__(self, evaluate, count, draw, losing=0.0):
        self.evaluate, self.count, self.draw, self.losing = evaluate, count, draw, losing

    def run(self, task, rows):
        dealt, busy = enumerate(rows), []
        while True:
            while len(busy) < self.count and (one := next(dealt, None)) is not None:
                busy.append(one)
            if not busy:
                return
            self.draw.shuffle(busy)
            size = self.draw.randint(1, len(busy))
            ended, busy = busy[:size], busy[size:]
            while len(busy) < self.count and (one := next(dealt, None)) is not None:
                busy.append(one)
            for left, (number, row) in zip(range(size)[::-1], ended, strict=True):
                lost = self.draw.random() < self.losing
                if lost:
                    busy.append((number, row))
                yield Answer(
                    number,
                    "crowd",
                    0.5,
                    None if lost else self.evaluate(row),
                    lost="it was ended by SIGKILL" if lost else "",
                    again=lost,
                    more=left > 0,
                )


def run(problem, path, workers, kind=Ledger, seed=3, listeners=(), algorithm="steady-ibea"):
    search = make_search(algorithm, 2, 3, POPULATION, seed)
    opened = kind.open(path, write=True) if path.exists() else kind.create(path, {})
    with opened as ledger:
        fit(problem, search, workers, ledger, GENERATIONS, listeners)


def everything(path):
    db = sqlite3.connect(path)
    rows = db.execute(EVERYTHING).fetchall()
    db.close()
    return rows


def rows(path):
    with Ledger.open(path) as ledger:
        return {(r.generation, r.individual): r for r in ledger.rows()}


@pytest.fixture
def path(folder_in_memory):
    return folder_in_memory / "ledger.sqlite"


def test_a_run_holds_every_individual_with_its_scores(problem, path, evaluate_row):
    heard = []
    run(problem, path, Serial(evaluate_row), listeners=[heard.append])
    found = rows(path)
    assert sorted(found) == [(g, i) for g in range(GENERATIONS) for i in range(POPULATION)]
    for row in found.values():
        assert row.scores.tolist() == problem.score(evaluate_row(row.parameters)).tolist()
    assert [(r.generation, r.individual) for r in heard] == sorted(found)
    with Ledger.open(path) as ledger:
        assert [generation for generation, _ in ledger.told_at()] == list(range(GENERATIONS))
        assert [after for _, _, after in ledger.tellings()] == list(range(TOTAL))


def test_nobody_waits_for_a_generation(problem, path, evaluate_row):
    """With 4 workers a row is asked before its last three are told, at generations' ends too."""

    class Queue(Crowd):
        def run(self, task, rows):
            dealt, busy = enumerate(rows), []
            for one in dealt:
                busy.append(one)
                if len(busy) == self.count:
                    number, row = busy.pop(0)
                    yield Answer(number, "queue", 0.5, self.evaluate(row))
            for number, row in busy:
                yield Answer(number, "queue", 0.5, self.evaluate(row))

    run(problem, path, Queue(evaluate_row, 4, None))
    with Ledger.open(path) as ledger:
        tellings = ledger.tellings()
    assert [after for _, _, after in tellings] == [0, 0, 0, *range(TOTAL - 3)]


@pytest.mark.parametrize("before", [True, False])
def test_one_worker_killed_anywhere_ends_with_the_same_table(
    problem, folder_in_memory, evaluate_row, before
):
    whole = folder_in_memory / "whole.sqlite"
    run(problem, whole, Serial(evaluate_row))
    expected = everything(whole)
    assert len(expected) == TOTAL
    for write in range(1, TOTAL + GENERATIONS + 1):
        path = folder_in_memory / f"{write}.sqlite"
        first, second = Serial(evaluate_row), Serial(evaluate_row)
        with pytest.raises(Killed):
            run(problem, path, first, mined(write, before))
        run(problem, path, second)
        assert everything(path) == expected, write
        assert len(first.done) + len(second.done) - TOTAL <= 1


def test_a_finished_run_is_left_alone(problem, path, evaluate_row):
    run(problem, path, Serial(evaluate_row))
    content, again = path.read_bytes(), Serial(evaluate_row)
    run(problem, path, again)
    assert again.done == []
    assert path.read_bytes() == content


ANY_FOLDER = [HealthCheck.function_scoped_fixture]


@given(
    seed=st.integers(0, 999),
    crowds=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 12)), max_size=4),
    losing=st.sampled_from([0.0, 0.2]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=ANY_FOLDER)
def test_however_often_killed_and_with_whatever_workers(
    problem, folder_in_memory, evaluate_row, seed, crowds, losing
):
    """Each session has so many workers and dies at such a write; the last one ends the run."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory(dir=folder_in_memory) as folder:
        path, kept, told = Path(folder) / "ledger.sqlite", [], []
        for count, write in crowds:
            kind = mined(write, draw.random() < 0.5)
            try:
                crowd = Crowd(evaluate_row, count, draw, losing)
                run(problem, path, crowd, kind, listeners=[told.append])
            except Killed:
                pass
            now = everything(path)
            assert now[: len(kept)] == kept, "what was written stays as it is"
            kept = now
            assert {(r.generation, r.individual) for r in told} <= rows(path).keys()
        run(problem, path, Crowd(evaluate_row, 3, draw, losing))
        found = everything(path)
        assert found[: len(kept)] == kept
        done = [row for row in found if row[6] == "done"]
        assert sorted(row[1:3] for row in done) == [
            (g, i) for g in range(GENERATIONS) for i in range(POPULATION)
        ]
        assert all(row[3] <= place for place, row in enumerate(done))
        run(problem, path, Crowd(evaluate_row, 1, draw))
        assert everything(path) == found


def test_rows_found_are_heard_in_the_order_of_telling(problem, path, evaluate_row):
    with pytest.raises(Killed):
        run(problem, path, Crowd(evaluate_row, 6, random.Random(1)), mined(7, False))
    written = [row[1:3] for row in everything(path)]
    heard = []
    run(problem, path, Serial(evaluate_row), listeners=[heard.append])
    keys = [(r.generation, r.individual) for r in heard]
    assert keys[: len(written)] == written
    assert len(keys) == len(set(keys)) == TOTAL


def interrupted(problem, path, evaluate_row):
    with pytest.raises(Killed):
        run(problem, path, Crowd(evaluate_row, 4, random.Random(1)), mined(14, False))
    assert len(rows(path)) > 2 * POPULATION


def test_another_seed_is_refused(problem, path, evaluate_row):
    interrupted(problem, path, evaluate_row)
    before, workers = path.read_bytes(), Serial(evaluate_row)
    with pytest.raises(LedgerError, match=r"another individual .* start a new run"):
        run(problem, path, workers, seed=4)
    assert workers.done == []
    assert path.read_bytes() == before


@pytest.mark.parametrize("wrong", [0, 1, 100])
def test_a_row_asked_at_another_time_is_refused(problem, path, evaluate_row, wrong):
    """Copied with sound checksums, but with one wrong number of tellings."""
    interrupted(problem, path, evaluate_row)
    other = path.with_name("other.sqlite")
    with Ledger.open(path) as ledger, Ledger.create(other, {}) as copy:
        written = list(zip(ledger.attempts(), ledger.rows_as_written(), strict=True))
        for place, (said, row) in enumerate(written):
            after = wrong if place == len(written) - 1 else said["asked_after"]
            copy.append(row, attempt_of(said, after))
    with pytest.raises(LedgerError, match="another individual"):
        run(problem, other, Serial(evaluate_row))


def attempt_of(said, after):
    return Attempt(said["worker"], said["seconds"], said["outcome"], said["ended_at"], after)


def test_lost_attempts_change_nothing_for_one_worker(problem, folder_in_memory, evaluate_row):
    class Losing(Serial):
        def run(self, task, rows):
            for number, row in enumerate(rows):
                if number % 4 == 1:
                    yield Answer(number, "serial", 2.0, lost="it was ended", again=True)
                yield Answer(number, "serial", 0.5, self.evaluate(row))

    whole, path = folder_in_memory / "whole.sqlite", folder_in_memory / "lost.sqlite"
    run(problem, whole, Serial(evaluate_row))
    run(problem, path, Losing(evaluate_row))
    lost = [row for row in everything(path) if row[6] != "done"]
    assert [row[3] for row in lost] == list(range(1, TOTAL, 4))
    assert [r[1:] for r in everything(path) if r[6] == "done"] == [r[1:] for r in everything(whole)]


def test_an_individual_that_is_given_up_has_failed(problem, path, evaluate_row):
    class GivingUp(Serial):
        def run(self, task, rows):
            for number, row in enumerate(rows):
                if number == 7:
                    yield Answer(number, "serial", 2.0, lost="given up after 3 attempts")
                else:
                    yield Answer(number, "serial", 0.5, self.evaluate(row))

    run(problem, path, GivingUp(evaluate_row))
    found = rows(path)
    assert found[1, 2].evaluation.status == "WORKER_DIED"
    assert found[1, 2].scores.tolist() == [500.0] * 3
    assert len(found) == TOTAL
    run(problem, path, Serial(evaluate_row))


@pytest.mark.parametrize("missing", [(), (3,), (0, 4, 9)])
def test_a_salvaged_run_goes_on(problem, path, evaluate_row, missing):
    """Rows told after a gap cannot be proposed again: they are told as they are."""
    interrupted(problem, path, evaluate_row)
    new = path.with_name("new.sqlite")
    found = [pair for n, pair in enumerate(salvage(path).rows) if n not in missing]
    with Ledger.create(new, {}) as ledger:
        ledger.extend(Entry(row.generation, row.individual, a, row) for row, a in found)
    before = rows(new)
    assert len(before) == len(rows(path)) - len(missing)
    workers = Serial(evaluate_row)
    run(problem, new, workers)
    after = rows(new)
    assert len(after) == TOTAL
    assert all(
        after[key].parameters.tobytes() == before[key].parameters.tobytes() for key in before
    )
    assert len(workers.done) == TOTAL - len(before)
    run(problem, new, Serial(evaluate_row))


def test_equal_rows_are_each_evaluated(path, problem, evaluate_row, monkeypatch):
    search = make_search("steady-ibea", 2, 3, POPULATION, 3)
    monkeypatch.setattr(search, "_row", lambda number: np.array([0.25, 0.75]))
    with Ledger.create(path, {}) as ledger:
        fit(problem, search, Crowd(evaluate_row, 4, random.Random(1)), ledger, GENERATIONS)
    assert len(rows(path)) == TOTAL
    assert len({row.parameters.tobytes() for row in rows(path).values()}) == 1
