"""The race itself: every search with every seed, a run each, several at a time."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from workbench.arrays import Floats
from workbench.digests import digest
from workbench.engines.tasks import build_of
from workbench.errors import WorkerError
from workbench.races.curves import Curves, read_curves
from workbench.races.entrants import Entrant, entrants_of
from workbench.races.progress import RaceProgress, watched
from workbench.runs import start_or_resume
from workbench.search import whole
from workbench.studies import SearchPlan, Study, plan_of
from workbench.workers.serial import SerialWorkers
from workbench.workers.task import Workers

MOST_SEEDS = 1000
MOST_EVALUATIONS = 10_000_000


@dataclass(frozen=True)
class Race:
    """Searches on one study, each with the seeds 1, 2, ..., at equal evaluations.

    Attributes
    ----------
    study
        As it is to be simulated.
    plans
        By search and seed. A search whose population does not divide the evaluations has more of
        them, which count for nothing.
    evaluations
        Of each run.
    folder
        Where the runs lie, each in `<search>-<population>/seed<seed>`.
    """

    study: Study
    plans: Mapping[Entrant, Mapping[int, SearchPlan]]
    evaluations: int
    folder: Path

    def __repr__(self) -> str:
        names = ", ".join(entrant.name for entrant in self.plans)
        return f"<Race on {self.study.name} in {self.folder}: {names}; {len(self.runs)} runs>"

    @cached_property
    def folders(self) -> dict[Entrant, dict[int, Path]]:
        """The run folders by search and seed."""
        return {
            entrant: {seed: self.folder / entrant.name / f"seed{seed}" for seed in plans}
            for entrant, plans in self.plans.items()
        }

    @property
    def runs(self) -> list[tuple[SearchPlan, Path]]:
        """Plan and folder of each run, all searches with the first seed first."""
        pairs = [
            list(zip(plans.values(), self.folders[entrant].values(), strict=True))
            for entrant, plans in self.plans.items()
        ]
        return [run for same_seed in zip(*pairs, strict=True) for run in same_seed]


@dataclass(frozen=True)
class RaceTask:
    """The task of a race: a row holds the number of a run, which is run to its end."""

    race: Race
    made_with: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Digest of the problem, the plans and the folders."""
        runs = tuple((repr(plan), str(folder)) for plan, folder in self.race.runs)
        return digest(("race", self.race.study.problem.digest, runs))

    @property
    def loads(self) -> str:
        """The build of the study's mechanisms."""
        problem = self.race.study.problem
        return build_of(problem.recipe, problem.integrator)

    def open(self) -> Callable[[Floats], None]:
        """Return what runs a fit in this process, or goes on with it."""
        workers, study, runs = SerialWorkers(), self.race.study, self.race.runs

        def run(row: Floats) -> None:
            plan, folder = runs[int(row[0])]
            start_or_resume(study, plan, folder, workers, made_with=self.made_with)

        return run


def race_of(
    study: Study,
    searches: Sequence[str] | None,
    seeds: int,
    evaluations: int,
    folder: Path,
) -> Race:
    """Return the race that is asked for.

    Parameters
    ----------
    searches
        As in `entrants_of`.

    Raises
    ------
    InputError
        If there is no such search, a number is out of range, or a search cannot be that small.
    StudyError
        If the study has no targets.
    """
    whole("seeds", seeds, least=1, most=MOST_SEEDS)
    whole("evaluations", evaluations, least=1, most=MOST_EVALUATIONS)
    plans: dict[Entrant, dict[int, SearchPlan]] = {}
    for entrant in entrants_of(searches, study.fit.population):
        generations = math.ceil(evaluations / entrant.population) if entrant.population else 0
        plans[entrant] = {
            seed: plan_of(
                study,
                algorithm=entrant.algorithm,
                population=entrant.population,
                generations=generations,
                seed=seed,
            )
            for seed in range(1, seeds + 1)
        }
        plans[entrant][1].search(study.problem)
    return Race(study, plans, evaluations, folder.absolute())


def run_race(
    race: Race,
    workers: Workers,
    show: Callable[[RaceProgress], None],
    *,
    made_with: Mapping[str, str],
) -> Curves:
    """Run what is not yet done of a race and return what came of it.

    Parameters
    ----------
    workers
        Each does a run at a time.
    made_with
        What `prepare` returned.

    Raises
    ------
    LedgerError
        If a folder holds a run of another problem or plan.
    AllFailed
        If every individual of the first generation of a run failed in one way.
    WorkerError
        If a run ends its worker again and again.
    StoppedEarly
        If it was interrupted; the same call goes on.
    """
    task, runs = RaceTask(race, made_with), race.runs
    folders = [folder for _, folder in runs]
    planned = [plan.generations * plan.population for plan, _ in runs]
    rows = np.arange(len(runs), dtype=float)[:, None]
    with watched(folders, planned, show):
        for answer in workers.run(task, rows):
            if answer.lost and not answer.again:
                raise WorkerError(f"{folders[answer.row]}: {answer.lost}")
    return read_curves(race.study.name, race.folders, race.evaluations)
