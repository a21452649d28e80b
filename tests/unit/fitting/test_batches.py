"""Group commits: what ended together is on the disk together, as if it had come one by one."""

import sqlite3

import numpy as np
import pytest

from workbench.evaluations import Attempt, Entry, Evaluation, Ledger, Row

DONE = Attempt("worker-1", 1.5)


def row(generation, individual):
    parameters = np.array([0.1 + individual, 1e-5])
    return Row(generation, individual, parameters, Evaluation((np.ones(2),)), np.array([0.5]))


@pytest.fixture
def path(folder_in_memory):
    return folder_in_memory / "ledger.sqlite"


@pytest.fixture
def filled(path):
    """Return the path of a closed ledger with two generations of one."""
    with Ledger.create(path, {"problem": "abc"}) as ledger:
        ledger.append(row(0, 0), DONE)
        ledger.append(row(1, 0), DONE)
    return path


def test_a_batch_is_written_as_its_entries_one_by_one_would_be(folder_in_memory):
    entries = [
        Entry(0, 0, Attempt("worker-2", 9.0, "worker-2 was ended by SIGKILL", 10.0, 3)),
        Entry(0, 1, Attempt("worker-1", 1.5, ended_at=11.0), row(0, 1)),
        Entry(0, 0, Attempt("worker-1", 1.5, ended_at=11.0, asked_after=3), row(0, 0)),
    ]
    tables = []
    for name, groups in (("single", [[e] for e in entries]), ("batch", [entries])):
        (folder_in_memory / name).mkdir()
        path = folder_in_memory / name / "ledger.sqlite"
        with Ledger.create(path, {"problem": "abc"}) as ledger:
            for group in groups:
                ledger.extend(group)
        with Ledger.open(path) as ledger:
            tables.append((list(ledger.table()), ledger.attempts()))
            assert ledger.tellings() == [(0, 1, None), (0, 0, 3)]
            assert [r.individual for r in ledger.rows_as_written()] == [1, 0]
    assert tables[0] == tables[1]


def test_a_batch_is_written_whole_or_not_at_all(filled):
    """Its last row is there already; and the process may die at any entry."""

    def dying():
        yield Entry(2, 0, DONE, row(2, 0))
        raise KeyboardInterrupt

    with Ledger.open(filled, write=True) as ledger:
        before = ledger.attempts()
        with pytest.raises(sqlite3.IntegrityError):
            ledger.extend(Entry(g, 0, DONE, row(g, 0)) for g in (2, 3, 1))
        with pytest.raises(KeyboardInterrupt):
            ledger.extend(dying())
        assert ledger.attempts() == before
        ledger.extend(Entry(g, 0, DONE, row(g, 0)) for g in (2, 3))
    with Ledger.open(filled) as ledger:
        assert len(ledger.attempts()) == len(before) + 2
        assert [r.generation for r in ledger.rows()] == [0, 1, 2, 3]


def test_an_empty_batch_is_none(filled):
    with Ledger.open(filled, write=True) as ledger:
        before = ledger.attempts()
        ledger.extend([])
        assert ledger.attempts() == before


def test_rows_come_in_the_order_of_writing_however_many(path):
    order = np.random.default_rng(1).permutation(2500).tolist()
    with Ledger.create(path, {}) as ledger:
        ledger.lost(0, 7, DONE)
        ledger.extend(Entry(0, i, DONE, row(0, i)) for i in order)
        assert [r.individual for r in ledger.rows_as_written()] == order
        assert [individual for _, individual, _ in ledger.tellings()] == order
