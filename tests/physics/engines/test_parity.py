"""NEURON and CoreNEURON agree: on named models to 1e-6 mV, on each mechanism's currents to 1e-9.

Backward Euler and default compiler flags.
"""

import numpy as np
import pytest

from tests.cells import cell_of
from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import crossings_ms, voltage
from workbench.builds import build
from workbench.builds.comparing import TOLERANCE, measure, question
from workbench.engines import Job, fixed_step
from workbench.mechanisms import MechanismSet, read_mechanisms, shipped_mechanisms
from workbench.questions import ask
from workbench.studies import load_study

LIMIT_mV = 1e-6
FIRST_ms = 500.0
# A step of 0.025 ms is the precision of a spike; a spike moved by as much has lost its parity.
SPIKE_ms = 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "params", "protocol", "duration_ms"),
    [
        ("hay_l5b", "biophys3", "bac", 600),
        ("traub_ca3", "published", "constant_current", 600),
        ("halnes_in", "P1", "step", 1200),
    ],
)
def test_a_named_model(name: str, params: str, protocol: str, duration_ms: float) -> None:
    cell_of(name)
    study = load_study(name).with_params(params)
    cell = study.problem.recipe.with_values(study.values(params))
    plan = study.protocol(protocol).with_parameters({"duration_ms": duration_ms})
    ours, theirs = run_in_children(
        [Job(cell, plan, fixed_step(0.025, 1, engine)) for engine in ("neuron", "coreneuron")],
        workers=2,
    )
    assert ours.t_ms.tobytes() == theirs.t_ms.tobytes()
    first = ours.t_ms <= FIRST_ms
    for recording in (r for r in ours.recorded if r.endswith(".v")):
        apart = np.abs(ours[recording].values - theirs[recording].values)[first]
        assert apart.max() < LIMIT_mV, recording
    assert np.ptp(voltage(ours)) > 50, "there was no spike"
    assert crossings_ms(theirs, -20.0) == pytest.approx(crossings_ms(ours, -20.0), abs=SPIKE_ms)


@pytest.fixture(scope="module")
def groups() -> list[list[MechanismSet]]:
    """The sets that ship, in as few builds as they can share: CoreNEURON's part of one is long."""
    groups: list[list[MechanismSet]] = []
    for one in map(read_mechanisms, shipped_mechanisms()):
        own = {mechanism.suffix for mechanism in one.mechanisms}
        for group in groups:
            if not own & {mechanism.suffix for each in group for mechanism in each.mechanisms}:
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


@pytest.mark.parametrize("name", shipped_mechanisms())
def test_every_mechanism_in_a_clamped_patch(name: str, groups: list[list[MechanismSet]]) -> None:
    """Its currents and states, in families of voltage steps, concentrations and events."""
    one = read_mechanisms(name)
    group = next(group for group in groups if one in group)
    families = ask("workbench.builds.patching", question(build(group), [one]))["families"]
    found = measure({name: families["NEURON"]}, {name: families["CoreNEURON"]})
    assert found.quantities >= len(one.mechanisms)
    assert found.difference < TOLERANCE, found.worst
