"""Fits and scores from Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import AllFailed, EngineError
from workbench.fitting import FitTask
from workbench.reports import render
from workbench.runs import (
    evaluations,
    feature_table,
    new_folder,
    prepare,
    read_run,
    start_or_resume,
)
from workbench.studies import Study, load_study, plan_of
from workbench.workers import ProcessWorkers, check_count

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

    def features(self) -> "pd.DataFrame":
        """Return the features of the best individual: target, model and distance in SD."""
        import pandas as pd

        return pd.DataFrame(feature_table(read_run(self.folder)))

    def evaluations(self) -> "pd.DataFrame":
        """Return every evaluation of the run: key, status, sum, parameters, features, scores."""
        import pandas as pd

        return pd.DataFrame(evaluations(self.folder))

    def report(self) -> Path:
        """Write the report and return its path."""
        return render(self.folder)


def fit(
    study: str | Path | Study,
    *,
    algorithm: str | None = None,
    population: int | None = None,
    generations: int | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    workers: int = 1,
) -> FitResult:
    """Fit a study; what is not given is the study's own choice.

    The run folder is `out`, or a new one in ./runs. A folder whose run was stopped goes on.

    Raises
    ------
    InputError
        If the study, the search or a number cannot be used.
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
    loaded = study if isinstance(study, Study) else load_study(study)
    plan = plan_of(
        loaded, algorithm=algorithm, population=population, generations=generations, seed=seed
    )
    folder = new_folder(loaded, plan) if out is None else Path(out)
    made_with = prepare(loaded)
    with ProcessWorkers(workers, loaded.fit.limit_s) as pool:
        start_or_resume(loaded, plan, folder, pool, made_with=made_with)
    return open_run(folder)


def open_run(folder: str | Path) -> FitResult:
    """Return what is in a run folder, whatever became of its study.

    Raises
    ------
    LedgerError
        If there is no run in the folder, or what is there is damaged.
    AllFailed
        If no individual of the run could be simulated.
    """
    folder = Path(folder)
    run = read_run(folder)
    if run.best is None:
        raise AllFailed(f"{folder}: no individual could be simulated; see its report")
    names = [parameter.name for parameter in run.parameters]
    values = dict(zip(names, run.best.parameters.tolist(), strict=True))
    return FitResult(folder, values, float(run.best.scores.sum()))


def score(study: str | Path | Study, params: str | Mapping[str, float]) -> dict[str, float]:
    """Return the score of each objective in SD, for a parameter set or its name.

    Raises
    ------
    InputError
        If the study or the set cannot be used.
    EngineError
        If the simulation is lost.

    Examples
    --------
    >>> import workbench as wb
    >>> scores = wb.score("l5pc_quick", "release")
    >>> [name for name, score in scores.items() if score > 5]
    ['Step2.soma.mean_frequency']
    """
    loaded = study if isinstance(study, Study) else load_study(study)
    loaded.check_targets()
    if isinstance(params, str):
        loaded = loaded.with_params(params)
    problem = loaded.problem
    row = problem.row(loaded.values(params) if isinstance(params, str) else params)
    prepare(loaded)
    with ProcessWorkers(1) as pool:
        [answer] = [a for a in pool.run(FitTask(problem), row[None, :]) if not a.again]
    if answer.lost:
        raise EngineError(f"{loaded.name}: {answer.lost}")
    names = [objective.name for objective in problem.objectives]
    return dict(zip(names, problem.score(answer.value).tolist(), strict=True))
