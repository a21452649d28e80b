"""What a child process holds in memory: for each cell, and more of it with each evaluation."""

import ctypes
import gc
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.cells import CellRecipe
from workbench.engines import Integrator, Job
from workbench.engines.neuron import engine_for
from workbench.fitting import FitTask, Problem
from workbench.protocols import Protocol

Floats = NDArray[np.float64]
FEW, MANY = 4, 16
READINGS = 20


def resident_kB() -> float:
    """Return what is resident of this process, after what is free was given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


def cell_kB(recipe: CellRecipe, integrator: Integrator) -> float:
    """Return what one more cell of a CoreNEURON run keeps."""
    engine = engine_for(recipe, integrator)
    held_kB = []
    for count in (1, FEW, MANY):
        engine([Job(recipe, Protocol(f"rest {n}", 1.0), integrator) for n in range(count)])
        held_kB.append(resident_kB())
    return (held_kB[2] - held_kB[1]) / (MANY - FEW)


def bare(recipe: CellRecipe) -> CellRecipe:
    """Return the same tree in as many segments, with a leak alone."""
    return replace(recipe, mechanisms=(), inserted=(("all", "pas"),), paint=())


def growth_kB(problem: Problem, evaluations: int, measuring: bool) -> tuple[float, list[float]]:
    """Return how much memory each evaluation leaves behind, and the readings.

    Parameters
    ----------
    measuring
        Whether the random individuals are measured and scored too, or only simulated.

    The growth is the slope of a line through the readings; a fifth of the evaluations are done
    before the first of them.
    """
    do, rng = (evaluating if measuring else simulating)(problem), np.random.default_rng(1)

    def more(count: int) -> None:
        for row in problem.physical(rng.random((count, len(problem.parameters)))):
            do(row)

    more(evaluations // 5)
    done, held_kB = [0], [resident_kB()]
    for _ in range(READINGS):
        more(evaluations // READINGS)
        done.append(done[-1] + evaluations // READINGS)
        held_kB.append(resident_kB())
    return float(np.polyfit(done, held_kB, 1)[0]), held_kB


def evaluating(problem: Problem) -> Callable[[Floats], object]:
    evaluate = FitTask(problem).open()
    return lambda row: problem.score(evaluate(row))


def simulating(problem: Problem) -> Callable[[Floats], object]:
    engine = engine_for(problem.recipe, problem.integrator)
    return lambda row: engine(problem.jobs(row))
