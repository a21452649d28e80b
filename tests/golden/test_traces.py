"""One short trace an integrator, as this project computed it before: not a published number.

Renew them, after a change that is meant to move them, from the top of the clone with

    python -m tests.golden.test_traces
"""

import importlib.metadata
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import ball_and_stick, protocol, step
from workbench.engines import Integrator, Job, fixed_step
from workbench.mechanisms import read_mechanisms
from workbench.protocols import Traces

FILE = Path(__file__).with_name("traces.json")
INTEGRATORS = {
    str(integrator): integrator
    for integrator in (
        fixed_step(0.025),
        fixed_step(0.05, order=2),
        fixed_step(0.025, engine="coreneuron"),
        fixed_step(0.05, order=2, engine="coreneuron"),
        Integrator(atol=1e-3),
        Integrator(atol=1e-6),
    )
}
PLAN = protocol(
    30, step(-0.02, 0, 30), step(0.35, 5, 15), sites={"soma": "soma(0.5)", "tip": "dend(0.9)"}
)
TIMES_ms = np.linspace(0, 30, 61)

# A processor's own exp changes last digits, which a step of CVODE's size may hang on.
LIMIT_mV = {"fixed": 1e-5, "cvode": 0.01}


def compute() -> dict[str, Any]:
    recipe = ball_and_stick(read_mechanisms("hay_l5b"))
    jobs = [Job(recipe, PLAN, integrator) for integrator in INTEGRATORS.values()]
    found = {}
    for name, outcome in zip(INTEGRATORS, run_in_children(jobs), strict=True):
        assert isinstance(outcome, Traces), outcome
        found[name] = {
            recording: np.interp(TIMES_ms, trace.t_ms, trace.values).round(7).tolist()
            for recording, trace in outcome.items()
        }
    return found


def renew() -> None:
    kept = {
        "computed": datetime.now(UTC).date().isoformat(),
        "neuron": importlib.metadata.version("neuron"),
        "command": "python -m tests.golden.test_traces",
        "every_ms": 0.5,
        "traces_mV": compute(),
    }
    FILE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def computed() -> dict[str, Any]:
    return compute()


@pytest.mark.golden
@pytest.mark.parametrize("name", INTEGRATORS)
def test_as_before(kept: dict[str, Any], computed: dict[str, Any], name: str) -> None:
    limit_mV = LIMIT_mV["cvode" if "CVODE" in name else "fixed"]
    assert kept["traces_mV"].keys() == computed.keys()
    assert kept["traces_mV"][name].keys() == computed[name].keys()
    for recording, values_mV in kept["traces_mV"][name].items():
        difference = np.abs(np.array(values_mV) - computed[name][recording])
        assert difference.max() < limit_mV, f"{recording}; computed with NEURON {kept['neuron']}"
    assert max(computed[name]["soma.v"]) > 0, "there is no spike"


if __name__ == "__main__":
    renew()
    print(f"{FILE} is new", file=sys.stderr)
