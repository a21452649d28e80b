"""The verb `reproduce`: numbers of studies and of experiments."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from workbench.cli.printing import console, notes, print_json, print_table
from workbench.errors import InputError, NotReproduced, NotTaken
from workbench.reports import Entry, Way, number_of, refused, render_reproduction, reproduction_of
from workbench.studies import EngineChoice, reproducible


def run(
    names: Sequence[str],
    workers: int,
    converged: bool,
    out: Path | None,
    as_json: bool,
    trusted: bool = False,
    engine: EngineChoice = EngineChoice(),  # noqa: B008 - it is frozen
) -> None:
    """Compare every expected number with ours, print them and write their page.

    Raises
    ------
    InputError
        If the page cannot be written where `out` says.
    NotReproduced
        If a number is missed.
    NotTaken
        If the engine refuses some, and all others hold.
    """
    page = _page(out, as_json)
    way = Way(workers, engine, "--", converged, trusted, not as_json, notes.print)
    entries: list[Entry] = []
    pictures: dict[str, str] = {}
    for name in names or reproducible():
        found = reproduction_of(name, way)
        entries += found.entries
        pictures |= found.pictures
        if not as_json:
            _print(found.title, found.entries, converged)
    if as_json:
        print_json(entries)
    if page is not None:
        render_reproduction(entries, page, pictures)
    if page is not None and not as_json:
        console.print(f"report: {page}")
    _judge(entries)


def _judge(entries: Sequence[Entry]) -> None:
    """Raise what says which numbers are missed, and which refused."""
    missed = [
        f"{entry['study']}: {entry['name']}"
        for entry in entries
        if not entry["holds"] and not entry["refused"]
    ]
    count = sum(entry["refused"] for entry in entries)
    said = []
    if missed:
        said += [f"{len(missed)} of {len(entries)} missed:", *missed]
    if count:
        others = "" if missed or count == len(entries) else "; the others hold"
        said += [f"{count} of {len(entries)} refused{others}:", *refused(entries)]
    if said:
        raise (NotReproduced if missed else NotTaken)("\n".join(said))


def _page(out: Path | None, as_json: bool) -> Path | None:
    """Return where the page goes, before the long run: nowhere if only JSON was asked for."""
    if out is None and as_json:
        return None
    if out is None:
        folder = Path("runs")
        folder.mkdir(exist_ok=True)
        return folder / f"reproduction-{datetime.now().strftime('%Y%m%d-%H%M%S')}.html"
    if out.suffix != ".html":
        raise InputError(f"--out {out}: the page is a .html file")
    if not out.parent.is_dir():
        raise InputError(f"--out {out}: there is no folder {out.parent}")
    return out


def _print(title: str, entries: Sequence[Entry], converged: bool) -> None:
    """Print one line a number; of several values the one that is farthest off."""
    columns = ["number", ">published", ">ours", ">difference", ">allowed", ""]
    if converged:
        columns[5:5] = [">converged", "survives"]
    rows = [_cells(entry, converged) for entry in entries]
    print_table(columns, rows, title, {"missed": "red", "refused": "yellow"})
    console.print()


def _cells(entry: Entry, converged: bool) -> list[str]:
    number = number_of(entry)
    name, at = number.name, number.worst
    if len(number.published) > 1 and at is not None:
        name += f", value {at + 1} of {len(number.published)}"
    at = at or 0
    ours, difference = "" if number.refused else number.complaint, ""
    if not number.complaint:
        ours, difference = f"{number.ours[at]:.6g}", f"{number.differences[at]:+.3g}"
    finest = [f"{value:.6g}" for value in (number.converged or ())[at : at + 1]]
    return [
        name,
        number.aims[at],
        ours,
        difference,
        f"{number.allowed[at]:.3g}",
        *([*(finest or ["moves"]), number.survival] if converged else []),
        number.verdict,
    ]
