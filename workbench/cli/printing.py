"""Tables and progress on the terminal; JSON where it was asked for."""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from workbench.fitting import Row


class _Notes(Console):
    """Progress and remarks, on stderr: nobody may be left to read them, and the work goes on."""

    def on_broken_pipe(self) -> None:
        """Say nothing more; rich itself would end the process."""
        self.quiet = True


console = Console()
notes = _Notes(stderr=True)


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout, and nothing else."""
    json.dump(value, sys.stdout, indent=2)
    print()


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> None:
    """Print a table; columns whose name begins with > are set to the right."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        right = column.startswith(">")
        table.add_column(column.lstrip(">"), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


FEATURE_COLUMNS = ["feature", ">target", ">model", ">SD"]


def feature_cells(
    name: str, mean: float, std: float, value: float | None, reason: str, score: float | None
) -> list[str]:
    """Return one row of the table of features; why there is no value stands in its place."""
    model = reason if value is None else f"{value:.5g}"
    return [name, f"{mean:g} ± {std:g}", model, "" if score is None else f"{score:.3f}"]


class Progress:
    """Live progress of a fit: a listener of its rows.

    On a terminal one line is drawn again and again; elsewhere one line a generation.
    """

    def __init__(self, population: int, generations: int, quiet: bool = False) -> None:
        self._population, self._generations = population, generations
        self._quiet = quiet
        self._begun = time.monotonic()
        self._here = 0
        self._done: Counter[int] = Counter()
        self._failed: Counter[str] = Counter()
        self._best: float | None = None
        self._live = Live(console=notes, refresh_per_second=4, transient=False)
        self._drawn = notes.is_terminal and not quiet and not os.environ.get("NO_PROGRESS")

    def __enter__(self) -> Self:
        if self._drawn:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._drawn:
            with suppress(OSError):
                self._live.stop()

    def known(self, rows: int) -> None:
        """Tell how many evaluations the ledger held before this session."""
        self._here = -rows

    def __call__(self, row: Row) -> None:
        """Take a row that was evaluated, or found in the ledger."""
        self._done[row.generation] += 1
        self._here += 1
        total = float(row.scores.sum())
        if row.evaluation.failed:
            self._failed[row.evaluation.status] += 1
        else:
            self._best = total if self._best is None else min(self._best, total)
        full = self._done[row.generation] == self._population
        if self._drawn:
            self._live.update(self._line(row.generation))
        elif full and self._here > 0 and not self._quiet:
            # A terminal that is gone, or a log on a full disk.
            with suppress(OSError):
                notes.print(self._line(row.generation), highlight=False, soft_wrap=True)

    def _line(self, generation: int) -> str:
        done = self._done.total()
        total = self._population * self._generations
        seconds = time.monotonic() - self._begun
        rate = 60 * max(self._here, 0) / seconds if seconds > 0 else 0.0
        left = (total - done) / rate * 60 if rate > 0 else float("inf")
        reasons = ", ".join(f"{count} {status}" for status, count in sorted(self._failed.items()))
        best = "none yet" if self._best is None else f"{self._best:.2f} SD"
        return (
            f"generation {generation + 1}/{self._generations}  evaluations {done}/{total}  "
            f"best sum {best}  {rate:.1f}/min  left {_clock(left)}"
            + (f"  failed: {reasons}" if reasons else "")
        )


def _clock(seconds: float) -> str:
    if seconds == float("inf"):
        return "unknown"
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
