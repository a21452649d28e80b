"""The ledger of a run: every evaluation, durable as it ends, and the only checkpoint.

`evaluations` holds what is reproducible and nothing else, so that two runs of one problem can be
compared row by row. `attempts` tells when, where and how long, in the order in which they ended;
each of its rows is chained to the one before, the first to `facts`, and names the checksum of the
evaluation that came of it, so that a lost row or a changed number is seen. `generations` holds
the state of the search after each tell, as plain numbers, and the attempt that it came after.

An asynchronous search is told its rows in the order of their attempts, and `asked_after` says how
many it had been told when it proposed one: from these two it is replayed, its states are empty.
"""

import json
import logging
import shlex
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from workbench.errors import LedgerError, StoppedEarly
from workbench.evaluations.claim import Claim
from workbench.evaluations.competing import Competing
from workbench.evaluations.records import (
    Attempt,
    Entry,
    Row,
    attempt_columns,
    checksum,
    columns_of,
    row_of,
)
from workbench.evaluations.schema import CHECKSUM_OF_FACTS, SCHEMA_VERSION, connect, make
from workbench.evaluations.soundness import DamageError, anchor, check
from workbench.inputs import is_file

LONGEST_READ_s = 1800.0
"""How long a writer waits for a reader that is none of ours."""

_AT_ONCE = 1000
_HELD = "another program holds it; end that one"
_ROOM = "make room for files and for what is in them"
_MEND = {
    sqlite3.SQLITE_BUSY: _HELD,
    sqlite3.SQLITE_LOCKED: _HELD,
    sqlite3.SQLITE_FULL: _ROOM,
    sqlite3.SQLITE_IOERR: _ROOM,
    sqlite3.SQLITE_CANTOPEN: _ROOM,
    sqlite3.SQLITE_READONLY: "let it be written to",
}
"""What helps where it is not the ledger's fault that it cannot be used."""


class Ledger:
    """The SQLite file of a run folder; one process at a time may write to it.

    Whoever only reads has a copy, of the moment when it was opened: a writer waits for the copying
    and for nothing else.
    """

    def __init__(self, path: Path, claim: Claim | None) -> None:
        self.path = path
        self._claim = claim
        # A reader may have to roll back what a killed writer left half done, so it opens "rw".
        self._db = connect(path, "rw")

    def _take_copy(self) -> None:
        """Go on with a copy that nobody else knows, in memory or in a temporary file."""
        copy = sqlite3.connect("")
        try:
            # `backup` by itself would wait for a writer without end.
            self._db.execute("BEGIN")
            self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
            self._db.backup(copy)
        except BaseException:
            copy.close()
            raise
        self._db.close()
        self._db = copy

    @classmethod
    def create(
        cls, path: Path, facts: Mapping[str, Any], before: Callable[[], None] | None = None
    ) -> Self:
        """Start a new ledger with the facts that identify its run.

        `before` is called when nobody else can start a run here any more, and before the ledger
        exists.

        Raises
        ------
        LedgerError
            If there is a ledger already, or the folder cannot be locked or written to.
        """
        claim = Claim(path.with_suffix(".lock"))
        try:
            if path.exists():
                raise LedgerError(
                    f"{path} exists; `workbench resume {_quoted(path.parent)}` goes on with it, "
                    "--out names another folder"
                )
            if before is not None:
                before()
            make(path, {"schema_version": SCHEMA_VERSION, **facts})
        except (OSError, sqlite3.Error) as error:
            claim.release()
            raise LedgerError(f"no ledger can be written in {path.parent}: {error}") from None
        except BaseException:
            claim.release()
            raise
        claim.note(0)
        ledger = cls(path, claim)
        ledger._be_durable()
        return ledger

    @classmethod
    def open(cls, path: Path, *, write: bool = False, mend: str = "") -> Self:
        """Open a ledger that exists and check all its checksums.

        `mend` says what to do about one that is damaged, where it is not that of a fit.

        Raises
        ------
        LedgerError
            If there is none, if it is of another version, damaged or in use.
        StoppedEarly
            If it is to be written to and cannot be used for now: the disk is full.
        """
        if not is_file(path):
            raise LedgerError(f"there is no ledger at {path}; `workbench runs` lists the runs here")
        claim = Claim(path.with_suffix(".lock")) if write else None
        try:
            ledger = cls(path, claim)
        except sqlite3.Error as error:
            if claim is not None:
                claim.release()
            raise LedgerError(f"{path} cannot be opened: {error}") from None
        try:
            with ledger._usable("read"):
                if claim is None:
                    ledger._take_copy()
                else:
                    ledger._be_durable()
                check(ledger._db)
        except LedgerError as error:
            ledger.close()
            raise LedgerError(f"{path}: {error}") from None
        except StoppedEarly:
            ledger.close()
            raise
        except (DamageError, sqlite3.DatabaseError, UnicodeDecodeError) as error:
            ledger.close()
            mend = mend or (
                f"`workbench ledger {_quoted(path.parent)} --salvage NEW` copies what is sound "
                "into a new run folder, and `workbench resume NEW` goes on from there"
            )
            raise LedgerError(f"{path} is damaged: {error}. {mend}") from None
        ledger._tell_lost_tail()
        return ledger

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let others write."""
        self._db.close()
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def facts(self) -> dict[str, Any]:
        """Return what identifies the run."""
        facts = dict(self._ask("SELECT name, value FROM facts"))
        del facts[CHECKSUM_OF_FACTS]
        return {name: json.loads(value) for name, value in facts.items()}

    def extend(self, entries: Iterable[Entry]) -> None:
        """Write what has ended, all of it or nothing; when this returns it is on the disk.

        Waiting for the disk costs as much for one evaluation as for a hundred.

        Raises
        ------
        StoppedEarly
            If the disk is full or fails, or another program holds the ledger for long; what was
            written before is whole.
        """
        with self._writing():
            last, chain = self._last_attempt()
            for number, entry in enumerate(entries, start=last + 1):
                columns = None if entry.row is None else columns_of(entry.row)
                if columns is not None:
                    self._db.execute("INSERT INTO evaluations VALUES (?,?,?,?,?,?,?,?,?)", columns)
                attempt = attempt_columns(number, entry, "" if columns is None else columns[-1])
                chain = checksum((chain, *attempt))
                self._db.execute(
                    "INSERT INTO attempts VALUES (?,?,?,?,?,?,?,?,?,?)", (*attempt, chain)
                )

    def append(self, row: Row, attempt: Attempt) -> None:
        """Write one evaluation, as `extend` does."""
        self.extend([Entry(row.generation, row.individual, attempt, row)])

    def lost(self, generation: int, individual: int, attempt: Attempt) -> None:
        """Write an attempt that came to nothing and will be run again, as `extend` does."""
        self.extend([Entry(generation, individual, attempt)])

    def told(self, generation: int, state: bytes) -> None:
        """Write the search's state after it was told a generation; older states go but one."""
        with self._writing():
            entry = (generation, time.time(), state, self._last_attempt()[1])
            values = (*entry, checksum(entry))
            self._db.execute("INSERT INTO generations VALUES (?,?,?,?,?)", values)
            old = "SELECT generation, told_at, chain FROM generations WHERE generation = ?"
            for number, told_at, chain in self._db.execute(old, (generation - 2,)).fetchall():
                without = checksum((number, told_at, b"", chain))
                self._db.execute(
                    "UPDATE generations SET state = x'', checksum = ? WHERE generation = ?",
                    (without, number),
                )

    def last_state(self) -> tuple[int, bytes] | None:
        """Return the last generation that was told, and the search's state after it."""
        query = "SELECT generation, state FROM generations ORDER BY generation DESC LIMIT 1"
        return next(iter(self._ask(query)), None)

    @property
    def empty(self) -> bool:
        """Whether it holds no evaluation yet."""
        return not self._ask("SELECT 1 FROM evaluations LIMIT 1")

    @property
    def begun(self) -> int:
        """How many generations it holds evaluations of, the last one perhaps not all."""
        [(last,)] = self._ask("SELECT ifnull(max(generation), -1) FROM evaluations")
        return int(last) + 1

    def rows(self, generation: int | None = None) -> Iterator[Row]:
        """Yield evaluations in the order of their key."""
        return map(row_of, self.table(generation))

    @property
    def competing(self) -> Competing:
        """Which of its rows are compared for being the best."""
        return Competing.told_by(self.facts())

    def competitors(self) -> Iterator[Row]:
        """Yield the evaluations of the last stage begun that may be the best, in their order."""
        competing = self.competing
        if len(competing.begins) == 1:
            yield from filter(competing.takes_part, self.rows())
            return
        for generation in range(competing.begins[competing.stage(self.begun - 1)], self.begun):
            yield from filter(competing.takes_part, self.rows(generation))

    def table(self, generation: int | None = None) -> Iterator[tuple[Any, ...]]:
        """Yield the columns of `evaluations`, the checksum last, in the order of their key."""
        numbers = [(generation,)]
        if generation is None:
            query = "SELECT DISTINCT generation FROM evaluations ORDER BY generation"
            numbers = self._ask(query)
        query = "SELECT * FROM evaluations WHERE generation = ? ORDER BY individual"
        for number in numbers:
            # All of a generation at once: a cursor left open would stop the writer.
            yield from self._ask(query, number)

    def tellings(self) -> list[tuple[int, int, int | None]]:
        """Return generation, individual and `asked_after` of all rows, in the order of writing."""
        query = "SELECT generation, individual, asked_after FROM attempts WHERE checksum <> ''"
        return self._ask(f"{query} ORDER BY attempt")

    def rows_as_written(self) -> Iterator[Row]:
        """Yield evaluations in the order in which they were written."""
        [(last,)] = self._ask("SELECT ifnull(max(attempt), 0) FROM attempts")
        query = (
            "SELECT evaluations.* FROM attempts JOIN evaluations USING (generation, individual) "
            "WHERE attempts.checksum <> '' AND attempt > ? AND attempt <= ? ORDER BY attempt"
        )
        for begin in range(0, last, _AT_ONCE):
            # Not all, for there may be many; not one by one, for a cursor stops the writer.
            yield from map(row_of, self._ask(query, (begin, begin + _AT_ONCE)))

    def attempts(self) -> list[dict[str, Any]]:
        """Return all attempts in the order in which they ended."""
        with self._usable("read"):
            cursor = self._db.execute("SELECT * FROM attempts ORDER BY attempt")
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def told_at(self) -> list[tuple[int, float]]:
        """Return the generations told, with the time of each in seconds since 1970."""
        query = "SELECT generation, told_at FROM generations ORDER BY generation"
        return self._ask(query)

    def _ask(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self._usable("read"):
            return self._db.execute(query, values).fetchall()

    def _be_durable(self) -> None:
        self._db.execute("PRAGMA journal_mode=DELETE")
        self._db.execute("PRAGMA synchronous=FULL")

    def _last_attempt(self) -> tuple[int, str]:
        """Return number and chain of the last attempt; before the first, 0 and the anchor."""
        query = "SELECT attempt, chain FROM attempts ORDER BY attempt DESC LIMIT 1"
        return self._db.execute(query).fetchone() or (0, anchor(self._db))

    def _tell_lost_tail(self) -> None:
        """Say so if a file system has lost the end of what was written."""
        if self._claim is None:
            return
        there, before = self._last_attempt()[0], self._claim.attempts_before
        if before > there:
            logging.getLogger(__name__).warning(
                f"{self.path}: the last {before - there} of {before} attempts that had been "
                "written are gone; what came of them is simulated again"
            )
        self._claim.note(there)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._usable("written"):
            try:
                yield
                self._commit()
            except BaseException:
                self._db.rollback()
                raise
            if self._claim is not None:
                self._claim.note(self._last_attempt()[0])

    def _commit(self) -> None:
        """Commit as soon as nobody reads any more: a reader is no reason to end a run."""
        begun, said = time.monotonic(), False
        while True:
            try:
                self._db.commit()
                return
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
                if not busy or time.monotonic() - begun > LONGEST_READ_s:
                    raise
            if not said:
                said = True
                logging.getLogger(__name__).warning(
                    f"{self.path} is being read by another program; the run waits for it, at most "
                    f"{LONGEST_READ_s / 60:.0f} minutes"
                )

    @contextmanager
    def _usable(self, use: str) -> Iterator[None]:
        """Say what has to be mended if it is not the ledger's fault that it cannot be used.

        For the one who writes this ends a run that can go on later.
        """
        try:
            yield
        except sqlite3.DatabaseError as error:
            mend = _MEND.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
            if mend is None:
                raise
            said = f"{self.path} cannot be {use}: {error}; {mend}"
            if self._claim is None:
                raise LedgerError(said) from None
            raise StoppedEarly(f"{said}. All that it held before is whole") from None


def _quoted(folder: Path) -> str:
    """Return a folder as it may be pasted into a shell."""
    return shlex.quote(str(folder))
