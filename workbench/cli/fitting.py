"""The verbs `fit`, `resume`, `rescore` and `report`."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from workbench.calibration import fit_engine
from workbench.cli.printing import (
    ERROR_COLUMNS,
    STAGE_COLUMNS,
    console,
    error_cells,
    feature_cells,
    notes,
    print_json,
    print_table,
    stage_cells,
)
from workbench.cli.validating import as_told, print_validation, with_intervals
from workbench.cli.working import agree, begun, pool_of
from workbench.errors import AllFailed, StoppedEarly
from workbench.fitting import source_of
from workbench.runs import (
    EvaluatorRun,
    Show,
    Watch,
    begin_from,
    begun_words,
    error_table,
    evaluated,
    evaluator_problem,
    evaluator_run,
    feature_table,
    identity,
    new_folder,
    prepare,
    read_held_out,
    read_run,
    resume_evaluator,
    shown,
    stage_table,
    start_or_resume_evaluator,
    study_of,
    trace_few,
    trace_picked,
)
from workbench.runs import rescore as rescore_run
from workbench.runs import resume as resume_run
from workbench.runs import start as start_run
from workbench.runs.folder import make_folder, quoted
from workbench.studies import EngineChoice, SearchPlan, Study, load_study, plan_of
from workbench.workers import Crew, Stop
from workbench.workers.task import Workers


def fit(
    name: str,
    given: dict[str, Any],
    begin: str | None,
    workers: int | None,
    walltime: str | None,
    out: Path | None,
    engine: EngineChoice,
    as_json: bool,
) -> None:
    """Run a fit in a new folder, then print its table and write its report."""
    with begun(walltime) as (crew, stop):
        unbegun = "before the fit began: begin it again"
        with stop.at_once(unbegun):
            study = load_study(name)
            plan = plan_of(study, **given)
            folder = out or new_folder(study, plan)
            population = plan.searched(study.problem).population
        with pool_of(study.fit.limit_s, crew, workers, stop) as pool:
            with stop.at_once(unbegun):
                every = population * plan.generations
                study = fit_engine(study, engine, pool, notes.print, "--", evaluations=every)
                if begin is not None:
                    plan = begin_from(study, plan, begin, folder)
                made_with = _prepare(study, crew, workers)
            if not as_json:
                notes.print(
                    f"{study.title}\n{len(study.problem.parameters)} free parameters, "
                    f"{len(study.problem.axes)} features{study.problem.shapes}; {plan.words}; "
                    f"{study.problem.integration}\nrun folder: {folder}",
                )
                if plan.begin is not None:
                    notes.print(begun_words(plan.begin))
            with _finished(folder, stop, as_json), shown(not as_json) as show:
                watch = Watch(population, plan.generations, 0, show, plan.segments)
                start_run(study, plan, folder, pool, [watch], made_with=made_with)


def fit_evaluator(
    evaluator: str,
    plan: SearchPlan,
    max_score: float,
    limit_s: float,
    workers: int | None,
    walltime: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Fit an evaluator in a new folder, then print its table and write its report."""
    with begun(walltime) as (crew, stop):
        source = source_of(evaluator)
        folder = out or new_folder(source, plan)
        make_folder(folder)
        agree(crew, workers, dict)
        with pool_of(limit_s, crew, workers, stop) as pool:
            problem = evaluator_problem(source, pool, max_score)
            population = plan.search(problem).population
            if not as_json:
                notes.print(
                    f"{source}\n{len(problem.parameters)} parameters, {len(problem.objectives)} "
                    f"scores; {plan.algorithm}, population {population}, {plan.generations} "
                    f"generations, seed {plan.seed}\nrun folder: {folder}"
                )
            with _finished(folder, stop, as_json), shown(not as_json) as show:
                watch = Watch(population, plan.generations, 0, show)
                start_or_resume_evaluator(problem, plan, folder, pool, [watch], limit_s=limit_s)


def resume(
    folder: Path,
    generations: int | None,
    name: str | None,
    workers: int | None,
    walltime: str | None,
    accept_changes: bool,
    as_json: bool,
) -> None:
    """Go on with a run, then print its table and write its report."""
    with begun(walltime) as (crew, stop):
        if (told := evaluator_run(folder)) is not None:
            agree(crew, workers, dict)
            with (
                _finished(folder, stop, as_json),
                pool_of(told.limit_s, crew, workers, stop) as pool,
                shown(not as_json) as show,
            ):
                _resume_evaluator(folder, told, generations, pool, show, accept_changes)
            return
        with stop.at_once(f"before the run went on: workbench resume {quoted(folder)}"):
            study, plan = study_of(folder, name)
            made_with = _prepare(study, crew, workers)
            known = evaluated(folder)
        with (
            _finished(folder, stop, as_json),
            pool_of(study.fit.limit_s, crew, workers, stop) as pool,
            shown(not as_json) as show,
        ):
            asked = generations or plan.generations
            watch = Watch(plan.population, asked, known, show, plan.segments)
            resume_run(
                folder,
                pool,
                [watch],
                study=name,
                made_with=made_with,
                accept_changes=accept_changes,
                generations=generations,
            )


def _resume_evaluator(
    folder: Path,
    told: EvaluatorRun,
    generations: int | None,
    pool: Workers,
    show: Show,
    accept_changes: bool,
) -> None:
    notes.print(f"its evaluator: {told.source}")
    problem = evaluator_problem(told.source, pool, told.max_score)
    asked = generations or told.plan.generations
    watch = Watch(told.plan.population, asked, evaluated(folder), show)
    resume_evaluator(
        folder, problem, pool, [watch], accept_changes=accept_changes, generations=generations
    )


def rescore(
    folder: Path, targets: Path | None, name: str | None, out: Path | None, as_json: bool
) -> None:
    """Score a run anew in a new folder, then print its table and write its report."""
    from workbench.reports import render

    with Stop().on_signals() as stop, stop.at_once("before all was scored anew: begin it again"):
        new = rescore_run(folder, out, targets=targets, study=name)
        page = render(new)
    if not as_json:
        notes.print(f"run folder: {new}")
    if not _tell(new, page, as_json):
        raise AllFailed(f"every individual of this run failed; see {page}")


def report(folder: Path, pick: str | None, traces: int | None) -> None:
    """Write the report of a run, of its best individual or of one that was picked."""
    from workbench.reports import render

    with Stop().on_signals() as stop, stop.at_once("before the report was written"):
        if pick is not None:
            trace_picked(folder, pick, stop, notes.print)
        if traces is not None:
            trace_few(folder, traces, stop, notes.print)
        page = render(folder, pick)
    console.print(str(page))


@contextmanager
def _finished(folder: Path, stop: Stop, as_json: bool) -> Iterator[None]:
    """Tell what came of a fit, and write its report, when it has ended by itself.

    Raises
    ------
    AllFailed
        If nothing came of it.
    StoppedEarly
        If the report could not be written.
    """
    from workbench.reports import render

    later = f"workbench report {quoted(folder)}"
    unwritten = "after the fit, before its report was written; write it with: " + later
    try:
        yield
    except AllFailed as failed:
        with stop.at_once(unwritten), suppress(OSError):
            raise AllFailed(f"{failed}. Its report: {render(folder)}") from None
        raise
    with stop.at_once(unwritten):
        try:
            page = render(folder)
        except OSError as error:
            raise StoppedEarly(
                f"the fit is finished, but its report cannot be written: "
                f"{error.strerror or error}. Mend that and write it with: {later}"
            ) from None
    if not _tell(folder, page, as_json):
        raise AllFailed(f"every individual of this run failed; see {page}")


def _tell(folder: Path, page: Path, as_json: bool) -> bool:
    """Print what came of a fit; return whether there is a model."""
    summary, held_out = read_run(folder), read_held_out(folder)
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
                "stages": stage_table(summary.stages),
                "errors": error_table(summary.stages),
                "morphologies": summary.best_sums,
                "racing": None if summary.race is None else asdict(summary.race),
                "exact": None if summary.verified is None else asdict(summary.verified),
                "held_out": None if held_out is None else as_told(held_out),
            }
        )
        return best is not None
    table = feature_table(summary)
    cells = [feature_cells(r.name, r.target, r.value, r.values, r.reason, r.score) for r in table]
    columns, rows = with_intervals(cells, [vars(r) for r in table])
    print_table(columns, rows, "The best individual")
    if summary.stages:
        print_table(STAGE_COLUMNS, stage_cells(summary.stages), "The stages")
    for one in summary.stages:
        if one.least_squares is not None:
            title = f"{one.stage.name}: errors of its parameters"
            print_table(ERROR_COLUMNS, error_cells(one.least_squares), title)
    if summary.best_sums:
        sums = [[name, f"{one:.3f}"] for name, one in summary.best_sums.items()]
        title = f"Its sums on the morphologies, of which the {summary.rule.morphologies} counts"
        print_table(["morphology", ">sum (SD)"], sums, title)
    if best is not None:
        console.print(f"sum {best.scores.sum():.3f}")
    if summary.race is not None:
        console.print(str(summary.race))
    if held_out is not None:
        print_validation(held_out)
    if summary.verified is not None:
        console.print(str(summary.verified))
    if summary.pace.idle is not None:
        console.print(f"workers idle: {100 * summary.pace.idle:.1f} % of their time")
    console.print(f"report: {page}")
    return best is not None


def _prepare(study: Study, crew: Crew | None, workers: int | None) -> dict[str, str]:
    """Compile once; then let every rank find the same build. Return what the fit is made with."""
    made_with = prepare(study, notes.print)
    agree(crew, workers, partial(identity, study.problem))
    return made_with
