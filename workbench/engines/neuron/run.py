"""Run a batch of jobs on NEURON or CoreNEURON."""

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from workbench.engines.job import Failure, FailureKind, Integrator, Job, Outcome
from workbench.engines.neuron import door
from workbench.engines.neuron.cell import LiveCell
from workbench.mechanisms import Build
from workbench.protocols import ABSURD_mV, Protocol, Traces, find_defect

SLICE_ms = 10.0
"""CVODE is advanced in slices, so that its steps can be counted and its voltages watched."""


class NeuronEngine:
    """Runs jobs one after the other in this process.

    Each job is simulated alone. The cell of the job before is kept and painted again while the
    frame is the same; a test shows that its traces are those of a fresh cell, bit for bit.
    """

    def __init__(self, build: Build | None) -> None:
        self._h = door.open_neuron(build)
        self._cell: LiveCell | None = None

    def __call__(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Run the jobs; the answer holds one outcome a job, in their order.

        Raises
        ------
        EngineError
            If a recipe cannot be built: an unknown mechanism, a value out of place.
        """
        return [self._run(job) for job in jobs]

    def close(self) -> None:
        """Delete the cell that was kept."""
        if self._cell is not None:
            self._cell.close()
            self._cell = None

    def _run(self, job: Job) -> Outcome:
        cell = self._prepare(job)
        protocol = job.protocol.bound()
        recipe, integrator = job.recipe, job.integrator
        with door.conditions(self._h, integrator, recipe.celsius_degC, recipe.v_init_mV):
            clamps = [_place(self._h, cell, stimulus) for stimulus in protocol.stimuli]
            t, recorded = self._record(cell, protocol)
            try:
                stopped = self._advance(integrator, protocol.duration_ms, t, recorded)
            except RuntimeError as error:
                stopped = Failure(FailureKind.SIMULATOR, str(error))
            finally:
                traces = Traces(
                    protocol.name,
                    np.array(t, dtype=float),
                    {name: np.array(v, dtype=float) for name, v in recorded.items()},
                )
                del t, recorded, clamps
        return stopped or _judged(traces, protocol.duration_ms)

    def _prepare(self, job: Job) -> LiveCell:
        if self._cell is not None and self._cell.frame == job.recipe.frame:
            self._cell.repaint(job.recipe)
        else:
            self.close()
            self._cell = LiveCell(self._h, job.recipe)
        return self._cell

    def _record(self, cell: LiveCell, protocol: Protocol) -> tuple[Any, dict[str, Any]]:
        t = self._h.Vector().record(self._h._ref_t)
        recorded = {}
        for recording in protocol.recordings:
            segment = cell.at(recording.site)
            pointer = getattr(segment, f"_ref_{recording.variable}")
            recorded[recording.name] = self._h.Vector().record(pointer)
        return t, recorded

    def _advance(
        self, integrator: Integrator, until_ms: float, t: Any, recorded: dict[str, Any]
    ) -> Failure | None:
        h = self._h
        h.finitialize(h.v_init)
        if integrator.dt_ms is not None:
            core = integrator.engine == "coreneuron"
            with door.core_neuron() if core else contextlib.nullcontext():
                h.ParallelContext().set_maxstep(10)
                h.ParallelContext().psolve(until_ms)
            return None
        cvode, budget = h.CVode(), int(integrator.steps_per_ms * until_ms)
        now_ms = 0.0
        while now_ms < until_ms:
            now_ms = min(now_ms + SLICE_ms, until_ms)
            cvode.solve(now_ms)
            if t.size() > budget:
                message = f"{int(t.size())} steps at {h.t:.1f} of {until_ms:g} ms, budget {budget}"
                return Failure(FailureKind.TOO_MANY_STEPS, message)
            for name, vector in recorded.items():
                if name.endswith(".v") and not abs(vector[-1]) <= ABSURD_mV:
                    message = f"{name} is {vector[-1]:.4g} mV at {h.t:.1f} ms"
                    return Failure(FailureKind.ABSURD, message)
        return None


def _place(h: Any, cell: LiveCell, stimulus: Any) -> Any:
    clamp = h.IClamp(cell.at(stimulus.site))
    clamp.delay = stimulus.delay_ms
    clamp.dur = stimulus.duration_ms
    clamp.amp = stimulus.amplitude_nA
    return clamp


def _judged(traces: Traces, until_ms: float) -> Outcome:
    """Return the traces, or the failure that they show."""
    for name, values in traces.recorded.items():
        if values.size != traces.t_ms.size:
            message = f"{name} has {values.size} samples for {traces.t_ms.size} times"
            return Failure(FailureKind.UNFINISHED, message)
        if defect := find_defect(traces[name], until_ms):
            return Failure(FailureKind[defect.kind.name], defect.message)
    return traces
