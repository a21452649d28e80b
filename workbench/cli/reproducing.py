"""The verb `reproduce`."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.cli.printing import console, notes, print_json, print_table
from workbench.errors import InputError, NotReproduced
from workbench.reports import entry_of, number_of, render_reproduction
from workbench.runs import prepare
from workbench.studies import converge, load_expected, load_study, reproduce, reproducible
from workbench.workers import ProcessWorkers


def run(
    names: Sequence[str], workers: int, converged: bool, out: Path | None, as_json: bool
) -> None:
    """Compare every expected number of some studies with ours, print them and write their page.

    Raises
    ------
    InputError
        If the page cannot be written where `out` says.
    NotReproduced
        If a number is missed.
    """
    page = _page(out, as_json)
    entries: list[dict[str, Any]] = []
    for name in names or reproducible():
        study = load_study(name)
        expected = load_expected(study)
        prepare(study, notes.print)
        with ProcessWorkers(workers) as pool:
            results = list(reproduce(expected, pool))
            finest = converge(expected, pool) if converged else [None] * len(results)
        here = [entry_of(study.name, *pair) for pair in zip(results, finest, strict=True)]
        entries += here
        if not as_json:
            _print(study.title, here, converged)
    if as_json:
        print_json(entries)
    if page is not None:
        render_reproduction(entries, page)
    if page is not None and not as_json:
        console.print(f"report: {page}")
    missed = [f"{entry['study']}: {entry['name']}" for entry in entries if not entry["holds"]]
    if missed:
        raise NotReproduced(f"{len(missed)} of {len(entries)} missed:\n" + "\n".join(missed))


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


def _print(title: str, entries: Sequence[dict[str, Any]], converged: bool) -> None:
    """Print one line a number; of several values the one that is farthest off."""
    columns = ["number", ">published", ">ours", ">difference", ">allowed", ""]
    if converged:
        columns[5:5] = [">converged", "survives"]
    rows = [_cells(entry, converged) for entry in entries]
    print_table(columns, rows, title, {"missed": "red"})
    console.print()


def _cells(entry: dict[str, Any], converged: bool) -> list[str]:
    number = number_of(entry)
    name, at = number.name, number.worst
    if len(number.published) > 1 and at is not None:
        name += f", value {at + 1} of {len(number.published)}"
    at = at or 0
    ours, difference = number.complaint, ""
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
        "holds" if number.holds else "missed",
    ]
