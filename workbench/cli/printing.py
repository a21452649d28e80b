"""Tables and downloads on the terminal; JSON where it was asked for."""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.text import Text

from workbench.cli.layout import GAP, shown, side_by_side, widths

if TYPE_CHECKING:
    from workbench.fitting import LeastSquares
    from workbench.runs import StageSummary


class _Plain(Console):
    """Prints texts as they are: a name such as `[b].mod:100:` is neither markup nor an emoji.

    Lines are as long as they are, and control characters, which a terminal would obey, are shown.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)

    def print(self, *objects: Any, **options: Any) -> None:
        """Print texts, or a renderable of rich's, as rich itself would otherwise."""
        super().print(*(shown(o) if isinstance(o, str) else o for o in objects), **options)


console = _Plain()
notes = _Plain(stderr=True)
"""Remarks."""


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout, and nothing else; JSON has no NaN, so it is null."""
    json.dump(_without_nan(value), sys.stdout, indent=2, allow_nan=False)
    print()


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    title: str = "",
    styles: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Print a table.

    A terminal's width is kept by folding prose and by leaving out the middle of long names;
    numbers stay whole. Where nobody looks, in a file or a pipe, everything stays.

    Parameters
    ----------
    columns
        Their names; those that begin with > are set to the right, for numbers.
    styles
        How cells with this very text are to look.
    """
    right = [column.startswith(">") for column in columns]
    header = [column.lstrip(">") for column in columns]
    cells = [[shown(cell).replace("\n", " ") for cell in row] for row in rows]
    width = console.width if console.is_terminal else None
    found = widths([header, *cells], right, width)
    if title:
        console.print(title, style="italic")
    for number, row in enumerate([header, *cells]):
        looks = ["bold" if number == 0 else styles.get(cell, "") for cell in row]
        for line in side_by_side(row, found, right):
            parts = zip(line, looks, strict=True)
            whole = Text(" " * GAP).join(Text(*part) for part in parts)
            whole.rstrip()
            console.print(whole)


FEATURE_COLUMNS = ["feature", ">target", ">model", ">values", ">SD"]


def feature_cells(
    name: str,
    target: str,
    value: float | None,
    values: str,
    reason: str,
    score: float | None,
) -> list[str]:
    """Return one row of the table of features; why there is no value stands in its place.

    The score is the mean distance of all values, of which `values` tells: that of their mean,
    `value`, may be nothing.
    """
    model = reason if value is None else f"{value:.5g}"
    return [name, target, model, values, "" if score is None else f"{score:.3f}"]


STAGE_COLUMNS = ["stage", "search", ">free", ">features", ">evaluations", ">best sum"]


def stage_cells(stages: "Sequence[StageSummary]") -> list[list[str]]:
    """Return the rows of the table of stages."""
    return [
        [
            one.stage.name,
            one.stage.search,
            str(len(one.stage.free)),
            str(len(one.stage.targets)),
            str(one.evaluated),
            "" if one.best_sum is None else f"{one.best_sum:.3f}",
        ]
        for one in stages
    ]


ERROR_COLUMNS = ["parameter", ">value", ">error", ">90 % from", ">to", "correlations"]


def error_cells(found: "LeastSquares") -> list[list[str]]:
    """Return the rows of what least squares found; correlations are with the parameters above."""
    rows = []
    for i, name in enumerate(found.names):
        numbers = found.values[i], found.errors[i], found.lows[i], found.highs[i]
        above = ", ".join(f"{one:.2f}" for one in found.correlations[i][:i])
        rows.append([name, *(f"{one:.5g}" for one in numbers), above])
    return rows


class _Drawn:
    """Bars that stand on the terminal while work is done."""

    _bars: Bars

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()


class Counted(_Drawn):
    """A bar on the terminal for work that says how much of it is done; nothing elsewhere."""

    def __init__(self, what: str) -> None:
        self._bars = Bars(console=notes, transient=True, disable=not notes.is_terminal)
        self._task = self._bars.add_task(what)

    def __call__(self, done: int, of: int) -> None:
        """Take how many are done, and of how many."""
        self._bars.update(self._task, completed=done, total=of)


class Downloads(_Drawn):
    """Progress of downloads on the terminal: a bar for each address, a line where none is drawn."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
        self._bars = Bars(*columns, console=notes, disable=not notes.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, url: str, done: int, total: int) -> None:
        """Take the bytes that came from an address so far, and how many there are (0: unknown)."""
        if url not in self._tasks:
            self._tasks[url] = self._bars.add_task(url)
            if not notes.is_terminal:
                notes.print(f"fetching {url}")
        self._bars.update(self._tasks[url], completed=done, total=total or None)
