"""An evaluation as one row of a table, for spreadsheets and data frames."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from workbench.evaluations.records import Row
from workbench.features import Missing


def flat(
    row: Row,
    parameters: Sequence[str],
    objectives: Sequence[str],
    traces: Collection[str] = (),
) -> dict[str, Any]:
    """Return key, status, sum of scores (SD), parameters, features and scores by column.

    A feature's column has its own name and holds the mean of its values in the feature's unit, or
    None if it has none; its distance from the target is in the column `<feature> [SD]`. Those of
    `traces` are distances from a recording, of which there may be one for each sample: theirs is
    the root mean square.
    """
    means: list[float | None] = []
    for name, values in zip(objectives, row.evaluation.measured, strict=True):
        if isinstance(values, Missing):
            means.append(None)
        elif name in traces:
            means.append(float(np.sqrt(np.mean(np.square(values)))))
        else:
            means.append(float(np.mean(values)))
    scores = [f"{name} [SD]" for name in objectives]
    return {
        "generation": row.generation,
        "individual": row.individual,
        "status": row.evaluation.said,
        "sum": float(row.scores.sum()),
        **dict(zip(parameters, row.parameters.tolist(), strict=True)),
        **dict(zip(objectives, means, strict=True)),
        **dict(zip(scores, row.scores.tolist(), strict=True)),
    }
