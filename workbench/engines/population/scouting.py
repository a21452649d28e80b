"""Which simulations show whether the engine computes what NEURON does.

All that are offered run here, shortened; some that stay quiet and some that fire are compared.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.arrays import Floats
from workbench.digests import digest
from workbench.engines.job import Failure, Job, Outcome
from workbench.engines.population.differences import is_v, spikes_ms
from workbench.engines.population.engine import PopulationEngine
from workbench.protocols import Step, Stimulus

if TYPE_CHECKING:
    from workbench.workers.task import Workers

SCOUTS = 24
"""The most that run to find out."""

_LONGEST_ms, _AFTER_ms = 600.0, 250.0
_SPIKES, _FIRING_ms = 8, 150.0
"""After so many spikes, and so long after the first, a cell has shown what it does: later ones
come from errors of all before."""

_DRIVEN = (4.0, 16.0, 64.0)
_MOST_DRIVEN = 4
_TOGETHER = 8


@dataclass(frozen=True)
class Candidate:
    """A simulation that may be compared, and what it is called."""

    name: str
    job: Job


def picked(pool: "Workers", candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """Return whom to compare: half of them quiet, half of them firing, of many protocols.

    Where nobody fires, some do with more current.
    """
    stride = max(1, len(candidates) // SCOUTS)
    scouts = [Candidate(one.name, _shortened(one.job)) for one in candidates[::stride][:SCOUTS]]
    scouted = _scouted(pool, scouts)
    firing = [one for one, spikes in scouted if spikes]
    if not firing:
        several = _spread([one for one, _ in scouted])[:_MOST_DRIVEN]
        driven = [more for one in several for times in _DRIVEN for more in _driven(one, times)]
        if driven:
            firing = [one for one, spikes in _scouted(pool, driven) if spikes]
    quiet = _spread([one for one, spikes in scouted if not spikes])
    half = count // 2
    some = quiet[: max(half, count - len(firing))]
    return [*some, *_spread(firing)[: count - len(some)]]


def _shortened(job: Job) -> Job:
    """Return a simulation without maps, and not longer than shows what its cell does."""
    protocol = replace(job.protocol.bound(), maps=())
    begins_ms = [one.window_ms(protocol.duration_ms)[0] for one in protocol.stimuli]
    until_ms = max(_LONGEST_ms, max(begins_ms, default=0.0) + _AFTER_ms)
    if until_ms < protocol.duration_ms:
        protocol = replace(protocol, duration_ms=until_ms)
    return replace(job, protocol=protocol)


def loaded_by(jobs: Sequence[Job]) -> str:
    """Return what tells processes apart that load these jobs' mechanisms."""
    return digest(("proof", *(one.digest for one in jobs[0].recipe.mechanisms)))


def _driven(one: Candidate, times: float) -> list[Candidate]:
    """Return a simulation with more current; none where it has no step of current."""
    protocol = one.job.protocol
    stimuli = tuple(_times(each, times) for each in protocol.stimuli)
    if stimuli == protocol.stimuli:
        return []
    named = f"{one.name} with {times:g} times the current"
    return [Candidate(named, replace(one.job, protocol=replace(protocol, stimuli=stimuli)))]


def _times(stimulus: Stimulus, times: float) -> Stimulus:
    if isinstance(stimulus, Step) and float(stimulus.amplitude_nA) > 0:
        return replace(stimulus, amplitude_nA=times * float(stimulus.amplitude_nA))
    return stimulus


def _spread(those: Sequence[Candidate]) -> list[Candidate]:
    """Order simulations so that each protocol comes once before one comes again."""
    times: dict[str, int] = {}
    order = []
    for n, one in enumerate(those):
        name = one.job.protocol.name
        order.append((times.get(name, 0), n))
        times[name] = times.get(name, 0) + 1
    return [those[n] for _, n in sorted(order)]


@dataclass(frozen=True)
class _Scouting:
    """Jobs, by their numbers in a row, to when each fires; None where it fails."""

    jobs: tuple[Job, ...]

    @property
    def digest(self) -> str:
        return digest(("scouting", self.jobs))

    @property
    def loads(self) -> str:
        return loaded_by(self.jobs)

    def open(self) -> Callable[[Floats], list[Floats | None]]:
        engine = PopulationEngine()
        return lambda row: [_fired_ms(one) for one in engine([self.jobs[int(n)] for n in row])]


def _fired_ms(outcome: Outcome) -> Floats | None:
    """Return the times of spikes where there are most."""
    if isinstance(outcome, Failure):
        return None
    each = [spikes_ms(outcome[name]) for name in outcome if is_v(name)]
    return max(each, key=len, default=np.empty(0))


def _scouted(pool: "Workers", scouts: Sequence[Candidate]) -> list[tuple[Candidate, int]]:
    """Return those that come to their end, ended when they have shown enough, and their spikes."""
    bundles = [range(n, min(n + _TOGETHER, len(scouts))) for n in range(0, len(scouts), _TOGETHER)]
    task = _Scouting(tuple(one.job for one in scouts))
    answers = pool.run(task, [np.array(bundle, float) for bundle in bundles])
    fired = {
        n: at_ms
        for answer in answers
        if not answer.lost
        for n, at_ms in zip(bundles[answer.row], answer.value, strict=True)
        if at_ms is not None
    }
    return [(_ended(scouts[n], fired[n]), len(fired[n])) for n in sorted(fired)]


def _ended(one: Candidate, fired_ms: Floats) -> Candidate:
    if len(fired_ms) < _SPIKES:
        return one
    protocol = one.job.protocol
    until_ms = max(fired_ms[_SPIKES - 1] + 5.0, fired_ms[0] + _FIRING_ms)
    until_ms = min(float(until_ms), protocol.duration_ms)
    return Candidate(one.name, replace(one.job, protocol=replace(protocol, duration_ms=until_ms)))
