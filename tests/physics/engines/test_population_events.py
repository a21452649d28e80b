"""Point processes and their events in the population engine, beside NEURON's CVODE."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.emulated import EmulatedEngine
from tests.physics.engines.small_cells import (
    ball_and_stick,
    crossings_ms,
    hh_patch,
    passive,
    protocol,
    run,
    same,
    step,
    voltage,
)
from workbench.cells import CellRecipe, MaximalLength, Placed, Scattered
from workbench.engines import Integrator, Job
from workbench.engines.opening import check
from workbench.engines.population import PopulationEngine
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder
from workbench.protocols import Events, EventTimes, PoissonEvents, Protocol, Traces

PRECISE = Integrator(atol=1e-7, steps_per_ms=2000)
TIMES_ms = {
    "fast": (0.0, 12.0, 12.0),
    "nmda": (10.0, 33.0),
    "both": (8.0, 41.5),
    "slow": (15.0, 30.0, 31.0),
    "gaba": (20.0, 55.0),
    "stock": (25.0, 26.5, 60.0),
}


def lanes(step_error_mV: float) -> Integrator:
    return Integrator("population", atol=None, step_error_mV=step_error_mV, steps_per_ms=2000)


@pytest.fixture(scope="module")
def population() -> PopulationEngine:
    return PopulationEngine()


def crowded(hay: MechanismSet, weight: float = 1e-3) -> CellRecipe:
    """A spiking cell with points of seven kinds; of AMPA under two names, several on one node."""
    alike = {"weight": weight}
    return replace(
        ball_and_stick(hay),
        mechanisms=(hay, read_mechanisms("synapses")),
        placed=(
            Placed("ampa", "AMPA", Scattered("basal", 8, seed=1), alike),
            Placed("fast", "AMPA", "soma(0.5)", {"weight": weight, "tau_rise": 2.0}),
            Placed("nmda", "NMDA", Scattered("basal", 4, seed=2), alike),
            Placed("both", "AMPANMDA", "dend[0](1)", {"weight": weight, "ratio": 0.5}),
            Placed("slow", "NMDASaturating", "dend[0](0.5)", {"weight": 1.0}),
            Placed("gaba", "GABAA", ["soma(0.5)", "dend[0](0.3)"], {"weight": 2 * weight}),
            Placed("stock", "ExpSyn", "soma(0.5)", {"weight": weight, "tau": 3.0}),
            Placed("pair", "Exp2Syn", "dend[0](0.9)", {"weight": weight, "tau1": 1.0, "tau2": 1.0}),
        ),
    )


def trains(duration_ms: float, seed: int = 4) -> Protocol:
    events: list[Events] = [EventTimes(name, times_ms) for name, times_ms in TIMES_ms.items()]
    events.append(PoissonEvents("ampa", 5.0, duration_ms, 60.0, seed=seed))
    events.append(EventTimes("pair", (3.0,), weight=5e-3))
    return replace(protocol(duration_ms, step(0.1, 5, 60)), events=tuple(events))


def test_a_conductance_that_decays_has_its_closed_form(population: PopulationEngine) -> None:
    """ExpSyn in a soma whose leak reverses where it does: the voltage decays by both integrals."""
    g_S_per_cm2, weight_uS, tau_ms = 1e-4, 2e-3, 4.0
    recipe = replace(
        passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=g_S_per_cm2),
        placed=(Placed("syn", "ExpSyn", "soma(0.5)", {"tau": tau_ms, "e": -70.0}),),
        v_init_mV=-50.0,
    )
    plan = replace(protocol(30), events=(EventTimes("syn", (5.0, 11.0), weight=weight_uS),))
    found = run(population, recipe, plan, lanes(1e-6))
    capacitance_nF = np.pi * 20 * 20 * 1e-8 * 1e3
    t = found.t_ms
    passed = sum(np.maximum(0, -np.expm1(-(t - at) / tau_ms)) for at in (5.0, 11.0))
    exponent = t / 10 + passed * weight_uS * tau_ms / capacitance_nF
    np.testing.assert_allclose(voltage(found), -70 + 20 * np.exp(-exponent), atol=1e-4)


def test_a_crowd_of_points_converges_to_cvode(
    population: PopulationEngine, hay: MechanismSet
) -> None:
    recipe, plan = crowded(hay), trains(80)
    [outcome] = run_in_children([Job(recipe, plan, PRECISE)])
    assert isinstance(outcome, Traces), outcome
    true = crossings_ms(outcome, -20)
    assert true.size >= 3
    found = run(population, recipe, plan, lanes(1e-5))
    assert np.abs(crossings_ms(found, -20) - true).max() < 3e-3
    before = np.linspace(0, true[0] - 2, 100)
    one, other = (np.interp(before, each.t_ms, voltage(each)) for each in (outcome, found))
    assert np.abs(one - other).max() < 5e-3


def test_company_changes_no_bit_of_what_events_do(
    population: PopulationEngine, hay: MechanismSet
) -> None:
    cells = [crowded(hay, weight) for weight in (1e-3, 0.0, 4e-4)]
    jobs = [Job(c, trains(60.0 + 3 * n, n), lanes(0.02)) for c in cells for n in range(3)]
    alone = [population([job])[0] for job in jobs]
    for one, beside in zip(alone, population(jobs), strict=True):
        assert isinstance(one, Traces)
        assert isinstance(beside, Traces)
        assert same(one, beside)


def test_blocks_of_gpus_have_points_too(population: PopulationEngine, hay: MechanismSet) -> None:
    """The same steps, whichever thread comes first where several points share a node."""
    job = Job(crowded(hay), trains(40), lanes(0.02))
    [lane], [first] = population([job]), EmulatedEngine()([job])
    assert isinstance(lane, Traces)
    assert isinstance(first, Traces)
    assert first.t_ms.size == lane.t_ms.size
    assert np.abs(voltage(first) - voltage(lane)).max() < 1e-4
    [last] = EmulatedEngine(16, backwards=True)([job])
    assert isinstance(last, Traces)
    assert same(first, last)


@pytest.mark.parametrize(
    ("received", "said"),
    [
        ("(w) { g = g + w  last = w }", "NET_RECEIVE moves last, which is no STATE"),
        ("(w, n) { g = g + n*w }", "n is read before it is set"),
        ("(w, n) { n = 1  g = g + n*w }", "NET_RECEIVE moves n, which is no STATE"),
        ("(w) { g = g + w*t }", "it reads t"),
    ],
)
def test_what_events_may_not_do_is_refused_by_its_place(
    tmp_path: Path, received: str, said: str
) -> None:
    (tmp_path / "own.mod").write_text(
        "NEURON { POINT_PROCESS Own NONSPECIFIC_CURRENT i RANGE last }\n"
        "STATE { g }\nASSIGNED { v i last }\nINITIAL { g = 0 }\n"
        "BREAKPOINT { SOLVE d METHOD cnexp  i = g*v }\nDERIVATIVE d { g' = -g }\n"
        f"NET_RECEIVE{received}\n"
    )
    recipe = replace(
        hh_patch(),
        mechanisms=(read_mechanisms(tmp_path),),
        placed=(Placed("own", "Own", "soma(0.5)", {"weight": 1.0}),),
    )
    with pytest.raises(EngineError) as refused:
        check(recipe, [protocol(10)], lanes(0.02))
    assert said in str(refused.value)
    assert "own.mod, line" in str(refused.value)
