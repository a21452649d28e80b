"""(f) Error against cost of adaptive steps, CVODE and a fixed step, on foreign cells and ours.

A spike's shift is that against CVODE at 1e-7, which is itself compared with CVODE at 1e-6. Times
are of the default build, so that ways differ in their steps alone.
"""

import os
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.bench.foreign import allen, thalamic
from tests.bench.results import keep
from tests.bench.turns import Way, take_turns
from workbench.cells import CellRecipe
from workbench.engines import Integrator, Job, adaptive_step, fixed_step
from workbench.morphology import parse_site
from workbench.protocols import Protocol, Recording, Step
from workbench.studies import load_study

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
FINE = replace(Integrator(), steps_per_ms=5000)
CONVERGED, ALMOST = replace(FINE, atol=1e-7), replace(FINE, atol=1e-6)
WAYS = {
    "fixed 0.025 ms": fixed_step(0.025),
    "CVODE 1e-3": Integrator(),
    "adaptive 0.02 mV": adaptive_step(0.02),
    "adaptive 0.005 mV": adaptive_step(0.005),
}
SOMA = parse_site("soma(0.5)")


def steps(until_ms: float, *currents: tuple[float, float, float]) -> Protocol:
    """Steps of (delay, duration, amplitude) into the soma."""
    given = tuple(Step(SOMA, *current) for current in currents)
    return Protocol("step", until_ms, given, (Recording("soma", SOMA),))


def ours(name: str, params: str, protocol: str, **given: float) -> tuple[CellRecipe, Protocol]:
    study = load_study(name).with_params(params)
    done = study.protocol(protocol).with_parameters(given)
    voltages = tuple(one for one in done.recordings if one.variable == "v")[:1]
    recipe = study.problem.cell(study.problem.row(study.values(params)))
    return recipe, replace(done, recordings=voltages)


def holding(amplitude_nA: float, held_nA: float) -> Protocol:
    """A step on a holding current, as BluePyOpt's example gives them, of 900 ms."""
    return steps(1400, (300, 900, amplitude_nA), (0, 1400, held_nA))


CURRENT = steps(1000, (100, 800, 0.2))
STRONG = steps(1000, (100, 800, 0.3))
CELLS: dict[str, Callable[[], tuple[CellRecipe, Protocol]]] = {
    "Allen, Scnn1a pyramidal": lambda: (allen("472363762", "Scnn1a_473845048_m"), CURRENT),
    "Allen, Rorb pyramidal": lambda: (allen("473863510", "Rorb_325404214_m"), CURRENT),
    "Allen, Nr5a1 pyramidal": lambda: (allen("473863035", "Nr5a1_471087815_m"), CURRENT),
    "Allen, Pvalb, kinetic Na": lambda: (allen("472912177", "Pvalb_470522102_m"), STRONG),
    "Allen, Pvalb 2, kinetic Na": lambda: (allen("473862421", "Pvalb_469628681_m"), STRONG),
    "BluePyOpt, TC cAD_ltb": lambda: (thalamic("cAD_ltb"), holding(0.118859, 0.134536)),
    "BluePyOpt, TC cNAD_ltb": lambda: (thalamic("cNAD_ltb"), holding(0.140843, 0.153092)),
    "l5pc": lambda: (
        ours("l5pc", "release", "bAP")[0],
        steps(600, (100, 500, 0.95), (0, 600, -0.126)),
    ),
    "hay_l5b": lambda: ours("hay_l5b", "biophys3", "step", amplitude_nA=0.793),
    "halnes_in": lambda: ours("halnes_in", "P1", "step", amplitude_nA=0.07),
    "traub_ca3": lambda: ours(
        "traub_ca3", "published", "constant_current", amplitude_nA=0.2, duration_ms=300
    ),
}


@pytest.mark.parametrize("cell", CELLS)
def test_error_against_cost(cell: str) -> None:
    recipe, protocol = CELLS[cell]()

    def jobs(integrator: Integrator) -> list[Job]:
        return [Job(recipe, protocol, integrator)]

    exact = take_turns({"true": jobs(CONVERGED), "almost": jobs(ALMOST)}, 1)
    true = np.array(exact["true"].spikes_ms)
    found = take_turns({name: jobs(integrator) for name, integrator in WAYS.items()}, ROUNDS)
    cvode_s = found["CVODE 1e-3"].cpu_s
    print(
        f"\n(f) {cell}, {sum(recipe.segment_counts)} segments, {true.size} spikes; CVODE at "
        f"{ALMOST.atol:g} is off by {shift(exact['almost'], true)} ms"
    )
    for name, way in found.items():
        print(
            f"    {name:20}{len(way.spikes_ms):4} spikes, off by {shift(way, true):>7} ms, "
            f"{way.steps:6} steps, {way.cpu_s / cvode_s:5.2f} of CVODE's {cvode_s:.2f} s"
        )
    keep(
        f"adaptive-{''.join(c if c.isalnum() else '-' for c in cell)}",
        {
            "segments": sum(recipe.segment_counts),
            "spikes_ms": true.tolist(),
            "almost": exact["almost"].raw(),
            "ways": {name: way.raw() for name, way in found.items()},
        },
    )
    for name in ("adaptive 0.02 mV", "adaptive 0.005 mV"):
        assert len(found[name].spikes_ms) == true.size, f"{name}: lost or invented spikes"


def shift(way: Way, true: np.ndarray) -> str:
    """How far the spikes are off, at most, or nothing where there are others."""
    spikes = np.array(way.spikes_ms)
    return f"{np.abs(spikes - true).max():.3f}" if spikes.size == true.size else "-"
