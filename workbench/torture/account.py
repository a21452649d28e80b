"""What came of it: the two tables compared, and what was survived, lost and repeated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.evaluations import Ledger
from workbench.torture.faults import key_of

Key = tuple[int, int]


@dataclass(frozen=True)
class Account:
    """The comparison of a tortured run with the undisturbed one.

    Attributes
    ----------
    evaluations, nan
        Individuals of the undisturbed run, and how many of them failed.
    worker_kills, hangs, segfaults
        Attempts that were broken on purpose, by how.
    job_kills
        How often the whole job was ended by SIGKILL.
    different
        Rows of the table `evaluations` that are not equal to the last bit, or are missing.
    lost
        Evaluations that were in the ledger, and after a kill were not.
    repeated
        Attempts that were in flight when the job was killed and had to be made again.
    twice
        Those of them that had been simulated to the end already.
    in_flight
        What `repeated` can be at most: at every kill of the job, what each worker was at, and
        its answer before that on its way to the ledger.
    undisturbed_s, tortured_s
        Wall-clock time of both runs.
    """

    evaluations: int
    nan: int
    worker_kills: int
    hangs: int
    segfaults: int
    job_kills: int
    different: int
    lost: int
    repeated: int
    twice: int
    in_flight: int
    undisturbed_s: float
    tortured_s: float

    @property
    def passed(self) -> bool:
        """Whether nothing differs, is lost, or was repeated without need."""
        return not (self.different or self.lost) and self.repeated <= self.in_flight


def compare(one: Path, other: Path) -> int:
    """Return in how many rows the tables `evaluations` of two run folders differ."""
    tables = [table_of(folder) for folder in (one, other)]
    keys = tables[0].keys() | tables[1].keys()
    return sum(tables[0].get(key) != tables[1].get(key) for key in keys)


def table_of(folder: Path) -> dict[Key, tuple[Any, ...]]:
    """Return the table `evaluations` by key, none if there is no ledger yet."""
    if not (folder / "ledger.sqlite").exists():
        return {}
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return {row[:2]: row for row in ledger.table()}


def repetitions(folder: Path, marks: Mapping[str, Iterable[str]]) -> tuple[int, int]:
    """Return how many attempts were made again without a fault, and how many of these ended.

    The twins of a generation are simulated once; a row that comes again in a later one is
    simulated again in any run.
    """
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        needed = len({(row.generation, key_of(row.parameters)) for row in ledger.rows()})
        lost = sum(attempt["checksum"] == "" for attempt in ledger.attempts())
    said = [mark for row in marks.values() for mark in row]
    return said.count("begun") - needed - lost, said.count("ended") - needed


def failed(folder: Path) -> int:
    """Return how many individuals of a run failed."""
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        return sum(row.evaluation.failed for row in ledger.rows())


def pace_s(folder: Path) -> tuple[float, float]:
    """Return the median and the longest time of an evaluation in a run."""
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        seconds = [attempt["seconds"] for attempt in ledger.attempts()]
    return float(np.median(seconds)), max(seconds)
