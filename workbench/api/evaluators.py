"""Fits of evaluators of BluePyOpt's from Python."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.api.fits import FitResult, open_run
from workbench.fitting import source_of
from workbench.runs import (
    Show,
    Watch,
    evaluated,
    evaluator_problem,
    new_folder,
    shown,
    start_or_resume_evaluator,
)
from workbench.runs.folder import holds_run
from workbench.studies import evaluator_plan
from workbench.workers import ProcessWorkers, Stop, check_count, walltime_s


def fit_evaluator(
    evaluator: Any,
    *,
    algorithm: str | None = None,
    population: int | None = None,
    generations: int | None = None,
    seed: int | None = None,
    options: Mapping[str, float] | None = None,
    max_score: float = 250.0,
    limit_s: float = 1800.0,
    out: str | Path | None = None,
    workers: int = 1,
    walltime: str | None = None,
    progress: bool | Show = True,
) -> FitResult:
    """Fit an evaluator of BluePyOpt's with these workers, ledger and searches.

    The scores are those of its `evaluate_with_lists`, to the last bit: in BluePyOpt it is
    `DEAPOptimisation(evaluator, ...).run(...)`.

    Parameters
    ----------
    evaluator
        `"module:function"` or `"file.py:function"`, of a function without arguments that returns
        an evaluator; such a function; or a `bluepyopt.ephys.evaluators.CellEvaluator`, or any
        other with `params`, `objectives` and `evaluate_with_lists`. Each worker makes its own, in
        the working directory of now. A run of an object, of which it gets a copy, can go on here
        alone, not with `resume`: no file says how to make it again.
    algorithm, population, generations, seed
        As in `fit`; by default ibea, 100, 100 and 1.
    options
        Of the algorithm, by name.
    max_score
        The score where the evaluator gives NaN or infinity, and of each objective of an individual
        that ended its workers; BluePyOpt's own is 250.
    limit_s
        How long a worker may take for an individual, in s, before it is taken for hung.
    out
        The run folder, by default a new one in ./runs. One whose run was stopped goes on.
    workers, walltime, progress
        As in `fit`.

    Raises
    ------
    InputError
        If it is no evaluator, cannot be made or raises an error, gives a score below 0, or a number
        cannot be used.
    LedgerError
        If the folder holds another run, or its evaluator gave other scores.
    StoppedEarly
        If it was interrupted, or its walltime is nearly over; the same call goes on.
    """
    check_count(workers)
    stop = Stop(walltime_s(walltime))
    source = source_of(evaluator)
    plan = evaluator_plan(algorithm, population, generations, seed, options)
    folder = new_folder(source, plan) if out is None else Path(out)
    known = evaluated(folder) if holds_run(folder) else 0
    with ProcessWorkers(workers, limit_s, stop) as pool, shown(progress) as show:
        problem = evaluator_problem(source, pool, max_score)
        watch = Watch(plan.search(problem).population, plan.generations, known, show)
        start_or_resume_evaluator(problem, plan, folder, pool, [watch], limit_s=limit_s)
    return open_run(folder)
