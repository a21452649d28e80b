"""What is sound in a damaged ledger, found page by page without asking SQLite.

A row of `evaluations` carries its own checksum, so wherever in the file one is found that holds, it
is what was written. The pages are read as https://www.sqlite.org/fileformat2.html describes them
(sections 1.6, 2.1 and 2.3; equations and numbers are from there); the trees that connect
them, the part that breaks first, are not needed.
"""

import json
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import LedgerError
from workbench.evaluations.ledger import Ledger
from workbench.evaluations.records import Attempt, Row, checksum, row_of
from workbench.evaluations.schema import CHECKSUM_OF_FACTS, PAGE_BYTES, facts_checksum
from workbench.inputs import is_file

_TABLE_LEAF, _INDEX_LEAF, _INDEX_INTERIOR = 13, 10, 2
_CELLS_BEGIN = {_TABLE_LEAF: 8, _INDEX_LEAF: 8, _INDEX_INTERIOR: 12}
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_UNREADABLE = (IndexError, ValueError, KeyError, struct.error, UnicodeDecodeError)


@dataclass(frozen=True)
class Salvaged:
    """What could be read of a damaged ledger.

    Attributes
    ----------
    facts
        None if they were changed.
    rows
        Every evaluation whose checksum holds, with the attempt that it came from, in the order
        in which they ended. After how many tellings it was asked is left out: an asynchronous
        search that is not told all of them again would not propose it again.
    gone
        How many evaluations were written, as far as is known, and are not among `rows`.
    """

    facts: dict[str, Any] | None
    rows: tuple[tuple[Row, Attempt], ...]
    gone: int


def salvage(path: Path) -> Salvaged:
    """Read what is sound in the file of a ledger, damaged or not.

    Raises
    ------
    LedgerError
        If there is no such file.
    """
    if not is_file(path):
        raise LedgerError(f"there is no ledger at {path}")
    # If SQLite can still open it, it first takes back what a killed writer left half done.
    with suppress(LedgerError):
        Ledger.open(path).close()
    facts: dict[str, str] = {}
    rows: dict[tuple[int, int], tuple[Any, ...]] = {}
    attempts: dict[str, tuple[Any, ...]] = {}
    for columns in _records(path.read_bytes()):
        if _is_evaluation(columns):
            rows[columns[0], columns[1]] = columns
        elif _is_attempt(columns):
            attempts[columns[8]] = columns
        elif len(columns) == 2 and all(isinstance(column, str) for column in columns):
            facts[columns[0]] = columns[1]
    found = [(row_of(columns), _attempt(attempts.get(columns[-1]))) for columns in rows.values()]
    found.sort(key=lambda pair: (pair[1].ended_at, pair[0].generation, pair[0].individual))
    known = {columns[1:3] for columns in attempts.values()} | rows.keys()
    return Salvaged(_sound(facts), tuple(found), len(known) - len(rows))


def _is_evaluation(columns: tuple[Any, ...]) -> bool:
    return len(columns) == 9 and checksum(columns[:-1]) == columns[-1]


def _is_attempt(columns: tuple[Any, ...]) -> bool:
    """Whether this may be a row of `attempts` that an evaluation came of."""
    kinds: tuple[tuple[type, ...], ...] = (
        (type(None),), (int,), (int,), (int, type(None)), (str,), (int, float), (int, float),
        (str,), (str,), (str,),
    )  # fmt: skip
    if len(columns) != 10 or not all(map(isinstance, columns, kinds)):
        return False
    return len(columns[8]) == 64


def _attempt(columns: tuple[Any, ...] | None) -> Attempt:
    if columns is None:
        return Attempt("unknown", 0.0, "salvaged", 0.0)
    _, _, _, _, worker, seconds, ended_at, outcome, _, _ = columns
    return Attempt(worker, float(seconds), outcome, float(ended_at))


def _sound(texts: dict[str, str]) -> dict[str, Any] | None:
    if texts.pop(CHECKSUM_OF_FACTS, None) != facts_checksum(texts):
        return None
    return {name: json.loads(text) for name, text in texts.items()}


def _records(content: bytes) -> Iterator[tuple[Any, ...]]:
    """Yield the columns of every record on every page that can be read."""
    for begin in range(0, len(content), PAGE_BYTES):
        page = content[begin : begin + PAGE_BYTES]
        header = 100 if begin == 0 else 0
        if len(page) < header + 12 or page[header] not in _CELLS_BEGIN:
            continue
        [count] = struct.unpack_from(">H", page, header + 3)
        first = header + _CELLS_BEGIN[page[header]]
        for place in range(first, min(first + 2 * count, len(page) - 1), 2):
            with suppress(*_UNREADABLE):
                yield _columns(_payload(content, page, page[header], place))


def _payload(content: bytes, page: bytes, kind: int, place: int) -> bytes:
    """Return the record of the cell to which the two bytes at `place` point."""
    [at] = struct.unpack_from(">H", page, place)
    if kind == _INDEX_INTERIOR:
        at += 4
    size, at = _varint(page, at)
    if kind == _TABLE_LEAF:
        _, at = _varint(page, at)
    largest = PAGE_BYTES - 35 if kind == _TABLE_LEAF else (PAGE_BYTES - 12) * 64 // 255 - 23
    if size <= largest:
        return page[at : at + size]
    if size > len(content):
        raise ValueError("longer than the file")
    least = (PAGE_BYTES - 12) * 32 // 255 - 23
    here = least + (size - least) % (PAGE_BYTES - 4)
    here = here if here <= largest else least
    [following] = struct.unpack_from(">I", page, at + here)
    return (page[at : at + here] + _overflow(content, following, size - here))[:size]


def _overflow(content: bytes, number: int, size: int) -> bytes:
    parts, missing = [], size
    while missing > 0:
        if number == 0:
            raise ValueError("the chain of pages ends early")
        begin = (number - 1) * PAGE_BYTES
        [number] = struct.unpack_from(">I", content, begin)
        parts.append(content[begin + 4 : begin + PAGE_BYTES])
        missing -= PAGE_BYTES - 4
    return b"".join(parts)


def _columns(record: bytes) -> tuple[Any, ...]:
    end, at = _varint(record, 0)
    kinds = []
    while at < end:
        kind, at = _varint(record, at)
        kinds.append(kind)
    columns = []
    for kind in kinds:
        column, at = _column(record, kind, at)
        columns.append(column)
    return tuple(columns)


def _column(record: bytes, kind: int, at: int) -> tuple[Any, int]:
    """Return one value of a record and where the next one begins."""
    if kind in (0, 8, 9):
        return {0: None, 8: 0, 9: 1}[kind], at
    if kind == 7:
        return struct.unpack_from(">d", record, at)[0], at + 8
    size = _INTEGER_BYTES[kind] if kind < 12 else (kind - 12) // 2
    data = record[at : at + size]
    if len(data) < size:
        raise ValueError("the record ends early")
    if kind < 12:
        return int.from_bytes(data, "big", signed=True), at + size
    return data if kind % 2 == 0 else data.decode(), at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the integer of one to nine bytes at a place, and where the next thing begins."""
    value = 0
    for byte in data[at : at + 8]:
        value, at = value << 7 | byte & 0x7F, at + 1
        if byte < 0x80:
            return value, at
    return value << 8 | data[at], at + 1
