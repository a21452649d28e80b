"""What a terminal has to do with fetching morphologies: the question before."""

import sys
from functools import partial
from pathlib import Path

import typer

from workbench.cli.printing import Downloads, notes
from workbench.morphology import CatalogueEntry, fetch, offer_to_fetch


def offer(yes: bool) -> None:
    """Let a verb fetch the morphologies that it misses: at once, or after asking for each."""
    offer_to_fetch(partial(_fetched_if_agreed, yes))


def fetch_shown(name: str) -> Path:
    """Return the file of a cell, fetched with a bar on a terminal and a line elsewhere."""
    with Downloads() as shown:
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
