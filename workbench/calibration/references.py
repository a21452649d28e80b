"""Converged values cost minutes: what was computed once is kept in the cache."""

import hashlib
import json
import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
        unknown = [i for i, file in enumerate(files) if not file.is_file()]
        rows = np.array([sample[i].row for i in unknown])
        answers = evaluate(problem, rows, team) if unknown else []
        lost = []
        for i, answer in zip(unknown, answers, strict=True):
            if isinstance(answer, str):
                lost.append(f"{sample[i].name}: {answer}")
            else:
                self._keep(files[i], values_of(answer[0]))
        if lost:
            raise WorkerError(
                f"{len(lost)} of {len(sample)} individuals have no converged values, for nothing "
                f"survived their simulation with {problem.integration} ({lost[0]}); with fewer "
                "workers there is more memory for each, and what is done is kept"
            )
        kept = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return np.array(kept, dtype=float).reshape(len(sample), len(problem.objectives))

    def _file(self, problem: Problem, row: Floats) -> Path:
        what = f"{problem.digest} {version('neuron')} {version('efel')}".encode()
        key = hashlib.sha256(what + np.asarray(row, dtype="<f8").tobytes()).hexdigest()
        return self._folder / key[:2] / f"{key}.json"

    def _keep(self, file: Path, values: list[float]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        stage = file.with_suffix(f".{os.getpid()}")
        stage.write_text(json.dumps(values), encoding="utf-8")
        stage.replace(file)
