"""Individuals on which settings are compared: quiet and spiking, as a search meets them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.studies import Study

Floats = NDArray[np.float64]

NEAR = 0.05
"""How far, in the unit cube, individuals near a published one lie from it."""


@dataclass(frozen=True)
class Individual:
    """A parameter set, (d,), and where it comes from."""

    name: str
    row: Floats


def sample(study: Study, each: int, seed: int, *, published: bool) -> list[Individual]:
    """Return `each` individuals of each kind that a search meets on its way.

    Drawn within the bounds, as it begins; near the published ones, as it should end; and crossed
    from both, each value of one or the other. A study without published parameter sets gets three
    times as many of the first kind, for some of them fire. `published` adds the published ones
    themselves.
    """
    problem, generator = study.problem, np.random.default_rng(seed)
    known = {name: problem.row(v) for name, v in study.published.items() if _complete(study, name)}
    dimension = len(problem.parameters)
    count = each if known else 3 * each
    uniform = problem.physical(generator.random((count, dimension)))
    drawn = [Individual(f"random {i}", row) for i, row in enumerate(uniform)]
    for i in range(each if known else 0):
        name = list(known)[i % len(known)]
        moved = problem.unit(known[name][None]) + generator.uniform(-NEAR, NEAR, dimension)
        [row] = problem.physical(np.clip(moved, 0.0, 1.0))
        drawn.append(Individual(f"near {name} {i}", row))
    for i in range(each if known else 0):
        name = list(known)[i % len(known)]
        [other] = problem.physical(generator.random((1, dimension)))
        theirs = generator.random(dimension) < 0.5
        drawn.append(Individual(f"crossed {name} {i}", np.where(theirs, known[name], other)))
    if published:
        drawn += [Individual(name, row) for name, row in known.items()]
    return drawn


def _complete(study: Study, name: str) -> bool:
    """Return whether a published set belongs to this cell and lies within the bounds."""
    if name in study.cells or set(study.published[name]) != set(study.problem.parameter_names):
        return False
    values = study.published[name]
    return all(p.low <= values[p.name] <= p.high for p in study.problem.parameters)
