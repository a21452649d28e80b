"""Fits and scores from Python."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.api.limits import RunLimits
from workbench.api.pictures import of_features
from workbench.api.validation import ValidationResult
from workbench.calibration import checked_here, fit_engine
from workbench.errors import InputError
from workbench.reports import render
from workbench.runs import (
    Params,
    Race,
    Show,
    Watch,
    archive_table,
    as_begun,
    begun_words,
    error_table,
    evaluate,
    evaluated,
    evaluations,
    evaluator_problem,
    evaluator_run,
    feature_table,
    new_folder,
    prepare,
    read_held_out,
    read_limits,
    read_run,
    resume_evaluator,
    shown,
    stage_table,
    start_or_resume,
    study_of,
    trace_few,
    trace_picked,
    with_params,
)
from workbench.runs import begin_from as with_beginning
from workbench.runs import generations as generations_of
from workbench.runs import rescore as rescore_run
from workbench.runs import resume as resume_run
from workbench.runs.folder import holds_run, run_named
from workbench.studies import EngineChoice, Study, load_study, plan_of, with_engine
from workbench.workers import ProcessWorkers, Stop, check_count, walltime_s

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FitResult:
    """A run folder, read.

    Attributes
    ----------
    folder
        Where ledger, provenance and the traces of the best lie.
    best
        Parameter values of the individual with the smallest sum of scores, by name.
    score
        That sum, in SD.
    """

    folder: Path
    best: Mapping[str, float]
    score: float

    def __repr__(self) -> str:
        return f"<FitResult {self.folder}: {len(self.best)} parameters, sum {self.score:.2f} SD>"

    def _repr_html_(self) -> str:
        return of_features(feature_table(read_run(self.folder)), repr(self))

    def features(self) -> "pd.DataFrame":
        """Return the features of the best individual: target, model and distance in SD."""
        import pandas as pd

        return pd.DataFrame(feature_table(read_run(self.folder)))

    def evaluations(self) -> "pd.DataFrame":
        """Return every evaluation of the run: key, status, sum, parameters, features, scores."""
        import pandas as pd

        return pd.DataFrame(evaluations(self.folder))

    def generations(self) -> "pd.DataFrame":
        """Return how far the run was after each generation.

        How many were evaluated and failed, best and median of the sums of scores, the best so far,
        and its scores by protocol and feature, in SD.
        """
        import pandas as pd

        return pd.DataFrame(generations_of(self.folder))

    def archive(self, by: str | None = None) -> "pd.DataFrame":
        """Return the Pareto archive of the run: individuals that no other is as good as throughout.

        It has at most 100, the smallest sum first; of more, those that stand for all. `pick` is
        their number, for `report` and for `params="RUN:pareto/4"`.

        Parameters
        ----------
        by
            What they are compared in: the scores of `protocols`, or of `features`. By default
            protocols, and features where there is one protocol; `pick` is of the default alone.
        """
        import pandas as pd

        return pd.DataFrame(archive_table(self.folder, by))

    @property
    def sums(self) -> dict[str, float]:
        """The sums of the best individual's scores by morphology, in SD, if there are several."""
        return read_run(self.folder).best_sums

    @property
    def race(self) -> Race | None:
        """What racing saved; None of a run whose individuals did not race."""
        return read_run(self.folder).race

    def limits(self) -> RunLimits:
        """Return what limits what: features that compete, parameters that go together, models."""
        return RunLimits(read_limits(self.folder))

    def moves_SD(self) -> dict[str, float | None]:
        """Return how far each feature of the best moves when computed without approximation, in SD.

        None where it has a value in one of the two alone; empty where it was not computed so, as in
        runs whose engine was not chosen by a calibration or a check.
        """
        found = read_run(self.folder).verified
        return {} if found is None else found.moves_SD

    def held_out(self) -> ValidationResult:
        """Return what the best and the archive score on targets that the search did not see.

        Raises
        ------
        InputError
            If that was not scored: nothing was held out, or the fit has not ended.
        """
        found = read_held_out(self.folder)
        if found is None:
            raise InputError(
                f"{self.folder} holds no scores of targets that were held out; wb.validate scores "
                "those that its study holds out"
            )
        return ValidationResult(found)

    def stages(self) -> "pd.DataFrame":
        """Return the stages of a fit in stages: search, individuals, and the best sum, in SD."""
        import pandas as pd

        return pd.DataFrame(stage_table(read_run(self.folder).stages))

    def errors(self) -> "pd.DataFrame":
        """Return what stages of least squares found: values, errors, 90 % intervals, correlations.

        Values, errors and ends of intervals are in the parameters' own units; empty without such a
        stage. `LeastSquares` says what the errors are.
        """
        import pandas as pd

        return pd.DataFrame(error_table(read_run(self.folder).stages))

    def report(self, pick: int | str | None = None, traces: int | None = None) -> Path:
        """Write the report and return its path.

        Parameters
        ----------
        pick
            An individual in the place of the best, in a report of its own: 4 is the fourth of the
            archive, "2/7" individual 7 of generation 2. It is simulated, if its traces were not
            kept and the study is as it was.
        traces
            Of how many compromises the page shows traces as well: those that stand for all are
            simulated.

        Raises
        ------
        InputError
            If the run holds no such individual, or it failed.
        """
        if pick is not None:
            trace_picked(self.folder, pick, report=_say)
        if traces is not None:
            trace_few(self.folder, traces, report=_say)
        return render(self.folder, pick)


def fit(
    study: str | Path | Study,
    *,
    algorithm: str | None = None,
    population: int | None = None,
    generations: int | None = None,
    seed: int | None = None,
    seeds: int | None = None,
    racing: bool | None = None,
    begin_from: str | Path | None = None,
    out: str | Path | None = None,
    workers: int = 1,
    walltime: str | None = None,
    engine: str | EngineChoice | None = None,
    progress: bool | Show = True,
) -> FitResult:
    """Fit a study; what is not given is the study's own choice.

    Parameters
    ----------
    study
        Name, folder, or as loaded.
    algorithm
        A search, by name.
    population, generations, seed
        Individuals a generation, generations, and the seed: the same seed, the same run.
    seeds
        How many times the search is run in this one fit, each time with the next seed.
    racing
        Of several morphologies: whether an individual that cannot survive any more is not run on
        the rest; for the search `truncation`.
    begin_from
        Another run, `--from` of the command line: "RUN" begins with its best individuals, as many
        as a population has, "RUN:last" with those of its last generation, "RUN:3" or "RUN:12/7"
        with one. The rest is drawn.
    out
        The run folder, by default a new one in ./runs. One whose run was stopped goes on.
    workers
        Number of child processes.
    walltime
        `HH:MM:SS` or `D-HH:MM:SS`: the fit stops in time to be gone after it.
    engine
        `neuron`, `coreneuron`, `population` or `auto`; or an `EngineChoice`. `auto` is how the
        study was calibrated or, if it was not, what a check of at most a minute finds quick and
        exact enough; so is a study without an `[integrator]` simulated, unless this says otherwise.
    progress
        Whether a bar in the notebook, a line on the terminal or, elsewhere, a line a generation on
        standard error shows how far the fit is; or a function that is given a `Progress` after each
        evaluation.

    Raises
    ------
    InputError
        If the study, the search, the engine or a number cannot be used.
    EngineError
        If the engine cannot run the study.
    LedgerError
        If the folder holds another run.
    StoppedEarly
        If it was interrupted, or its walltime is nearly over; the same call goes on.
    AllFailed
        If no individual could be simulated.

    Examples
    --------
    >>> import workbench as wb
    >>> result = wb.fit("l5pc_quick", population=4, generations=1, seed=1, out="runs/tiny")
    >>> len(result.best), len(result.evaluations())
    (8, 4)
    """
    check_count(workers)
    stop = Stop(walltime_s(walltime))
    say = _say if progress is True else _hush
    loaded = study if isinstance(study, Study) else load_study(study)
    plan = plan_of(
        loaded,
        algorithm=algorithm,
        population=population,
        generations=generations,
        seed=seed,
        seeds=seeds,
        racing=racing,
    )
    folder = new_folder(loaded, plan) if out is None else Path(out)
    population = plan.searched(loaded.problem).population
    known, planned = 0, plan.generations
    with ProcessWorkers(workers, loaded.fit.limit_s, stop) as pool:
        if holds_run(folder):
            known, planned = evaluated(folder), study_of(folder)[1].generations
            if engine is None:
                loaded = as_begun(loaded, folder)
        every = population * plan.generations
        loaded = fit_engine(loaded, engine, pool, say, evaluations=every)
        if begin_from is not None:
            plan = with_beginning(loaded, plan, begin_from, folder)
            if plan.begin is not None:
                say(begun_words(plan.begin))
        made_with = prepare(loaded, say)
        with shown(progress) as show:
            watch = Watch(population, planned, known, show, plan.segments)
            start_or_resume(loaded, plan, folder, pool, [watch], made_with=made_with)
    return open_run(folder)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _hush(sentence: str) -> None:
    """Say nothing."""


def resume(
    run: str | Path,
    *,
    generations: int | None = None,
    study: str | Path | None = None,
    accept_changes: bool = False,
    workers: int = 1,
    walltime: str | None = None,
    progress: bool | Show = True,
) -> FitResult:
    """Go on with a run that was stopped or killed, or is to have more; a finished one is read.

    Parameters
    ----------
    run
        The run folder, or its name in ./runs.
    generations
        How many the run is to have in all; by default as many as were asked for last. It becomes
        the run that was asked for them from the start, bit for bit.
    study
        Name or folder of its study, if that has moved since.
    accept_changes
        Whether to go on although compiler, processor, NEURON or eFEL changed since, or the scores
        of an evaluator; the report tells of versions.
    workers, walltime, progress
        As in `fit`.

    Raises
    ------
    InputError
        If the run has begun more generations than it is to have.
    LedgerError
        If there is no run in the folder, it is in use, its study has changed, or what it is made
        with has.
    StoppedEarly
        If it was interrupted again, or its walltime is nearly over; the same call goes on.
    AllFailed
        If no individual could be simulated.
    """
    check_count(workers)
    stop = Stop(walltime_s(walltime))
    folder = run_named(run)
    if (told := evaluator_run(folder)) is not None:
        asked = generations or told.plan.generations
        with shown(progress) as show, ProcessWorkers(workers, told.limit_s, stop) as pool:
            problem = evaluator_problem(told.source, pool, told.max_score)
            watch = Watch(told.plan.population, asked, evaluated(folder), show)
            resume_evaluator(
                folder,
                problem,
                pool,
                [watch],
                accept_changes=accept_changes,
                generations=generations,
            )
        return open_run(folder)
    loaded, plan = study_of(folder, study)
    made_with = prepare(loaded, _say if progress is True else None)
    with shown(progress) as show, ProcessWorkers(workers, loaded.fit.limit_s, stop) as pool:
        watch = Watch(
            plan.population,
            generations or plan.generations,
            evaluated(folder),
            show,
            plan.segments,
        )
        resume_run(
            folder,
            pool,
            [watch],
            study=study,
            made_with=made_with,
            accept_changes=accept_changes,
            generations=generations,
        )
    return open_run(folder)


def rescore(
    run: str | Path,
    *,
    targets: str | Path | None = None,
    study: str | Path | None = None,
    out: str | Path | None = None,
) -> FitResult:
    """Score the evaluations of a run by other targets, in a new run folder, without simulating.

    Parameters
    ----------
    run
        The run folder, or its name in ./runs.
    targets
        A file in place of the study's targets.toml. Means, standard deviations and the score rule
        may be others than in the run, and targets may be gone; features and windows are as they
        were.
    study
        Name or folder of the study, by default where it was when the run began.
    out
        The new run folder, by default one in ./runs. It is read like any run, and a fit may begin
        from it; it cannot go on itself.

    Raises
    ------
    InputError
        If a target is of what was not measured, or in another window.
    LedgerError
        If the run cannot be read, its cells would be others now, or `out` holds a run.
    AllFailed
        If no individual of the run could be simulated.
    """
    new = None if out is None else Path(out)
    file = None if targets is None else Path(targets)
    return open_run(rescore_run(run_named(run), new, targets=file, study=study))


def open_run(folder: str | Path) -> FitResult:
    """Return what is in a run folder, whatever became of its study.

    Parameters
    ----------
    folder
        The run folder, or its name in ./runs.

    Raises
    ------
    LedgerError
        If there is no run in the folder, or what is there is damaged.
    AllFailed
        If no individual of the run could be simulated.
    """
    folder = run_named(folder)
    run = read_run(folder)
    values, best_sum = run.best_values(), run.best_sum
    assert best_sum is not None
    return FitResult(folder, values, best_sum)


def score(
    study: str | Path | Study,
    params: Params,
    *,
    morphology: str | None = None,
    engine: str | EngineChoice | None = None,
) -> dict[str, float]:
    """Return the score of each objective: its distance in SD times its weight.

    Parameters
    ----------
    study
        Name, folder, or as loaded.
    params
        The name of a parameter set of the study, a JSON file, values by name, or a run: "RUN" or
        "RUN:best" for its best individual, "RUN:3" for the third best, "RUN:12/7" for individual 7
        of generation 12, "RUN:pareto/4" for the fourth of its archive.
    morphology
        Of a study with several morphologies, the name of one; default all.
    engine
        As in `fit`.

    Raises
    ------
    InputError
        If the study, the set or the engine cannot be used.
    EngineError
        If the engine cannot run the study, or the simulation is lost.

    Examples
    --------
    >>> import workbench as wb
    >>> scores = wb.score("l5pc_quick", "release")
    >>> [name for name, score in scores.items() if score > 5]
    ['Step2.soma.mean_frequency']
    """
    loaded = study if isinstance(study, Study) else load_study(study)
    loaded, values = with_params(loaded, params)
    loaded = with_engine(loaded, engine, check=checked_here)
    if morphology is not None:
        loaded = loaded.on_morphology(morphology)
    scores = loaded.problem.score(evaluate(loaded, values))
    names = [objective.name for objective in loaded.problem.objectives]
    return dict(zip(names, scores.tolist(), strict=True))
