"""Events are corners for every kind of step: one synaptic protocol, the same under all of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.conftest import RunInChildren, run_in_children
from tests.physics.engines.small_cells import (
    CM2_PER_UM2,
    RESTING_mV,
    crossings_ms,
    passive,
    protocol,
    voltage,
)
from workbench.cells import CellRecipe, MaximalLength, Paint, Placed, Scattered
from workbench.engines import Integrator, Job, Outcome, adaptive_step, fixed_step
from workbench.engines.neuron import NeuronEngine, check
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import (
    Events,
    EventTimes,
    PoissonEvents,
    Protocol,
    Traces,
)

FIXED = fixed_step(0.025)
FINE = fixed_step(0.005, 2)
CORENEURON = fixed_step(0.025, engine="coreneuron")
CVODE = Integrator(atol=1e-6, steps_per_ms=2000)
ADAPTIVE = replace(adaptive_step(1e-4), steps_per_ms=2000)
POISSON = PoissonEvents("syn", 20.0, 250.0, 50.0, seed=3)


@pytest.fixture(scope="module")
def synapses() -> MechanismSet:
    return read_mechanisms("synapses")


def pyramid(mechanisms: MechanismSet | None, *placed: Placed) -> CellRecipe:
    """A spiking soma with an apical dendrite of 600 um."""
    tree = [Cylinder("somatic", 20, 20), Cylinder("apical", 600, 2, parent=0)]
    values = {"g_pas": 1e-4, "e_pas": -65.0, "Ra": 100.0}
    return CellRecipe(
        "pyramid",
        cylinder_tree("pyramid", tree),
        () if mechanisms is None else (mechanisms,),
        (("all", "pas"), ("somatic", "hh")),
        tuple(Paint(name, "all", value) for name, value in values.items()),
        MaximalLength(20.0),
        placed=placed,
    )


def plan(duration_ms: float, *events: Events) -> Protocol:
    return replace(
        protocol(duration_ms, sites={"soma": "soma(0.5)", "tuft": "apical@400um"}), events=events
    )


def spikes_ms(outcome: Outcome, location: str = "soma") -> np.ndarray:
    assert isinstance(outcome, Traces), outcome
    return crossings_ms(outcome, -20.0, location)


@pytest.fixture(scope="module")
def crowd(synapses: MechanismSet) -> dict[Integrator, Outcome]:
    """Forty synapses of three kinds with Poisson trains of their own, for 500 ms."""
    cell = pyramid(
        synapses,
        Placed("ampa", "AMPA", Scattered("apical", 20, seed=1), {"weight": 1e-3}),
        Placed("nmda", "NMDA", Scattered("apical", 10, seed=2), {"weight": 1e-3}),
        Placed("gaba", "GABAA", Scattered("all", 10, "area", 3), {"weight": 5e-4}),
    )
    rates_Hz = {"ampa": 40.0, "nmda": 10.0, "gaba": 20.0}
    events = [PoissonEvents(n, 10.0, 480.0, rate, seed=4) for n, rate in rates_Hz.items()]
    integrators = (FIXED, CORENEURON, FINE, CVODE, ADAPTIVE)
    jobs = [Job(cell, plan(500.0, *events), each) for each in integrators]
    return dict(zip(integrators, run_in_children(jobs), strict=True))


def test_spikes_come_within_a_twentieth_of_a_ms(crowd: dict[Integrator, Outcome]) -> None:
    true_ms = spikes_ms(crowd[CVODE])
    assert true_ms.size > 5
    for integrator in (FINE, ADAPTIVE):
        found_ms = spikes_ms(crowd[integrator])
        assert found_ms.size == true_ms.size
        assert np.abs(found_ms - true_ms).max() < 0.05


def test_neuron_and_coreneuron_agree_to_a_nanovolt(crowd: dict[Integrator, Outcome]) -> None:
    """Within 1e-6 mV over 500 ms, with backward Euler."""
    neuron, coreneuron = crowd[FIXED], crowd[CORENEURON]
    assert isinstance(neuron, Traces)
    assert isinstance(coreneuron, Traces)
    for name, trace in neuron.items():
        assert np.abs(trace.values - coreneuron[name].values).max() < 1e-6


# What each synapse needs to make the soma fire.
DRIVING = {
    "AMPA": {"weight": 5e-3},
    "NMDA": {"weight": 5e-3, "mg": 0.0},
    "AMPANMDA": {"weight": 3e-3, "ratio": 1.0},
    "NMDASaturating": {"weight": 1.0, "gmax": 2e-2, "mg": 0.0},
    "ExpSyn": {"weight": 2e-2, "tau": 2.0},
    "Exp2Syn": {"weight": 1e-2, "tau1": 0.5, "tau2": 3.0},
}


@pytest.fixture(scope="module")
def driven(synapses: MechanismSet) -> dict[tuple[str, Integrator], Outcome]:
    jobs = {
        (name, each): Job(
            pyramid(synapses, Placed("syn", name, "apical@100um", values)),
            plan(100.0, replace(POISSON, delay_ms=5.0, duration_ms=90.0)),
            each,
        )
        for name, values in DRIVING.items()
        for each in (CVODE, ADAPTIVE)
    }
    return dict(zip(jobs, run_in_children(list(jobs.values())), strict=True))


@pytest.mark.parametrize("mechanism", DRIVING)
def test_adaptive_steps_deliver_to_each(
    driven: dict[tuple[str, Integrator], Outcome], mechanism: str
) -> None:
    true, found = (driven[mechanism, each] for each in (CVODE, ADAPTIVE))
    assert spikes_ms(true).size > 0
    assert spikes_ms(found).size == spikes_ms(true).size
    assert np.abs(spikes_ms(found) - spikes_ms(true)).max() < 0.05


def test_inhibition_is_delivered_too(synapses: MechanismSet, in_children: RunInChildren) -> None:
    cell = pyramid(synapses, Placed("syn", "GABAA", "apical@400um", {"weight": 1e-2, "erev": -90}))
    true, found = in_children([Job(cell, plan(100.0, POISSON), each) for each in (CVODE, ADAPTIVE)])
    assert isinstance(true, Traces)
    assert isinstance(found, Traces)
    t_ms = np.linspace(1.0, 99.0, 500)
    mine, theirs = (np.interp(t_ms, one.t_ms, voltage(one, "tuft")) for one in (found, true))
    assert np.ptp(theirs) > 5
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=0.02)


def test_adaptive_steps_end_at_events(engine: NeuronEngine) -> None:
    """At the very times, also at 0 and where two are nearer than a step can be."""
    cell = pyramid(None, Placed("syn", "ExpSyn", "soma(0.5)", {"weight": 1e-4}))
    times_ms = (0.0, 7.123, 7.123 + 1e-10, 20.0)
    [found] = engine([Job(cell, plan(50.0, EventTimes("syn", times_ms)), adaptive_step(0.01))])
    assert isinstance(found, Traces)
    assert {7.123, 20.0} <= set(found.t_ms.tolist())
    assert (np.diff(found.t_ms) > 0).all()


SIDE_um = 50.0
LEAK_uS = 1e-4 * np.pi * SIDE_um**2 * CM2_PER_UM2 * 1e6


def patch(mechanisms: MechanismSet | None, *placed: Placed) -> CellRecipe:
    cell = passive([Cylinder("somatic", SIDE_um, SIDE_um)], MaximalLength(), g_S_per_cm2=1e-4)
    return replace(cell, mechanisms=() if mechanisms is None else (mechanisms,), placed=placed)


@pytest.mark.parametrize("integrator", [FIXED, CVODE, ADAPTIVE], ids=str)
def test_every_event_is_delivered_once(engine: NeuronEngine, integrator: Integrator) -> None:
    """A thousand a second for 0.3 s: what a source of current lets in is what leaks out.

    A fixed step has the conductance at its begin all along: dt/(1 - exp(-dt/tau)) in place of tau.
    """
    values = {"weight": 1e-9, "tau": 2.0, "e": 2e4}
    cell = patch(None, Placed("syn", "ExpSyn", {"at": "soma(0.5)", "count": 10}, values))
    events = PoissonEvents("syn", 5.0, 300.0, 100.0, seed=5)
    count = sum(events.times_of(number).size for number in range(10))
    asked = replace(protocol(500.0), events=(events,))
    [found] = engine([Job(cell, asked, integrator)])
    assert isinstance(found, Traces)
    leaked_pC = LEAK_uS * np.trapezoid(voltage(found) - RESTING_mV, found.t_ms)
    dt_ms = integrator.dt_ms
    lasts_ms = 2.0 if dt_ms is None else dt_ms / (1 - np.exp(-dt_ms / 2.0))
    assert leaked_pC == pytest.approx(count * 1e-9 * lasts_ms * (2e4 - RESTING_mV), rel=2e-3)


OWN = """\
NEURON { POINT_PROCESS Own NONSPECIFIC_CURRENT i RANGE g }
UNITS { (nA) = (nanoamp) (mV) = (millivolt) (uS) = (microsiemens) }
ASSIGNED { v (mV) i (nA) g (uS) }
INITIAL { g = 0 }
BREAKPOINT { i = g*v }
NET_RECEIVE(w (uS)) { BODY }
"""


def test_what_an_event_assigns_stays(tmp_path: Path, in_children: RunInChildren) -> None:
    """A conductance as large as the membrane's own from 50 ms on: half-way to its reversal, 0."""
    (tmp_path / "own.mod").write_text(OWN.replace("BODY", "g = g + w"))
    placed = Placed("syn", "Own", "soma(0.5)", {"weight": LEAK_uS})
    cell = patch(read_mechanisms(tmp_path), placed)
    whole = replace(protocol(250.0), events=(EventTimes("syn", (50.0,)),))
    for found in in_children([Job(cell, whole, each) for each in (FIXED, ADAPTIVE)]):
        assert isinstance(found, Traces)
        np.testing.assert_allclose(voltage(found)[found.t_ms < 49.99], RESTING_mV, atol=1e-9)
        assert voltage(found)[-1] == pytest.approx(RESTING_mV / 2, abs=0.01)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("if (flag == 0) { g = w net_send(3, 1) } else { g = 0 }", r"net_send \(line 6\)"),
        ("if (flag == 0) { WATCH (v > -20) 2 } else { g = w }", r"WATCH \(line 6\)"),
    ],
)
def test_adaptive_steps_refuse_events_of_a_mechanism_of_its_own(
    tmp_path: Path, body: str, says: str
) -> None:
    (tmp_path / "own.mod").write_text(OWN.replace("BODY", body))
    cell = patch(read_mechanisms(tmp_path), Placed("syn", "Own", "soma(0.5)", {"weight": 1.0}))
    with pytest.raises(EngineError, match=rf"own\.mod, which holds {says}: a step ends at the ev"):
        check(cell, [], ADAPTIVE)


# Variables of the points themselves.


@pytest.mark.parametrize("integrator", [FIXED, CORENEURON, CVODE], ids=str)
def test_a_synapse_s_conductance_decays(engine: NeuronEngine, integrator: Integrator) -> None:
    """ExpSyn: g = weight exp(-(t - t0)/tau) after its event, and its current is g (v - e)."""
    values = {"weight": 1e-3, "tau": 3.0, "e": 0.0}
    cell = patch(None, Placed("syn", "ExpSyn", ["soma(0.5)", "soma(0.5)"], values))
    asked = replace(protocol(30.0), events=(EventTimes("syn", (5.0,)),))
    asked = asked.with_recording("second", "syn[1]", "g", "i")
    check(cell, [asked], integrator)
    [found] = engine([Job(cell, asked, integrator)])
    assert isinstance(found, Traces)
    late = found.t_ms > 5.03
    g_uS = found["second.g"].values[late]
    np.testing.assert_allclose(g_uS, 1e-3 * np.exp(-(found.t_ms[late] - 5.0) / 3.0), rtol=2e-2)
    assert (found["second.g"].values[found.t_ms < 4.97] == 0).all()
    np.testing.assert_allclose(
        found["second.i"].values[late], g_uS * voltage(found)[late], rtol=0.05
    )


def test_a_further_synapse_leaves_the_trains_of_the_others(engine: NeuronEngine) -> None:
    """On a source of current nothing else can tell: each conductance is what it was."""
    events = PoissonEvents("syn", 5.0, 90.0, 100.0, seed=6)
    conductances = []
    for count in (4, 5):
        cell = patch(
            None, Placed("syn", "ExpSyn", Scattered("all", count, seed=2), {"weight": 1e-9})
        )
        asked = replace(protocol(100.0), events=(events,))
        for number in range(4):
            asked = asked.with_recording(f"syn{number}", f"syn[{number}]", "g")
        [found] = engine([Job(cell, asked, FIXED)])
        assert isinstance(found, Traces)
        conductances.append([found[f"syn{number}.g"].values.tobytes() for number in range(4)])
    assert conductances[0] == conductances[1]
    assert len(set(conductances[0])) == 4
