"""Advance a cell to the end of its protocol, with CVODE or a fixed step."""

import math
from collections.abc import Sequence
from typing import Any

from workbench.engines.job import Failure, FailureKind
from workbench.engines.neuron import door
from workbench.errors import EngineError
from workbench.protocols import ABSURD_mV

STEPS_BETWEEN_LOOKS = 100
"""How often the voltages of a CVODE run are looked at, to end one that has gone astray."""

LONGEST_PIECE_ms = 10.0
"""`psolve` wants to know the shortest delay between cells; there are none here."""


def steps_until(until_ms: float, dt_ms: float) -> int:
    """Return how many fixed steps lead to the first one at or beyond a time."""
    return math.ceil(until_ms / dt_ms - 1e-6)


def advance_fixed(h: Any, until_ms: float, dt_ms: float, *, coreneuron: bool = False) -> None:
    """Advance with one step size to the first step at or beyond `until_ms`.

    CoreNEURON is told where to end with six digits.

    Raises
    ------
    EngineError
        If CoreNEURON ended elsewhere.
    """
    steps = steps_until(until_ms, dt_ms)
    context = door.parallel_context()
    context.set_maxstep(max(LONGEST_PIECE_ms, 2 * dt_ms))
    # Half a step more, so that the rounding of h.t cannot cost the last one.
    end_ms = (steps + 0.5) * dt_ms
    if coreneuron and not steps * dt_ms < float(f"{end_ms:g}") < (steps + 1) * dt_ms:
        end_ms = steps * dt_ms
    context.psolve(end_ms)
    if abs(h.t - steps * dt_ms) > dt_ms / 2:
        raise EngineError(
            f"the run ended at {h.t:.9g} instead of {steps * dt_ms:.9g} ms: CoreNEURON is told the "
            "end with six digits; choose a duration of so many, or a longer dt_ms"
        )


def advance_cvode(h: Any, until_ms: float, budget: int, voltages: Sequence[Any]) -> Failure | None:
    """Advance step by step, which gives the trace of one call bit for bit, but can be counted.

    A run whose recorded `voltages` have gone astray ends early; what it recorded tells why.
    """
    # Bound once: on a cell of one segment the loop would cost more than the steps.
    step, now_ms = door.cvode().solve, h._ref_t
    for taken in range(budget):
        if now_ms[0] >= until_ms:
            # The last step leads beyond the end: go back to it.
            step(until_ms)
            return None
        if taken % STEPS_BETWEEN_LOOKS == 0 and any(map(_astray, voltages)):
            return None
        step()
    message = f"{budget} steps led to {h.t:.1f} of {until_ms:g} ms; steps_per_ms allows more"
    return Failure(FailureKind.TOO_MANY_STEPS, message)


def _astray(voltage: Any) -> bool:
    return bool(voltage.size()) and not abs(voltage[-1]) <= ABSURD_mV
