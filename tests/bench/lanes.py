"""A whole fit in lanes: what it costs, from asking the search to the ledger, and what it finds."""

import gc
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from workbench.evaluations import Evaluation, Ledger
from workbench.fitting import FitTask, Problem, fit
from workbench.search import make_search
from workbench.workers import SerialWorkers


def fitted(problem: Problem, rows: np.ndarray[Any, Any]) -> tuple[list[Evaluation], float]:
    """Return the evaluations of a fit whose one generation is `rows`, (n, d), and its time.

    Processor time of this process in s. Proof, compiling and the first use of all packages, once in
    thousands of evaluations, are left out.
    """
    FitTask(problem).open()(rows[0])
    gc.freeze()  # as a worker's child does
    search = make_search(
        "random",
        dimension=rows.shape[1],
        objectives=len(problem.objectives),
        population=len(rows),
        seed=1,
        initial=problem.unit(rows),
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        Ledger.create(Path(folder) / "ledger.sqlite", {}) as ledger,
    ):
        begun = time.process_time()
        fit(problem, search, SerialWorkers(), ledger, 1)
        spent_s = time.process_time() - begun
        return [row.evaluation for row in ledger.rows(0)], spent_s
