"""What befalls the attempts of a tortured fit, inside the child that evaluates.

A fault hits the first attempt at an evaluation and no other, so what it breaks can be mended. Each
attempt leaves a mark on disk before anything else happens, which counts across all processes.
"""

import ctypes
import hashlib
import resource
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np

from workbench.arrays import Floats
from workbench.cells import CellRecipe
from workbench.digests import digest
from workbench.evaluations import Evaluation, in_rounds
from workbench.fitting import Evaluator, FitTask
from workbench.workers.task import Answer, Rows, Task, Workers

Fault = Literal["hang", "segfault", "worker kill"]


@dataclass(frozen=True)
class Faults:
    """What goes wrong, and where it is written down.

    Attributes
    ----------
    nan
        Share of the individuals that have a NaN for a conductance. They belong to the problem:
        each attempt at them gives the same failure.
    attempts
        By key of a parameter row, what happens to the first attempt at it.
    marks
        The folder of the marks; an empty text leaves none.
    moment_s
        A worker is killed within this time after it has begun.
    """

    nan: float = 0.0
    attempts: Mapping[str, Fault] = field(default_factory=dict)
    marks: str = ""
    moment_s: float = 0.0


@dataclass(frozen=True)
class TorturedTask:
    """The task of a fit, and what happens on the way."""

    task: FitTask
    faults: Faults

    @property
    def digest(self) -> str:
        """Digest of the task and its faults."""
        return digest((self.task.digest, self.faults))

    @property
    def loads(self) -> str:
        """The build of the fit's mechanisms."""
        return self.task.loads

    def open(self) -> Callable[[Floats], Evaluation]:
        """Return the evaluator with its faults, with NEURON started in this process."""
        evaluator, faults = self.task.open(), self.faults

        def evaluate(row: Floats) -> Evaluation:
            key = key_of(row)
            first = _mark(faults, key, "begun") == 0
            fault = faults.attempts.get(key) if first else None
            if fault is not None:
                _mark(faults, key, fault)
                _befall(fault, _share(key, "moment") * faults.moment_s)
            broken = _share(key, "nan") < faults.nan
            found = _evaluate_nan(evaluator, row) if broken else evaluator(row)
            if fault == "worker kill":
                time.sleep(3600)
            _mark(faults, key, "ended")
            return found

        return evaluate


class TorturedWorkers:
    """Workers whose fits are tortured; other tasks are left alone."""

    def __init__(self, workers: Workers, faults: Faults) -> None:
        self._workers = workers
        self._faults = faults

    def __str__(self) -> str:
        return f"{self._workers}, tortured"

    @property
    def places(self) -> int:
        """Those of the workers."""
        return self._workers.places

    def run(self, task: Task, rows: Rows) -> Iterator[Answer]:
        """Yield what the workers answer."""
        tortured = TorturedTask(task, self._faults) if isinstance(task, FitTask) else task
        return self._workers.run(tortured, rows)


def key_of(row: Floats) -> str:
    """Return the name of a row of parameter values, (d,)."""
    return hashlib.sha256(np.asarray(row, dtype="<f8").tobytes()).hexdigest()[:24]


def read_marks(folder: Path) -> dict[str, list[str]]:
    """Return by row what happened at it, in order."""
    return {path.name: path.read_text().splitlines() for path in folder.iterdir()}


def _mark(faults: Faults, key: str, what: str) -> int:
    """Write a mark; return how many the row had before. A row is in one child at a time."""
    if not faults.marks:
        return 0
    path = Path(faults.marks) / key
    before = len(path.read_text().splitlines()) if path.exists() else 0
    with path.open("a") as file:
        file.write(f"{what}\n")
    return before


def _befall(fault: Fault, moment_s: float) -> None:
    if fault == "hang":
        while True:
            time.sleep(3600)
    if fault == "segfault":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        ctypes.string_at(0)
    # Its default action ends the process wherever it is, in the middle of an integrator's step too.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, max(moment_s, 1e-6))


def _share(key: str, what: str) -> float:
    """Return a number in [0, 1) that this row has for this purpose, always the same."""
    drawn = hashlib.sha256(f"{what}:{key}".encode()).digest()[:8]
    return int.from_bytes(drawn) / 2**64


def _evaluate_nan(evaluator: Evaluator, row: Floats) -> Evaluation:
    """Evaluate an individual with a NaN for its first conductance."""
    problem = evaluator.problem
    broken = _with_nan(problem.cell(row), problem.recipe)
    [found] = in_rounds([problem.simulating(broken)], evaluator.engine)
    return found.evaluation(problem.objectives)


def _with_nan(recipe: CellRecipe, free: CellRecipe) -> CellRecipe:
    """Return the recipe with a NaN where `free` has its first free conductance."""
    painted = [paint.name for paint in recipe.paint if paint.name in free.free]
    name = min(painted, key=lambda name: not name.startswith("g"))
    # A distribution would refuse what it cannot spread.
    paint = [
        replace(p, value=float("nan"), distribution=None) if p.name == name else p
        for p in recipe.paint
    ]
    # A recipe refuses such a number from anybody.
    broken = replace(recipe)
    object.__setattr__(broken, "paint", tuple(paint))
    return broken
