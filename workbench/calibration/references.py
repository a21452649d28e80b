"""Converged values cost minutes: what was computed once is kept in the cache."""

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.caching import keep, recall
from workbench.calibration.evaluating import Team, evaluate, values_of
from workbench.calibration.sampling import Individual
from workbench.errors import WorkerError
from workbench.fitting import Problem
from workbench.resources import cache_folder

Floats = NDArray[np.float64]


class References:
    """The values of individuals under fine settings, a small file each, by problem and row."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or cache_folder() / "references"

    def values(self, problem: Problem, sample: Sequence[Individual], team: Team) -> Floats:
        """Return the mean of each feature of each individual, (n, k); NaN where it has none.

        Raises
        ------
        WorkerError
            If no worker survives one of them. What the others gave is kept.
        """
        files = [self._file(problem, individual.row) for individual in sample]
        known = [_recalled(file, len(problem.objectives)) for file in files]
        unknown = [i for i, values in enumerate(known) if values is None]
        rows = np.array([sample[i].row for i in unknown])
        answers = evaluate(problem, rows, team) if unknown else []
        lost = []
        for i, answer in zip(unknown, answers, strict=True):
            if isinstance(answer, str):
                lost.append(f"{sample[i].name}: {answer}")
            else:
                values = values_of(answer[0])
                known[i] = values
                keep(files[i], values)
        if lost:
            raise WorkerError(
                f"{len(lost)} of {len(sample)} individuals have no converged values, for nothing "
                f"survived their simulation with {problem.integration} ({lost[0]}); with fewer "
                "workers there is more memory for each, and what is done is kept"
            )
        return np.array(known, dtype=float).reshape(len(sample), len(problem.objectives))

    def _file(self, problem: Problem, row: Floats) -> Path:
        what = f"{problem.digest} {version('neuron')} {version('efel')}".encode()
        key = hashlib.sha256(what + np.asarray(row, dtype="<f8").tobytes()).hexdigest()
        return self._folder / key[:2] / f"{key}.json"


def _recalled(file: Path, count: int) -> list[float] | None:
    """Return the values that a file holds, or None if they have to be computed anew."""
    values = recall(file, lambda kept: [float(value) for value in kept])
    return values if values is not None and len(values) == count else None
