"""Look for individuals that do what the targets ask: a short fit, with the study's own search."""

import math
from collections.abc import Sequence

import numpy as np

from workbench.arrays import Floats
from workbench.caching import keep, recall
from workbench.calibration.doing import ASKED, answered, does, enough, rarest
from workbench.calibration.progress import Progress
from workbench.calibration.sampling import Individual
from workbench.calibration.simulated import Simulated, Simulations
from workbench.errors import AllFailed, NotCalibrated
from workbench.fitting import Problem
from workbench.search import GENERATIONAL, Search
from workbench.studies import Study, plan_of

MOST = 600
"""Individuals that the search may try."""

LARGEST_POPULATION = 40

NEAR = 0.02
"""How far, in the unit cube, the first ones may lie from one that is known."""


def find(
    study: Study,
    count: int,
    seed: int,
    known: Sequence[Floats],
    simulations: Simulations,
    progress: Progress,
) -> list[Individual]:
    """Return `count` individuals that do what the targets ask, as the study is simulated here.

    Those that were found for the same cell, protocols and bounds are taken again while they do,
    whatever has become of the targets.

    Parameters
    ----------
    study
        With a setting that is cheap.
    known
        Rows near which the search begins, (d,) each.

    Raises
    ------
    AllFailed
        If no simulation of the first generation comes through.
    NotCalibrated
        If the search finds fewer; with what there is and what to do.
    """
    problem = study.problem
    file = simulations.file_of_found(problem, seed)
    rows = recall(file, lambda kept: np.array(kept, dtype=float))
    if rows is not None and rows.shape[1:] == (len(problem.parameters),):
        values = values_or_none(problem, _unnamed(rows), simulations)
        if enough(problem, values, count):
            return _best(problem, rows, values, count)
    progress.say(
        f"looking for {count} individuals that do what the targets ask, with values of at least "
        f"{100 * ASKED:g} % of the {len(problem.objectives)} features; at most {MOST} are tried"
    )
    rows, values = _search(study, count, seed, known, simulations, progress)
    doing = does(problem, values)
    keep(file, rows[doing].tolist())
    return _best(problem, rows[doing], values[doing], count)


def _search(
    study: Study,
    count: int,
    seed: int,
    known: Sequence[Floats],
    simulations: Simulations,
    progress: Progress,
) -> tuple[Floats, Floats]:
    """Return all rows that were tried, (n, d), and their values, (n, k)."""
    problem = study.problem
    own = study.fit
    plan = plan_of(
        study,
        algorithm=own.algorithm if own.algorithm in GENERATIONAL else "ibea",
        population=min(own.population, LARGEST_POPULATION),
        seed=seed,
    )
    search = plan.search(problem, _beginnings(problem, known, plan.population, seed))
    assert isinstance(search, Search)
    tried, values = np.empty((0, len(problem.parameters))), np.empty((0, len(problem.objectives)))
    for generation in range(math.ceil(MOST / plan.population)):
        rows = problem.physical(search.ask())
        found = simulations.run(problem, _unnamed(rows))
        if generation == 0:
            _refuse_if_all_failed(found)
        now = _values_of(problem, found)
        tried, values = np.concatenate([tried, rows]), np.concatenate([values, now])
        # Children that variation left as they were are the same individuals.
        first = np.sort(np.unique(tried, axis=0, return_index=True)[1])
        tried, values = tried[first], values[first]
        doing = int(does(problem, values).sum())
        if enough(problem, values, count) or generation % 5 == 4:
            progress.say(f"{doing} of {len(tried)} do what the targets ask")
        if enough(problem, values, count):
            return tried, values
        search.tell(search.ask(), scores_of(problem, now), _sides_of(problem, now))
    raise NotCalibrated(
        f"{doing} of {len(tried)} individuals that a search tried have values of at least "
        f"{100 * ASKED:g} % of the {len(problem.objectives)} features; {count} are needed, "
        "and for each feature one of them that has it: what a setting is worth cannot be learnt "
        "from cells that do not do what the targets ask. How many have the rarest features: "
        f"{rarest(problem, values)}. Put a parameter set that has them into published.toml "
        "(`workbench fit` searches longer), or look at the bounds and these targets"
    )


def _refuse_if_all_failed(found: Sequence[Simulated | str]) -> None:
    whys = [one if isinstance(one, str) else one.failed for one in found]
    if all(whys):
        raise AllFailed(
            f"all of {len(whys)} individuals that were tried failed; the first: {whys[0]}. Nothing "
            "is learnt from that: see to the cell, its bounds and protocols"
        )


def _beginnings(
    problem: Problem, known: Sequence[Floats], population: int, seed: int
) -> Floats | None:
    """Return rows of the unit cube near the known ones, at most half a population."""
    if not known:
        return None
    generator = np.random.default_rng(seed)
    count = max(1, population // 2)
    around = problem.unit(np.array([known[i % len(known)] for i in range(count)]))
    moved = around + generator.uniform(-NEAR, NEAR, around.shape)
    return np.asarray(np.clip(moved, 0.0, 1.0))


def values_or_none(
    problem: Problem, sample: Sequence[Individual], simulations: Simulations
) -> Floats:
    """Return the means of features, (n, k); NaN where there is none, or nothing survives."""
    return _values_of(problem, simulations.run(problem, sample))


def _values_of(problem: Problem, found: Sequence[Simulated | str]) -> Floats:
    none = np.full(len(problem.objectives), np.nan)
    return np.array([one.values if isinstance(one, Simulated) else none for one in found])


def scores_of(problem: Problem, values: Floats) -> Floats:
    """Return scores of means, (n, k): what a fit takes, but for the scatter of single values."""
    rule, stds = problem.rule, np.array([objective.std for objective in problem.objectives])
    aways = [one.away(values[:, place]) for place, one in enumerate(problem.objectives)]
    scores = np.stack(aways, axis=1) / stds
    if rule.cap is not None:
        scores = np.minimum(scores, rule.cap)
    weights = np.array([objective.weight for objective in problem.objectives])
    return np.asarray(weights * np.where(np.isnan(values), rule.missing, scores))


def _sides_of(problem: Problem, values: Floats) -> Floats:
    """Return on which side of their targets means lie, (n, k): -1, 1, or 0 without a value."""
    targets = np.array([objective.mean for objective in problem.objectives])
    return np.where(np.isnan(values), 0.0, np.where(values >= targets, 1.0, -1.0))


def _unnamed(rows: Floats) -> list[Individual]:
    return [Individual("tried", row) for row in rows]


def _best(problem: Problem, rows: Floats, values: Floats, count: int) -> list[Individual]:
    """Return those that answer most of the targets."""
    order = np.argsort(-answered(problem, values).sum(axis=1), kind="stable")[:count]
    return [Individual(f"found {i}", rows[j]) for i, j in enumerate(order)]
