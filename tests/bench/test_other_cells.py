"""(e) A second and a third cell: CVODE with the default build beside CVODE with the native one."""

from dataclasses import replace

import pytest

from tests.bench.results import keep
from tests.bench.turns import take_turns
from workbench.engines import Job
from workbench.errors import MorphologyError
from workbench.studies import load_study

ROUNDS = 5
BUILDS = {"default": False, "native": True}


@pytest.mark.parametrize(
    ("name", "params", "protocol", "parameters"),
    [
        ("halnes_in", "P1", "step", {"amplitude_nA": 0.055, "v_init_mV": -63.0}),
        ("traub_ca3", "published", "weak_current", {}),
    ],
)
def test_another_cell(name: str, params: str, protocol: str, parameters: dict[str, float]) -> None:
    try:
        study = load_study(name)
    except MorphologyError as error:
        pytest.skip(f"(e) {name}: {error}")
    recipe = study.problem.cell(study.problem.row(study.values(params)))
    done = study.protocol(protocol).with_parameters(parameters)
    integrator = study.problem.integrator
    ways = {
        build: [Job(recipe, done, replace(integrator, native=native))]
        for build, native in BUILDS.items()
    }
    found = take_turns(ways, ROUNDS)
    default, native = found["default"], found["native"]
    last_ms = [way.spikes_ms[-1] if way.spikes_ms else float("nan") for way in found.values()]
    print(
        f"\n(e) {name}, {protocol}, {sum(recipe.segment_counts)} segments, {integrator}: "
        f"{default.cpu_s:.2f} s and native {native.cpu_s:.2f} s, "
        f"{default.cpu_s / native.cpu_s:.2f} times as fast, "
        f"{default.cpu_s / native.cpu_s * native.steps / default.steps:.2f} times a step\n"
        f"    spikes {len(default.spikes_ms)} and {len(native.spikes_ms)}, the last at "
        f"{last_ms[0]:.2f} and {last_ms[1]:.2f} ms; steps {default.steps} and {native.steps}"
    )
    keep(
        f"cell-{name}",
        {
            "protocol": protocol,
            "parameters": parameters,
            "params": params,
            "segments": sum(recipe.segment_counts),
            "integrator": str(integrator),
            "ratio": default.cpu_s / native.cpu_s,
            "spikes": [len(default.spikes_ms), len(native.spikes_ms)],
            "builds": {build: way.raw() for build, way in found.items()},
        },
    )
