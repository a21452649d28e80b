"""The ledger of a run: every evaluation, durable as it ends, and the only checkpoint.

`evaluations` holds what is reproducible and nothing else, so that two runs of one problem can be
compared row by row. `attempts` tells when, where and how long, in the order in which they ended;
each of its rows is chained to the one before, the first to `facts`, and names the checksum of the
evaluation that came of it, so that a lost row or a changed number is seen. `generations` holds
the state of the search after each tell, as plain numbers.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import filelock
import numpy as np
from numpy.typing import NDArray

from workbench.errors import LedgerError
from workbench.fitting.evaluation import Evaluation, evaluation_from

Floats = NDArray[np.float64]
SCHEMA_VERSION = 1
PATIENCE_s = 60.0
"""How long a writer waits for readers, and they for it."""

_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE evaluations (
    generation INTEGER NOT NULL,
    individual INTEGER NOT NULL,
    parameters BLOB NOT NULL,
    status TEXT NOT NULL,
    value_counts BLOB NOT NULL,
    value_numbers BLOB NOT NULL,
    reasons TEXT NOT NULL,
    scores BLOB NOT NULL,
    checksum TEXT NOT NULL,
    PRIMARY KEY (generation, individual)
) WITHOUT ROWID;
CREATE TABLE attempts (
    attempt INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    individual INTEGER NOT NULL,
    worker TEXT NOT NULL,
    seconds REAL NOT NULL,
    ended_at REAL NOT NULL,
    outcome TEXT NOT NULL,
    checksum TEXT NOT NULL,
    chain TEXT NOT NULL
);
CREATE TABLE generations (
    generation INTEGER PRIMARY KEY,
    told_at REAL NOT NULL,
    state BLOB NOT NULL,
    checksum TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Row:
    """One individual as the ledger knows it: its key, parameters (d,), scores (k,)."""

    generation: int
    individual: int
    parameters: Floats
    evaluation: Evaluation
    scores: Floats


@dataclass(frozen=True)
class Attempt:
    """Who evaluated an individual, how long it took in seconds, and how it ended."""

    worker: str
    seconds: float
    outcome: str = "done"


class Ledger:
    """The SQLite file of a run folder; one process at a time may write to it."""

    def __init__(self, path: Path, *, write: bool) -> None:
        self.path = path
        self._lock = filelock.FileLock(path.with_suffix(".lock")) if write else None
        if self._lock is not None:
            try:
                self._lock.acquire(timeout=0)
            except filelock.Timeout:
                raise LedgerError(
                    f"{path.parent} is in use by another run; wait for it or choose another folder"
                ) from None
        # A reader may have to roll back what a killed writer left half done, so it opens "rw".
        mode = "rwc" if write else "rw"
        address = f"{path.resolve().as_uri()}?mode={mode}"
        self._db = sqlite3.connect(address, uri=True, timeout=PATIENCE_s)
        try:
            self._db.execute("PRAGMA journal_mode=DELETE")
            self._db.execute("PRAGMA synchronous=FULL")
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            self.close()
            raise LedgerError(f"{path} is damaged: {error}") from None

    @classmethod
    def create(cls, path: Path, facts: Mapping[str, Any]) -> Self:
        """Start a new ledger with the facts that identify its run.

        Raises
        ------
        LedgerError
            If there is a ledger already.
        """
        if path.exists():
            raise LedgerError(
                f"{path} exists; `workbench resume {path.parent}` goes on with it, --out names "
                "another folder"
            )
        ledger = cls(path, write=True)
        with ledger._db:
            ledger._db.execute("BEGIN")
            for table in _TABLES.split(";"):
                ledger._db.execute(table)
            everything = {"schema_version": SCHEMA_VERSION, **facts}
            rows = [(name, json.dumps(value)) for name, value in everything.items()]
            ledger._db.executemany("INSERT INTO facts VALUES (?, ?)", rows)
        return ledger

    @classmethod
    def open(cls, path: Path, *, write: bool = False) -> Self:
        """Open a ledger that exists and check all its checksums.

        Raises
        ------
        LedgerError
            If there is none, if it is of another version, damaged or in use.
        """
        if not path.is_file():
            raise LedgerError(f"there is no ledger at {path}; `workbench runs` lists the runs here")
        ledger = cls(path, write=write)
        try:
            version = ledger.facts().get("schema_version")
            if version != SCHEMA_VERSION:
                raise LedgerError(
                    f"{path} is of version {version}, this workbench reads {SCHEMA_VERSION}"
                )
            ledger._check()
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            ledger.close()
            raise LedgerError(f"{path} is damaged: {error}") from None
        except LedgerError:
            ledger.close()
            raise
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let others write."""
        self._db.close()
        if self._lock is not None:
            self._lock.release()

    def facts(self) -> dict[str, Any]:
        """Return what identifies the run."""
        found = self._db.execute("SELECT name, value FROM facts").fetchall()
        try:
            return {name: json.loads(value) for name, value in found}
        except (ValueError, TypeError) as error:
            raise LedgerError(f"{self.path} is damaged: its facts: {error}") from None

    def append(self, row: Row, attempt: Attempt) -> None:
        """Write an evaluation; when this returns it is on the disk."""
        columns = _columns(row)
        with self._db:
            self._db.execute("INSERT INTO evaluations VALUES (?,?,?,?,?,?,?,?,?)", columns)
            self._add_attempt(row.generation, row.individual, attempt, columns[-1])

    def lost(self, generation: int, individual: int, attempt: Attempt) -> None:
        """Write an attempt that came to nothing and will be run again."""
        with self._db:
            self._add_attempt(generation, individual, attempt, "")

    def told(self, generation: int, state: bytes) -> None:
        """Write the search's state after it was told a generation; older states go but one."""
        checksum = hashlib.sha256(state).hexdigest()
        with self._db:
            self._db.execute(
                "INSERT INTO generations VALUES (?,?,?,?)",
                (generation, time.time(), state, checksum),
            )
            self._db.execute(
                "UPDATE generations SET state = x'', checksum = '' WHERE generation < ?",
                (generation - 1,),
            )

    def last_state(self) -> tuple[int, bytes] | None:
        """Return the last generation that was told, and the search's state after it."""
        query = "SELECT generation, state, checksum FROM generations ORDER BY generation DESC"
        for generation, state, checksum in self._db.execute(query):
            if hashlib.sha256(state).hexdigest() == checksum:
                return generation, state
            if checksum:
                raise LedgerError(
                    f"{self.path}: the state after generation {generation} is damaged"
                )
        return None

    def rows(self, generation: int | None = None) -> Iterator[Row]:
        """Yield evaluations in the order of their key."""
        numbers = [(generation,)]
        if generation is None:
            query = "SELECT DISTINCT generation FROM evaluations ORDER BY generation"
            numbers = self._db.execute(query).fetchall()
        query = "SELECT * FROM evaluations WHERE generation = ? ORDER BY individual"
        for number in numbers:
            # All of a generation at once: a cursor left open would stop the writer.
            yield from map(_row, self._db.execute(query, number).fetchall())

    def attempts(self) -> list[dict[str, Any]]:
        """Return all attempts in the order in which they ended."""
        with _as_dicts(self._db):
            return [dict(row) for row in self._db.execute("SELECT * FROM attempts")]

    def told_at(self) -> list[tuple[int, float]]:
        """Return the generations told, with the time of each in seconds since 1970."""
        query = "SELECT generation, told_at FROM generations ORDER BY generation"
        return list(self._db.execute(query))

    def _add_attempt(
        self, generation: int, individual: int, attempt: Attempt, checksum: str
    ) -> None:
        last = self._db.execute("SELECT chain FROM attempts ORDER BY attempt DESC LIMIT 1")
        before = (last.fetchone() or (self._anchor(),))[0]
        who = (generation, individual, attempt.worker, float(attempt.seconds), time.time())
        entry = (*who, attempt.outcome, checksum)
        self._db.execute(
            "INSERT INTO attempts (generation, individual, worker, seconds, ended_at, outcome, "
            "checksum, chain) VALUES (?,?,?,?,?,?,?,?)",
            (*entry, _link(before, entry)),
        )

    def _anchor(self) -> str:
        """Return where the chain begins: the checksum of the facts."""
        facts = sorted(self._db.execute("SELECT name, value FROM facts"))
        return _checksum(tuple(text for fact in facts for text in fact))

    def _check(self) -> None:
        with self._db:
            # One transaction sees one state, though another process may be writing.
            self._db.execute("BEGIN")
            self._check_attempts(self._check_rows())

    def _check_rows(self) -> set[tuple[int, int, str]]:
        """Return generation, individual and checksum of every row."""
        checksums = set()
        for columns in self._db.execute("SELECT * FROM evaluations"):
            key = f"generation {columns[0]}, individual {columns[1]}"
            if _checksum(columns[:-1]) != columns[-1]:
                raise LedgerError(f"{self.path} is damaged: the row of {key} was changed")
            checksums.add((columns[0], columns[1], columns[-1]))
        return checksums

    def _check_attempts(self, checksums: set[tuple[int, int, str]]) -> None:
        """Compare the attempts, in a chain, with the rows that came of them."""
        attempted, before = set(), self._anchor()
        for _, *entry, chain in self._db.execute("SELECT * FROM attempts ORDER BY attempt"):
            if _link(before, tuple(entry)) != chain:
                raise LedgerError(f"{self.path} is damaged: the chain of attempts is broken")
            before = chain
            if entry[-1]:
                attempted.add((entry[0], entry[1], entry[-1]))
        for generation, individual, _ in sorted(attempted ^ checksums, key=str):
            raise LedgerError(
                f"{self.path} is damaged: of generation {generation}, individual {individual} "
                "either the row or the attempt that it came from is gone"
            )


def _columns(row: Row) -> tuple[Any, ...]:
    evaluation = row.evaluation
    columns = (
        row.generation,
        row.individual,
        _bytes(row.parameters),
        evaluation.status,
        np.asarray(evaluation.counts, dtype="<i8").tobytes(),
        _bytes(evaluation.values),
        json.dumps(evaluation.reasons, ensure_ascii=False),
        _bytes(row.scores),
    )
    return (*columns, _checksum(columns))


def _row(columns: tuple[Any, ...]) -> Row:
    generation, individual, parameters, status, counts, values, reasons, scores, _ = columns
    evaluation = evaluation_from(
        tuple(np.frombuffer(counts, dtype="<i8").tolist()),
        _floats(values),
        tuple(json.loads(reasons)),
        status,
    )
    return Row(generation, individual, _floats(parameters), evaluation, _floats(scores))


def _bytes(values: Floats) -> bytes:
    return np.asarray(values, dtype="<f8").tobytes()


def _floats(packed: bytes) -> Floats:
    return np.frombuffer(packed, dtype="<f8").astype(float)


def _checksum(columns: tuple[Any, ...]) -> str:
    parts = [c if isinstance(c, bytes) else str(c).encode() for c in columns]
    lengths = ",".join(str(len(part)) for part in parts).encode()
    return hashlib.sha256(lengths + b":" + b"".join(parts)).hexdigest()


def _link(before: str, entry: tuple[Any, ...]) -> str:
    return hashlib.sha256(f"{before}|{entry!r}".encode()).hexdigest()


@contextmanager
def _as_dicts(db: sqlite3.Connection) -> Iterator[None]:
    db.row_factory = sqlite3.Row
    try:
        yield
    finally:
        db.row_factory = None
