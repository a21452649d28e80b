"""The tables of a ledger, and a ledger without rows."""

import json
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.evaluations.records import checksum

SCHEMA_VERSION = 3
PAGE_BYTES = 4096
PATIENCE_s = 60.0
"""How long a reader waits for a writer, and a writer for readers before it says so."""

CHECKSUM_OF_FACTS = "checksum"
"""The fact that holds the checksum of all others."""

TABLES = (
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE evaluations (
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
) WITHOUT ROWID""",
    """CREATE TABLE attempts (
    attempt INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    individual INTEGER NOT NULL,
    asked_after INTEGER,
    worker TEXT NOT NULL,
    seconds REAL NOT NULL,
    ended_at REAL NOT NULL,
    outcome TEXT NOT NULL,
    checksum TEXT NOT NULL,
    chain TEXT NOT NULL
)""",
    """CREATE TABLE generations (
    generation INTEGER PRIMARY KEY,
    told_at REAL NOT NULL,
    state BLOB NOT NULL,
    chain TEXT NOT NULL,
    checksum TEXT NOT NULL
)""",
)


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Return a connection to a file, whatever its name; `mode` is SQLite's."""
    address = f"{path.resolve().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=PATIENCE_s)


def make(path: Path, facts: Mapping[str, Any]) -> None:
    """Write a ledger without rows; it is there whole or not at all."""
    partial = path.with_suffix(".partial")
    for left in (partial, partial.with_name(f"{partial.name}-journal")):
        left.unlink(missing_ok=True)
    texts = {name: json.dumps(value) for name, value in facts.items()}
    texts[CHECKSUM_OF_FACTS] = facts_checksum(texts)
    db = connect(partial, "rwc")
    try:
        db.execute(f"PRAGMA page_size={PAGE_BYTES}")
        with db:
            db.execute("BEGIN")
            for table in TABLES:
                db.execute(table)
            db.executemany("INSERT INTO facts VALUES (?, ?)", texts.items())
    finally:
        db.close()
    os.rename(partial, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def facts_checksum(texts: Mapping[str, str]) -> str:
    """Return the checksum of the facts as they are written."""
    facts = [(name, text) for name, text in texts.items() if name != CHECKSUM_OF_FACTS]
    return checksum(tuple(text for fact in sorted(facts, key=str) for text in fact))
