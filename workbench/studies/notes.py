"""What is odd about a problem and was hardly meant, though it can be simulated.

The terminal says it before a run, and the run's report keeps it. One function a kind of note; what
cannot be right is not noted but refused, where it is found.
"""

from collections.abc import Callable, Iterator

from workbench.fitting import Problem


def notes_of(problem: Problem) -> tuple[str, ...]:
    """Return a sentence for each thing that a user should know before trusting the numbers."""
    return tuple(dict.fromkeys(note for kind in _KINDS for note in kind(problem)))


def _morphology(problem: Problem) -> Iterator[str]:
    morphology = problem.recipe.morphology
    yield from (f"morphology {morphology.name}: {note}" for note in morphology.notes)


_KINDS: tuple[Callable[[Problem], Iterator[str]], ...] = (_morphology,)
