"""Individuals on which settings are compared: quiet and spiking, as a search meets them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.fitting import Problem
from workbench.studies import Study

NEAR = 0.05
"""How far, in the unit cube, individuals near a known one lie from it."""


@dataclass(frozen=True)
class Individual:
    """A parameter set, (d,), and where it comes from."""

    name: str
    row: Floats


Known = Mapping[str, Floats]
"""Rows that do what the targets ask, (d,), by name."""


def sample(
    problem: Problem, each: int, seed: int, known: Known, *, known_too: bool
) -> list[Individual]:
    """Return `each` individuals of each kind that a search meets on its way.

    Drawn within the bounds, as it begins; near the known ones, as it should end; and crossed from
    both, each value of one or the other. `known_too` adds the known ones themselves.
    """
    generator, dimension = np.random.default_rng(seed), len(problem.parameters)
    uniform = problem.physical(generator.random((each, dimension)))
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
    if known_too:
        drawn += [Individual(name, row) for name, row in known.items()]
    return drawn


def published(study: Study) -> dict[str, Floats]:
    """Return the published parameter sets that belong to this cell and lie within the bounds."""
    problem = study.problem
    return {n: problem.row(v) for n, v in study.published.items() if _complete(study, n)}


def _complete(study: Study, name: str) -> bool:
    if name in study.cells or set(study.published[name]) != set(study.problem.parameter_names):
        return False
    values = study.published[name]
    return all(p.low <= values[p.name] <= p.high for p in study.problem.parameters)
