"""What accuracy costs: how far spikes are off against the work, setting by setting, cell by cell.

    python -m tests.bench.error_vs_work [CELL ...]

The lanes of the population engine and NEURON's adaptive steps with errors of 0.2 to 1e-4 mV, beside
NEURON's CVODE with 1e-2 to 1e-6, built for this processor where that build computes the same. Truth
is CVODE at 1e-8, compared with CVODE at 1e-7. Each way has a process of its own; what counts is
processor time, the least of two turns. Lanes are given as many equal simulations as a vector has
numbers. Features are those of the strongest step of `l5pc`, with the standard deviations that it
has for them.
"""

import contextlib
import math
import shlex
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.bench.children import child
from tests.bench.foreign import allen, thalamic
from tests.bench.peers.asked import crossings_ms
from tests.bench.results import keep
from workbench.cells import CellRecipe
from workbench.engines import Engine, Failure, Integrator, Job
from workbench.engines.neuron import engine_for
from workbench.engines.population import PopulationEngine
from workbench.features import Missing, Window, measure
from workbench.morphology import parse_site
from workbench.protocols import Protocol, Recording, Step, Trace
from workbench.studies import load_study

ROUNDS = 2
LANES = 8
ERRORS_mV = (0.2, 0.1, 0.05, 0.02, 0.01, 5e-3, 1e-3, 1e-4)
TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
ALMOST, TRUE = 1e-7, 1e-8
ALLOWED_ms = (0.1, 0.02)
SHARE_SD = 0.25
STEPS_PER_MS = 20_000
SOMA = parse_site("soma(0.5)")

Cell = tuple[CellRecipe, Protocol, Window]
Run = dict[str, Any]


def adaptive(engine: str) -> Callable[[float], Integrator]:
    def of(error_mV: float) -> Integrator:
        lanes = engine == "population"
        return Integrator(
            "population" if lanes else "neuron",
            atol=None,
            step_error_mV=error_mV,
            native=not lanes,
            steps_per_ms=STEPS_PER_MS,
        )

    return of


def cvode(atol: float) -> Integrator:
    return Integrator(atol=atol, native=True, steps_per_ms=STEPS_PER_MS)


@dataclass(frozen=True)
class Way:
    """A row of settings, how each is asked for, and how many equal simulations are done at once."""

    settings: tuple[float, ...]
    integrator: Callable[[float], Integrator]
    together: int = 1


WAYS = {
    "lanes": Way(ERRORS_mV, adaptive("population"), LANES),
    "NEURON, adaptive": Way(ERRORS_mV, adaptive("neuron")),
    "CVODE": Way(TOLERANCES, cvode),
}


def step(
    recipe: CellRecipe,
    begin_ms: float,
    end_ms: float,
    nA: float,
    held_nA: float = 0,
    threshold_mV: float = -20,
) -> Cell:
    """Return a cell under a step that ends with the simulation, on a holding current."""
    stimuli = [Step(SOMA, begin_ms, end_ms - begin_ms, nA)]
    if held_nA:
        stimuli.append(Step(SOMA, 0, end_ms, held_nA))
    protocol = Protocol("step", end_ms, tuple(stimuli), (Recording("soma", SOMA),))
    return recipe, protocol, Window(begin_ms, end_ms, threshold_mV)


def ours(name: str, params: str) -> CellRecipe:
    study = load_study(name)
    return study.problem.cell(study.problem.row(study.values(params)))


CELLS: Mapping[str, Callable[[], Cell]] = {
    "l5pc": lambda: step(ours("l5pc", "release"), 100, 600, 0.95, -0.126),
    "hay_l5b": lambda: step(ours("hay_l5b", "biophys3"), 100, 500, 0.793),
    # The top of one of its spikes is at -19.995 mV.
    "traub_ca3": lambda: step(ours("traub_ca3", "published"), 50, 350, 0.2, threshold_mV=-15),
    "halnes_in": lambda: step(ours("halnes_in", "P1"), 100, 600, 0.07),
    "Allen Pvalb": lambda: step(allen("472912177", "Pvalb_470522102_m"), 100, 400, 0.3),
    "Allen Rorb": lambda: step(allen("473863510", "Rorb_325404214_m"), 100, 500, 0.2),
    "thalamic cAD_ltb": lambda: step(thalamic("cAD_ltb"), 200, 600, 0.118859, 0.134536),
}


def main(names: list[str]) -> None:
    for name in names or CELLS:
        command = f"python -m tests.bench.error_vs_work {shlex.quote(name)}"
        keep(f"error-vs-work-{name.replace(' ', '-')}", measured(name), command)


def measured(name: str) -> Run:
    """Return the rows of all ways of a cell, and what each costs at the shifts that are allowed."""
    deviations = targets()
    ways: dict[str, list[Run]] = {way: [] for way in WAYS}
    with contextlib.ExitStack() as stack:
        children = {way: stack.enter_context(child()) for way in WAYS}
        for way, process in children.items():
            process.submit(prepare, name, way).result()
        true, almost = (one_run(children["CVODE"], each, deviations) for each in (TRUE, ALMOST))
        for way, process in children.items():
            for setting in WAYS[way].settings:
                turns = [one_run(process, setting, deviations) for _ in range(ROUNDS)]
                ways[way].append(min(turns, key=lambda turn: turn["cpu_s"]))
    for runs in (*ways.values(), [almost]):
        for run in runs:
            compare(run, true, deviations)
    recipe, protocol, _ = CELLS[name]()
    result = {
        "segments": sum(recipe.segment_counts),
        "duration_ms": protocol.duration_ms,
        "true": true,
        "almost": almost,
        "ways": ways,
        "at_ms": {
            str(allowed_ms): {way: cost_s(runs, allowed_ms) for way, runs in ways.items()}
            for allowed_ms in ALLOWED_ms
        },
    }
    show(name, result)
    return result


_prepared: list[tuple[str, Engine, Cell]] = []


def prepare(cell: str, way: str) -> None:
    """Make this process's engine, and let it compile and build the cell."""
    given = CELLS[cell]()
    integrator = WAYS[way].integrator(WAYS[way].settings[0])
    lanes = integrator.engine == "population"
    engine: Engine = PopulationEngine() if lanes else engine_for(given[0], integrator)
    _prepared[:] = [(way, engine, given)]
    run(WAYS[way].settings[0], ())


def one_run(process: Executor, setting: float, deviations: Mapping[str, float]) -> Run:
    found: Run = process.submit(run, setting, tuple(deviations)).result()
    return found


def run(setting: float, features: tuple[str, ...]) -> Run:
    """Run the cell that this process was prepared for."""
    [(name, engine, (recipe, protocol, window))] = _prepared
    way = WAYS[name]
    jobs = [Job(recipe, protocol, way.integrator(setting))] * way.together
    begun_s = time.process_time()
    outcome = engine(jobs)[0]
    cpu_s = time.process_time() - begun_s
    if isinstance(outcome, Failure):
        raise ValueError(f"{outcome.kind.value}: {outcome.message}")
    v_mV = next(iter(outcome.recorded.values()))
    values = measure(Trace("v", outcome.t_ms, v_mV), features, window)
    return {
        "setting": setting,
        "cpu_s": cpu_s / way.together,
        "steps": outcome.t_ms.size - 1,
        "spikes_ms": crossings_ms(outcome.t_ms, v_mV, window.threshold_mV),
        "features": {
            feature: None if isinstance(value, Missing) else float(np.mean(value))
            for feature, value in values.items()
        },
    }


def targets() -> dict[str, float]:
    """Return the standard deviations of features that the strongest step of `l5pc` has."""
    objectives = load_study("l5pc").problem.objectives
    return {one.feature: one.std for one in objectives if one.protocol == "Step3"}


def compare(run: Run, true: Run, deviations: Mapping[str, float]) -> None:
    """Add how far a run is from the true one."""
    found, spikes = np.array(run["spikes_ms"]), np.array(true["spikes_ms"])
    run["lost"] = spikes.size - found.size
    run["shift_ms"] = float(np.abs(found - spikes).max(initial=0)) if not run["lost"] else math.inf
    run["beyond"] = sum(
        run["features"][name] is None
        or abs(run["features"][name] - value) > SHARE_SD * deviations[name]
        for name, value in true["features"].items()
        if value is not None
    )


def cost_s(runs: list[Run], allowed_ms: float) -> float | None:
    """Return what a simulation costs whose farthest spike is off by as much as is allowed.

    From the coarsest setting on from which all finer ones suffice; on a line between the logarithms
    of cost and shift from there to the one before.
    """
    good = len(runs)
    while good and runs[good - 1]["shift_ms"] <= allowed_ms:
        good -= 1
    if good == len(runs):
        return None
    last = runs[good]
    cost: float = last["cpu_s"]
    before = runs[good - 1] if good else last
    if not good or math.isinf(before["shift_ms"]) or last["shift_ms"] == 0:
        return cost
    slope = math.log(cost / before["cpu_s"]) / math.log(last["shift_ms"] / before["shift_ms"])
    return cost * (allowed_ms / last["shift_ms"]) ** min(slope, 0.0)


def show(name: str, result: Run) -> None:
    true = result["true"]
    print(
        f"\n{name}: {result['segments']} segments, {result['duration_ms']:g} ms, "
        f"{len(true['spikes_ms'])} spikes; CVODE at {ALMOST:g} is off by "
        f"{result['almost']['shift_ms']:.4f} ms"
    )
    for way, runs in result["ways"].items():
        for one in runs:
            off = f"{-one['lost']:+d} spikes" if one["lost"] else f"{one['shift_ms']:.4f} ms"
            print(
                f"    {way:18}{one['setting']:8g}{off:>14}{one['beyond']:4} features"
                f"{one['steps']:8} steps{1e3 * one['cpu_s']:9.1f} ms"
            )
    for allowed, costs in result["at_ms"].items():
        base = costs["CVODE"]
        said = [
            f"{way} {'-' if cost is None else f'{1e3 * cost:.1f} ms'}"
            + ("" if cost is None or not base else f" ({cost / base:.2f})")
            for way, cost in costs.items()
        ]
        print(f"    at {allowed} ms: {', '.join(said)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
