"""Rows of a ledger as columns, and the checksum that no change of them survives."""

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.evaluations.evaluation import Evaluation, evaluation_from


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
    """Who evaluated an individual, how long it took in seconds, and how it ended.

    `ended_at` is in seconds since 1970; None is now. `asked_after` says how many evaluations an
    asynchronous search had been told when it proposed the individual; None in any other.
    """

    worker: str
    seconds: float
    outcome: str = "done"
    ended_at: float | None = None
    asked_after: int | None = None


@dataclass(frozen=True)
class Entry:
    """An attempt at an individual, and the row that came of it if it was not lost."""

    generation: int
    individual: int
    attempt: Attempt
    row: Row | None = None


def columns_of(row: Row) -> tuple[Any, ...]:
    """Return the columns of the table `evaluations`, the checksum last."""
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
    return (*columns, checksum(columns))


def row_of(columns: tuple[Any, ...]) -> Row:
    """Return the row that these columns describe; the caller has compared the checksum."""
    generation, individual, parameters, status, counts, values, reasons, scores, _ = columns
    evaluation = evaluation_from(
        tuple(np.frombuffer(counts, dtype="<i8").tolist()),
        _floats(values),
        tuple(json.loads(reasons)),
        status,
    )
    return Row(generation, individual, _floats(parameters), evaluation, _floats(scores))


def attempt_columns(number: int, entry: Entry, row_checksum: str) -> tuple[Any, ...]:
    """Return the columns of the table `attempts` but for the chain, the last."""
    attempt = entry.attempt
    return (
        number,
        entry.generation,
        entry.individual,
        attempt.asked_after,
        attempt.worker,
        float(attempt.seconds),
        time.time() if attempt.ended_at is None else attempt.ended_at,
        attempt.outcome,
        row_checksum,
    )


def checksum(columns: tuple[Any, ...]) -> str:
    """Return the sha256 of columns; a text and the same bytes as a blob differ."""
    parts = [column if isinstance(column, bytes) else str(column).encode() for column in columns]
    kinds = [f"{type(c).__name__}{len(part)}" for c, part in zip(columns, parts, strict=True)]
    return hashlib.sha256(",".join(kinds).encode() + b":" + b"".join(parts)).hexdigest()


def _bytes(values: Floats) -> bytes:
    return np.asarray(values, dtype="<f8").tobytes()


def _floats(packed: bytes) -> Floats:
    return np.frombuffer(packed, dtype="<f8").astype(float)
