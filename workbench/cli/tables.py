"""Tables as files: CSV that a spreadsheet opens without harm, and Parquet."""

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from workbench.errors import InputError, unknown

Rows = Sequence[dict[str, Any]]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def writer_for(path: Path | None) -> Callable[[Path, Rows], None]:
    """Return what writes rows to a file with this ending.

    Raises
    ------
    InputError
        If the ending is no format, or what writes it is not installed.
    """
    if path is None or path.suffix == ".csv":
        return _write_csv_file
    if path.suffix != ".parquet":
        what = unknown("ending", path.suffix, [".csv", ".parquet"])
        raise InputError(f"--out {path}: the ending says the format: {what}")
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise InputError(
            f"--out {path}: Parquet needs pyarrow: pip install 'neuron-workbench[parquet]'"
        ) from None
    return _write_parquet


def write_csv(file: TextIO, rows: Rows) -> None:
    """Write rows with the same keys; a text that a spreadsheet would run gets a ' before it."""
    if not rows:
        return
    writer = csv.writer(file)
    writer.writerow(map(_cell, rows[0]))
    writer.writerows(map(_cell, row.values()) for row in rows)


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_csv_file(path: Path, rows: Rows) -> None:
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        write_csv(file, rows)
    os.replace(partial, path)


def _write_parquet(path: Path, rows: Rows) -> None:
    import pyarrow
    import pyarrow.parquet

    partial = path.with_name(f"{path.name}.partial")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows)), partial)
    os.replace(partial, path)
