"""What came of a race as files that any program reads."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.races.curves import Curves
from workbench.runs.folder import written

TABLE = "table.csv"
STEPS = "steps.csv"


def write_curves(curves: Curves, folder: Path) -> list[Path]:
    """Write `table.csv` and `steps.csv` into a folder and return their paths.

    Raises
    ------
    StoppedEarly
        If the disk is full or away; the race is done, and the same call writes them.
    """
    paths = [folder / TABLE, folder / STEPS]
    with written(folder):
        for path, rows in zip(paths, (curves.table(), curves.steps()), strict=True):
            _write(path, rows)
    return paths


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
