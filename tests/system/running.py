"""Runs in the background, and what is in their folders."""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

MPIRUN = str(Path(sys.executable).parent / "mpirun")


def table(run: Path) -> list[tuple[object, ...]]:
    """Return the reproducible part of a run's ledger."""
    return _rows(run, "SELECT * FROM evaluations ORDER BY generation, individual")


def attempts(run: Path) -> list[tuple[str, str]]:
    """Return who tried and what came of it."""
    return _rows(run, "SELECT worker, outcome FROM attempts")


def _rows(run: Path, question: str) -> list[Any]:
    # A plain connect would create the file before the run does, and a killed writer may have left
    # something half done, which a reader can roll back only if it may write.
    address = f"{(run / 'ledger.sqlite').resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True)) as db:
        return list(db.execute(question))


def sessions(run: Path) -> list[dict[str, Any]]:
    """Return what the run folder tells of each time that it was begun or gone on with."""
    return list(json.loads((run / "provenance.json").read_text())["sessions"])


def wait_for_rows(begun: subprocess.Popen[Any], run: Path, count: int) -> None:
    """Wait until a run in the background has so many evaluations."""
    deadline = time.monotonic() + 300
    while begun.poll() is None and time.monotonic() < deadline:
        try:
            if len(table(run)) >= count:
                return
        except sqlite3.OperationalError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{run} never had {count} evaluations")


def rank_of(launcher: int, rank: int, variable: str = "PMI_RANK") -> int:
    """Return the process of a rank, somewhere below its launcher."""
    below, found = [launcher], []
    while below:
        process = below.pop()
        below += children_of(process)
        environment = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
        if f"{variable}={rank}".encode() in environment:
            found.append(process)
    [process] = found
    return process


def children_of(process: int) -> list[int]:
    """Return the processes that a process has begun."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in tasks for child in file.read_text().split()]
