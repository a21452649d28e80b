"""The cells in lanes, and two of them in NEURON as stock BluePyOpt runs it."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.peers.asked import Asked, crossings_ms
from workbench import __version__
from workbench.engines import Engine, Failure, Integrator, Job, Precision
from workbench.engines.neuron import engine_for
from workbench.engines.population import PopulationEngine
from workbench.studies import load_study

ATOL_PER_mV = 0.1
"""CVODE's tolerances beside errors of a step: 1e-2 to 1e-6 for 0.1 to 1e-5 mV."""

FINEST_SINGLE_mV = 1e-3


def runs(engine: Engine, jobs: Sequence[Job], integrators: Mapping[float, Integrator]) -> list[Any]:
    found = []
    for setting, integrator in integrators.items():
        told = [Job(job.recipe, job.protocol, integrator) for job in jobs]
        engine(told[:1])
        begun = time.process_time()
        outcomes = engine(told)
        cpu_s = time.process_time() - begun
        spikes_ms, steps = [], 0
        for outcome in outcomes:
            if isinstance(outcome, Failure):
                raise ValueError(f"{outcome.kind.value}: {outcome.message}")
            spikes_ms.append(crossings_ms(outcome.t_ms, next(iter(outcome.recorded.values()))))
            steps += outcome.t_ms.size - 1
        found.append(
            {
                "setting": setting,
                "cpu_s": cpu_s,
                "spikes_ms": spikes_ms,
                "steps": steps / len(outcomes),
            }
        )
    return found


def main() -> None:
    asked = Asked.read()
    study = load_study(Path(__file__).with_name("everywhere_hh"))
    problem = study.problem
    protocol = study.protocol("step").with_parameters({"amplitude_nA": asked.amplitude_nA})
    recipes = [
        problem.cell(problem.row({"gnabar_hh.all": gnabar})) for gnabar in asked.gnabar_S_per_cm2
    ]
    jobs = [Job(recipe, protocol, Integrator()) for recipe in recipes]

    def lanes(precision: Precision) -> dict[float, Integrator]:
        return {
            error_mV: Integrator(
                "population",
                atol=None,
                step_error_mV=error_mV,
                steps_per_ms=2000,
                precision=precision,
            )
            for error_mV in asked.settings
            if precision == "double" or error_mV >= FINEST_SINGLE_mV
        }

    cvode = {
        each: Integrator(atol=each * ATOL_PER_mV, steps_per_ms=2000) for each in asked.settings
    }
    ways = {
        "lanes, double": runs(PopulationEngine(), jobs, lanes("double")),
        "lanes, single": runs(PopulationEngine(), [*jobs, *jobs], lanes("single")),
        "NEURON, CVODE": runs(engine_for(recipes[0], Integrator()), jobs[:2], cvode),
    }
    segments = sum(recipes[0].segment_counts)
    print(json.dumps({"version": __version__, "segments": segments, "ways": ways}))


if __name__ == "__main__":
    main()
