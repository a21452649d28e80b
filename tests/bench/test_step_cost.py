"""(b) Nanoseconds per segment and step of l5pc: NEURON and CoreNEURON, default and native build.

One cell, and several in one `psolve`. The baseline is NEURON's fixed step with the default build.
Of variable steps the accepted ones are counted; there are far fewer, so ways are compared by what
the same 200 ms cost.
"""

from dataclasses import replace

from tests.bench.results import keep
from tests.bench.turns import take_turns
from workbench.engines import Integrator, Job, adaptive_step, fixed_step
from workbench.morphology import parse_site
from workbench.protocols import Protocol, Recording, Step
from workbench.studies import load_study

ROUNDS = 4
SOMA = parse_site("soma(0.5)")
PROTOCOL = Protocol(
    "Step3, shortened",
    200,
    (Step(SOMA, 20, 180, 0.95), Step(SOMA, 0, 200, -0.126)),
    (Recording("soma", SOMA),),
)
INTEGRATORS = {
    "NEURON, fixed step": (fixed_step(0.025), (1,)),
    "NEURON, CVODE": (Integrator(), (1,)),
    "NEURON, adaptive step": (adaptive_step(0.005), (1,)),
    "CoreNEURON, fixed step": (fixed_step(0.025, engine="coreneuron"), (1, 3, 8)),
}
BASELINE = "NEURON, fixed step, 1 cell"


def test_cost_of_a_step() -> None:
    study = load_study("l5pc")
    recipe = study.problem.cell(study.problem.row(study.values("release")))
    segments = sum(recipe.segment_counts)
    cells, ways = {}, {}
    for name, (integrator, counts) in INTEGRATORS.items():
        for count in counts:
            way = f"{name}, {count} cell{'s' * (count > 1)}"
            cells[way] = count
            for native in (False, True):
                job = Job(recipe, PROTOCOL, replace(integrator, native=native))
                ways[way, native] = [job] * count
    found = take_turns(ways, ROUNDS)

    base_s = found[BASELINE, False].cpu_s

    def cost(way: str, native: bool) -> tuple[float, float]:
        """Return ns per segment and step, and how many times the baseline's speed that is."""
        one = found[way, native]
        each_s = one.cpu_s / cells[way]
        return 1e9 * each_s / (one.steps * segments), base_s / each_s

    print(
        f"\n(b) l5pc, {segments} segments, {PROTOCOL.duration_ms:g} ms, dt 0.025 ms: ns a segment "
        f"and step\n    (a cell's {PROTOCOL.duration_ms:g} ms, times as fast as the baseline); "
        f"processor time, the quickest of {ROUNDS} turns\n{'':28}{'default':>16}{'native':>16}"
        "   spikes and steps of both"
    )
    for way in cells:
        both = [cost(way, native) for native in (False, True)]
        said = "".join(f"{ns:8.1f} ({times:4.2f})" for ns, times in both)
        seen = [f"{len(w.spikes_ms)}, {w.steps}" for w in (found[way, False], found[way, True])]
        print(f"    {way:32}{said}   {'; '.join(seen)}")
    keep(
        "step-cost",
        {
            "cell": "l5pc, release",
            "segments": segments,
            "baseline": f"{BASELINE}, default",
            "ways": [
                {
                    "way": way,
                    "native": native,
                    "cells": cells[way],
                    "ns_per_segment_and_step": cost(way, native)[0],
                    "times_the_baseline": cost(way, native)[1],
                    **one.raw(),
                }
                for (way, native), one in found.items()
            ],
        },
    )
