"""The same simulations done in several ways, each way in a child of its own, taking turns.

Taking turns lets other work on the machine disturb all ways alike, and the quickest of several
turns is the one that it disturbed least.
"""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np

from tests.bench.children import child
from workbench.engines import Failure, Job
from workbench.engines.neuron import NeuronEngine, engine_for
from workbench.protocols import Traces

THRESHOLD_mV = -20.0
Name = TypeVar("Name")


@dataclass(frozen=True)
class Turn:
    """Processor and wall time of one call of the engine, and what its first job gave."""

    cpu_s: float
    wall_s: float
    steps: int
    spikes_ms: tuple[float, ...]


@dataclass(frozen=True)
class Way:
    """All turns of one way."""

    turns: tuple[Turn, ...]

    @property
    def cpu_s(self) -> float:
        """Processor time of the quickest turn."""
        return min(turn.cpu_s for turn in self.turns)

    @property
    def steps(self) -> int:
        """Accepted steps of the integrator."""
        return self.turns[0].steps

    @property
    def spikes_ms(self) -> tuple[float, ...]:
        """When the first recording of the first job crosses the threshold, between samples."""
        return self.turns[0].spikes_ms

    def raw(self) -> dict[str, Any]:
        """Return what is kept of it."""
        return {"turns": [asdict(turn) for turn in self.turns]}


def take_turns(ways: Mapping[Name, Sequence[Job]], rounds: int) -> dict[Name, Way]:
    """Run each way's jobs in one call of its engine, `rounds` times in turn.

    A way's first run, which builds its cells, is not counted.
    """
    turns: dict[Name, list[Turn]] = {name: [] for name in ways}
    with contextlib.ExitStack() as stack:
        children = {name: stack.enter_context(child()) for name in ways}
        ready = [children[name].submit(prepare, tuple(jobs)) for name, jobs in ways.items()]
        for one in ready:
            one.result()
        for _ in range(rounds):
            for name, process in children.items():
                turns[name].append(process.submit(run).result())
    return {name: Way(tuple(found)) for name, found in turns.items()}


_prepared: list[tuple[NeuronEngine, tuple[Job, ...]]] = []


def prepare(jobs: tuple[Job, ...]) -> None:
    """Make this process's engine and let it build its cells."""
    _prepared[:] = [(engine_for(jobs[0].recipe, jobs[0].integrator), jobs)]
    run()


def run() -> Turn:
    """Run the jobs that this process was prepared for."""
    [(engine, jobs)] = _prepared
    begun, cpu_s = time.perf_counter(), time.process_time()
    outcomes = engine(jobs)
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - begun
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            raise ValueError(f"{outcome.kind.value}: {outcome.message}")
    first = outcomes[0]
    assert isinstance(first, Traces)
    return Turn(cpu_s, wall_s, first.t_ms.size - 1, _spikes_ms(first))


def _spikes_ms(traces: Traces) -> tuple[float, ...]:
    v_mV = next(iter(traces.recorded.values()))
    rises = np.flatnonzero((v_mV[:-1] < THRESHOLD_mV) & (v_mV[1:] >= THRESHOLD_mV))
    part = (THRESHOLD_mV - v_mV[rises]) / (v_mV[rises + 1] - v_mV[rises])
    before_ms, after_ms = traces.t_ms[rises], traces.t_ms[rises + 1]
    return tuple((before_ms + part * (after_ms - before_ms)).tolist())
