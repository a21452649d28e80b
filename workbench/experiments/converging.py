"""What the numbers of an experiment owe to its segments and steps, on a sample of its rows."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.cells import ByRegion, DLambda, MaximalLength, SegmentRule
from workbench.engines.job import MOST_STEPS_per_ms
from workbench.experiments.experiment import Condition, Experiment

MOST = 8
"""Rows of a sample."""

SEED = 1

SEGMENTS, STEPS = 3, 10
"""Into how many parts a segment is cut, and a step or its allowed error is divided."""

FOLDER = "converged"
"""Below an experiment's folder: a folder for each refinement."""

Row = Mapping[str, Any]


def sample(experiment: Experiment) -> list[int]:
    """Return the numbers of the rows that are looked at, drawn with a seed, in their order."""
    drawn = np.random.default_rng(SEED).permutation(len(experiment.conditions))[:MOST]
    return sorted(drawn.tolist())


def refinements(experiment: Experiment) -> dict[str, Experiment]:
    """Return the sample of an experiment with finer segments, and with finer steps."""
    chosen = [experiment.conditions[number] for number in sample(experiment)]
    ways = {"segments": _finer_segments, "steps": _finer_steps}
    return {
        name: dataclasses.replace(experiment, conditions=tuple(map(way, chosen)))
        for name, way in ways.items()
    }


def budget(
    experiment: Experiment, rows: Sequence[Row], refined: Mapping[str, Sequence[Row]]
) -> list[dict[str, Any]]:
    """Return by how much each measure moves at most when segments and steps are refined.

    Parameters
    ----------
    rows
        The table of the experiment.
    refined
        Those of its `refinements`, by the same names.

    Returns
    -------
    Rows by measure: the median of its size in the sample, the largest changes with finer `segments`
    and finer `steps`, in its unit, and how many rows have a value in one table alone.
    """
    coarse = [rows[number] for number in sample(experiment)]
    found = []
    for name in experiment.numbers:
        before = _column(coarse, name)
        row: dict[str, Any] = {"measure": name, "median size": _median(np.abs(before))}
        lost = np.zeros(len(before), dtype=bool)
        for way, finer in refined.items():
            after = _column(finer, name)
            lost |= np.isnan(before) != np.isnan(after)
            moved = np.abs(after - before)
            row[way] = float(np.nanmax(moved)) if np.isfinite(moved).any() else None
        found.append(row | {"appear or vanish": int(lost.sum())})
    return found


def _column(rows: Sequence[Row], name: str) -> Floats:
    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)


def _median(values: Floats) -> float | None:
    return float(np.nanmedian(values)) if np.isfinite(values).any() else None


def _finer_segments(condition: Condition) -> Condition:
    recipe = condition.job.recipe
    finer = dataclasses.replace(recipe, segments=_cut(recipe.segments))
    return _with_job(condition, recipe=finer)


def _cut(rule: SegmentRule) -> SegmentRule:
    if isinstance(rule, ByRegion):
        regions = tuple((region, _part(own)) for region, own in rule.regions)
        return ByRegion(_part(rule.rule), regions)
    return _part(rule)


def _part(rule: MaximalLength | DLambda) -> MaximalLength | DLambda:
    if isinstance(rule, MaximalLength):
        return dataclasses.replace(rule, length_um=rule.length_um / SEGMENTS)
    return dataclasses.replace(rule, fraction=rule.fraction / SEGMENTS)


def _finer_steps(condition: Condition) -> Condition:
    given = condition.job.integrator
    finer: dict[str, Any] = {"steps_per_ms": min(STEPS * given.steps_per_ms, MOST_STEPS_per_ms)}
    for name in ("dt_ms", "atol", "step_error_mV"):
        if (value := getattr(given, name)) is not None:
            finer[name] = value / STEPS
    return _with_job(condition, integrator=dataclasses.replace(given, **finer))


def _with_job(condition: Condition, **changes: Any) -> Condition:
    return dataclasses.replace(condition, job=dataclasses.replace(condition.job, **changes))
