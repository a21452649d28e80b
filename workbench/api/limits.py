"""What limits what, from Python: within a run, and around one parameter set."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.calibration import checked_here
from workbench.evaluations.counting import PartDone
from workbench.runs import (
    Limits,
    Params,
    Sensitivity,
    prepare,
    sensitivity_of,
    shown,
    write_sensitivity,
)
from workbench.runs.models import model_named, run_meant
from workbench.studies import EngineChoice, Study, with_engine
from workbench.workers import ProcessWorkers, check_count

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RunLimits:
    """What limits what in a run.

    Attributes
    ----------
    found
        The same as arrays.
    """

    found: Limits

    def __repr__(self) -> str:
        return (
            f"<RunLimits: {len(self.found.conflicts)} pairs of features compete over "
            f"{self.found.compared} compromises; {self.found.good} good models in "
            f"{len(self.found.clusters)} clusters>"
        )

    def conflicts(self) -> "pd.DataFrame":
        """Return pairs of features that are met at one another's expense, the strongest first.

        `rho` is Spearman's correlation of their scores over the archive of features, -0.3 or less;
        `first_SD` and `second_SD` the least score of one where the other was within 2 SD.
        """
        import pandas as pd

        columns = ["first", "second", "rho", "first_SD", "second_SD"]
        return pd.DataFrame([vars(one) for one in self.found.conflicts], columns=columns)

    def between_features(self) -> "pd.DataFrame":
        """Return Spearman's correlations of the scores of features over the archive of features."""
        import pandas as pd

        names = list(self.found.features)
        return pd.DataFrame(self.found.between_features, names, names)

    def between_parameters(self) -> "pd.DataFrame":
        """Return Pearson's correlations of parameters, on their scales, over the good models."""
        import pandas as pd

        names = list(self.found.parameters)
        return pd.DataFrame(self.found.between_parameters, names, names)

    def clusters(self) -> "pd.DataFrame":
        """Return groups of good models: the best, how many, and the range of each parameter.

        Good are the parameter sets with at most twice the best sum, of more than 200 the best; two
        groups differ by more than a tenth of the bounds. `best` is what `params="RUN:"` takes.
        """
        import pandas as pd

        return pd.DataFrame(
            [
                {"best": one.name, "sum": float(one.best.scores.sum()), "models": one.count}
                | {f"{n} low": v for n, v in zip(self.found.parameters, one.low, strict=True)}
                | {f"{n} high": v for n, v in zip(self.found.parameters, one.high, strict=True)}
                for one in self.found.clusters
            ]
        )


@dataclass(frozen=True)
class SensitivityResult:
    """How far each feature of one parameter set moves with each parameter.

    Attributes
    ----------
    found
        The same as arrays.
    """

    found: Sensitivity

    def __repr__(self) -> str:
        return repr(self.found).replace("Sensitivity", "SensitivityResult", 1)

    def slopes_SD(self) -> "pd.DataFrame":
        """Return by how many SD features (rows) move for 1 % of the bounds of parameters."""
        import pandas as pd

        found = self.found
        return pd.DataFrame(found.slopes_SD.T, list(found.features), list(found.parameters))

    def table(self) -> "pd.DataFrame":
        """Return a row a feature and parameter: slope, and the feature's value below and above.

        `low` and `high` are where the parameter was moved to. `sure` says that half of the step
        gives the same sign and a slope of half to twice: else the feature jumps or bends there.
        """
        import pandas as pd

        return pd.DataFrame(self.found.rows())


def sensitivity(
    study: str | Path | Study,
    params: Params | None = None,
    *,
    pick: int | str | None = None,
    step: float = 0.01,
    engine: str | EngineChoice | None = None,
    workers: int = 1,
    progress: bool | Callable[[PartDone], None] = True,
) -> SensitivityResult:
    """Move each parameter a little, down and up, and return how far each feature moves.

    Parameters
    ----------
    study
        A study's name or folder, or as loaded; or a run, for which it is kept as
        `sensitivity.json`, for its report.
    params
        A parameter set of the study, as in `score`.
    pick
        Of a run, in the place of its best: 4 for the fourth of its archive, "2/7" for individual 7
        of generation 2.
    step
        The share of its bounds, on its scale, by which a parameter is moved: 1e-6 to 0.25.
    engine
        As in `fit`; by default as the run, or the study, has it.
    workers
        Number of child processes.
    progress
        Whether it is shown how far it is; or a function that is told.

    Raises
    ------
    InputError
        If the study, the set, the step or the engine cannot be used.
    LedgerError
        If the run cannot be read, or its study has changed or moved.
    EngineError
        If the engine cannot run the study, or the set cannot be simulated.

    Examples
    --------
    >>> import workbench as wb
    >>> found = wb.sensitivity("hodgkin_huxley", "published", progress=False)
    >>> more_sodium = found.slopes_SD()["gnabar_hh.all"]
    >>> bool(more_sodium["pulse.soma.maximum"] > 0)
    True
    """
    check_count(workers)
    given, values, _ = model_named(study, pick, params)
    folder = run_meant(study)
    given = with_engine(given, engine, check=checked_here)
    prepare(given, (lambda said: print(said, file=sys.stderr)) if progress is True else None)
    with ProcessWorkers(workers, given.fit.limit_s) as pool, shown(progress) as show:
        found = sensitivity_of(given, values, pool, step, show)
    if folder is not None:
        write_sensitivity(folder, found)
    return SensitivityResult(found)
