"""Placed point processes and events: charges in closed form, and engines against each other."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.conftest import RunInChildren, run_in_children
from tests.physics.engines.small_cells import CM2_PER_UM2, RESTING_mV, passive, protocol, same
from workbench.cells import CellRecipe, MaximalLength, Paint, Placed, Scattered
from workbench.engines import Failure, Integrator, Job, Outcome, adaptive_step, fixed_step
from workbench.engines.neuron import NeuronEngine, check
from workbench.errors import EngineError, StudyError
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Events, EventTimes, PoissonEvents, Protocol, RegularEvents, Traces

FIXED = fixed_step(0.025)
SECOND_ORDER = fixed_step(0.025, 2)
FINEST = Integrator(atol=1e-9)
CORENEURON = fixed_step(0.025, engine="coreneuron")
POISSON = PoissonEvents("syn", 20.0, 250.0, 50.0, seed=3)
SITES = {"soma": "soma(0.5)", "tuft": "apical@400um"}


@pytest.fixture(scope="module")
def synapses() -> MechanismSet:
    return read_mechanisms("synapses")


def pyramid(placed: Placed, *mechanisms: MechanismSet) -> CellRecipe:
    """A spiking soma with an apical dendrite of 600 um."""
    tree = [Cylinder("somatic", 20, 20), Cylinder("apical", 600, 2, parent=0)]
    values = {"g_pas": 1e-4, "e_pas": -65.0, "Ra": 100.0}
    return CellRecipe(
        "pyramid",
        cylinder_tree("pyramid", tree),
        mechanisms,
        (("all", "pas"), ("somatic", "hh")),
        tuple(Paint(name, "all", value) for name, value in values.items()),
        MaximalLength(20.0),
        placed=(placed,),
    )


def plan(duration_ms: float, *events: Events, sites: dict[str, str] = SITES) -> Protocol:
    return replace(protocol(duration_ms, sites=sites), events=events)


def largest_difference_mV(one: Traces, other: Traces) -> float:
    assert one.t_ms.size == other.t_ms.size
    return max(float(np.abs(one.recorded[n] - other.recorded[n]).max()) for n in one.recorded)


# What each synapse needs to move the membrane at its site by more than 5 mV.
DRIVING = {
    "AMPA": {"weight": 2e-3},
    "GABAA": {"weight": 1e-2, "erev": -90.0},
    "NMDA": {"weight": 5e-3},
    "AMPANMDA": {"weight": 2e-3, "ratio": 1.0},
    "NMDASaturating": {"weight": 1.0, "gmax": 2e-2},
    "EPSPCurrent": {"onset": 50.0, "imax": 0.2},
    "ExpSyn": {"weight": 2e-3, "tau": 2.0},
    "Exp2Syn": {"weight": 2e-3, "tau1": 0.5, "tau2": 3.0},
}


@pytest.fixture(scope="module")
def driven(synapses: MechanismSet) -> dict[tuple[str, str, int], Outcome]:
    """What each does by name, engine and order."""
    jobs = {}
    for name, values in DRIVING.items():
        cell = pyramid(Placed("syn", name, "apical@400um", values), synapses)
        whole = plan(300.0, *(() if name == "EPSPCurrent" else (POISSON,)))
        for one, order in itertools.product((FIXED, CORENEURON), (1, 2)):
            jobs[name, one.engine, order] = Job(cell, whole, replace(one, order=order))
    for job in jobs.values():
        check(job.recipe, [job.protocol], job.integrator)
    return dict(zip(jobs, run_in_children(list(jobs.values()), 2), strict=True))


@pytest.mark.parametrize("mechanism", DRIVING)
@pytest.mark.parametrize("order", [1, 2])
def test_neuron_and_coreneuron_are_one(
    driven: dict[tuple[str, str, int], Outcome], mechanism: str, order: int
) -> None:
    neuron, coreneuron = (driven[mechanism, one, order] for one in ("neuron", "coreneuron"))
    assert isinstance(neuron, Traces)
    assert isinstance(coreneuron, Traces)
    tuft_mV = neuron["tuft.v"].values
    assert np.abs(tuft_mV + 65.0).max() > 5.0, "nothing was driven"
    assert largest_difference_mV(neuron, coreneuron) < 1e-6


def test_an_event_half_way_between_two_steps_is_the_same_to_both(
    synapses: MechanismSet, in_children: RunInChildren
) -> None:
    cell = pyramid(Placed("syn", "AMPA", "apical@400um", DRIVING["AMPA"]), synapses)
    times_ms = tuple((n + 0.5) * 0.025 for n in range(0, 4000, 37))
    job = Job(cell, plan(110.0, EventTimes("syn", times_ms)), FIXED)
    neuron, coreneuron = in_children([job, replace(job, integrator=CORENEURON)])
    assert isinstance(neuron, Traces)
    assert isinstance(coreneuron, Traces)
    assert largest_difference_mV(neuron, coreneuron) < 1e-6


WITH_EXPSYN = Placed("syn", "ExpSyn", "apical@400um", {"weight": 2e-3, "tau": 2.0, "e": 0.0})


def test_protocols_of_a_cell_together_are_each_alone(engine: NeuronEngine) -> None:
    """CoreNEURON has all of them in one run, each with events of its own."""
    cell = pyramid(WITH_EXPSYN)
    plans = [plan(100.0, replace(POISSON, seed=n, delay_ms=5.0)) for n in (1, 2)]
    jobs = [Job(cell, one, CORENEURON) for one in (*plans, plan(100.0))]
    alone = [engine([job])[0] for job in jobs]
    for one, other in zip(alone, engine(jobs), strict=True):
        assert isinstance(one, Traces)
        assert isinstance(other, Traces)
        assert same(one, other)
    assert len({one.recorded["tuft.v"].tobytes() for one in alone}) == 3


@pytest.mark.parametrize("integrator", [FIXED, CORENEURON, Integrator()], ids=str)
def test_a_cell_that_is_kept_is_one_built_anew(
    engine: NeuronEngine, integrator: Integrator
) -> None:
    """Bit for bit, whatever the synapse's numbers and events were before, and after a failure."""
    cell = pyramid(WITH_EXPSYN)
    others = [
        {"weight.syn": 1e-3, "tau.syn": 4.0},
        {"weight.syn": 1.0, "e.syn": 1e6},
        {"weight.syn": 3e-3, "tau.syn": 1.0},
    ]
    jobs = [Job(cell.with_values(one), plan(60.0, POISSON), integrator) for one in others]
    jobs[2] = replace(jobs[2], protocol=plan(50.0, RegularEvents("syn", 1.0, 100.0, 9)))
    alone = []
    for job in jobs:
        engine.close()
        alone += engine([job])
    failed = alone[1]
    assert isinstance(failed, Failure)
    engine.close()
    for number in (0, 1, 2, 0, 2, 1, 0):
        [again] = engine([jobs[number]])
        if isinstance(again, Traces):
            assert same(again, alone[number])
        else:
            assert again.kind == failed.kind


def test_connections_are_made_once(engine: NeuronEngine) -> None:
    """NEURON forgets to free some bytes of each."""
    cell = pyramid(WITH_EXPSYN)
    trains = [EventTimes("syn", (float(n),)) for n in range(3)]
    for number, many in ((1, 1), (3, 3), (2, 3), (1, 3)):
        engine([Job(cell, plan(5.0, *trains[:number]), FIXED)])
        assert engine._h.List("NetCon").count() == many


# Charges. On a patch nothing leaves but through the membrane: what a synapse lets in is what leaks
# out, g_pas A times the integral of V - e, once the membrane is back at rest.

SIDE_um = 50.0
AREA_cm2 = np.pi * SIDE_um**2 * CM2_PER_UM2
LEAK_uS = 1e-4 * AREA_cm2 * 1e6
CURRENT_mV = 2e4
"""A reversal potential so far off that V does not matter: the synapse is a source of current."""


def patch(placed: Placed, *mechanisms: MechanismSet) -> CellRecipe:
    cell = passive([Cylinder("somatic", SIDE_um, SIDE_um)], MaximalLength(), g_S_per_cm2=1e-4)
    return replace(cell, mechanisms=mechanisms, placed=(placed,))


def leaked_pC(traces: Traces) -> float:
    above_mV = traces["soma.v"].values - RESTING_mV
    assert abs(above_mV[-1]) < 1e-6, "it is not back at rest"
    return float(LEAK_uS * np.trapezoid(above_mV, traces.t_ms))


def charge_pC(tau_rise_ms: float, tau_decay_ms: float, weight_uS: float) -> float:
    """The integral of a difference of exponentials with this peak, times the driving force."""
    rise, decay = tau_rise_ms, tau_decay_ms
    peak_ms = rise * decay / (decay - rise) * np.log(decay / rise)
    peak = np.exp(-peak_ms / decay) - np.exp(-peak_ms / rise)
    return float(weight_uS * (decay - rise) / peak * (CURRENT_mV - RESTING_mV))


@pytest.mark.parametrize("integrator", [FIXED, SECOND_ORDER, CORENEURON, FINEST], ids=str)
def test_the_charge_of_a_train_is_that_of_its_events(
    synapses: MechanismSet, in_children: RunInChildren, integrator: Integrator
) -> None:
    values = {"tau_rise": 0.5, "tau_decay": 4.0, "erev": CURRENT_mV, "weight": 5e-8}
    cell = patch(Placed("syn", "AMPA", "soma(0.5)", values), synapses)
    events = replace(POISSON, delay_ms=5.0, duration_ms=200.0)
    count = events.times_of(0).size
    assert count >= 5
    whole = plan(500.0, events, sites={"soma": "soma(0.5)"})
    [traces] = in_children([Job(cell, whole, integrator)])
    assert isinstance(traces, Traces)
    assert leaked_pC(traces) == pytest.approx(count * charge_pC(0.5, 4.0, 5e-8), rel=1e-3)


def test_the_mean_charge_of_poisson_trains_is_rate_times_charge(
    synapses: MechanismSet, in_children: RunInChildren
) -> None:
    """Of 400 synapses at 40 Hz for 250 ms: 4000 events, with an SD of the root of it."""
    values = {"tau_rise": 0.5, "tau_decay": 4.0, "erev": CURRENT_mV, "weight": 5e-11}
    placed = Placed("syn", "AMPA", Scattered("somatic", 400), values)
    cell = patch(placed, synapses)
    events = PoissonEvents("syn", 5.0, 250.0, 40.0, seed=7)
    whole = plan(500.0, events, sites={"soma": "soma(0.5)"})
    [traces] = in_children([Job(cell, whole, FIXED)])
    assert isinstance(traces, Traces)
    events_found = leaked_pC(traces) / charge_pC(0.5, 4.0, 5e-11)
    assert abs(events_found - 4000) < 4 * np.sqrt(4000)


def test_weights_of_events_come_before_those_of_the_place(
    synapses: MechanismSet, in_children: RunInChildren
) -> None:
    """A current adds up: two trains of weights 1 and 2 let in what one of weight 3 does."""
    values = {"tau_rise": 0.5, "tau_decay": 4.0, "erev": CURRENT_mV, "weight": 5e-8}
    cell = patch(Placed("syn", "AMPA", "soma(0.5)", values), synapses)
    one = EventTimes("syn", (5.0, 20.0))
    sites = {"soma": "soma(0.5)"}
    plans = [
        plan(300.0, one, replace(one, weight=1e-7), sites=sites),
        plan(300.0, replace(one, weight=1.5e-7), sites=sites),
    ]
    both, single = in_children([Job(cell, each, FIXED) for each in plans])
    assert isinstance(both, Traces)
    assert isinstance(single, Traces)
    np.testing.assert_allclose(both["soma.v"].values, single["soma.v"].values, rtol=0, atol=1e-12)
    assert leaked_pC(single) == pytest.approx(2 * charge_pC(0.5, 4.0, 1.5e-7), rel=1e-3)


def test_cvode_has_events_at_their_own_times(
    synapses: MechanismSet, in_children: RunInChildren
) -> None:
    """At times that no fixed step hits: a shift by 0.3 ms shifts the trace by as much."""
    values = {"tau_rise": 0.5, "tau_decay": 4.0, "weight": 1e-3}
    cell = patch(Placed("syn", "AMPA", "soma(0.5)", values), synapses)
    plans = [
        plan(100.0, EventTimes("syn", (5.0, 20.0), delay_ms), sites={"soma": "soma(0.5)"})
        for delay_ms in (0.0, 0.3)
    ]
    early, late = in_children([Job(cell, each, FINEST) for each in plans])
    assert isinstance(early, Traces)
    assert isinstance(late, Traces)
    t_ms = np.linspace(1.0, 90.0, 500)
    shifted_mV = np.interp(t_ms + 0.3, late.t_ms, late["soma.v"].values)
    as_was_mV = np.interp(t_ms, early.t_ms, early["soma.v"].values)
    assert np.ptp(as_was_mV) > 1.0
    np.testing.assert_allclose(shifted_mV, as_was_mV, rtol=0, atol=5e-4)


# What cannot be.


def test_events_on_what_is_not_placed(engine: NeuronEngine) -> None:
    stray = plan(30.0, replace(POISSON, place="sin"))
    with pytest.raises(StudyError, match="unknown placed point process 'sin'"):
        check(pyramid(WITH_EXPSYN), [stray], FIXED)
    with pytest.raises(EngineError, match="unknown placed point process 'sin'"):
        engine([Job(pyramid(WITH_EXPSYN), stray, FIXED)])


LEAK = """\
NEURON { POINT_PROCESS Leak NONSPECIFIC_CURRENT i RANGE g, e }
UNITS { (nA) = (nanoamp) (mV) = (millivolt) (uS) = (microsiemens) }
PARAMETER { g = 0.001 (uS) e = -40 (mV) }
ASSIGNED { v (mV) i (nA) }
BREAKPOINT { i = g*(v - e) }
"""


def test_a_point_without_events_runs_everywhere(tmp_path: Path, in_children: RunInChildren) -> None:
    """A leak to -40 mV of as much as the membrane's own leaves it half-way there."""
    (tmp_path / "leak.mod").write_text(LEAK)
    cell = patch(Placed("leak", "Leak", "soma(0.5)", {"g": LEAK_uS}), read_mechanisms(tmp_path))
    whole = plan(200.0, sites={"soma": "soma(0.5)"})
    integrators = [FIXED, CORENEURON, Integrator(), adaptive_step(0.01)]
    for found in in_children([Job(cell, whole, each) for each in integrators]):
        assert isinstance(found, Traces)
        assert found["soma.v"].values[-1] == pytest.approx((RESTING_mV - 40) / 2, abs=0.01)


NOISE = """\
NEURON { THREADSAFE POINT_PROCESS Noise NONSPECIFIC_CURRENT i RANDOM one RANGE amp, first }
UNITS { (nA) = (nanoamp) }
PARAMETER { amp = 0.1 (nA) }
ASSIGNED { i (nA) first }
INITIAL { first = random_uniform(one) }
BREAKPOINT { i = -amp*first }
"""


@pytest.mark.parametrize("integrator", [FIXED, CORENEURON, Integrator()], ids=str)
def test_what_a_point_draws_is_its_own(
    tmp_path: Path, in_children: RunInChildren, integrator: Integrator
) -> None:
    """Whoever was simulated before: each point of each name has a stream of its own."""
    (tmp_path / "noise.mod").write_text(NOISE)
    noises = read_mechanisms(tmp_path)
    here, there = (Placed(name, "Noise", ["soma(0.5)"] * 2) for name in ("here", "there"))
    cells = [pyramid(here, noises), pyramid(there, noises), pyramid(here, noises)]
    jobs = [Job(cell, plan(30.0), integrator) for cell in cells]
    first, other, again = in_children(jobs)
    [alone] = in_children(jobs[1:2])
    for one in (first, other, again, alone):
        assert isinstance(one, Traces)
    assert same(first, again)
    assert same(other, alone)
    assert not same(first, other)
