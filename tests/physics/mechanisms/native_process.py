"""What is done in a process of its own: NEURON with a native build of hay_l5b."""

import copy
import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.physics.engines.small_cells import ball_and_stick, protocol, step
from workbench.builds import Build, build_native
from workbench.cells import CellRecipe
from workbench.engines import Failure, Integrator, Job
from workbench.engines.neuron import NeuronEngine
from workbench.mechanisms import read_mechanisms


def failures(
    build: Build, integrator: Integrator, values: dict[str, float], amplitudes_nA: list[float]
) -> list[str]:
    """Return the kind of failure for each painted value, then for each current."""
    engine = NeuronEngine(build)
    sound = ball_and_stick(read_mechanisms("hay_l5b"))
    jobs = [
        Job(_painted(sound, *item), protocol(20, step(0.1, 5)), integrator)
        for item in values.items()
    ]
    jobs += [Job(sound, protocol(20, step(a, 5)), integrator) for a in amplitudes_nA]
    return [
        outcome.kind.name if isinstance(outcome, Failure) else "traces" for outcome in engine(jobs)
    ]


def smallest_halved(build: Build, integrator: Integrator) -> tuple[float, float]:
    """Return half of a denormal number before and after a run; not for use in this process.

    Where denormals are flushed, comparing and printing them flushes them too.
    """
    tiny = np.array([5e-320])
    before = float((tiny * 0.5)[0])
    engine = NeuronEngine(build)
    [outcome] = engine([Job(ball_and_stick(read_mechanisms("hay_l5b")), protocol(5), integrator)])
    if isinstance(outcome, Failure):
        raise ValueError(outcome.message)
    return before, float((tiny * 0.5)[0])


def voltages(build: Build, integrator: Integrator) -> list[float]:
    """Return the somatic voltage of a cell that is stepped to fire, every 0.1 ms."""
    cell = ball_and_stick(read_mechanisms("hay_l5b"))
    [outcome] = NeuronEngine(build)([Job(cell, protocol(20, step(0.3, 5)), integrator)])
    if isinstance(outcome, Failure):
        raise ValueError(outcome.message)
    [trace] = outcome.values()
    t_ms = np.arange(0, 20, 0.1)
    return [float(v) for v in np.interp(t_ms, trace.t_ms, trace.values)]


def build_and_listen(folder: Path) -> tuple[Build, list[str]]:
    """Return the native build of a folder and what was said meanwhile."""
    said: list[str] = []
    return build_native([read_mechanisms(folder)], said.append, coreneuron=False), said


def _painted(recipe: CellRecipe, variable: str, value: float) -> CellRecipe:
    if not any(p.variable == variable for p in recipe.paint) or math.isfinite(value):
        raise ValueError(f"{variable} is not painted, or {value} is a sound number")
    paint = tuple(replace(p, value=value) if p.variable == variable else p for p in recipe.paint)
    painted = copy.copy(recipe)
    # No study can paint such a value: here it stands for what a mechanism may come to.
    object.__setattr__(painted, "paint", paint)
    return painted
