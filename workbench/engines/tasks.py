"""Simulations as work: jobs to outcomes on any workers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.arrays import Floats
from workbench.cells import CellRecipe
from workbench.digests import digest
from workbench.engines.job import Failure, FailureKind, Integrator, Job, Outcome
from workbench.errors import EngineError
from workbench.workers.task import Workers
from workbench.workers.together import run_together

if TYPE_CHECKING:
    from workbench.engines.job import Engine


TOGETHER = 16
"""Twice the lanes of a vector, so that few are idle while the last run ends."""

TOGETHER_ON_A_GPU = 1024


@dataclass(frozen=True)
class Simulations:
    """Jobs that one process can run; a row holds the number of one of them.

    A process loads one build: all jobs have the same mechanisms, compiled in the same way. The
    engine alone may differ, for a build for CoreNEURON holds the library that NEURON loads too.

    Raises
    ------
    EngineError
        If they differ in mechanisms, in `native`, or, those for CoreNEURON, in `gpu`, or, those
        for the population engine, in `precision`.
    """

    jobs: tuple[Job, ...]

    def __post_init__(self) -> None:
        integrators = [job.integrator for job in self.jobs]
        loaded: dict[str, set[object]] = {
            "their mechanisms": {_digests(job.recipe) for job in self.jobs},
            "native": {one.native for one in integrators},
            "precision": {one.precision for one in integrators if one.engine == "population"},
            "gpu": {one.gpu for one in integrators if one.engine == "coreneuron"},
        }
        for what, given in loaded.items():
            if len(given) > 1:
                raise EngineError(
                    f"these {len(self.jobs)} simulations differ in {what}, but a process loads one "
                    "build of the mechanisms; run those that share a build, then the others"
                )

    @cached_property
    def digest(self) -> str:
        """Digest of all jobs."""
        return digest(self.jobs)

    @property
    def loads(self) -> str:
        """The build that all jobs run on."""
        return build_of(self._first.recipe, self._first.integrator)

    @property
    def _first(self) -> Job:
        return next((j for j in self.jobs if j.integrator.engine == "coreneuron"), self.jobs[0])

    def engine(self) -> "Engine":
        """Return what runs the jobs in this process."""
        from workbench.engines.opening import engine_for

        return engine_for(self._first.recipe, self._first.integrator)

    @property
    def together(self) -> int:
        """How many jobs are best run at once."""
        return together_in(self._first.integrator)

    def open(self) -> Callable[[Floats], Outcome]:
        """Return what simulates one job, with its engine started in this process."""
        many = self.open_many()
        return lambda row: many(row[None, :])[0]

    def open_many(self) -> Callable[[Floats], list[Outcome]]:
        """Return what simulates several jobs, (n, 1)."""
        engine = self.engine()
        return lambda rows: engine([self.jobs[int(row[0])] for row in rows])


def simulate(jobs: Sequence[Job], workers: Workers) -> list[Outcome]:
    """Return the outcome of each job, in their order.

    Jobs that share a build run together, builds one after the other. One that no worker survived
    is a `Failure` of the kind WORKER_DIED, with the reason.
    """
    outcomes: dict[int, Outcome] = {}
    for together in by_build(jobs):
        task = Simulations(tuple(jobs[number] for number in together))
        rows = np.arange(len(together), dtype=float)[:, None]
        for answer in run_together(workers, task, rows):
            if not answer.again:
                lost = Failure(FailureKind.WORKER_DIED, answer.lost)
                outcomes[together[answer.row]] = lost if answer.lost else answer.value
    return [outcomes[number] for number in range(len(jobs))]


def by_build(jobs: Sequence[Job]) -> list[list[int]]:
    """Group jobs, by number, that run on one build of the mechanisms: one task each."""
    groups: dict[object, list[int]] = {}
    for number, job in enumerate(jobs):
        groups.setdefault(build_of(job.recipe, job.integrator), []).append(number)
    return list(groups.values())


def together_in(integrator: Integrator) -> int:
    """Return how many jobs, or individuals, an engine is best asked for at once."""
    if integrator.engine != "population":
        return 1
    return TOGETHER_ON_A_GPU if integrator.gpu else TOGETHER


def build_of(recipe: CellRecipe, integrator: Integrator) -> str:
    """Return a digest of what a process loads to run a cell: its mechanisms, and how compiled."""
    return digest((integrator.build, _digests(recipe)))


def _digests(recipe: CellRecipe) -> tuple[str, ...]:
    return tuple(mechanisms.digest for mechanisms in recipe.mechanisms)
