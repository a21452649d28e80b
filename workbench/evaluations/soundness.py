"""Whether a ledger holds what was written into it, the whole of it and nothing else."""

import json
import sqlite3
from typing import Any

from workbench.errors import LedgerError
from workbench.evaluations.records import checksum
from workbench.evaluations.schema import (
    CHECKSUM_OF_FACTS,
    SCHEMA_VERSION,
    TABLES,
    facts_checksum,
)


class DamageError(Exception):
    """What is wrong with a ledger."""


def check(db: sqlite3.Connection) -> None:
    """Compare every row with its checksum, and the tables with one another.

    Raises
    ------
    LedgerError
        If the ledger is of another version.
    DamageError, sqlite3.DatabaseError
        If anything was changed or is gone.
    """
    with db:
        # One transaction sees one state, though another process may be writing.
        db.execute("BEGIN")
        _check_tables(db)
        # A page that is in use and on the list of free ones would be written over.
        [(said,)] = db.execute("PRAGMA quick_check(1)")
        if said != "ok":
            raise DamageError(said)
        _check_generations(db, _check_attempts(db, _check_rows(db)))


def _check_tables(db: sqlite3.Connection) -> None:
    found = {sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL")}
    if TABLES[0] not in found:
        raise DamageError("it has no facts")
    facts = dict(db.execute("SELECT name, value FROM facts"))
    try:
        version = json.loads(facts.get("schema_version", "null"))
    except (ValueError, TypeError) as error:
        raise DamageError(f"its facts: {error}") from None
    if version != SCHEMA_VERSION:
        raise LedgerError(f"it is of version {version}, this workbench reads {SCHEMA_VERSION}")
    if facts.get(CHECKSUM_OF_FACTS) != facts_checksum(facts):
        raise DamageError("its facts were changed")
    if found != set(TABLES):
        raise DamageError("its tables are not those of a ledger")


def _check_rows(db: sqlite3.Connection) -> set[tuple[int, int, str]]:
    """Return generation, individual and checksum of every row."""
    checksums = set()
    for columns in db.execute("SELECT * FROM evaluations"):
        if checksum(columns[:-1]) != columns[-1]:
            raise DamageError(
                f"the row of generation {columns[0]}, individual {columns[1]} was changed"
            )
        checksums.add((columns[0], columns[1], columns[-1]))
    return checksums


def _check_attempts(db: sqlite3.Connection, checksums: set[tuple[int, int, str]]) -> set[str]:
    """Compare the attempts, in a chain, with the rows that came of them; return the chain."""
    attempted: set[tuple[Any, ...]] = set()
    before = anchor(db)
    chains = {before}
    query = "SELECT * FROM attempts ORDER BY attempt"
    for number, (*entry, chain) in enumerate(db.execute(query), start=1):
        if entry[0] != number or checksum((before, *entry)) != chain:
            raise DamageError("the chain of attempts is broken")
        before = chain
        chains.add(chain)
        if entry[-1]:
            attempted.add((entry[1], entry[2], entry[-1]))
    for generation, individual, _ in sorted(attempted ^ checksums, key=str):
        raise DamageError(
            f"of generation {generation}, individual {individual} either the row or the "
            "attempt that it came from is gone"
        )
    return chains


def _check_generations(db: sqlite3.Connection, chains: set[str]) -> None:
    """Compare the states of the search; each was told after attempts that are there."""
    query = "SELECT * FROM generations ORDER BY generation"
    for number, (*entry, said) in enumerate(db.execute(query)):
        if entry[0] != number or checksum(tuple(entry)) != said or entry[-1] not in chains:
            raise DamageError(f"the state after generation {number} was changed")


def anchor(db: sqlite3.Connection) -> str:
    """Return where the chain of attempts begins: the checksum of the facts."""
    return facts_checksum(dict(db.execute("SELECT name, value FROM facts")))
