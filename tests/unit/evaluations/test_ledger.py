"""The ledger: durable, complete, and no changed byte goes unseen."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import LedgerError, StoppedEarly
from workbench.evaluations import Attempt, Evaluation, Ledger, Row, schema, soundness
from workbench.features import Missing

DONE = Attempt("worker-1", 1.5)
EVALUATION = Evaluation((np.array([5.0]), Missing("kein Wert: µ"), np.array([-70.5, -71.0])))


def row(generation=0, individual=0, evaluation=EVALUATION):
    count = len(evaluation.measured)
    parameters = np.array([0.1 + individual, 1e-5])
    return Row(generation, individual, parameters, evaluation, np.arange(1.0, count + 1))


def bits(row):
    """Return a row as what can be compared to the last bit."""
    evaluation = row.evaluation
    return (
        row.generation,
        row.individual,
        row.parameters.tobytes(),
        row.scores.tobytes(),
        evaluation.status,
        tuple(m if isinstance(m, Missing) else m.tobytes() for m in evaluation.measured),
    )


def tamper(path, statements, *values):
    with sqlite3.connect(path) as db:
        for statement in statements.split("; "):
            db.execute(statement, values)
    db.close()


@pytest.fixture
def path(folder_in_memory):
    return folder_in_memory / "ledger.sqlite"


@pytest.fixture
def filled(path):
    """Return the path of a closed ledger with two generations of two, each with a lost attempt."""
    with Ledger.create(path, {"problem": "abc", "plan": {"seed": 7}}) as ledger:
        for generation in range(2):
            ledger.lost(generation, 0, Attempt("worker-2", 9.0, "worker-2 was ended by SIGKILL"))
            for individual in range(2):
                ledger.append(row(generation, individual), DONE)
            ledger.told(generation, b"state after %d" % generation)
    return path


def test_what_is_written_is_read(path):
    with Ledger.create(path, {"problem": "abc", "plan": {"seed": 7, "options": {}}}) as ledger:
        ledger.append(row(0, 1), DONE)
        ledger.append(row(0, 0), DONE)
        ledger.append(row(1, 0), DONE)
    with Ledger.open(path) as ledger:
        assert ledger.facts() == {
            "schema_version": 3,
            "problem": "abc",
            "plan": {"seed": 7, "options": {}},
        }
        assert [bits(r) for r in ledger.rows()] == [
            bits(row(0, 0)),
            bits(row(0, 1)),
            bits(row(1, 0)),
        ]
        assert [bits(r) for r in ledger.rows(1)] == [bits(row(1, 0))]
        assert list(ledger.rows(2)) == []


def test_attempts_stand_in_the_order_in_which_they_ended(filled):
    with Ledger.open(filled) as ledger:
        attempts = ledger.attempts()
    assert [(a["generation"], a["individual"], a["worker"], a["seconds"]) for a in attempts] == [
        (0, 0, "worker-2", 9.0),
        (0, 0, "worker-1", 1.5),
        (0, 1, "worker-1", 1.5),
        (1, 0, "worker-2", 9.0),
        (1, 0, "worker-1", 1.5),
        (1, 1, "worker-1", 1.5),
    ]
    assert attempts[0]["outcome"] == "worker-2 was ended by SIGKILL"
    assert attempts[1]["outcome"] == "done"
    ended = [a["ended_at"] for a in attempts]
    assert ended == sorted(ended)
    assert abs(ended[-1] - time.time()) < 60


finite = st.floats(allow_nan=False, allow_infinity=False)
measured = st.lists(finite, min_size=1, max_size=5).map(np.array) | st.text().map(Missing)
evaluations = st.builds(
    Evaluation, st.lists(measured, max_size=5).map(tuple), st.sampled_from(["OK", "ABSURD"])
)


ANY_FOLDER = [HealthCheck.function_scoped_fixture]


@given(evaluation=evaluations, parameters=st.lists(finite, max_size=4))
@settings(max_examples=50, deadline=None, suppress_health_check=ANY_FOLDER)
def test_every_evaluation_survives_the_round_trip(folder_in_memory, evaluation, parameters):
    scores = np.arange(len(evaluation.measured)) / 3
    given = Row(3, 1, np.array(parameters), evaluation, scores)
    with tempfile.TemporaryDirectory(dir=folder_in_memory) as folder:
        with Ledger.create(Path(folder) / "ledger.sqlite", {}) as ledger:
            ledger.append(given, DONE)
        with Ledger.open(Path(folder) / "ledger.sqlite") as ledger:
            [found] = ledger.rows()
    assert bits(found) == bits(given)
    assert found.evaluation.reasons == evaluation.reasons
    assert found.evaluation.counts == evaluation.counts


def test_an_individual_is_written_once(filled):
    with Ledger.open(filled, write=True) as ledger, pytest.raises(sqlite3.IntegrityError):
        ledger.append(row(0, 0), DONE)
    with Ledger.open(filled) as ledger:
        assert len(ledger.attempts()) == 6


COLUMNS = ["parameters", "value_counts", "value_numbers", "scores", "reasons", "status", "checksum"]


@pytest.mark.parametrize("column", COLUMNS)
def test_no_changed_byte_of_a_row_goes_unseen(filled, column):
    """Every byte of the column, with the lowest and the highest bit turned."""
    select = f"SELECT CAST({column} AS BLOB) FROM evaluations WHERE generation=1 AND individual=0"
    kind = "BLOB" if column in COLUMNS[:4] else "TEXT"
    update = (
        f"UPDATE evaluations SET {column} = CAST(? AS {kind}) WHERE generation=1 AND individual=0"
    )
    db = sqlite3.connect(filled, isolation_level=None)
    db.execute("PRAGMA synchronous=OFF")
    [before] = db.execute(select).fetchone()
    for place in range(len(before)):
        for bit in (1, 128):
            changed = bytearray(before)
            changed[place] ^= bit
            db.execute(update, (bytes(changed),))
            with pytest.raises(LedgerError, match="is damaged"):
                Ledger.open(filled)
    db.execute(update, (before,))
    db.close()
    Ledger.open(filled).close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evaluations SET generation = 5 WHERE generation = 1 AND individual = 0",
        "UPDATE evaluations SET individual = 5 WHERE generation = 1 AND individual = 0",
        "DELETE FROM evaluations WHERE generation = 0 AND individual = 1",
        "DELETE FROM evaluations",
        "DELETE FROM attempts WHERE attempt = 1",
        "DELETE FROM attempts WHERE attempt = 3",
        "DELETE FROM attempts WHERE attempt = 6",
        "DELETE FROM attempts",
        "UPDATE attempts SET seconds = 1.6 WHERE attempt = 2",
        "UPDATE attempts SET worker = 'worker-3' WHERE attempt = 2",
        "UPDATE attempts SET asked_after = 1 WHERE attempt = 2",
        "UPDATE attempts SET outcome = 'lost' WHERE attempt = 2",
        "UPDATE attempts SET ended_at = ended_at + 1 WHERE attempt = 6",
        "UPDATE attempts SET checksum = '' WHERE attempt = 6",
        "UPDATE attempts SET attempt = 7 WHERE attempt = 6",
        "UPDATE evaluations SET status = CAST(status AS BLOB)",
        "UPDATE evaluations SET scores = CAST(scores AS TEXT)",
        "UPDATE generations SET generation = 3 WHERE generation = 1",
        "UPDATE generations SET told_at = told_at + 1 WHERE generation = 0",
        "UPDATE generations SET chain = '' WHERE generation = 0",
        "DELETE FROM generations WHERE generation = 0",
        "DELETE FROM attempts WHERE attempt > 3; DELETE FROM evaluations WHERE generation = 1",
        "ALTER TABLE attempts RENAME COLUMN worker TO wurker",
        "DROP TABLE evaluations",
        "DROP TABLE attempts",
        "DROP TABLE facts",
        "UPDATE facts SET value = '{' WHERE name = 'plan'",
        "UPDATE facts SET value = '{\"seed\": 8}' WHERE name = 'plan'",
        "DELETE FROM facts WHERE name = 'problem'",
    ],
)
def test_a_changed_or_removed_row_is_seen(filled, statement):
    tamper(filled, statement)
    for write in (False, True):
        with pytest.raises(LedgerError, match=str(filled)):
            Ledger.open(filled, write=write)


def test_a_row_from_elsewhere_is_seen(filled):
    """Though its own checksum is right: nobody attempted it."""
    other = filled.with_name("other.sqlite")
    with Ledger.create(other, {}) as ledger:
        ledger.append(row(7, 7), DONE)
    db = sqlite3.connect(filled)
    db.execute("ATTACH ? AS other", (str(other),))
    db.execute("INSERT INTO evaluations SELECT * FROM other.evaluations")
    db.commit()
    db.close()
    with pytest.raises(LedgerError, match="generation 7, individual 7"):
        Ledger.open(filled)


def test_a_damaged_state_of_the_search_is_seen(filled):
    tamper(filled, "UPDATE generations SET state = ? WHERE generation = 1", b"state after 9")
    with pytest.raises(LedgerError, match="generation 1 was changed"):
        Ledger.open(filled)


def test_the_last_state_is_that_of_the_last_generation_told(path):
    with Ledger.create(path, {}) as ledger:
        assert ledger.last_state() is None
        for generation in range(4):
            ledger.told(generation, b"%d" % generation)
            assert ledger.last_state() == (generation, b"%d" % generation)
        assert [generation for generation, _ in ledger.told_at()] == [0, 1, 2, 3]


def test_only_the_last_two_states_are_kept(path):
    with Ledger.create(path, {}) as ledger:
        for generation in range(4):
            ledger.told(generation, b"%d" % generation)
    db = sqlite3.connect(path)
    states = [state for (state,) in db.execute("SELECT state FROM generations ORDER BY generation")]
    db.close()
    assert states == [b"", b"", b"2", b"3"]


def test_a_second_writer_is_refused_while_the_first_holds(filled):
    me = rf"in use by another run \(process {os.getpid()} on .*\)"
    with Ledger.open(filled, write=True), pytest.raises(LedgerError, match=me):
        Ledger.open(filled, write=True)
    Ledger.open(filled, write=True).close()


def test_a_refused_ledger_does_not_stay_locked(filled):
    tamper(filled, "DELETE FROM attempts")
    for _ in range(2):
        with pytest.raises(LedgerError, match="damaged"):
            Ledger.open(filled, write=True)


def test_a_new_ledger_never_replaces_one(filled):
    before = filled.read_bytes()
    with pytest.raises(LedgerError, match="workbench resume"):
        Ledger.create(filled, {})
    assert filled.read_bytes() == before


def test_readers_see_every_row_while_a_writer_goes_on(path):
    with Ledger.create(path, {}) as writer:
        for individual in range(3):
            writer.append(row(0, individual), DONE)
            with Ledger.open(path) as reader:
                assert len(list(reader.rows())) == individual + 1


def test_a_slow_reader_does_not_hold_up_the_writer(path):
    """A fit may not die because somebody leafs through its ledger."""
    with Ledger.create(path, {}) as writer:
        for individual in range(3):
            writer.append(row(0, individual), DONE)
        with Ledger.open(path) as reader:
            rows = reader.rows()
            next(rows)
            begun = time.perf_counter()
            writer.append(row(1, 0), DONE)
            assert time.perf_counter() - begun < 2
            assert len(list(rows)) >= 2


def test_a_row_that_comes_while_a_reader_checks_is_no_damage(path, monkeypatch):
    """Between the reader's look at the rows and its look at the attempts another one comes."""
    Ledger.create(path, {}).close()
    check_attempts = soundness._check_attempts

    def write():
        with Ledger.open(path, write=True) as writer:
            writer.append(row(0, 0), DONE)

    def interrupted(db, checksums):
        monkeypatch.setattr(soundness, "_check_attempts", check_attempts)
        writing.start()
        writing.join(timeout=0.3)
        return check_attempts(db, checksums)

    writing = threading.Thread(target=write)
    monkeypatch.setattr(soundness, "_check_attempts", interrupted)
    Ledger.open(path).close()
    writing.join()
    with Ledger.open(path) as reader:
        assert len(list(reader.rows())) == 1


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(schema, "PATIENCE_s", 0.1)
    monkeypatch.setattr("workbench.evaluations.ledger.LONGEST_READ_s", 0.3)


@contextmanager
def held(path, how):
    """Let another program hold a ledger: in the middle of reading it, or of writing to it."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(how)
    db.execute("SELECT * FROM facts").fetchone()
    yield
    db.close()


def test_a_reader_that_never_ends_stops_the_writer_who_goes_on_later(filled, impatient):
    with Ledger.open(filled, write=True) as ledger:
        with held(filled, "BEGIN"):
            with pytest.raises(StoppedEarly, match=r"locked; another program holds it"):
                ledger.append(row(5, 0), DONE)
            with pytest.raises(StoppedEarly, match="another program holds it"):
                ledger.told(2, b"")
        ledger.append(row(5, 0), DONE)
    with Ledger.open(filled) as ledger:
        assert [r.individual for r in ledger.rows(5)] == [0]


@pytest.mark.parametrize(("write", "error"), [(False, LedgerError), (True, StoppedEarly)])
def test_a_ledger_that_is_held_is_not_called_damaged(filled, impatient, write, error):
    with (
        held(filled, "BEGIN EXCLUSIVE"),
        pytest.raises(error, match=r"cannot be read: .*locked; another program holds it"),
    ):
        Ledger.open(filled, write=write)
    Ledger.open(filled, write=True).close()


def test_a_reader_is_in_nobodys_way(filled, impatient):
    """It has a copy: others may write as they like, or hold the ledger, and it does not change."""
    with Ledger.open(filled) as reader:
        before = list(reader.table())
        with Ledger.open(filled, write=True) as writer:
            rows = reader.rows()
            next(rows)
            writer.append(row(5, 0), DONE)
            writer.told(2, b"")
        with held(filled, "BEGIN EXCLUSIVE"):
            assert list(reader.table()) == before
            assert len(list(rows)) == len(before) - 1
    with Ledger.open(filled) as reader:
        assert len(list(reader.table())) == len(before) + 1


def test_a_writer_waits_for_a_reader_of_another_program_and_says_so_once(
    filled, monkeypatch, caplog
):
    monkeypatch.setattr(schema, "PATIENCE_s", 0.1)
    with Ledger.open(filled, write=True) as ledger:
        db = sqlite3.connect(filled, isolation_level=None, check_same_thread=False)
        db.execute("BEGIN")
        db.execute("SELECT * FROM facts").fetchone()
        ending = threading.Timer(0.7, db.close)
        ending.start()
        begun = time.perf_counter()
        ledger.append(row(5, 0), DONE)
        assert time.perf_counter() - begun > 0.5
        ending.join()
    [said] = [record.getMessage() for record in caplog.records]
    assert said.endswith(
        "is being read by another program; the run waits for it, at most 30 minutes"
    )
    with Ledger.open(filled) as ledger:
        assert [r.individual for r in ledger.rows(5)] == [0]


@contextmanager
def no_more_files():
    """Let no file be opened, as when a disk has no inode left or a process has too many open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_file = os.open(os.devnull, os.O_RDONLY)
    os.close(next_file)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_file, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_without_a_file_for_the_journal_a_run_goes_on_later(filled):
    with Ledger.open(filled, write=True) as ledger:
        with no_more_files(), pytest.raises(StoppedEarly, match=r"unable to open.*make room"):
            ledger.append(row(5, 0), DONE)
        ledger.append(row(5, 0), DONE)
    Ledger.open(filled).close()


def run_python(code, path):
    return subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)


DIE = """
import os, signal, sys
from pathlib import Path
import numpy as np
from workbench.evaluations import Attempt, Evaluation, Ledger, Row
path = Path(sys.argv[1])
ledger = Ledger.create(path, {"problem": "abc"})
def row(i):
    return Row(0, i, np.array([1.0 * i]), Evaluation((np.array([2.0]),)), np.array([0.5]))
ledger.append(row(0), Attempt("here", 1.0))
ledger.append(row(1), Attempt("here", 1.0))
# Half a transaction, on the disk already: the pages do not fit into the cache.
ledger._db.execute("PRAGMA cache_size=1")
for i in range(2, 500):
    ledger._db.execute("INSERT INTO attempts VALUES (?,9,9,NULL,'x',1,1,'done','','')", (1000 + i,))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_writer_leaves_whole_rows_and_no_lock(path):
    """Readers come first after a kill (`resume` looks at the study), so they must cope."""
    ended = run_python(DIE, path)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert path.with_name("ledger.sqlite-journal").stat().st_size > 0
    with Ledger.open(path) as ledger:
        assert [r.individual for r in ledger.rows()] == [0, 1]
    with Ledger.open(path, write=True) as ledger:
        ledger.append(row(1, 0), DONE)
    with Ledger.open(path) as ledger:
        assert len(list(ledger.rows())) == 3


@pytest.mark.parametrize(
    ("version", "says"), [("2", "version 2.*reads 3"), ("0", "version 0"), ('"x"', "version x")]
)
def test_another_version_is_refused(filled, version, says):
    tamper(filled, "UPDATE facts SET value = ? WHERE name = 'schema_version'", version)
    with pytest.raises(LedgerError, match=says):
        Ledger.open(filled)


def test_a_missing_ledger_is_named_and_not_made(path):
    with pytest.raises(LedgerError, match=r"no ledger at .*ledger\.sqlite.*workbench runs"):
        Ledger.open(path, write=True)
    assert not path.exists()


@pytest.mark.parametrize(
    "content", [b"", b"not a database" * 100, b"SQLite format 3\0" + b"x" * 99]
)
@pytest.mark.parametrize("write", [False, True])
def test_a_file_that_is_no_ledger_is_refused(path, content, write):
    path.write_bytes(content)
    for _ in range(2):
        with pytest.raises(LedgerError, match="is damaged"):
            Ledger.open(path, write=write)


def test_a_truncated_ledger_is_refused(filled):
    content = filled.read_bytes()
    filled.write_bytes(content[: len(content) // 2])
    with pytest.raises(LedgerError, match="is damaged"):
        Ledger.open(filled)


def test_folders_may_have_any_name(tmp_path):
    folder = tmp_path / "a run?mode=memory#1 % ü"
    folder.mkdir()
    with Ledger.create(folder / "ledger.sqlite", {}) as ledger:
        ledger.append(row(), DONE)
    assert (folder / "ledger.sqlite").stat().st_size > 0
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        assert len(list(ledger.rows())) == 1
