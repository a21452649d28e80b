"""Searches compared from Python."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.calibration import fit_engine
from workbench.races import Curves, RaceProgress, race_of, run_race, write_curves
from workbench.runs import prepare, shown
from workbench.studies import EngineChoice, Study, load_study
from workbench.workers import ProcessWorkers, Stop, check_count, walltime_s

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SearchBench:
    """Searches on one study, each with several seeds, at equal evaluations.

    Attributes
    ----------
    folder
        Where the runs, `table.csv`, `steps.csv`, `curves.svg` and `curves.png` lie.
    curves
        The best sums of each run, evaluation by evaluation.
    """

    folder: Path
    curves: Curves

    def __repr__(self) -> str:
        first = self.curves.table()[0]
        at = self.curves.evaluations
        return (
            f"<SearchBench {self.folder}: {len(self.curves.best)} searches, "
            f"{len(self.curves.seeds)} seeds, {at} evaluations; best median: {first['search']}, "
            f"population {first['population']}, {first[f'median at {at}']} SD>"
        )

    def table(self) -> "pd.DataFrame":
        """Return a row for each search: medians over the seeds, least and largest, in SD."""
        import pandas as pd

        return pd.DataFrame(self.curves.table())

    def steps(self) -> "pd.DataFrame":
        """Return a row wherever a run found something better."""
        import pandas as pd

        return pd.DataFrame(self.curves.steps())


def bench_search(
    study: str | Path | Study,
    *,
    searches: Sequence[str] | None = None,
    seeds: int = 5,
    evaluations: int = 800,
    out: str | Path | None = None,
    workers: int = 1,
    walltime: str | None = None,
    engine: str | EngineChoice | None = None,
    progress: bool | Callable[[RaceProgress], None] = True,
) -> SearchBench:
    """Run searches on a study with several seeds, and compare what they find.

    Each is a run with a folder of its own, and may be reported and resumed like any other.

    Parameters
    ----------
    study
        Name, folder, or as loaded.
    searches
        Names, each with its population behind a colon where that is not the study's:
        `["ibea", "mo-cma:20"]`. By default all.
    seeds
        How many: 1, 2, ...
    evaluations
        Of each run.
    out
        A folder, by default a new one in ./runs. A race that was stopped there goes on.
    workers
        Number of child processes; each does a run at a time.
    walltime
        `HH:MM:SS` or `D-HH:MM:SS`: it stops in time to be gone after it.
    engine
        As in `fit`.
    progress
        Whether it is shown how far it is; or a function that is given a `RaceProgress` every few
        seconds, in another thread.

    Raises
    ------
    InputError
        If the study, a search, the engine or a number cannot be used.
    EngineError
        If the engine cannot run the study.
    LedgerError
        If the folder holds runs of another problem or plan.
    StoppedEarly
        If it was interrupted, or its walltime is nearly over; the same call goes on.
    AllFailed
        If every individual of the first generation of a run failed in one way.
    """
    from workbench.reports.race_figure import write_race_figure

    check_count(workers)
    stop = Stop(walltime_s(walltime))
    loaded = study if isinstance(study, Study) else load_study(study)
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = Path("runs") / f"searches-{loaded.name}-{stamp}" if out is None else Path(out)
    race = race_of(loaded, searches, seeds, evaluations, folder)

    def say(sentence: str) -> None:
        if progress is True:
            print(sentence, file=sys.stderr)

    with ProcessWorkers(workers, stop=stop) as pool:
        every = len(race.runs) * evaluations
        loaded = fit_engine(loaded, engine, pool, say, evaluations=every)
        made_with = prepare(loaded, say)
        with shown(progress) as show:
            curves = run_race(replace(race, study=loaded), pool, show, made_with=made_with)
    write_curves(curves, folder)
    write_race_figure(curves, folder)
    return SearchBench(folder, curves)
