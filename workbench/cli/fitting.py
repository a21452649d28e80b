"""The verbs `fit`, `resume` and `report`."""

import os
import signal
from pathlib import Path
from typing import Any

from workbench.cli.options import EngineChoice, count
from workbench.cli.printing import (
    FEATURE_COLUMNS,
    Progress,
    console,
    feature_cells,
    notes,
    print_json,
    print_table,
)
from workbench.errors import InputError
from workbench.fitting import Ledger
from workbench.studies import load_study, new_folder, plan_of, prepare, study_of
from workbench.studies import resume as resume_run
from workbench.studies import start as start_run
from workbench.workers import ProcessWorkers


def fit(
    name: str,
    given: dict[str, Any],
    workers: int | None,
    out: Path | None,
    choice: EngineChoice,
    as_json: bool,
) -> None:
    """Run a fit in a new folder, then print its table and write its report."""
    _refuse_launcher()
    study = choice.apply(load_study(name))
    plan = plan_of(study, **given)
    folder = out or new_folder(study, plan)
    _stop_on_sigterm()
    prepare(study, notes.print)
    population = plan.search(study.problem).population
    if not as_json:
        notes.print(
            f"{study.title}\n{len(study.problem.parameters)} free parameters, "
            f"{len(study.problem.objectives)} features; {plan.algorithm}, population "
            f"{population}, {plan.generations} generations, seed {plan.seed}; "
            f"{study.problem.integrator}\nrun folder: {folder}",
            highlight=False,
        )
    with (
        ProcessWorkers(count(workers), study.fit.limit_s) as pool,
        Progress(population, plan.generations, as_json) as progress,
    ):
        start_run(study, plan, folder, pool, [progress])
    _finish(folder, as_json)


def resume(folder: Path, workers: int | None, as_json: bool) -> None:
    """Go on with a run, then print its table and write its report."""
    study, plan = study_of(folder)
    _stop_on_sigterm()
    prepare(study, notes.print)
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        known = sum(1 for _ in ledger.rows())
    with (
        ProcessWorkers(count(workers), study.fit.limit_s) as pool,
        Progress(plan.population, plan.generations, as_json) as progress,
    ):
        progress.known(known)
        resume_run(folder, pool, [progress])
    _finish(folder, as_json)


def report(folder: Path) -> None:
    """Write the report of a run."""
    from workbench.reports import render

    console.print(str(render(folder)), highlight=False, soft_wrap=True)


def _finish(folder: Path, as_json: bool) -> None:
    from workbench.reports import feature_table, read_run, render

    summary = read_run(folder)
    page = render(folder)
    best = summary.best
    if as_json:
        print_json(
            {
                "run": str(folder),
                "report": str(page),
                "best": None
                if best is None
                else {
                    "generation": best.generation,
                    "individual": best.individual,
                    "sum": float(best.scores.sum()),
                },
            }
        )
        return
    rows = [
        feature_cells(r.name, r.mean, r.std, r.value, r.reason, r.score)
        for r in feature_table(summary)
    ]
    print_table(FEATURE_COLUMNS, rows, "The best individual")
    if best is not None:
        console.print(f"sum {best.scores.sum():.3f}", highlight=False)
    console.print(f"report: {page}", highlight=False, soft_wrap=True)


def _refuse_launcher() -> None:
    """Refuse to be started once a rank: each would run the same fit on its own."""
    for name in ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "PMIX_SIZE"):
        if os.environ.get(name, "1") not in ("", "0", "1"):
            raise InputError(
                f"{name} is {os.environ[name]}: this fit was started under mpirun, which it does "
                "not use yet; start it once, with --workers"
            )


def _stop_on_sigterm() -> None:
    """Let SIGTERM stop a run as Ctrl-C does: the ledger closes, the exit code is 75."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
