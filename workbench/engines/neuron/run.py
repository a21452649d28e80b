"""Run a batch of jobs on NEURON or CoreNEURON."""

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import numpy as np

from workbench.cells import CellRecipe
from workbench.engines.job import Failure, FailureKind, Job, Outcome
from workbench.engines.neuron import door
from workbench.engines.neuron.cell import LiveCell, RefusedValueError
from workbench.errors import EngineError
from workbench.mechanisms import Build
from workbench.protocols import EPSP, ABSURD_mV, Protocol, Step, Stimulus, Traces, find_defect

STEPS_BETWEEN_LOOKS = 100
"""How often the voltages of a CVODE run are looked at, to end one that has gone astray."""

LONGEST_PIECE_ms = 10.0
"""`psolve` wants to know the shortest delay between cells; there are none here."""

Vectors = dict[str, Any]
"""Recording name to NEURON's Vector, with the times under `_TIMES`."""

_TIMES = "t"


class NeuronEngine:
    """Runs jobs one after the other in this process.

    Each job is simulated alone. The cell of the job before is kept and painted again while the
    frame is the same; a test shows that its traces are those of a fresh cell, bit for bit.
    """

    # NEURON simulates every section of its process: what one engine kept would take part in
    # the runs of another, and CVODE's steps would follow both.
    _kept: ClassVar[LiveCell | None] = None

    def __init__(self, build: Build | None) -> None:
        self._build = build
        self._h = door.open_neuron(build)

    def __call__(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Run the jobs; the answer holds one outcome a job, in their order.

        A fixed step that does not divide the protocol's duration runs to the first step beyond
        it.

        Raises
        ------
        EngineError
            If a recipe cannot be built or a recording has no such variable, or if this process
            holds sections of somebody else.
        """
        return [self._run(job) for job in jobs]

    def close(self) -> None:
        """Delete the cell that was kept."""
        if NeuronEngine._kept is not None:
            NeuronEngine._kept.close()
            NeuronEngine._kept = None

    def _run(self, job: Job) -> Outcome:
        recipe, protocol = job.recipe, job.protocol.bound()
        own = protocol.v_init_mV
        v_init_mV = recipe.v_init_mV if own is None else float(own)
        try:
            cell = self._prepare(recipe)
        except RefusedValueError as error:
            return Failure(FailureKind.SIMULATOR, str(error))
        with (
            door.conditions(self._h, job.integrator, recipe.celsius_degC, v_init_mV),
            _mounted(self._h, cell, protocol) as vectors,
        ):
            try:
                failure = self._advance(job, vectors)
            except RuntimeError as error:
                failure = Failure(FailureKind.SIMULATOR, str(error))
            traces = _copied(protocol, vectors)
        return failure or _judged(traces, protocol.duration_ms)

    def _prepare(self, recipe: CellRecipe) -> LiveCell:
        cell = NeuronEngine._kept
        if cell is not None and cell.frame == recipe.frame:
            cell.repaint(recipe)
        else:
            self.close()
            NeuronEngine._kept = cell = LiveCell(self._h, recipe)
        alive = sum(1 for _ in self._h.allsec())
        if alive != len(cell.sections):
            raise EngineError(
                f"this process holds {alive - len(cell.sections)} sections besides those of "
                f"{recipe.name}, and NEURON would simulate them too; delete them, or run the cell "
                "in a process of its own, as workbench.simulate does"
            )
        return cell

    def _advance(self, job: Job, vectors: Vectors) -> Failure | None:
        h, integrator, until_ms = self._h, job.integrator, job.protocol.duration_ms
        h.finitialize(h.v_init)
        if integrator.dt_ms is None:
            return _advance_cvode(h, until_ms, int(integrator.steps_per_ms * until_ms), vectors)
        with door.solver(self._build, integrator):
            _advance_fixed(h, until_ms, integrator.dt_ms)
        return None


def _advance_fixed(h: Any, until_ms: float, dt_ms: float) -> None:
    steps = math.ceil(until_ms / dt_ms - 1e-6)
    context = door.parallel_context()
    context.set_maxstep(max(LONGEST_PIECE_ms, 2 * dt_ms))
    # Half a step more, so that the rounding of h.t cannot cost the last one.
    context.psolve((steps + 0.5) * dt_ms)
    if abs(h.t - steps * dt_ms) > dt_ms / 2:
        raise EngineError(
            f"the run ended at {h.t:.9g} instead of {steps * dt_ms:.9g} ms: CoreNEURON is told the "
            "end with six digits; choose a duration of fewer digits or a longer dt_ms"
        )


def _advance_cvode(h: Any, until_ms: float, budget: int, vectors: Vectors) -> Failure | None:
    """Advance step by step, which gives the trace of one call bit for bit, but can be counted.

    A run whose voltage has gone astray ends early; what it recorded tells why.
    """
    # Bound once: on a cell of one segment the loop would cost more than the steps.
    step, now_ms = door.cvode().solve, h._ref_t
    voltages = [vector for name, vector in vectors.items() if name.endswith(".v")]
    for taken in range(budget):
        if now_ms[0] >= until_ms:
            # The last step leads beyond the end: go back to it.
            step(until_ms)
            return None
        if taken % STEPS_BETWEEN_LOOKS == 0 and any(map(_astray, voltages)):
            return None
        step()
    message = f"{budget} steps led to {h.t:.1f} of {until_ms:g} ms"
    return Failure(FailureKind.TOO_MANY_STEPS, message)


def _astray(voltage: Any) -> bool:
    return bool(voltage.size()) and not abs(voltage[-1]) <= ABSURD_mV


@contextlib.contextmanager
def _mounted(h: Any, cell: LiveCell, protocol: Protocol) -> Iterator[Vectors]:
    """Put a protocol's clamps and recordings on a cell, and take them off whatever happens.

    NEURON keeps a clamp as long as Python knows it, and the traceback of an error knows it long:
    so the clamps leave by their names here, not with the end of a function.
    """
    clamps: list[Any] = []
    vectors: Vectors = {}
    try:
        for stimulus in protocol.stimuli:
            clamps.append(_clamp(h, cell, stimulus))
        vectors[_TIMES] = h.Vector().record(h._ref_t)
        for recording in protocol.recordings:
            pointer = cell.pointer(recording.site, recording.variable)
            vectors[recording.name] = h.Vector().record(pointer)
        yield vectors
    finally:
        clamps.clear()
        vectors.clear()


def _clamp(h: Any, cell: LiveCell, stimulus: Stimulus) -> Any:
    assert not isinstance(stimulus.site, str), "a bound protocol names no parameters"
    if isinstance(stimulus, EPSP):
        if not hasattr(h, "EPSPCurrent"):
            raise EngineError(
                "an EPSP needs the point process EPSPCurrent; name 'synapses' among the "
                "mechanism folders of the cell"
            )
        clamp = h.EPSPCurrent(cell.at(stimulus.site))
        clamp.onset, clamp.imax = stimulus.delay_ms, stimulus.amplitude_nA
        clamp.tau0, clamp.tau1 = stimulus.tau_rise_ms, stimulus.tau_decay_ms
        return clamp
    assert isinstance(stimulus, Step), "a bound protocol has no trains"
    clamp = h.IClamp(cell.at(stimulus.site))
    clamp.delay = stimulus.delay_ms
    clamp.dur = stimulus.duration_ms
    clamp.amp = stimulus.amplitude_nA
    return clamp


def _copied(protocol: Protocol, vectors: Vectors) -> Traces:
    arrays = {name: np.array(vector, dtype=float) for name, vector in vectors.items()}
    return Traces(protocol.name, arrays.pop(_TIMES), arrays)


def _judged(traces: Traces, until_ms: float) -> Outcome:
    """Return the traces, or the failure that they show."""
    for name, values in traces.recorded.items():
        if values.size != traces.t_ms.size:
            message = f"{name} has {values.size} samples for {traces.t_ms.size} times"
            return Failure(FailureKind.UNFINISHED, message)
        if defect := find_defect(traces[name], until_ms):
            return Failure(FailureKind[defect.kind.name], defect.message)
    return traces
