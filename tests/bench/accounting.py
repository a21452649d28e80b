"""Where the time of a fit goes: the whole of it by parts, each without the parts inside it."""

import functools
import gc
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from workbench.engines.neuron import NeuronEngine
from workbench.engines.neuron.cell import LiveCell
from workbench.engines.population.engine import Lanes, PopulationEngine
from workbench.engines.population.frame import Frame
from workbench.evaluations import Ledger
from workbench.features import common, efel_door
from workbench.fitting import Evaluator, FitTask, Problem, evaluator, fit
from workbench.morphology import Morphology
from workbench.search import make_search
from workbench.workers import SerialWorkers

SIMULATION, REST = "simulation", "rest"
PARTS: Mapping[str, tuple[tuple[type | Any, str], ...]] = {
    SIMULATION: ((NeuronEngine, "_advance"), (Lanes, "run")),
    "mount, copy, look at traces": ((NeuronEngine, "__call__"), (PopulationEngine, "__call__")),
    "prepare the cell": ((NeuronEngine, "_prepare"),),
    "paint it": ((LiveCell, "repaint"), (Frame, "values")),
    "path distances": ((Morphology, "path_distance_um"),),
    "jobs": ((Problem, "jobs"),),
    "eFEL": ((efel_door, "measure"),),
    "features in its place": ((common, "measure"),),
    "measure, but for these": ((evaluator, "evaluation_of"),),
    "score": ((Problem, "score"),),
    "ledger": ((Ledger, "extend"), (Ledger, "told")),
}


class Account:
    """Time by part; while a part runs, the clock of the one that called it stands still."""

    def __init__(self) -> None:
        self.cpu_s = dict.fromkeys((*PARTS, REST), 0.0)
        self.wall_s = dict(self.cpu_s)
        self._running: list[str] = []
        self._since = (0.0, 0.0)

    @contextmanager
    def charged(self, part: str) -> Iterator[None]:
        self._charge()
        self._running.append(part)
        try:
            yield
        finally:
            self._charge()
            self._running.pop()

    def watched(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:
            with self.charged(part):
                return function(*arguments, **named)

        return timed

    def _charge(self) -> None:
        now = time.process_time(), time.perf_counter()
        if self._running:
            part = self._running[-1]
            self.cpu_s[part] += now[0] - self._since[0]
            self.wall_s[part] += now[1] - self._since[1]
        self._since = now


def account(problem: Problem, rows: np.ndarray[Any, Any]) -> Account:
    """Return where the time of a fit goes whose one generation is `rows`, (n, d).

    It runs in this process, without the child's pipe: what travels there is a few kB.
    The first use of NEURON, eFEL and the cell, once in thousands of evaluations, is left out.
    """
    task = FitTask(problem)
    warm(task.open(), rows[0])
    gc.freeze()  # as a worker's child does
    search = make_search(
        "random",
        dimension=rows.shape[1],
        objectives=len(problem.objectives),
        population=len(rows),
        seed=1,
        initial=problem.unit(rows),
    )
    found = Account()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        path = Path(folder) / "ledger.sqlite"
        ledger = stack.enter_context(Ledger.create(path, {}))
        workers = SerialWorkers()
        for part, functions in PARTS.items():
            for owner, name in functions:
                timed = found.watched(getattr(owner, name), part)
                stack.enter_context(patch.object(owner, name, timed))
        with found.charged(REST):
            fit(problem, search, workers, ledger, 1)
    return found


def warm(evaluate: Evaluator, row: np.ndarray[Any, Any]) -> None:
    """Build the cell and load eFEL with the first protocol alone."""
    evaluate.engine(evaluate.problem.jobs(row)[:1])
    efel_door.names()
