"""The verb `reproduce`."""

from collections.abc import Sequence
from typing import Any

from workbench.cli.printing import console, notes, print_json, print_table
from workbench.errors import NotReproduced
from workbench.studies import (
    Reproduced,
    converge,
    load_expected,
    load_study,
    prepare,
    reproduce,
    reproducible,
)
from workbench.workers import ProcessWorkers


def run(names: Sequence[str], workers: int, converged: bool, as_json: bool) -> None:
    """Compare every expected number of some studies with ours.

    Raises
    ------
    NotReproduced
        If a number is missed.
    """
    entries: list[dict[str, Any]] = []
    for name in names or reproducible():
        study = load_study(name)
        expected = load_expected(study)
        prepare(study, notes.print)
        with ProcessWorkers(workers) as pool:
            results = list(reproduce(expected, pool))
            finest = converge(expected, pool) if converged else []
        entries += [_entry(study.name, result) for result in results]
        for entry, fine in zip(entries[-len(results) :], finest, strict=False):
            entry["converged"] = fine.found
        if not as_json:
            _print(study.title, entries[-len(results) :], converged)
    if as_json:
        print_json(entries)
    missed = [f"{entry['study']}: {entry['name']}" for entry in entries if not entry["holds"]]
    if missed:
        raise NotReproduced(f"{len(missed)} of {len(entries)} missed:\n" + "\n".join(missed))


def _entry(study: str, result: Reproduced) -> dict[str, Any]:
    expected = result.expected
    return {
        "study": study,
        "name": expected.name,
        "source": expected.source,
        "integrator": str(expected.job.integrator),
        "expected": expected.values,
        "tolerance": expected.tolerance,
        "found": result.found,
        "difference": result.differences,
        "reason": result.reason,
        "holds": result.holds,
    }


def _print(title: str, entries: Sequence[dict[str, Any]], converged: bool) -> None:
    columns = ["number", ">published", ">ours", ">largest difference", ">allowed", ""]
    rows = []
    for entry in entries:
        worst = max(entry["difference"], key=abs, default=float("nan"))
        rows.append(
            [
                entry["name"],
                _numbers(entry["expected"]),
                entry["reason"] or _numbers(entry["found"]),
                f"{worst:+.4g}",
                f"{max(entry['tolerance']):.4g}",
                "holds" if entry["holds"] else "[red]missed[/]",
            ]
        )
        if converged:
            rows[-1].insert(3, _numbers(entry.get("converged", ())))
    if converged:
        columns.insert(3, ">converged")
    print_table(columns, rows, title)
    console.print()


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.6g}" for value in values)
