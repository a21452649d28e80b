"""What a terminal has to do with fetching morphologies: the question before, the bar meanwhile."""

import sys
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import typer
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from workbench.cli.printing import notes
from workbench.morphology import CatalogueEntry, fetch, offer_to_fetch


def offer(yes: bool) -> None:
    """Let a verb fetch the morphologies that it misses: at once, or after asking for each."""
    offer_to_fetch(partial(_fetched_if_agreed, yes))


def fetch_shown(name: str) -> Path:
    """Return the file of a cell, fetched with a bar on a terminal and a line elsewhere."""
    with Shown() as shown:
        return fetch(name, shown)


def _fetched_if_agreed(yes: bool, cell: CatalogueEntry) -> Path | None:
    return fetch_shown(cell.name) if yes or _agreed(cell) else None


def _agreed(cell: CatalogueEntry) -> bool:
    """Ask, where somebody can read the question and answer it."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    source = next(source for known in cell.files for source in known.sources)
    notes.print(
        f"{cell.name} ({cell.cell}) is not on this machine.\n"
        f"cite: {cell.citation}\nlicence: {cell.licence}\nsource: {source}"
    )
    return typer.confirm("Fetch it?", default=True, err=True)


class Shown:
    """Progress of downloads on the terminal: a bar for each address, a line where none is drawn."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
        self._bars = Bars(*columns, console=notes, disable=not notes.is_terminal)
        self._tasks: dict[str, TaskID] = {}

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

    def __call__(self, url: str, done: int, total: int) -> None:
        """Take the bytes that came from an address so far, and how many there are (0: unknown)."""
        if url not in self._tasks:
            self._tasks[url] = self._bars.add_task(url)
            if not notes.is_terminal:
                notes.print(f"fetching {url}")
        self._bars.update(self._tasks[url], completed=done, total=total or None)
