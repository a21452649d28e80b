"""What stands for a stimulus in NEURON: a function for each kind, and what each asks of engines."""

from collections.abc import Sequence
from functools import singledispatch
from typing import Any, NamedTuple

import numpy as np

from workbench.engines.job import Integrator
from workbench.engines.neuron import door
from workbench.errors import EngineError
from workbench.protocols import EPSP, Played, Protocol, Step, Stimulus, VoltageClamp

FOREVER_ms = 1e9


class Run(NamedTuple):
    """How long a run lasts, and who takes its steps."""

    until_ms: float
    integrator: Integrator


class Clamp(NamedTuple):
    """A point process, and the vectors that are played into it."""

    process: Any
    vectors: Sequence[Any] = ()

    def pointer(self, variable: str) -> Any:
        """Return NEURON's pointer to a variable of the point process."""
        return getattr(self.process, f"_ref_{variable}")


@singledispatch
def clamp(stimulus: Stimulus, h: Any, segment: Any, run: Run) -> Clamp:
    """Return what does in a segment, during a run, what a stimulus of a bound protocol says.

    Raises
    ------
    EngineError
        If this process has no mechanism for it.
    """
    raise EngineError(f"there is nothing in NEURON that does what a {stimulus.kind} says")


@clamp.register
def _step(stimulus: Step, h: Any, segment: Any, run: Run) -> Clamp:
    made = h.IClamp(segment)
    made.delay = stimulus.delay_ms
    made.dur = stimulus.duration_ms
    made.amp = stimulus.amplitude_nA
    return Clamp(made)


@clamp.register
def _epsp(stimulus: EPSP, h: Any, segment: Any, run: Run) -> Clamp:
    if not hasattr(h, "EPSPCurrent"):
        raise EngineError(
            "an EPSP needs the point process EPSPCurrent; name 'synapses' among the mechanism "
            "folders of the cell"
        )
    made = h.EPSPCurrent(segment)
    made.onset, made.imax = stimulus.delay_ms, stimulus.amplitude_nA
    made.tau0, made.tau1 = stimulus.tau_rise_ms, stimulus.tau_decay_ms
    return Clamp(made)


@clamp.register
def _played(stimulus: Played, h: Any, segment: Any, run: Run) -> Clamp:
    """Play its knots into a clamp that is always on."""
    made = h.IClamp(segment)
    made.delay, made.dur = 0.0, FOREVER_ms
    times_ms, currents_nA = stimulus.course(run.until_ms + h.dt)
    arrays = [currents_nA, times_ms]
    # At knots of a list NEURON has events, at which CVODE begins anew; adaptive steps have none.
    # Without a list each knot is an event, and CoreNEURON ends its process where there is a list.
    if run.integrator.dt_ms is None:
        jumps = np.flatnonzero((np.diff(times_ms) == 0) & (run.integrator.atol is not None))
        arrays.append(jumps.astype(float))
    source, *more = vectors = [door.take_vector().from_python(array) for array in arrays]
    source.play(made._ref_amp, *more, *[True] * (len(more) < 2))
    return Clamp(made, vectors)


@clamp.register
def _voltage_clamp(stimulus: VoltageClamp, h: Any, segment: Any, run: Run) -> Clamp:
    made = h.SEClamp(segment)
    made.rs = stimulus.rs_MOhm
    made.dur1, made.amp1 = stimulus.delay_ms, stimulus.hold_mV
    made.dur2, made.amp2 = stimulus.duration_ms, stimulus.step_mV
    made.dur3, made.amp3 = FOREVER_ms, stimulus.hold_mV
    return Clamp(made)


def check_clamps(protocol: Protocol, integrator: Integrator) -> None:
    """Refuse stimuli of a bound protocol that an integrator would get wrong.

    Raises
    ------
    EngineError
        With protocol, stimulus and integrator, and what to do.
    """
    for stimulus in protocol.stimuli:
        if why := _refused(stimulus, integrator):
            raise EngineError(f"protocol {protocol.name}: {stimulus.kind}: {why}")


@singledispatch
def _refused(stimulus: Stimulus, integrator: Integrator) -> str:
    return ""


@_refused.register
def _voltage_clamp_refused(stimulus: VoltageClamp, integrator: Integrator) -> str:
    if integrator.step_error_mV is not None:
        return (
            "adaptive steps know no current at the recorded times; choose CVODE (cvode_atol) or a "
            "fixed step (dt_ms)"
        )
    if integrator.dt_ms is not None and integrator.order == 2:
        return (
            "steps of second order swing about a clamped voltage and do not come to rest; choose "
            "order 1 or CVODE (cvode_atol)"
        )
    return ""
