"""The verb `reproduce`: numbers of studies and of experiments."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.cli.experimenting import read
from workbench.cli.printing import console, notes, print_json, print_table
from workbench.errors import InputError, NotReproduced
from workbench.experiments import (
    ExperimentWatch,
    check_rows,
    compared,
    do,
    experiment_names,
    find_experiment,
    table,
)
from workbench.experiments import prepare as prepare_experiment
from workbench.experiments.named import FILE as EXPERIMENT
from workbench.inputs import is_file
from workbench.reports import entry_of, number_of, render_reproduction
from workbench.runs import prepare, shown
from workbench.studies import (
    Study,
    converge,
    load_expected,
    load_expected_rows,
    load_study,
    reproduce,
    reproducible,
)
from workbench.workers import ProcessWorkers

Entry = dict[str, Any]


def run(
    names: Sequence[str],
    workers: int,
    converged: bool,
    out: Path | None,
    as_json: bool,
    trusted: bool = False,
) -> None:
    """Compare every expected number with ours, print them and write their page.

    Raises
    ------
    InputError
        If the page cannot be written where `out` says.
    NotReproduced
        If a number is missed.
    """
    page = _page(out, as_json)
    entries: list[Entry] = []
    pictures: dict[str, str] = {}
    for name in names or reproducible():
        title, here, picture = _reproduced(name, workers, converged, trusted, as_json)
        entries += here
        pictures |= picture
        if not as_json:
            _print(title, here, converged)
    if as_json:
        print_json(entries)
    if page is not None:
        render_reproduction(entries, page, pictures)
    if page is not None and not as_json:
        console.print(f"report: {page}")
    missed = [f"{entry['study']}: {entry['name']}" for entry in entries if not entry["holds"]]
    if missed:
        raise NotReproduced(f"{len(missed)} of {len(entries)} missed:\n" + "\n".join(missed))


def _reproduced(
    name: str, workers: int, converged: bool, trusted: bool, quiet: bool
) -> tuple[str, list[Entry], dict[str, str]]:
    """Return a title, the numbers of a study and those of an experiment, and its figure."""
    if name in experiment_names() or is_file(Path(name) / EXPERIMENT):
        file = find_experiment(name)
        title, here, picture = _of_experiment(file, workers, trusted, quiet)
        if not (file.parent / "study.toml").is_file():
            return title, here, picture
        study, more = _of_study(load_study(file.parent), workers, converged)
        return title or study, [*more, *here], picture
    title, here = _of_study(load_study(name), workers, converged)
    return title, here, {}


def _of_study(study: Study, workers: int, converged: bool) -> tuple[str, list[Entry]]:
    expected = load_expected(study)
    if not expected:
        return study.title, []
    prepare(study, notes.print)
    with ProcessWorkers(workers) as pool:
        results = list(reproduce(expected, pool))
        finest = converge(expected, pool) if converged else [None] * len(results)
    pairs = zip(results, finest, strict=True)
    return study.title, [
        entry_of(study.name, one, str(one.expected.integrator), finer) for one, finer in pairs
    ]


def _of_experiment(
    file: Path, workers: int, trusted: bool, quiet: bool
) -> tuple[str, list[Entry], dict[str, str]]:
    expected = load_expected_rows(file.parent)
    found = read(file, trusted)
    asked = found.experiment
    check_rows(expected, asked)
    made_with = prepare_experiment(asked, notes.print)
    with ProcessWorkers(workers, found.limit_s) as pool, shown(not quiet) as show:
        watch = ExperimentWatch(len(asked.conditions), 0, show)
        rows = table(asked, do(asked, pool, None, [watch], made_with=made_with))
    tables = found.analysis.tables(rows) if found.analysis else {}
    integrator = " and ".join(dict.fromkeys(str(c.job.integrator) for c in asked.conditions))
    here = [entry_of(found.name, one, integrator) for one in compared(expected, rows, tables)]
    if not (found.analysis and found.analysis.draws):
        return found.title, here, {}
    from workbench.reports.experiment_figure import experiment_picture

    return found.title, here, {found.name: experiment_picture(found.analysis, rows, tables)}


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
