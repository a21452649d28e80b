"""What stands for a stimulus in NEURON: a function for each kind."""

from functools import singledispatch
from typing import Any

from workbench.errors import EngineError
from workbench.protocols import EPSP, Step, Stimulus


@singledispatch
def clamp(stimulus: Stimulus, h: Any, segment: Any) -> Any:
    """Return a new point process that does in a segment what a stimulus of a bound protocol says.

    Raises
    ------
    EngineError
        If this process has no mechanism for it.
    """
    raise EngineError(f"there is nothing in NEURON that does what a {stimulus.kind} says")


@clamp.register
def _step(stimulus: Step, h: Any, segment: Any) -> Any:
    made = h.IClamp(segment)
    made.delay = stimulus.delay_ms
    made.dur = stimulus.duration_ms
    made.amp = stimulus.amplitude_nA
    return made


@clamp.register
def _epsp(stimulus: EPSP, h: Any, segment: Any) -> Any:
    if not hasattr(h, "EPSPCurrent"):
        raise EngineError(
            "an EPSP needs the point process EPSPCurrent; name 'synapses' among the mechanism "
            "folders of the cell"
        )
    made = h.EPSPCurrent(segment)
    made.onset, made.imax = stimulus.delay_ms, stimulus.amplitude_nA
    made.tau0, made.tau1 = stimulus.tau_rise_ms, stimulus.tau_decay_ms
    return made
