"""Give single protocols a cheaper integrator than the others, where the budget has room for it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.calibration.measuring import Measured
from workbench.fitting import Problem

WORTHWHILE = 0.05
"""The part of the time that a mixture has to save; else one integrator for all is simpler."""


def mixed(
    problem: Problem, start: Measured, measured: Sequence[Measured], budget_SD: float
) -> Measured | None:
    """Return a cheaper mixture of what was measured, or None if there is none worth its while.

    From one integrator for all, the protocol that saves most gets a cheaper one as long as the
    share of pairs beyond the budget, of all protocols together, stays less than allowed by one
    standard error. Protocols do not know of one another, so cost and errors of a mixture are those
    of its parts; in CoreNEURON, where they share runs, the last digits and the cost are estimates.

    Parameters
    ----------
    start
        A setting that keeps the budget, with one integrator for all.
    measured
        Settings; those count that differ from `start` in the integrator alone, and run on the same
        build of the mechanisms.
    """
    if not start.is_safe(budget_SD) or any(len(o.protocols) > 1 for o in problem.objectives):
        return None
    names = [protocol.name for protocol in problem.protocols]
    of_objective = np.array([names.index(o.protocol) for o in problem.objectives])
    others = [one for one in measured if _may_join(start, one)]
    parts, best = [start] * len(names), start
    while True:
        cheaper = [
            (composed.seconds, swapped, composed)
            for swapped in _swaps(parts, others)
            if (composed := _composed(names, swapped, of_objective)).is_safe(budget_SD)
        ]
        if not cheaper:
            break
        _, parts, best = min(cheaper, key=lambda swap: swap[0])
    return best if best.seconds <= (1 - WORTHWHILE) * start.seconds else None


def _swaps(parts: list[Measured], others: Sequence[Measured]) -> Iterator[list[Measured]]:
    """Yield the parts with a cheaper one for one of the protocols."""
    for number, part in enumerate(parts):
        for other in others:
            if other.seconds_each[number] < part.seconds_each[number]:
                yield [*parts[:number], other, *parts[number + 1 :]]


def _may_join(start: Measured, one: Measured) -> bool:
    ours, theirs = start.setting, one.setting
    return (
        theirs.segments == ours.segments
        and theirs.integrator.build == ours.integrator.build
        and not theirs.own_integrators
        and not one.lost
    )


def _composed(
    names: Sequence[str], parts: Sequence[Measured], of_objective: NDArray[np.intp]
) -> Measured:
    """Return the setting that gives each protocol the integrator of its part, as if measured."""
    integrators = [part.setting.integrator for part in parts]
    seconds_each = np.array([part.seconds_each[number] for number, part in enumerate(parts)])
    errors_SD = np.stack(
        [parts[number].errors_SD[:, column] for column, number in enumerate(of_objective)], axis=1
    )
    cost = dict.fromkeys(integrators, 0.0)
    for integrator, seconds in zip(integrators, seconds_each, strict=True):
        cost[integrator] += seconds
    general = max(cost, key=lambda integrator: cost[integrator])
    own = tuple(
        (name, integrator)
        for name, integrator in zip(names, integrators, strict=True)
        if integrator != general
    )
    setting = replace(parts[0].setting, integrator=general, own_integrators=own)
    return replace(parts[0], setting=setting, seconds_each=seconds_each, errors_SD=errors_SD)
