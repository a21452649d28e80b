"""What cells and protocols may hold beside channels and currents, against NEURON."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import (
    RESTING_mV,
    ball_and_stick,
    passive,
    protocol,
    run,
    same,
    step,
    voltage,
)
from tests.physics.engines.test_population import PRECISE, lanes
from workbench.cells import Balance, CellRecipe, MaximalLength, OnPlaced, Paint, Placed
from workbench.engines import Failure, FailureKind, Integrator, Job
from workbench.engines.population import PopulationEngine
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import EventTimes, Map, Protocol, Recording, Traces, VoltageClamp

RECORDED = (
    *("v", "cai", "eca", "cao", "ena", "ica", "ina", "ik", "ica_Ca_HVA", "i_pas", "g_pas"),
    *("m_NaTs2_t", "h_NaTs2_t", "m_SKv3_1", "m_Ca_HVA", "decay_CaDynamics_E2"),
)
SOMA = parse_site("soma(0.5)")


@pytest.fixture(scope="module")
def population() -> PopulationEngine:
    return PopulationEngine()


def recording(plan: Protocol, *variables: str) -> Protocol:
    return replace(plan, recordings=tuple(Recording("soma", SOMA, one) for one in variables))


def apart(found: Traces, true: Traces, name: str) -> tuple[NDArray[np.float64], float]:
    """Return the differences at our times, and the range of values."""
    there = np.interp(found.t_ms, true.t_ms, true.recorded[name])
    return np.abs(found.recorded[name] - there), float(np.ptp(there))


def test_what_a_segment_has_can_be_recorded(
    engine, population: PopulationEngine, hay: MechanismSet
) -> None:
    """Gates, concentrations, reversal potentials, currents, parameters; at an end of a section."""
    plan = recording(protocol(60, step(0.4, 10, 45)), *RECORDED)
    ends = [Recording(f"at{x}", parse_site(f"dend[0]({x})"), "i_pas") for x in (0, 1)]
    plan = replace(plan, recordings=(*plan.recordings, *ends))
    recipe = ball_and_stick(hay)
    true = run(engine, recipe, plan, PRECISE)
    found = run(population, recipe, plan, lanes(2e-5))
    assert np.ptp(voltage(found)) > 100
    for name in true.recorded:
        off, extent = apart(found, true, name)
        assert off.max() <= 1e-3 * extent + 1e-12, name
    [alone] = population([Job(recipe, protocol(60, step(0.4, 10, 45)), lanes(2e-5))])
    assert isinstance(alone, Traces)
    assert np.array_equal(voltage(alone), voltage(found))


def test_maps_are_those_of_neuron(engine, population: PopulationEngine, hay: MechanismSet) -> None:
    maps = (
        Map("all", "v", ("maximum", "time_of_maximum_ms", "width_at_half_ms"), "peaks"),
        Map("somatic", "cai", ("maximum", "end"), "calcium"),
    )
    plan = replace(protocol(40, step(0.4, 10, 25)), maps=maps)
    recipe = ball_and_stick(hay)
    true = run(engine, recipe, plan, PRECISE)
    found = run(population, recipe, plan, lanes(1e-4))
    assert found.maps["peaks"].sections == true.maps["peaks"].sections
    assert np.abs(found.maps["peaks"].values - true.maps["peaks"].values).max() < 0.02
    assert found.maps["calcium"].values == pytest.approx(true.maps["calcium"].values, rel=1e-3)


def test_maps_of_many_segments_are_seen_in_parts(
    population: PopulationEngine, hay: MechanismSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Done again for the segments that did not fit, whoever runs beside; one goes astray."""
    recipe = ball_and_stick(hay)
    seen = (Map("all", "v", ("maximum", "mean"), "all"),)
    plans = [replace(protocol(20, step(nA, 5, 10)), maps=seen) for nA in (0.2, 1e5, 0.4)]
    jobs = [Job(recipe, plan, lanes(0.02)) for plan in plans]
    whole = population(jobs)
    monkeypatch.setattr("workbench.engines.neuron.mapping.MOST_MAPPED", 1)
    parts = population(jobs)
    for one, other in zip(whole, parts, strict=True):
        if isinstance(one, Failure):
            assert other == one
        else:
            assert isinstance(other, Traces)
            assert same(one, other)
            assert np.array_equal(one.maps["all"].values, other.maps["all"].values)
    assert [isinstance(one, Failure) for one in whole] == [False, True, False]


def test_a_clamped_soma_follows_its_closed_form(population: PopulationEngine) -> None:
    """tau = C / (G + 1 / rs), with C = 12.57 pF and G = 1.257 nS; i = (E - v) / rs."""
    recipe = passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=1e-4)
    clamp = VoltageClamp(SOMA, 5.0, 10.0, RESTING_mV, RESTING_mV + 40, 100.0)
    plan = recording(protocol(20, clamp), "v", "i_clamp")
    found = run(population, recipe, plan, lanes(1e-5))
    area_cm2 = np.pi * 20 * 20 * 1e-8
    C_nF, G_uS, rs_uS = 1e3 * area_cm2, 1e2 * area_cm2, 1e-2
    tau_ms, end_mV = C_nF / (G_uS + rs_uS), 40 * rs_uS / (G_uS + rs_uS)

    def risen_mV(since_ms: NDArray[np.float64]) -> NDArray[np.float64]:
        return -end_mV * np.expm1(-np.maximum(since_ms, 0.0) / tau_ms)

    exact = RESTING_mV + risen_mV(found.t_ms - 5) - risen_mV(found.t_ms - 15)
    assert np.abs(voltage(found) - exact).max() < 2e-3
    inside = (found.t_ms > 5) & (found.t_ms <= 15)
    to_mV = np.where(inside, RESTING_mV + 40, RESTING_mV)
    current_nA = found.recorded["soma.i_clamp"]
    assert np.abs(current_nA - rs_uS * (to_mV - exact)).max() < 1e-3 * current_nA.max()


@pytest.mark.parametrize("rs_MOhm", [10.0, 0.1, 0.001])
def test_a_clamped_cell_gives_neurons_current(
    engine, population: PopulationEngine, hay: MechanismSet, rs_MOhm: float
) -> None:
    """Away from the jumps, however small the resistance: no swinging about the command."""
    clamp = VoltageClamp(SOMA, 5.0, 20.0, -80.0, 0.0, rs_MOhm)
    plan = recording(protocol(40, clamp), "v", "i_clamp", "ina")
    recipe = ball_and_stick(hay)
    true = run(engine, recipe, plan, PRECISE)
    found = run(population, recipe, plan, lanes(1e-4))
    t_ms = found.t_ms
    away = (t_ms > 0.5) & (np.abs(t_ms - 5) > 0.5) & (np.abs(t_ms - 25) > 0.5)
    for name in true.recorded:
        off, _ = apart(found, true, name)
        extent = np.ptp(found.recorded[name][away])
        assert off[away].max() < 3e-3 * extent, name
    single = replace(lanes(1e-4), precision="single")
    alike = run(population, recipe, plan, single)
    there = np.interp(t_ms, alike.t_ms, alike.recorded["soma.i_clamp"])
    off = np.abs(there - found.recorded["soma.i_clamp"])
    assert off[away].max() < 3e-3 * np.ptp(found.recorded["soma.i_clamp"][away])


def test_points_and_jumps_of_their_states_are_recorded(population: PopulationEngine) -> None:
    """An event is a jump of a conductance: nothing of it is seen before, and all of it behind."""
    drive = EventTimes("syn", (5.0, 5.0, 12.0))
    recipe = replace(
        passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=1e-4),
        placed=(Placed("syn", "Exp2Syn", SOMA, {"tau1": 0.5, "tau2": 3.0, "weight": 1e-3}),),
    )
    plan = recording(protocol(30), "v")
    at = [Recording("syn", OnPlaced("syn"), one) for one in ("A", "B", "i")]
    plan = replace(plan, recordings=(*plan.recordings, *at), events=(drive,))
    [true] = run_in_children([Job(recipe, plan, PRECISE)])
    found = run(population, recipe, plan, lanes(1e-5))
    assert isinstance(true, Traces)
    for name in true.recorded:
        off, extent = apart(found, true, name)
        near = np.min([np.abs(found.t_ms - at_ms) for at_ms in (5.0, 12.0)], axis=0)
        assert off[near > 1e-6].max() < 1e-3 * extent, name
    assert found.recorded["syn.B"][found.t_ms <= 5].max() == 0


def test_a_reversal_potential_may_be_held(
    engine, population: PopulationEngine, hay: MechanismSet
) -> None:
    """The pool moves, and eca stays as painted."""
    recipe = ball_and_stick(hay)
    held = replace(recipe, held=("eca",), paint=(*recipe.paint, Paint("eca", "somatic", 90.0)))
    plan = recording(protocol(60, step(0.4, 10, 45)), "v", "eca", "cai", "ica")
    [true] = run_in_children([Job(held, plan, PRECISE)])
    found = run(population, held, plan, lanes(1e-4))
    assert isinstance(true, Traces)
    assert set(found.recorded["soma.eca"]) == {90.0}
    assert found.recorded["soma.cai"].max() > 10 * found.recorded["soma.cai"][0]
    for name in ("soma.v", "soma.cai", "soma.ica"):
        off, extent = apart(found, true, name)
        assert off.max() < 1e-3 * extent, name


def test_leaks_balance_a_cell(engine, population: PopulationEngine, hay: MechanismSet) -> None:
    """Each segment of its own voltage's leak; the cell rests where it has to."""
    recipe = ball_and_stick(hay)
    paint = (*recipe.paint, Paint("e_pas", "all", -72.0, Balance()))
    balanced = replace(recipe, paint=paint, v_init_mV=-72.0)
    plan = recording(protocol(30), "v", "e_pas")
    far = Recording("far", parse_site("dend[0](1)"), "e_pas")
    plan = replace(plan, recordings=(*plan.recordings, far))
    true = run(engine, balanced, plan, PRECISE)
    found = run(population, balanced, plan, lanes(1e-4))
    assert np.abs(voltage(found) + 72).max() < 0.01
    for name in ("soma.e_pas", "far.e_pas"):
        assert found.recorded[name][0] == pytest.approx(true.recorded[name][0], abs=1e-6)
    assert found.recorded["soma.e_pas"][0] != found.recorded["far.e_pas"][0]


def test_a_leak_that_is_none_balances_nothing(
    population: PopulationEngine, hay: MechanismSet
) -> None:
    """That individual fails, and no other of its bundle."""
    paint = (Paint("e_pas", "all", -72.0, Balance()),)
    well = ball_and_stick(hay)
    ill = ball_and_stick(hay, g_pas=0.0)
    jobs = [
        Job(replace(one, paint=(*one.paint, *paint)), protocol(5), lanes(0.02))
        for one in (ill, well)
    ]
    failed, other = population(jobs)
    assert isinstance(failed, Failure)
    assert failed.kind is FailureKind.SIMULATOR
    assert "no e_pas balances soma[0] at -72 mV" in failed.message
    assert isinstance(other, Traces)


POOL = """
NEURON {
    SUFFIX shells
    USEION ca READ ica WRITE cai
    USEION k READ ek WRITE ik
    RANGE depth, open
}
UNITS { FARADAY = (faraday) (coulomb) }
PARAMETER { depth = 0.05 (um) }
STATE { cai (mM) }
ASSIGNED { ica (mA/cm2) ik (mA/cm2) ek (mV) v (mV) diam (um) open }
INITIAL { cai = 1e-4 }
BREAKPOINT {
    SOLVE states METHOD cnexp
    open = cai/(cai + 1e-3*diam)
    ik = 1e-3*open*(v - ek)
}
DERIVATIVE states { cai' = -1e4*ica*diam/(2*FARADAY*depth*(diam - depth)) - (cai - 1e-4)/20 }
"""


ENTRY = """
NEURON {
    SUFFIX entry
    USEION ca READ eca WRITE ica
    RANGE g
}
PARAMETER { g = 1e-4 (S/cm2) }
ASSIGNED { v (mV) eca (mV) ica (mA/cm2) }
BREAKPOINT { ica = g/(1 + exp(-(v + 30)/8))*(v - eca) }
"""


def test_mechanisms_may_read_the_diameter(population: PopulationEngine, tmp_path: Path) -> None:
    (tmp_path / "shells.mod").write_text(POOL)
    (tmp_path / "entry.mod").write_text(ENTRY)
    cylinders = [Cylinder("somatic", 20, 20), Cylinder("basal", 80, 1.5, parent=0)]
    recipe = CellRecipe(
        "two diameters",
        cylinder_tree("two diameters", cylinders),
        mechanisms=(read_mechanisms(tmp_path),),
        inserted=(("all", "pas"), ("all", "shells"), ("all", "entry")),
        segments=MaximalLength(40),
    )
    places = {"soma": "soma(0.5)", "dend": "dend[0](0.7)"}
    wanted = [Recording(n, parse_site(s), x) for n, s in places.items() for x in ("v", "cai")]
    wanted.append(Recording("dend", parse_site("dend[0](0.7)"), "open_shells"))
    plan = replace(protocol(50, step(0.4, 10, 30)), recordings=tuple(wanted))
    [true] = run_in_children([Job(recipe, plan, PRECISE)])
    found = run(population, recipe, plan, lanes(1e-4))
    assert isinstance(true, Traces)
    for name in true.recorded:
        off, extent = apart(found, true, name)
        assert extent > 1e-4, name
        assert off.max() < 3e-3 * extent, name


def test_out_of_steps_is_said_of_maps_too(population: PopulationEngine, hay: MechanismSet) -> None:
    short = Integrator("population", atol=None, step_error_mV=0.02, steps_per_ms=1)
    plan = replace(protocol(40, step(0.4, 5, 30)), maps=(Map("all", "v", ("maximum",), "all"),))
    [outcome] = population([Job(ball_and_stick(hay), plan, short)])
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.TOO_MANY_STEPS
