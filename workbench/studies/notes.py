"""What is odd about a problem and was hardly meant, though it can be simulated.

The terminal says it before a run, and the run's report keeps it. One function a kind of note; what
cannot be right is not noted but refused, where it is found.
"""

from collections.abc import Callable, Iterator

from workbench.fitting import Problem
from workbench.protocols import misshapen


def notes_of(problem: Problem) -> tuple[str, ...]:
    """Return a sentence for each thing that a user should know before trusting the numbers."""
    return tuple(dict.fromkeys(note for kind in _KINDS for note in kind(problem)))


def _morphology(problem: Problem) -> Iterator[str]:
    morphology = problem.recipe.morphology
    yield from (f"morphology {morphology.name}: {note}" for note in morphology.notes)


def _pulses(problem: Problem) -> Iterator[str]:
    for protocol in problem.protocols:
        dt_ms = problem.integrator_of(protocol.name).dt_ms
        if dt_ms is not None and (what := misshapen(protocol.bound(), dt_ms)):
            yield (
                f"protocol {protocol.name}: with a fixed step of {dt_ms:g} ms {what}; choose a "
                "step (dt_ms) that divides it, or CVODE (cvode_atol)"
            )


_KINDS: tuple[Callable[[Problem], Iterator[str]], ...] = (_morphology, _pulses)
