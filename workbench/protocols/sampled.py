"""What is left of a protocol's stimuli at a fixed step.

NEURON and CoreNEURON look at a current once a step, at the middle of it: a step current lasts for
as many steps as have their middle between its begin and its end.
"""

import math
from collections.abc import Iterator

from workbench.protocols.protocol import Protocol
from workbench.protocols.stimulus import Detail, Stimulus

ROUNDING_steps = 1e-6
"""How near a middle may be to begin or end of a current before rounding decides on its side."""

NOTEWORTHY = 0.01
"""The part of a current's charge that may be lost or added without a word."""


def missed(protocol: Protocol, dt_ms: float) -> str:
    """Name the first stimulus of a bound protocol that a fixed step may step over, or nothing.

    A current shorter than the step is one of a whole step or none at all.
    """
    for stimulus, finest in _acting(protocol):
        # The middles of two steps may fall on begin and end of a current as long as one step.
        over = _is_constant(stimulus) and 0 in _counts(stimulus, dt_ms)
        if over or finest.shortest_ms < (1 - ROUNDING_steps) * dt_ms:
            return f"the {finest.words} from {stimulus.delay_ms:g} ms"
    return ""


def misshapen(protocol: Protocol, dt_ms: float) -> str:
    """Say which current of a bound protocol is most of all longer or shorter than it should be.

    Nothing, if that changes no charge by more than `NOTEWORTHY`.
    """
    off: list[tuple[float, str]] = []
    for stimulus, finest in _acting(protocol):
        if not _is_constant(stimulus):
            continue
        counts = _counts(stimulus, dt_ms)
        part = max(abs(count * dt_ms / finest.shortest_ms - 1) for count in counts)
        if part > NOTEWORTHY:
            lasts = " or ".join(f"{count * dt_ms:g}" for count in sorted(counts))
            whose = f"the {finest.words} from {stimulus.delay_ms:g} ms"
            off.append((part, f"{whose} lasts {lasts} ms"))
    if not off:
        return ""
    [_, worst] = max(off, key=lambda one: one[0])
    others = len(off) - 1
    return f"{worst}, and {others} more are off likewise" if others else worst


def _acting(protocol: Protocol) -> Iterator[tuple[Stimulus, Detail]]:
    for stimulus in protocol.stimuli:
        if float(stimulus.delay_ms) < protocol.duration_ms and (finest := stimulus.detail()):
            yield stimulus, finest


def _is_constant(stimulus: Stimulus) -> bool:
    return bool(stimulus.level_nA(*stimulus.window_ms(math.inf)))


def _counts(stimulus: Stimulus, dt_ms: float) -> set[int]:
    """Return how many steps the current lasts; two numbers where rounding decides."""
    begin, end = (at_ms / dt_ms - 0.5 for at_ms in stimulus.window_ms(math.inf))
    return {
        math.ceil(end - side) - math.ceil(begin - other)
        for side in (ROUNDING_steps, -ROUNDING_steps)
        for other in (ROUNDING_steps, -ROUNDING_steps)
    }
