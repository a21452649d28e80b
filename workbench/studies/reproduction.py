"""Simulate what a study has to reproduce and compare."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from workbench.digests import digest
from workbench.engines import Failure, Integrator, Outcome
from workbench.engines.opening import disproven, refusal
from workbench.engines.tasks import simulate
from workbench.evaluations import evaluation_of
from workbench.features import Measured, Missing, conduction_velocity
from workbench.protocols import Traces
from workbench.studies.aims import Aim
from workbench.studies.engine_choice import EngineChoice, integrator_under
from workbench.studies.expected import Expected
from workbench.workers.task import Workers

A = TypeVar("A", bound=Aim, covariant=True)

FINER = (1e-5, 1e-6, 1e-7, 1e-8)
"""The tolerances of CVODE that `converge` tries."""

TRUE_atol = 1e-6
"""With which CVODE tells what a number of a fixed step is without it."""

ROUNDING = 1e-9
"""Beyond a tolerance: 18.075 and 18.07 differ by a little more than 0.005 in binary digits."""


@dataclass(frozen=True)
class Reproduced(Generic[A]):
    """An expected number beside ours.

    Attributes
    ----------
    found
        Ours; empty if there is none, and `reason` says why.
    refused
        Whether the engine does not run what it is a number of: it was not tried.
    """

    expected: A
    found: tuple[float, ...]
    reason: str = ""
    refused: bool = False

    @property
    def differences(self) -> tuple[float, ...]:
        """Ours minus the expected, value by value; of `any_of` minus the nearest."""
        values, _ = self.expected.nearest(self.found)
        return tuple(f - e for f, e in zip(self.found, values, strict=False))

    @property
    def holds(self) -> bool:
        """Whether every value is within its tolerance and none is missing."""
        values, tolerance = self.expected.nearest(self.found)
        if len(self.found) != len(values):
            return False
        bound = self.expected.at_least
        pairs = zip(self.differences, tolerance, strict=True)
        return all((bound and d > 0) or abs(d) <= allowed + ROUNDING for d, allowed in pairs)


def reproduce(expected: Sequence[Expected], workers: Workers) -> Iterator[Reproduced[Expected]]:
    """Yield each number beside ours, in their order; what shares a simulation is run once.

    What an engine refuses is not simulated, nor what is disproven.
    """
    jobs = {digest(job): job for number in expected for job in number.jobs}
    refused = {key: why for key, job in jobs.items() if (why := refusal(job))}
    taken = {key: job for key, job in jobs.items() if key not in refused}
    wrong = zip(taken, disproven(list(taken.values())), strict=True)
    refused |= {key: why for key, why in wrong if why}
    taken = {key: job for key, job in taken.items() if key not in refused}
    outcomes = dict(zip(taken, simulate(list(taken.values()), workers), strict=True))
    for number in expected:
        keys = {job.protocol.name: digest(job) for job in number.jobs}
        why = next((refused[key] for key in keys.values() if key in refused), "")
        if why:
            yield Reproduced(number, (), why, refused=True)
        else:
            yield _compared(number, {name: outcomes[key] for name, key in keys.items()})


def reproduce_under(
    expected: Sequence[Expected],
    workers: Workers,
    engine: str | EngineChoice | None,
    option: str = "",
) -> list[Reproduced[Expected]]:
    """Return each number beside ours, simulated as these words say.

    A number of a fixed step may be far from what steps give that know their error: where these miss
    it, they are held against what NEURON's CVODE gives at `TRUE_atol`, and its source says so.

    Parameters
    ----------
    option
        What stands before a word in messages: `--` on the command line.

    Raises
    ------
    InputError, EngineError
        If the words exclude one another, or ask for what numbers cannot have.
    """
    asked = [_under(number, engine, option) for number in expected]
    results = list(reproduce(asked, workers))
    moved = [n for n, own in enumerate(expected) if _is_of_its_step(own, results[n])]
    finest = reproduce([_under_cvode(expected[n], TRUE_atol) for n in moved], workers)
    for n, true in zip(moved, finest, strict=True):
        results[n] = _beside(true, expected[n], results[n])
    return results


def _is_of_its_step(own: Expected, found: Reproduced[Expected]) -> bool:
    stepped = own.integrator.dt_ms is not None and found.expected.integrator.dt_ms is None
    return stepped and not (found.holds or found.refused)


def _beside(
    true: Reproduced[Expected], own: Expected, found: Reproduced[Expected]
) -> Reproduced[Expected]:
    _, tolerance = own.nearest(true.found)
    aim = replace(
        found.expected,
        source=f"{own.source} ({own.integrator}); beside it {true.expected.integrator}",
        values=true.found,
        tolerance=tolerance[: len(true.found)],
        at_least=False,
        any_of=False,
    )
    return replace(found, expected=aim)


def _under(number: Expected, engine: str | EngineChoice | None, option: str) -> Expected:
    jobs = (
        replace(job, integrator=integrator_under(job.integrator, engine, option))
        for job in number.jobs
    )
    return replace(number, jobs=tuple(jobs))


@dataclass(frozen=True)
class Tightened:
    """A number under CVODE at each of `FINER`.

    What is expected of a fixed step may be far from what they give.
    """

    results: tuple[Reproduced[Expected], ...]

    @property
    def converged(self) -> tuple[float, ...]:
        """The number at the finest; empty if it still moves there.

        It moves if the last refinement changes it by a tenth of what it is allowed, or more.
        """
        *_, before, last = self.results
        return last.found if _settled(before, last) else ()

    @property
    def missed_at(self) -> tuple[float, ...]:
        """At which tolerances it does not hold; none for a number that is no accident of one."""
        return tuple(a for a, r in zip(FINER, self.results, strict=True) if not r.holds)


def converge(expected: Sequence[Expected], workers: Workers) -> list[Tightened]:
    """Return each number under CVODE at each of `FINER`."""
    by_atol = [
        list(reproduce([_under_cvode(number, atol) for number in expected], workers))
        for atol in FINER
    ]
    return [Tightened(results) for results in zip(*by_atol, strict=True)]


def _under_cvode(number: Expected, atol: float) -> Expected:
    integrator = Integrator(atol=atol, steps_per_ms=2000)
    return replace(number, jobs=tuple(replace(job, integrator=integrator) for job in number.jobs))


def _settled(before: Reproduced[Aim], after: Reproduced[Aim]) -> bool:
    if len(before.found) != len(after.found) or not after.found:
        return False
    _, tolerance = after.expected.nearest(after.found)
    pairs = zip(before.found, after.found, tolerance, strict=False)
    return all(abs(b - a) <= allowed / 10 + ROUNDING for b, a, allowed in pairs)


def _compared(number: Expected, outcomes: Mapping[str, Outcome]) -> Reproduced[Expected]:
    for outcome in outcomes.values():
        if isinstance(outcome, Failure):
            return Reproduced(number, (), outcome.message)
    found = _measured(number, outcomes)
    if isinstance(found, Missing):
        return Reproduced(number, (), found.reason)
    if number.take is None:
        return Reproduced(number, tuple(found.tolist()))
    if number.take == "mean":
        return Reproduced(number, (float(found.mean()),))
    if number.take >= found.size:
        return Reproduced(number, (), f"there are only {found.size} values")
    return Reproduced(number, (float(found[number.take]),))


def _measured(number: Expected, outcomes: Mapping[str, Outcome]) -> Measured:
    measure = number.measure
    if number.route is None:
        protocols = [job.protocol for job in number.jobs]
        [found] = evaluation_of([measure], protocols, outcomes).measured
        return found
    traces = outcomes[measure.protocol]
    assert isinstance(traces, Traces)
    near, far = traces[measure.recording], traces[number.route.to]
    return conduction_velocity(near, far, number.route.distance_um, measure.window)
