"""What was simulated is kept in the cache: a calibration goes on where one was stopped.

Kept are values of features, by all that decides them: cell, row, protocols, features with their
windows, integrators and versions. Means and standard deviations of targets are no part of it.
"""

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.caching import keep, recall
from workbench.calibration.evaluating import Answered, Team, evaluate, values_of
from workbench.calibration.progress import Progress, cost_of
from workbench.calibration.sampling import Individual
from workbench.digests import digest
from workbench.errors import WorkerError
from workbench.fitting import Problem
from workbench.resources import cache_folder


@dataclass(frozen=True)
class Simulated:
    """Means of features, (k,), NaN where there is none, and times of protocols in s, (p,).

    `failed` says why a simulation of it failed, or nothing.
    """

    values: Floats
    seconds: Floats
    failed: str = ""


class Simulations:
    """Individuals as simulated by a team, a small file each; who was simulated is not again."""

    def __init__(self, team: Team, progress: Progress, folder: Path | None = None) -> None:
        self._team = team
        self._progress = progress
        self._folder = folder or cache_folder() / "individuals"

    def run(
        self, problem: Problem, sample: Sequence[Individual], *, timed: bool = False
    ) -> list[Simulated | str]:
        """Return each individual as simulated, or why nothing survived it.

        Parameters
        ----------
        timed
            Whether the times matter: those of another machine do not count then.
        """
        if not len(sample):
            return []
        files = self._files(problem, sample, timed)
        known = {i: one for i, f in enumerate(files) if (one := _recalled(f, problem)) is not None}
        unknown = [i for i in range(len(sample)) if i not in known]
        if not unknown:
            return list(known.values())
        cost = cost_of(problem, sample[0].row)
        self._progress.begin()

        def ended(number: int, answer: Answered) -> None:
            evaluation, seconds = answer
            why = f"{evaluation.status}: {evaluation.why_failed}" if evaluation.failed else ""
            one = Simulated(np.array(values_of(evaluation)), seconds, why)
            i = unknown[number]
            known[i] = one
            keep(files[i], {f.name: _plain(getattr(one, f.name)) for f in fields(one)})
            self._progress.simulated(cost)

        rows = np.array([sample[i].row for i in unknown])
        answers = evaluate(problem, rows, self._team, ended)
        lost = dict(zip(unknown, map(str, answers), strict=True))
        return [known[i] if i in known else lost[i] for i in range(len(sample))]

    def values(self, problem: Problem, sample: Sequence[Individual]) -> Floats:
        """Return the mean of each feature of each individual, (n, k); NaN where it has none.

        Raises
        ------
        WorkerError
            If no worker survives one of them. What the others gave is kept.
        """
        found = self.run(problem, sample)
        pairs = list(zip(sample, found, strict=True))
        lost = [f"{one.name}: {why}" for one, why in pairs if isinstance(why, str)]
        if lost:
            raise WorkerError(
                f"{len(lost)} of {len(sample)} individuals have no converged values, for nothing "
                f"survived their simulation with {problem.integration} ({lost[0]}); with fewer "
                "workers there is more memory for each, and what is done is kept"
            )
        values = [one.values for one in found if isinstance(one, Simulated)]
        return np.array(values).reshape(len(sample), len(problem.objectives))

    def unknown(self, problem: Problem, sample: Sequence[Individual], *, timed: bool) -> int:
        """Return how many of them `run` would have to simulate."""
        return sum(not file.is_file() for file in self._files(problem, sample, timed))

    def file_of_found(self, problem: Problem, seed: int) -> Path:
        """Return where the rows are kept that do what the targets ask within these bounds."""
        key = digest((what_decides(problem), problem.parameters, seed))
        return self._folder / "found" / f"{key}.json"

    def _files(self, problem: Problem, sample: Sequence[Individual], timed: bool) -> list[Path]:
        where = digest((what_decides(problem), platform.node() if timed else "")).encode()
        rows = [np.asarray(individual.row, dtype="<f8").tobytes() for individual in sample]
        keys = [hashlib.sha256(where + row).hexdigest() for row in rows]
        return [self._folder / key[:2] / f"{key}.json" for key in keys]


def what_decides(problem: Problem) -> str:
    """Return the digest of all that decides the values of a row's features."""
    measured = tuple(
        (*(part for p in o.operands for part in (p.protocol, *p.recordings, p.feature, p.window)),)
        + ("over",) * (o.over is not None)
        + tuple(one for one in (o.against, o.train) if one is not None)
        for o in problem.objectives
    )
    how = (problem.integrator, problem.own_integrators)
    cell = (replace(problem.recipe, name=""), problem.parameter_names)
    versions = tuple(version(package) for package in ("neuron", "efel", "numpy"))
    others = (problem.morphologies,) if problem.morphologies else ()
    return digest((cell, *others, problem.protocols, measured, how, versions))


def _plain(value: Floats | str) -> list[float] | str:
    return value if isinstance(value, str) else value.tolist()


def _recalled(file: Path, problem: Problem) -> Simulated | None:
    """Return what a file holds, or None if it has to be simulated anew."""

    def read(kept: Any) -> Simulated:
        one = Simulated(
            np.array([float(value) for value in kept["values"]]),
            np.array([float(value) for value in kept["seconds"]]),
            str(kept["failed"]),
        )
        if (one.values.size, one.seconds.size) != (len(problem.objectives), len(problem.protocols)):
            raise ValueError("of another problem")
        return one

    return recall(file, read)
