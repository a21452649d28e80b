"""Simulate what a study has to reproduce and compare."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.digests import digest
from workbench.engines import Failure, Integrator, Job, Outcome
from workbench.engines.tasks import Simulations
from workbench.features import Missing, measure
from workbench.fitting import Workers
from workbench.protocols import Traces
from workbench.studies.expected import Expected

REFINEMENTS = 4
"""How often `converge` refines an integrator before it gives up."""


@dataclass(frozen=True)
class Reproduced:
    """An expected number beside ours.

    Attributes
    ----------
    found
        Ours; empty if there is none, and `reason` says why.
    """

    expected: Expected
    found: tuple[float, ...]
    reason: str = ""

    @property
    def differences(self) -> tuple[float, ...]:
        """Ours minus the expected, value by value."""
        return tuple(f - e for f, e in zip(self.found, self.expected.values, strict=False))

    @property
    def holds(self) -> bool:
        """Whether every value is within its tolerance and none is missing."""
        if len(self.found) != len(self.expected.values):
            return False
        pairs = zip(self.differences, self.expected.tolerance, strict=True)
        return all(abs(difference) <= tolerance for difference, tolerance in pairs)


def reproduce(expected: Sequence[Expected], workers: Workers) -> Iterator[Reproduced]:
    """Yield each number beside ours, in their order; what shares a simulation is run once."""
    jobs = {digest(number.job): number.job for number in expected}
    outcomes = dict(zip(jobs, _simulate(list(jobs.values()), workers), strict=True))
    for number in expected:
        yield _compared(number, outcomes[digest(number.job)])


def converge(expected: Sequence[Expected], workers: Workers) -> list[Reproduced]:
    """Return each number with an integrator so fine that it moves no more.

    The tolerance of CVODE is divided by ten, a fixed step halved with Crank-Nicolson, until the
    value changes by less than a tenth of its tolerance, or `REFINEMENTS` times.
    """
    done: dict[int, Reproduced] = {}
    finer = {i: replace(e, job=_finest_start(e.job)) for i, e in enumerate(expected)}
    last: dict[int, Reproduced] = {}
    for _ in range(REFINEMENTS):
        results = dict(zip(finer, reproduce(list(finer.values()), workers), strict=True))
        for i, result in results.items():
            if i in last and _settled(last[i], result):
                done[i] = result
        last = results
        finer = {
            i: replace(e, job=replace(e.job, integrator=refined(e.job.integrator)))
            for i, e in finer.items()
            if i not in done
        }
    return [done.get(i, last.get(i, Reproduced(e, ()))) for i, e in enumerate(expected)]


def refined(integrator: Integrator) -> Integrator:
    """Return the next finer integrator."""
    if integrator.atol is not None:
        return replace(integrator, atol=integrator.atol / 10, steps_per_ms=2000)
    assert integrator.dt_ms is not None
    return replace(integrator, dt_ms=integrator.dt_ms / 2, order=2)


def _finest_start(job: Job) -> Job:
    """Return the job with CVODE at 1e-5, whatever it was run with."""
    return replace(job, integrator=Integrator(atol=1e-5, steps_per_ms=2000))


def _settled(before: Reproduced, after: Reproduced) -> bool:
    if len(before.found) != len(after.found) or not after.found:
        return False
    smallest = [max(t, 1e-9) / 10 for t in after.expected.tolerance]
    pairs = zip(before.found, after.found, smallest, strict=False)
    return all(abs(b - a) <= limit for b, a, limit in pairs)


def _simulate(jobs: list[Job], workers: Workers) -> list[Outcome | str]:
    """Return each job's outcome, or why every worker that tried it died."""
    outcomes: list[Outcome | str] = [""] * len(jobs)
    rows = np.arange(len(jobs), dtype=float)[:, None]
    for answer in workers.run(Simulations(tuple(jobs)), rows):
        if not answer.again:
            outcomes[answer.row] = answer.lost or answer.value
    return outcomes


def _compared(number: Expected, outcome: Outcome | str) -> Reproduced:
    if not isinstance(outcome, Traces):
        why = outcome.message if isinstance(outcome, Failure) else outcome
        return Reproduced(number, (), why)
    found = measure(outcome[number.recording], [number.feature], number.window)[number.feature]
    if isinstance(found, Missing):
        return Reproduced(number, (), found.reason)
    values = tuple(found.tolist())
    if number.index is not None:
        if number.index >= len(values):
            return Reproduced(number, (), f"there are only {len(values)} values")
        values = (values[number.index],)
    return Reproduced(number, values)
