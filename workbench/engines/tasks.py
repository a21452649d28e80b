"""Simulations as a task for workers: given once, then asked for by number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workbench.digests import digest
from workbench.engines.job import Job, Outcome
from workbench.errors import EngineError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Simulations:
    """Jobs that one process can run; a row holds the number of one of them.

    A process loads one build: all jobs have the same mechanisms, compiled in the same way. The
    engine alone may differ, for a build for CoreNEURON holds the library that NEURON loads too.

    Raises
    ------
    EngineError
        If they differ in mechanisms, in `native`, or, those for CoreNEURON, in `gpu`.
    """

    jobs: tuple[Job, ...]

    def __post_init__(self) -> None:
        integrators = [job.integrator for job in self.jobs]
        loaded: dict[str, set[object]] = {
            "their mechanisms": {_digests(job) for job in self.jobs},
            "native": {one.native for one in integrators},
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

    def open(self) -> Callable[[Floats], Outcome]:
        """Return what simulates one job, with NEURON started in this process."""
        from workbench.engines.neuron import engine_for

        in_core = [job for job in self.jobs if job.integrator.engine == "coreneuron"]
        [first, *_] = in_core or self.jobs
        engine = engine_for(first.recipe, first.integrator)

        def simulate(row: Floats) -> Outcome:
            [outcome] = engine([self.jobs[int(row[0])]])
            return outcome

        return simulate


def by_build(jobs: Sequence[Job]) -> list[list[int]]:
    """Group jobs, by number, that run on one build of the mechanisms."""
    groups: dict[object, list[int]] = {}
    for number, job in enumerate(jobs):
        groups.setdefault((job.integrator.build, _digests(job)), []).append(number)
    return list(groups.values())


def _digests(job: Job) -> tuple[str, ...]:
    return tuple(mechanisms.digest for mechanisms in job.recipe.mechanisms)
