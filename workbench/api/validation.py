"""A run on what its search has not seen, from Python."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.calibration import checked_here
from workbench.evaluations.counting import PartDone
from workbench.runs import Validation, prepare, shown, study_under, validate_run
from workbench.runs.folder import run_named
from workbench.studies import EngineChoice, with_engine
from workbench.workers import ProcessWorkers, check_count

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ValidationResult:
    """Individuals of a run on what its search has not seen.

    Attributes
    ----------
    found
        The same as values.
    """

    found: Validation

    def __repr__(self) -> str:
        return repr(self.found).replace("Validation", "ValidationResult", 1)

    def features(self) -> "pd.DataFrame":
        """Return a row a target, of the first individual: target, model and score in SD.

        `mean_low` and `mean_high` are the ends of the 95 % interval of the target's mean,
        `score_low` and `score_high` of the score, where the target has `values`.
        """
        import pandas as pd

        return pd.DataFrame(self.found.table())

    def individuals(self) -> "pd.DataFrame":
        """Return a row an individual: what it sums to in the fit and here, and its scores, in SD.

        `pick` is its number in the run's Pareto archive, 0 if it is not in that; `sum_low` and
        `sum_high` are the ends of the 95 % interval of the sum.
        """
        import pandas as pd

        return pd.DataFrame(self.found.rows())


def validate(
    run: str | Path,
    *,
    study: str | Path | None = None,
    targets: str | Path | None = None,
    morphology: str | Path | None = None,
    pick: int | str | None = None,
    archive: bool = False,
    engine: str | EngineChoice | None = None,
    workers: int = 1,
    progress: bool | Callable[[PartDone], None] = True,
) -> ValidationResult:
    """Score individuals of a run on what its search has not seen.

    Without `study`, `targets` and `morphology` it is what the run's study holds out, and is kept
    in the run folder for its report. With one of them, or several, it is all targets of the study.

    Parameters
    ----------
    run
        The run folder, or its name in ./runs.
    study
        Name or folder of another study with the same free parameters; by default the run's own.
    targets
        A file in place of the study's targets.toml, of protocols of the study.
    morphology
        A file, or a name of the catalogue, in place of the study's morphology; what cell.toml says
        of `soma`, `axon` and `edit` is done to it.
    pick
        An individual in the place of the best: 4 for the fourth of the archive, "2/7" for
        individual 7 of generation 2.
    archive
        Whether all of the run's Pareto archive follows.
    engine
        As in `fit`; by default as the run, or the study, has it.
    workers
        Number of child processes.
    progress
        Whether it is shown how far it is; or a function that is told.

    Raises
    ------
    InputError
        If nothing is held out and nothing else is given, the run holds no such individual, or the
        study has other free parameters or mistakes.
    LedgerError
        If the run cannot be read, or its own study has changed or moved.
    EngineError
        If the engine cannot run the study.
    AllFailed
        If no individual of the run could be simulated.
    """
    check_count(workers)
    folder = run_named(run)
    file = None if targets is None else Path(targets)
    asked, under = study_under(folder, study=study, targets=file, morphology=morphology)
    asked = with_engine(asked, engine, check=checked_here)
    prepare(asked, (lambda said: print(said, file=sys.stderr)) if progress is True else None)
    with ProcessWorkers(workers, asked.fit.limit_s) as pool, shown(progress) as show:
        found = validate_run(folder, asked, under, pool, pick=pick, archive=archive, show=show)
    return ValidationResult(found)
