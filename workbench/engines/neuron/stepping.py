"""Whether an integrator's steps fit a protocol: its currents, its length, and the memory."""

import math

from workbench.engines.job import Integrator
from workbench.engines.neuron.advance import steps_until
from workbench.errors import EngineError
from workbench.protocols import MOST_SAMPLES, Protocol, missed


def check_steps(protocol: Protocol, integrator: Integrator) -> None:
    """Refuse a fixed step that misses what a bound protocol does, or that fills the memory.

    Raises
    ------
    EngineError
        With protocol, stimulus and step, and what to do.
    """
    dt_ms = integrator.dt_ms
    if dt_ms is None:
        return
    whose = f"protocol {protocol.name}"
    if dt_ms > protocol.duration_ms:
        raise EngineError(
            f"{whose}: it lasts {protocol.duration_ms:g} ms, and one fixed step {dt_ms:g} ms; "
            "choose a shorter step (dt_ms)"
        )
    if stimulus := missed(protocol, dt_ms):
        raise EngineError(
            f"{whose}: a fixed step of {dt_ms:g} ms may miss {stimulus} or change its shape; "
            "choose a step (dt_ms) of which it lasts several, or CVODE (cvode_atol)"
        )
    most, steps = most_steps(protocol), protocol.duration_ms / dt_ms
    if steps > most:
        raise EngineError(
            f"{whose}: duration_ms {protocol.duration_ms:g} with a fixed step of {dt_ms:g} ms and "
            f"{len(protocol.recordings)} recordings is {steps * _series(protocol):.3g} samples, at "
            f"most {MOST_SAMPLES:g} ({8e-9 * MOST_SAMPLES:g} GB) are allowed; shorten it to "
            f"{most * dt_ms:g} ms, choose a longer step (dt_ms), or record less"
        )


def most_steps(protocol: Protocol) -> int:
    """Return how many steps of a protocol's recordings may be kept."""
    return MOST_SAMPLES // _series(protocol)


def steps_at_most(protocol: Protocol, integrator: Integrator) -> int:
    """Return how many steps a protocol takes, or is allowed if they follow what happens."""
    if integrator.dt_ms is not None:
        return steps_until(protocol.duration_ms, integrator.dt_ms)
    return int(integrator.steps_per_ms * protocol.duration_ms)


def longest_step_ms(protocol: Protocol) -> float:
    """Return the longest step of a bound protocol that misses nothing of what it does."""
    return min((stimulus.longest_step_ms() for stimulus in protocol.stimuli), default=math.inf)


def _series(protocol: Protocol) -> int:
    return len(protocol.recordings) + 1
