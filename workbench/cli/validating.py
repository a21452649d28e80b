"""The verb `validate`, and the tables of what is held out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.calibration import checked_here
from workbench.cli.options import count
from workbench.cli.printing import (
    FEATURE_COLUMNS,
    console,
    feature_cells,
    notes,
    print_json,
    print_table,
)
from workbench.cli.tables import writer_for
from workbench.runs import Validation, prepare, shown, study_under, validate_run
from workbench.studies import EngineChoice, with_engine
from workbench.workers import ProcessWorkers, Stop

INTERVAL_COLUMNS = [">target's mean, 95 %", ">SD, 95 %"]


def validate(
    folder: Path,
    study: str | None,
    targets: Path | None,
    morphology: str | None,
    pick: str | None,
    archive: bool,
    workers: int | None,
    out: Path | None,
    engine: EngineChoice,
    as_json: bool,
) -> None:
    """Score individuals of a run on what its search has not seen, and print or write it."""
    write = writer_for(out)
    asked, under = study_under(folder, study=study, targets=targets, morphology=morphology)
    asked = with_engine(asked, engine, "--", checked_here)
    prepare(asked, notes.print)
    with (
        Stop().on_signals() as stop,
        ProcessWorkers(count(workers), asked.fit.limit_s, stop) as pool,
        shown(not as_json) as show,
    ):
        found = validate_run(folder, asked, under, pool, pick=pick, archive=archive, show=show)
    if out is not None:
        write(out, found.rows() if archive else found.table())
    if as_json:
        print_json(as_told(found))
    elif out is None:
        print_validation(found)


def as_told(found: Validation) -> dict[str, Any]:
    """Return a validation for JSON: the targets as the first individual meets them, and all."""
    return {
        "run": found.run,
        "under": found.under,
        "integrator": found.integrator,
        "targets": found.table(),
        "individuals": found.rows(),
    }


def print_validation(found: Validation) -> None:
    """Print how the first individual meets the targets, and the sums of all."""
    first = found.individuals[0]
    title = f"Individual {first.name} {found.under}"
    columns, rows = with_intervals(
        [
            feature_cells(
                r["feature"], r["target"], r["value"], r["values"], r["reason"], r["score"]
            )
            for r in found.table()
        ],
        found.table(),
    )
    print_table(columns, rows, title)
    rest = "" if first.interval is None else f" (95 %: {_ends(*first.interval)})"
    console.print(f"sum {first.sum:.3f}{rest}  ({found.integrator})")
    if len(found.individuals) > 1:
        print_table(
            [">pick", "individual", ">sum, fitted", f">sum {found.under}", ">95 %"],
            [
                [
                    str(one.pick or ""),
                    one.name,
                    f"{one.fitted_sum:.3f}",
                    f"{one.sum:.3f}",
                    "" if one.interval is None else _ends(*one.interval),
                ]
                for one in found.individuals
            ],
            "The best and the Pareto archive",
        )


def with_intervals(
    cells: Sequence[list[str]], rows: Sequence[Mapping[str, Any]]
) -> tuple[list[str], list[list[str]]]:
    """Return the columns and cells of a table of features, with intervals if there are any."""
    if all(row["mean_low"] is None for row in rows):
        return FEATURE_COLUMNS, [*cells]
    more = [[_pair(row, "mean"), _pair(row, "score")] for row in rows]
    return [*FEATURE_COLUMNS, *INTERVAL_COLUMNS], [
        [*one, *two] for one, two in zip(cells, more, strict=True)
    ]


def _pair(row: Mapping[str, Any], name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return "" if low is None else _ends(low, high)


def _ends(low: float, high: float) -> str:
    return f"{low:.4g} to {high:.4g}"
