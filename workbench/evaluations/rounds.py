"""Individuals in rounds: what is simulated next may depend on what came out before."""

from collections.abc import Generator, Sequence
from typing import TypeVar

from workbench.engines import Engine, Job, Outcome

T = TypeVar("T")

Rounds = Generator[Sequence[Job], Sequence[Outcome], T]
"""Yields jobs, is sent their outcomes, and returns what it is all for."""


def in_rounds(plans: Sequence[Rounds[T]], engine: Engine) -> list[T]:
    """Return what each plan returns; the jobs of all that are not done are one call of the engine.

    An engine answers a job as if it were alone, so no plan depends on its company.
    """
    done: dict[int, T] = {}
    asked: dict[int, Sequence[Job]] = {}

    def go_on(number: int, outcomes: Sequence[Outcome] | None) -> None:
        try:
            # A plan that has not begun is sent nothing.
            asked[number] = plans[number].send(outcomes)  # type: ignore[arg-type]
        except StopIteration as end:
            done[number] = end.value

    for number in range(len(plans)):
        go_on(number, None)
    while asked:
        now, asked = asked, {}
        outcomes = iter(engine([job for jobs in now.values() for job in jobs]))
        for number, jobs in now.items():
            go_on(number, [next(outcomes) for _ in jobs])
    return [done[number] for number in range(len(plans))]
