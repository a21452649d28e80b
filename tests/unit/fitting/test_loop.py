"""The loop of a fit: what is done once is never done again, and the table is always the same."""

import sqlite3
from typing import ClassVar

import numpy as np
import pytest

from tests.unit.fitting.mines import Killed, mined
from workbench.errors import InputError, LedgerError
from workbench.evaluations import Ledger
from workbench.features import Missing
from workbench.fitting import fit
from workbench.search import make_search
from workbench.workers.task import Answer

GENERATIONS, POPULATION = 3, 4
REPRODUCIBLE = (
    "SELECT generation, individual, parameters, status, value_counts, value_numbers, reasons, "
    "scores, checksum FROM evaluations ORDER BY generation, individual"
)


def search(algorithm="random", seed=3, population=POPULATION):
    return make_search(algorithm, 2, 3, population, seed)


def table(path):
    db = sqlite3.connect(path)
    rows = db.execute(REPRODUCIBLE).fetchall()
    db.close()
    return rows


def run(problem, path, workers, algorithm="random", kind=Ledger, listeners=(), **more):
    """Run or go on, as `workbench fit` and `workbench resume` do."""
    opened = kind.open(path, write=True) if path.exists() else kind.create(path, {})
    with opened as ledger:
        fit(problem, search(algorithm, **more), workers, ledger, GENERATIONS, listeners)


@pytest.fixture
def path(folder_in_memory):
    return folder_in_memory / "ledger.sqlite"


def test_a_run_holds_every_individual_with_its_scores(problem, path, fake_workers, evaluate_row):
    heard = []
    run(problem, path, fake_workers(), listeners=[heard.append])
    with Ledger.open(path) as ledger:
        rows = list(ledger.rows())
        assert [generation for generation, _ in ledger.told_at()] == [0, 1, 2]
    assert [(r.generation, r.individual) for r in rows] == [
        (g, i) for g in range(3) for i in range(4)
    ]
    for row in rows:
        expected = problem.score(evaluate_row(row.parameters))
        assert row.scores.tolist() == expected.tolist()
        assert 1e-5 <= row.parameters[0] <= 1e-3
        assert 0.0 <= row.parameters[1] <= 0.5
    assert [(r.generation, r.individual) for r in heard] == [
        (r.generation, r.individual) for r in rows
    ]


def test_what_is_told_is_what_was_asked(problem, path, fake_workers):
    """Scores stand in the order of the individuals, in whatever order the answers came."""
    heard = []

    class Spy:
        def __init__(self):
            self._search = search()

        def __getattr__(self, name):
            return getattr(self._search, name)

        def tell(self, unit, scores, sides):
            heard.append(scores)
            self._search.tell(unit, scores, sides)

    with Ledger.create(path, {}) as ledger:
        fit(problem, Spy(), fake_workers(order=-1), ledger, GENERATIONS)
        told = [np.array([r.scores for r in ledger.rows(g)]) for g in range(GENERATIONS)]
    assert [scores.tolist() for scores in heard] == [scores.tolist() for scores in told]


@pytest.mark.parametrize("algorithm", ["random", "ibea"])
def test_the_order_of_the_answers_does_not_matter(
    problem, folder_in_memory, fake_workers, algorithm
):
    forward, backward = folder_in_memory / "a.sqlite", folder_in_memory / "b.sqlite"
    run(problem, forward, fake_workers(), algorithm)
    run(problem, backward, fake_workers(order=-1), algorithm)
    assert table(forward) == table(backward)


class Fixed:
    """A search that proposes the same rows in every generation."""

    def __init__(self, unit):
        self._unit = np.array(unit)

    def ask(self):
        return self._unit

    def tell(self, unit, scores, sides):
        pass

    def state(self):
        return {"nothing": 0}

    def restore(self, state):
        pass


def test_equal_rows_are_simulated_once(problem, path, fake_workers):
    workers = fake_workers()
    unit = [[0.1, 0.9], [0.2, 0.2], [0.1, 0.9], [0.1, 0.9], [0.2, 0.2]]
    with Ledger.create(path, {}) as ledger:
        fit(problem, Fixed(unit), workers, ledger, 1)
        rows = list(ledger.rows())
    assert len(workers.rows) == len(set(workers.rows)) == 2
    assert [row.individual for row in rows] == [0, 1, 2, 3, 4]
    assert rows[0].scores.tolist() == rows[2].scores.tolist() == rows[3].scores.tolist()
    assert rows[0].scores.tolist() != rows[1].scores.tolist()


class InBatches:
    """Answers come two at a time, the last one of a generation alone; all of a batch is lost."""

    def __init__(self, evaluate):
        self._evaluate = evaluate
        self.rows = 0

    def run(self, task, rows):
        for number, row in enumerate(rows):
            self.rows += 1
            more = number % 2 == 0 and number + 1 < len(rows)
            yield Answer(number, "fake", 0.5, self._evaluate(row), more=more)


def test_answers_that_came_together_are_written_together_before_any_is_heard(
    problem, folder_in_memory, fake_workers, evaluate_row
):
    class Counting(Ledger):
        sizes: ClassVar[list[int]] = []

        def extend(self, entries):
            self.sizes.append(len(entries))
            super().extend(entries)

    whole, path = folder_in_memory / "whole.sqlite", folder_in_memory / "batches.sqlite"
    run(problem, whole, fake_workers(), "ibea", population=5)
    written = []

    def listen(row):
        with Ledger.open(path) as reader:
            written.append(len(list(reader.rows())))

    run(problem, path, InBatches(evaluate_row), "ibea", Counting, [listen], population=5)
    assert table(path) == table(whole)
    assert Counting.sizes == [2, 2, 1] * GENERATIONS
    assert written == [2, 2, 4, 4, 5, 7, 7, 9, 9, 10, 12, 12, 14, 14, 15]


@pytest.mark.parametrize("before", [True, False])
def test_a_run_killed_between_batches_ends_with_the_same_table(
    problem, folder_in_memory, fake_workers, evaluate_row, before
):
    whole = folder_in_memory / "whole.sqlite"
    run(problem, whole, fake_workers(), "ibea", population=5)
    for write in range(1, 4 * GENERATIONS + 1):
        path = folder_in_memory / f"{write}.sqlite"
        first, second = InBatches(evaluate_row), InBatches(evaluate_row)
        with pytest.raises(Killed):
            run(problem, path, first, "ibea", mined(write, before), population=5)
        run(problem, path, second, "ibea", population=5)
        assert table(path) == table(whole), write
        assert first.rows + second.rows - 5 * GENERATIONS <= (2 if before else 0)


WRITES = GENERATIONS * (POPULATION + 1)


@pytest.mark.parametrize(
    ("algorithm", "writes"), [("random", range(1, WRITES + 1)), ("ibea", (5, 6, 9, 10, 13))]
)
@pytest.mark.parametrize("before", [True, False])
def test_a_run_killed_anywhere_ends_with_the_same_table(
    problem, folder_in_memory, fake_workers, algorithm, writes, before
):
    whole = folder_in_memory / "whole.sqlite"
    run(problem, whole, fake_workers(), algorithm)
    expected = table(whole)
    assert len(expected) == GENERATIONS * POPULATION
    for write in writes:
        path = folder_in_memory / f"{write}.sqlite"
        first, second = fake_workers(), fake_workers(order=-1)
        with pytest.raises(Killed):
            run(problem, path, first, algorithm, mined(write, before))
        run(problem, path, second, algorithm)
        assert table(path) == expected, write
        # Only the one whose row was not yet written is simulated again.
        again = len(first.rows) + len(second.rows) - GENERATIONS * POPULATION
        assert again == (before and write % (POPULATION + 1) != 0), write


def test_a_run_killed_again_and_again_ends_with_the_same_table(
    problem, folder_in_memory, fake_workers
):
    whole, path = folder_in_memory / "whole.sqlite", folder_in_memory / "killed.sqlite"
    run(problem, whole, fake_workers(), "ibea")
    deaths = 0
    while True:
        try:
            run(problem, path, fake_workers(), "ibea", mined(2, True))
        except Killed:
            deaths += 1
            continue
        break
    assert deaths >= WRITES - 2
    assert table(path) == table(whole)


def test_a_finished_run_is_left_alone(problem, path, fake_workers):
    run(problem, path, fake_workers())
    content, again = path.read_bytes(), fake_workers()
    run(problem, path, again)
    assert again.rows == []
    assert path.read_bytes() == content


def test_listeners_hear_what_was_found_and_what_is_new(problem, path, fake_workers):
    with pytest.raises(Killed):
        run(problem, path, fake_workers(), kind=mined(8, True))
    heard = []
    run(problem, path, fake_workers(order=-1), listeners=[heard.append])
    assert [(r.generation, r.individual) for r in heard] == [
        *[(0, 0), (0, 1), (0, 2), (0, 3)],
        *[(1, 0), (1, 1)],  # of the generation that was under way
        *[(1, 3), (1, 2)],
        *[(2, 3), (2, 2), (2, 1), (2, 0)],
    ]


@pytest.mark.parametrize("write", [3, 8])
def test_a_search_that_proposes_others_is_refused(problem, path, fake_workers, write):
    """Another seed; in the first generation, and where there is a state to go on from."""
    with pytest.raises(Killed):
        run(problem, path, fake_workers(), kind=mined(write, False))
    before, workers = table(path), fake_workers()

    class Other:
        def __init__(self, real):
            self._real = real

        def __getattr__(self, name):
            return getattr(self._real, name)

        def ask(self):
            return np.nextafter(self._real.ask(), 0.5)

    with (
        Ledger.open(path, write=True) as ledger,
        pytest.raises(LedgerError, match="start a new run"),
    ):
        fit(problem, Other(search()), workers, ledger, GENERATIONS)
    assert workers.rows == []
    assert table(path) == before


def test_another_seed_is_refused(problem, path, fake_workers):
    with pytest.raises(Killed):
        run(problem, path, fake_workers(), kind=mined(3, False))
    with pytest.raises(LedgerError, match="another individual 0 of generation 0"):
        run(problem, path, fake_workers(), seed=4)


@pytest.mark.parametrize(("write", "error"), [(4, LedgerError), (6, InputError)])
def test_another_population_is_refused(problem, path, fake_workers, write, error):
    with pytest.raises(Killed):
        run(problem, path, fake_workers(), kind=mined(write, False))
    with pytest.raises(error):
        run(problem, path, fake_workers(), population=2)


class Losing:
    """The second row is lost: once, or for good."""

    def __init__(self, evaluate, for_good=False):
        self._evaluate = evaluate
        self._for_good = for_good

    def run(self, task, rows):
        for number, row in enumerate(rows):
            if number == 1:
                yield Answer(1, "worker-1", 2.0, lost="worker-1 was ended by SIGKILL", again=True)
                if self._for_good:
                    yield Answer(1, "worker-2", 3.0, lost="given up after 2 attempts")
                    continue
            yield Answer(number, "worker-3", 0.5, self._evaluate(row))


def attempts(path):
    with Ledger.open(path) as ledger:
        return [
            (a["individual"], a["worker"], a["seconds"], a["outcome"]) for a in ledger.attempts()
        ]


def test_a_lost_attempt_is_recorded_and_changes_nothing(
    problem, folder_in_memory, fake_workers, evaluate_row
):
    whole, path = folder_in_memory / "whole.sqlite", folder_in_memory / "lost.sqlite"
    run(problem, whole, fake_workers(), "ibea")
    run(problem, path, Losing(evaluate_row), "ibea")
    assert table(path) == table(whole)
    assert attempts(path)[:5] == [
        (0, "worker-3", 0.5, "done"),
        (1, "worker-1", 2.0, "worker-1 was ended by SIGKILL"),
        (1, "worker-3", 0.5, "done"),
        (2, "worker-3", 0.5, "done"),
        (3, "worker-3", 0.5, "done"),
    ]


def test_an_individual_that_is_given_up_has_failed(problem, path, evaluate_row):
    run(problem, path, Losing(evaluate_row, for_good=True))
    with Ledger.open(path) as ledger:
        rows = list(ledger.rows())
    for row in rows:
        if row.individual == 1:
            assert row.evaluation.status == "WORKER_DIED"
            assert row.evaluation.measured == (Missing("given up after 2 attempts"),) * 3
            assert row.scores.tolist() == [500.0] * 3
        else:
            assert row.evaluation.status == "OK"
    assert attempts(path)[:4] == [
        (0, "worker-3", 0.5, "done"),
        (1, "worker-1", 2.0, "worker-1 was ended by SIGKILL"),
        (1, "worker-2", 3.0, "given up after 2 attempts"),
        (2, "worker-3", 0.5, "done"),
    ]
