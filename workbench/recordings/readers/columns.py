"""CSV and texts of columns, whose names or whose user tell the units."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from workbench.errors import InputError, shortened
from workbench.inputs import parsing, text
from workbench.recordings.raw import UNITS, Raw, converted, spacing_ms
from workbench.recordings.readers import Asked

LARGEST_TEXT_MB = 1000
_NAMES = {"time": "time", "t": "time", "v": "v", "voltage": "v", "i": "i", "current": "i"}
_SPLIT = re.compile(r"[,;\t]\s*|\s+")


def read(paths: Sequence[Path], asked: Asked) -> list[Raw]:
    """Return the sweep of a file: columns such as `time_ms`, `v_mV` and `i_pA`, others beside them.

    Raises
    ------
    InputError
        If a column is missing or has no unit, or it is no table of numbers.
    """
    [path] = paths
    lines = [line for line in text(path, largest_MB=LARGEST_TEXT_MB).splitlines() if line.strip()]
    names, lines = _heading(path, lines, asked)
    columns = {what: _column(path, names, what) for what in ("time", "v", "i")}
    for what in ("time", "v"):
        if columns[what] is None:
            raise InputError(_missing(path, what, names))
    with parsing(path, "a table of numbers"):
        rows = [_SPLIT.split(line.strip()) for line in lines]
        if any(len(row) != len(names) for row in rows):
            wrong = next(n for n, row in enumerate(rows) if len(row) != len(names))
            raise ValueError(
                f"line {wrong + 1} below the names has {len(rows[wrong])} numbers for "
                f"{len(names)} columns"
            )
        numbers = np.array([[float(word) for word in row] for row in rows])
    found = {
        what: converted(numbers[:, at[0]], what, at[1])
        for what, at in columns.items()
        if at is not None and numbers.size
    }
    if "time" not in found:
        raise InputError(f"{path}: it has no numbers")
    why = "" if "i" in found else f"none of its columns ({', '.join(names)}) is a current"
    dt_ms = spacing_ms(str(path), found["time"])
    return [Raw(path.stem, dt_ms, found["v"], found.get("i"), lacks_current=why)]


def _heading(path: Path, lines: list[str], asked: Asked) -> tuple[list[str], list[str]]:
    """Return the names of the columns, and the lines of numbers."""
    first = _SPLIT.split(lines[0].lstrip("#").strip()) if lines else []
    named = any(not _is_number(word) for word in first)
    if asked.columns:
        return list(asked.columns), lines[1:] if named else lines
    if not named:
        raise InputError(
            f"{path}: its first line, {shortened(repr(lines[0] if lines else ''))}, does not name "
            "the columns with their units; write time_ms,v_mV,i_nA there, or give --columns "
            "time_ms,v_mV (Python: columns=['time_ms', 'v_mV'])"
        )
    return first, lines[1:]


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _column(path: Path, names: list[str], what: str) -> tuple[int, str] | None:
    """Return the place and the unit of a column, or None if there is none."""
    found = []
    for place, name in enumerate(names):
        word, _, unit = name.strip().strip('"').rpartition("_")
        if _NAMES.get(word.lower()) == what and unit in UNITS[what]:
            found.append((place, unit))
    if len(found) > 1:
        raise InputError(f"{path}: {len(found)} columns are a {what}; a file is one sweep")
    return found[0] if found else None


def _missing(path: Path, what: str, names: list[str]) -> str:
    allowed = " or ".join(f"{what}_{unit}" for unit in UNITS[what][:3])
    return (
        f"{path}: none of its columns is called {allowed}, with its unit; they are called "
        f"{shortened(', '.join(names))}. Name them in the first line, or give --columns"
    )
