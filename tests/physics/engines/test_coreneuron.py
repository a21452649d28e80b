"""CoreNEURON computes what NEURON computes, and is kept from what it cannot compute."""

import os
from dataclasses import replace

import numpy as np
import pytest

from tests.physics.engines.conftest import RunInChildren
from tests.physics.engines.small_cells import (
    ball_and_stick,
    crossings_ms,
    hh_patch,
    protocol,
    run,
    same,
    step,
    voltage,
)
from workbench.builds import Build, build
from workbench.engines import Integrator, Job, fixed_step
from workbench.engines.neuron import NeuronEngine
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet
from workbench.protocols import Protocol
from workbench.studies import Study


@pytest.fixture(scope="module")
def short_bAP(l5pc: Study) -> Protocol:
    """The bAP of l5pc, begun after 20 ms instead of 295."""
    plan = l5pc.protocol("bAP")
    [pulse] = plan.stimuli
    return replace(plan, stimuli=(replace(pulse, delay_ms=20.0),), duration_ms=80.0)


@pytest.mark.parametrize(("order", "limit_mV"), [(1, 1e-6), (2, 2e-3)])
def test_same_voltage_on_a_pyramidal_cell(
    engine: NeuronEngine, l5pc: Study, short_bAP: Protocol, order, limit_mV: float
) -> None:
    recipe = l5pc.problem.recipe.with_values(l5pc.values("release"))
    ours, theirs = (
        run(engine, recipe, short_bAP, fixed_step(0.025, order, name))
        for name in ("neuron", "coreneuron")
    )
    assert ours.t_ms.tobytes() == theirs.t_ms.tobytes()
    for location in ("soma", "dend1", "dend2"):
        difference = np.abs(voltage(ours, location) - voltage(theirs, location))
        assert difference.max() < limit_mV, location
    spikes = crossings_ms(ours, -20.0)
    assert spikes.size == 1
    assert crossings_ms(theirs, -20.0) == pytest.approx(spikes, abs=1e-4)
    assert np.ptp(voltage(ours, "dend1")) > 20, "the spike did not reach the dendrite"


@pytest.mark.parametrize(
    ("dt_ms", "duration_ms"),
    [
        (dt_ms, duration_ms)
        for dt_ms in (0.01, 0.025, 0.03, 0.05, 0.07, 1 / 3)
        for duration_ms in (0.02, 0.1, 9.99, 10.0, 50.0, 600.0)
        if dt_ms <= duration_ms
    ],
)
def test_a_run_ends_at_the_first_step_at_or_beyond_its_end(
    engine: NeuronEngine, hay: MechanismSet, dt_ms: float, duration_ms: float
) -> None:
    """Samples: one at 0 and one a step; in both engines, for steps that divide or do not."""
    steps = next(n for n in range(60001) if n * dt_ms >= duration_ms - 1e-9)
    for name in ("neuron", "coreneuron"):
        traces = run(
            engine,
            ball_and_stick(hay),
            protocol(duration_ms, step(0.05)),
            fixed_step(dt_ms, engine=name),
        )
        assert traces.t_ms.size == steps + 1
        np.testing.assert_allclose(traces.t_ms, np.arange(steps + 1) * dt_ms, atol=1e-8)


def test_six_digits_are_enough_for_a_short_step(engine: NeuronEngine) -> None:
    """250.0005 ms, half a step beyond the end, would be read as a whole step."""
    traces = run(engine, hh_patch(), protocol(250.0), fixed_step(0.001, engine="coreneuron"))
    assert traces.t_ms.size == 250_001


def test_an_end_that_coreneuron_cannot_read_is_refused(
    engine: NeuronEngine, hay: MechanismSet
) -> None:
    plan, integrator = protocol(100.0005), fixed_step(0.0005, engine="coreneuron")
    with pytest.raises(EngineError, match="six digits"):
        engine([Job(ball_and_stick(hay), plan, integrator)])


def test_coreneuron_has_no_cvode() -> None:
    with pytest.raises(EngineError, match="CoreNEURON has no CVODE"):
        Integrator(engine="coreneuron", atol=1e-3)


def test_mechanisms_without_coreneuron_are_refused(
    engine: NeuronEngine, hay: MechanismSet, hay_build: Build
) -> None:
    """NEURON itself would end the process."""
    without = NeuronEngine(replace(hay_build, coreneuron_library=None))
    job = Job(ball_and_stick(hay), protocol(1), fixed_step(0.025, engine="coreneuron"))
    with pytest.raises(EngineError, match="built without CoreNEURON"):
        without([job])
    [outcome] = engine([job])
    assert outcome["soma.v"].values.size == 41


def test_the_library_of_another_cell_is_not_inherited(
    engine: NeuronEngine,
    hay: MechanismSet,
    hay_build: Build,
    monkeypatch: pytest.MonkeyPatch,
    in_children: RunInChildren,
) -> None:
    """What the environment says of CoreNEURON's library counts neither here nor in a child."""
    job = Job(ball_and_stick(hay), protocol(40, step(0.3)), fixed_step(0.025, engine="coreneuron"))
    [before] = engine([job])
    monkeypatch.setenv("CORENEURONLIB", "/nowhere/libcorenrnmech.so")
    [here] = engine([job])
    [there] = in_children([job])
    assert same(here, before)
    assert same(there, before)
    assert os.environ["CORENEURONLIB"] == "/nowhere/libcorenrnmech.so"


def test_engines_take_turns_in_one_process(in_children: RunInChildren, hay: MechanismSet) -> None:
    """Simulations that ask for CoreNEURON only later get a library that has it from the start."""
    recipe, plan = ball_and_stick(hay), protocol(40, step(0.3, 5))
    jobs = [
        Job(recipe, plan, integrator)
        for integrator in (Integrator(), fixed_step(0.025), fixed_step(0.025, 1, "coreneuron"))
    ]
    cvode, ours, theirs = in_children(jobs)
    assert np.abs(voltage(ours) - voltage(theirs)).max() < 1e-6
    assert crossings_ms(cvode, -20.0).size == crossings_ms(ours, -20.0).size >= 1


def test_neurons_own_mechanisms_need_no_library(in_children: RunInChildren) -> None:
    from tests.physics.engines.small_cells import hh_patch

    plan = protocol(30, step(1.0, 5))
    ours, theirs = in_children(
        [Job(hh_patch(), plan, fixed_step(0.025, 1, name)) for name in ("neuron", "coreneuron")]
    )
    assert np.abs(voltage(ours) - voltage(theirs)).max() < 1e-6
    assert voltage(ours).max() > 0


def test_one_library_a_process(engine: NeuronEngine, tmp_path, hay_build: Build) -> None:
    other = replace(hay_build, key="another", library=tmp_path / "libnrnmech.so")
    with pytest.raises(EngineError, match=r"run the other cell in a process of its own"):
        NeuronEngine(other)
    # The same mechanisms from another folder of the cache are the same library.
    NeuronEngine(replace(hay_build, library=tmp_path / "libnrnmech.so"))


def test_a_build_of_the_same_files_finds_the_loaded_library(
    engine: NeuronEngine, hay: MechanismSet
) -> None:
    NeuronEngine(build([hay], coreneuron=False))
