"""What came of an experiment as rows of a table: tidy, a row a simulation."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.evaluations import Evaluation
from workbench.experiments.experiment import Condition, Experiment, column_of
from workbench.features import Measured, Missing


def table(
    experiment: Experiment, evaluations: Sequence[Evaluation], *, values: bool = False
) -> list[dict[str, Any]]:
    """Return a row for each condition, all with the same columns.

    These are the factors; the mean of each measure in the feature's unit, None where there is none;
    with `values`, `<measure> values`: all of them, an array (n,), empty where there are none; then
    `status`, OK or the kind of failure, and `reason`, which says of what has no value why.
    """
    pairs = zip(experiment.conditions, evaluations, strict=True)
    return [_row(experiment, condition, found, values) for condition, found in pairs]


def _row(
    experiment: Experiment, condition: Condition, evaluation: Evaluation, values: bool
) -> dict[str, Any]:
    columns = map(column_of, condition.measures)
    measured = dict(zip(columns, evaluation.measured, strict=True))
    row: dict[str, Any] = {name: condition.levels.get(name) for name in experiment.factors}
    for name in experiment.measures:
        if name in condition.texts:
            row[name] = condition.texts[name]
            continue
        found = measured.get(name, Missing("not recorded"))
        row[name] = None if isinstance(found, Missing) else float(np.mean(found))
        if values:
            row[f"{name} values"] = np.empty(0) if isinstance(found, Missing) else found
    return row | {"status": evaluation.status, "reason": _reason(evaluation, measured)}


def _reason(evaluation: Evaluation, measured: Mapping[str, Measured]) -> str:
    missing = {name: one.reason for name, one in measured.items() if isinstance(one, Missing)}
    if evaluation.failed:
        return evaluation.why_failed
    return "; ".join(f"{name}: {reason}" for name, reason in missing.items())
