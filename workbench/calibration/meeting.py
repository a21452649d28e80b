"""Which individuals a check simulates, as a search meets them, and for how many there is time."""

import numpy as np

from workbench.arrays import Floats
from workbench.calibration.doing import answered
from workbench.calibration.finding import scores_of
from workbench.calibration.progress import cost_of
from workbench.calibration.sampling import NEAR, published, sample
from workbench.calibration.trying import values_under
from workbench.engines import Job
from workbench.fitting import Problem
from workbench.studies import Study
from workbench.workers.task import Workers

LONGEST_s = 100.0
"""Processor time that a check may take, as it is reckoned beforehand: the same on all machines."""

SECONDS = {"population": 5e-7, "neuron": 1.2e-6}
"""Of a segment and ms under CVODE at 1e-3, or what stands for it in `cost_of`; on one of today's
processors."""

EACH = (3, 2, 1)
"""Individuals of each kind, as many as the time allows."""

ROUNDS, ROUND = 6, 16
"""How often, and by how many, individuals are sought where none is published."""


def each_in_time(individual_s: float) -> int:
    """Return how many individuals of each kind there is time for."""
    return next((n for n in EACH if (3 * n + 1) * individual_s <= LONGEST_s), 0)


def seconds_of(problem: Problem) -> float:
    """Return the processor time of an individual, as it is reckoned."""
    row = problem.physical(np.full((1, len(problem.parameters)), 0.5))[0]
    until_ms = sum(protocol.duration_ms for protocol in problem.protocols)
    return cost_of(problem, row) * until_ms * SECONDS[problem.integrator.engine]


def rows_of(study: Study, coarse: Problem, each: int, workers: Workers) -> Floats:
    """Return individuals as a search meets them, (n, d)."""
    known = published(study)
    if not known:
        found = _found(coarse, workers)
        known = {f"found {i}": row for i, row in enumerate(found)}
    drawn = sample(study.problem, each, 1, known, known_too=True)
    return np.array([one.row for one in drawn])


def _found(coarse: Problem, workers: Workers) -> Floats:
    """Return two individuals that answer more of the targets than others that were tried, (2, d).

    The first are drawn; then half are near the best four, and half are crossed from them.
    """
    generator, dimension = np.random.default_rng(1), len(coarse.parameters)
    rounds = int(np.clip(LONGEST_s / 4 / (ROUND * seconds_of(coarse)), 1, ROUNDS))
    unit = generator.random((ROUND, dimension))
    tried, order = np.zeros((0, dimension)), np.zeros(0, dtype=int)
    values = np.zeros((0, len(coarse.objectives)))
    for _ in range(rounds):
        tried = np.concatenate([tried, unit])
        [now] = values_under([coarse], coarse.physical(unit), workers)
        values = np.concatenate([values, now])
        scores = scores_of(coarse, values).sum(axis=1)
        order = np.lexsort((scores, -answered(coarse, values).sum(axis=1)))
        best = tried[order[:4]]
        parents = best[generator.integers(len(best), size=(2, ROUND))]
        theirs = generator.random((ROUND, dimension)) < 0.5
        unit = np.where(theirs, parents[0], parents[1])
        unit[::2] = parents[0, ::2] + generator.uniform(-2 * NEAR, 2 * NEAR, unit[::2].shape)
        unit = np.clip(unit, 0.0, 1.0)
    return coarse.physical(tried[order[:2]])


def examples_of(study: Study) -> list[tuple[str, Job]]:
    """Return simulations of the study with names."""
    drawn = sample(study.problem, 3, 1, published(study), known_too=True)
    return [(one.name, job) for one in drawn for job in study.problem.jobs(one.row)]
