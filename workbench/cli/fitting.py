"""The verbs `fit`, `resume` and `report`."""

import os
import re
import shlex
from functools import partial
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
from workbench.errors import InputError, StoppedEarly
from workbench.fitting import Ledger
from workbench.studies import Study, identity, load_study, new_folder, plan_of, prepare, study_of
from workbench.studies import resume as resume_run
from workbench.studies import start as start_run
from workbench.workers import Crew, ProcessWorkers, RankWorkers, Stop, enlist, find_launch


def fit(
    name: str,
    given: dict[str, Any],
    workers: int | None,
    walltime: str | None,
    out: Path | None,
    choice: EngineChoice,
    as_json: bool,
) -> None:
    """Run a fit in a new folder, then print its table and write its report."""
    with enlist(find_launch(os.environ)) as crew:
        stop = Stop(walltime_s(walltime))
        study = choice.apply(load_study(name))
        plan = plan_of(study, **given)
        folder = out or new_folder(study, plan)
        made_with = _prepare(study, crew, workers)
        population = plan.search(study.problem).population
        if not as_json:
            notes.print(
                f"{study.title}\n{len(study.problem.parameters)} free parameters, "
                f"{len(study.problem.objectives)} features; {plan.algorithm}, population "
                f"{population}, {plan.generations} generations, seed {plan.seed}; "
                f"{study.problem.integration}\nrun folder: {folder}",
            )
        with (
            stop.on_signals(),
            _pool(study, crew, workers, stop) as pool,
            Progress(population, plan.generations, as_json) as progress,
        ):
            start_run(study, plan, folder, pool, [progress], made_with=made_with)
        _finish(folder, as_json)


def resume(
    folder: Path,
    name: str | None,
    workers: int | None,
    walltime: str | None,
    accept_changes: bool,
    as_json: bool,
) -> None:
    """Go on with a run, then print its table and write its report."""
    with enlist(find_launch(os.environ)) as crew:
        stop = Stop(walltime_s(walltime))
        study, plan = study_of(folder, name)
        made_with = _prepare(study, crew, workers)
        with Ledger.open(folder / "ledger.sqlite") as ledger:
            known = sum(1 for _ in ledger.rows())
        with (
            stop.on_signals(),
            _pool(study, crew, workers, stop) as pool,
            Progress(plan.population, plan.generations, as_json) as progress,
        ):
            progress.known(known)
            resume_run(
                folder,
                pool,
                [progress],
                study=name,
                made_with=made_with,
                accept_changes=accept_changes,
            )
        _finish(folder, as_json)


def report(folder: Path) -> None:
    """Write the report of a run."""
    from workbench.reports import render

    console.print(str(render(folder)))


def _finish(folder: Path, as_json: bool) -> None:
    from workbench.reports import feature_table, read_run, render

    summary = read_run(folder)
    try:
        page = render(folder)
    except OSError as error:
        raise StoppedEarly(
            f"the fit is finished, but its report cannot be written: {error.strerror or error}. "
            f"Mend that and write it with: workbench report {shlex.quote(str(folder))}"
        ) from None
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
                "idle": summary.pace.idle,
            }
        )
        return
    rows = [
        feature_cells(r.name, r.mean, r.std, r.value, r.reason, r.score)
        for r in feature_table(summary)
    ]
    print_table(FEATURE_COLUMNS, rows, "The best individual")
    if best is not None:
        console.print(f"sum {best.scores.sum():.3f}")
    if summary.pace.idle is not None:
        console.print(f"workers idle: {100 * summary.pace.idle:.1f} % of their time")
    console.print(f"report: {page}")


def walltime_s(text: str | None) -> float | None:
    """Return a walltime as schedulers write it, [D-]HH:MM:SS, in seconds.

    Raises
    ------
    InputError
        If it has another form, or is over before it begins.
    """
    if text is None:
        return None
    found = re.fullmatch(r"(?:(\d+)-)?(\d+):([0-5]?\d):([0-5]?\d)", text)
    days, hours, minutes, seconds = map(int, found.groups("0")) if found else (0, 0, 0, 0)
    total_s = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if total_s == 0:
        raise InputError(f"--walltime {text!r} cannot be read; write HH:MM:SS or D-HH:MM:SS")
    return float(total_s)


def _prepare(study: Study, crew: Crew | None, workers: int | None) -> dict[str, str]:
    """Compile once; then let every rank find the same build. Return what the fit is made with."""
    if crew is not None and workers is not None:
        raise InputError("--workers is for one machine without MPI: every rank has one; leave it")
    made_with = prepare(study, notes.print)
    if crew is not None:
        crew.agree(partial(identity, study.problem))
    return made_with


def _pool(
    study: Study, crew: Crew | None, workers: int | None, stop: Stop
) -> ProcessWorkers | RankWorkers:
    if crew is not None:
        return RankWorkers(crew, study.fit.limit_s, stop)
    return ProcessWorkers(count(workers), study.fit.limit_s, stop)
