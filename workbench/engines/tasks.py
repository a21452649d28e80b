"""Simulations as a task for workers: given once, then asked for by number."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workbench.digests import digest
from workbench.engines.job import Job, Outcome

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Simulations:
    """Jobs that share their mechanisms; a row holds the number of one of them."""

    jobs: tuple[Job, ...]

    @cached_property
    def digest(self) -> str:
        """Digest of all jobs."""
        return digest(self.jobs)

    def open(self) -> Callable[[Floats], Outcome]:
        """Return what simulates one job, with NEURON started in this process."""
        from workbench.engines.neuron import engine_for

        # A build for CoreNEURON serves NEURON too.
        in_core = [job for job in self.jobs if job.integrator.engine == "coreneuron"]
        [first, *_] = in_core or self.jobs
        engine = engine_for(first.recipe, first.integrator)

        def simulate(row: Floats) -> Outcome:
            [outcome] = engine([self.jobs[int(row[0])]])
            return outcome

        return simulate
