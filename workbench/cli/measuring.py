"""What `morphology measure` does."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from workbench.cli.morphologies import Reading, regions_of
from workbench.cli.printing import print_json, print_table
from workbench.cli.tables import writer_for
from workbench.errors import MorphologyError
from workbench.morphology import By, measure_morphologies


def measure(
    files: Sequence[str],
    by: str,
    regions: Path | None,
    out: Path | None,
    reading: Reading,
    as_json: bool,
) -> None:
    """Print the measures of cells, or write them to a file.

    Raises
    ------
    MorphologyError
        If a file could not be measured; the others have been.
    """
    write = writer_for(out)
    rows = measure_morphologies(
        files,
        cast("By", by),
        regions=regions_of(regions),
        **reading,
    )
    if out is not None:
        write(out, rows)
    if as_json:
        print_json(rows)
    elif out is None:
        _print([row for row in rows if not row["reason"]])
    if lost := [row for row in rows if row["reason"]]:
        reasons = "\n".join(f"{row['cell']}: {row['reason']}" for row in lost)
        raise MorphologyError(f"{len(lost)} of {len(files)} could not be measured:\n{reasons}")


def _print(rows: Sequence[dict[str, Any]]) -> None:
    """Print a line a measure and a column a cell, z-scores behind the values."""
    if not rows:
        return
    heads = [row["cell"] if row["region"] == "all" else _head(row) for row in rows]
    names = [name for name in rows[0] if f"z_{name}" in rows[0]]
    cells = [[name, *(_cell(row[name], row[f"z_{name}"]) for row in rows)] for name in names]
    print_table(["measure", *(f">{head}" for head in heads)], cells)


def _head(row: dict[str, Any]) -> str:
    return f"{row['cell']} {row['region']}"


def _cell(value: float, z: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.6g}" + ("" if math.isnan(z) else f" (z {z:+.2f})")
