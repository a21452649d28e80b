"""The population engine computes what NEURON computes, whoever is in the other lanes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.cells import cell_of
from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import (
    RESTING_mV,
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
from workbench.cells import CellRecipe, MaximalLength, Paint
from workbench.engines import Failure, FailureKind, Integrator, Job, Precision, adaptive_step
from workbench.engines.opening import check
from workbench.engines.population import PopulationEngine
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import EPSP, Map, Traces
from workbench.studies import load_study

PRECISE = Integrator(atol=1e-7, steps_per_ms=2000)


def lanes(step_error_mV: float, precision: Precision = "double") -> Integrator:
    return Integrator(
        "population",
        atol=None,
        step_error_mV=step_error_mV,
        steps_per_ms=2000,
        precision=precision,
    )


@pytest.fixture(scope="module")
def population() -> PopulationEngine:
    return PopulationEngine()


def test_a_soma_charges_with_its_time_constant(population: PopulationEngine) -> None:
    """tau = cm / g = 10 ms; 0.05 nA / (1e-4 S/cm2 1256.64 um2) = 39.79 mV."""
    recipe = passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=1e-4)
    found = run(population, recipe, protocol(60, step(0.05)), lanes(1e-6))
    end_mV = 0.05 / (1e-4 * np.pi * 20 * 20 * 1e-8) * 1e-6
    exact = RESTING_mV + end_mV * -np.expm1(-found.t_ms / 10)
    assert np.abs(voltage(found) - exact).max() < 2e-4


def test_a_spiking_cell_converges_to_cvode(
    engine, population: PopulationEngine, hay: MechanismSet
) -> None:
    """With a calcium pool, Nernst's potential, and spikes."""
    plan = protocol(100, step(0.4, 10, 85))
    recipe = ball_and_stick(hay)
    true = crossings_ms(run(engine, recipe, plan, PRECISE), -20.0)
    found = crossings_ms(run(population, recipe, plan, lanes(1e-5)), -20.0)
    assert true.size >= 4
    assert np.abs(found - true).max() < 3e-3


def test_its_scheme_is_that_of_adaptive_steps(
    engine, population: PopulationEngine, hay: MechanismSet
) -> None:
    """Two programs for one scheme: they differ by rounding, which spikes make larger."""
    plan = protocol(60, step(0.4, 10, 45))
    recipe = ball_and_stick(hay)
    one = run(engine, recipe, plan, adaptive_step(0.02))
    other = run(population, recipe, plan, lanes(0.02))
    begun = np.arange(0, 14, 0.01)
    there = [np.interp(begun, each.t_ms, voltage(each)) for each in (one, other)]
    assert np.abs(there[0] - there[1]).max() < 1e-4
    times = [crossings_ms(each, -20.0) for each in (one, other)]
    assert times[0].size == times[1].size >= 2
    assert np.abs(times[0] - times[1]).max() < 1e-2


@pytest.mark.parametrize("precision", ["double", "single"])
def test_company_changes_no_bit(
    population: PopulationEngine, hay: MechanismSet, precision: Precision
) -> None:
    """Of other values, lengths and shapes of current, one of which goes astray."""
    plans = [protocol(20 + 7 * n, step(0.1 * n, 5, 10)) for n in range(5)]
    plans.append(protocol(30, step(1e5, 5, 10)))
    recipes = [ball_and_stick(hay, gCa_HVAbar_Ca_HVA=g) for g in (5e-4, 2e-4, 0.0)]
    jobs = [Job(recipe, plan, lanes(0.02, precision)) for recipe in recipes for plan in plans]
    alone = [population([job])[0] for job in jobs]
    together = population(jobs)
    order = np.random.default_rng(1).permutation(len(jobs))
    shuffled = population([jobs[n] for n in order])
    for n, outcome in enumerate(alone):
        beside = together[n], shuffled[int(np.flatnonzero(order == n)[0])]
        for other in beside:
            if isinstance(outcome, Failure):
                assert other == outcome
                assert outcome.kind in (FailureKind.ABSURD, FailureKind.NOT_FINITE)
            else:
                assert isinstance(other, Traces)
                assert same(outcome, other)
    assert sum(isinstance(one, Failure) for one in alone) == len(recipes)


KINDS = """
NEURON {
    SUFFIX kinds
    USEION ca READ cai, cao WRITE ica
    USEION k READ ek WRITE ik
    NONSPECIFIC_CURRENT il
    RANGE p, g, late, late2
    GLOBAL half
}
UNITS {
    FARADAY = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
}
PARAMETER { late2 = 1 p = 1e-5 (cm/s) g = 2e-3 (S/cm2) late = 3 half = -30 (mV) }
STATE { m h n }
ASSIGNED {
    v (mV) celsius (degC) cai (mM) cao (mM) ica (mA/cm2) ek (mV) ik (mA/cm2) il (mA/cm2)
    inf tau (ms) q
}
INITIAL {
    q = 2.3^((celsius - 23)/10)
    late2 = 2*late
    rates(v)
    m = inf
    h = 1/(1 + exp((v + 60)/8))
    n = nsteady(v)
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    ica = p*m^2*h*ghk(v, cai, cao)
    ik = g*pow(n, 4)*(1 + 0.5*tanh((v + 40)/20))*(v - ek)
    il = 1e-5*(v + 70)
}
DERIVATIVE states {
    rates(v)
    m' = q*(inf - m)/tau
    h' = (1/(1 + exp((v + 60)/8)) - h)/(late2 - late + fabs(v)/10)
    n' = q*(nsteady(v) - n)/2
}
PROCEDURE rates(v (mV)) {
    LOCAL x
    TABLE inf, tau DEPEND half FROM -150 TO 150 WITH 300
    x = (v - half)/7
    inf = 1/(1 + exp(-x))
    IF (v < -70) {
        tau = 0.5
    } ELSE IF (v < 0 && v > -60) {
        tau = 0.5 + log10(1 + (v + 60)^2)
    } ELSE {
        tau = sqrt(2 + x*x)
    }
}
FUNCTION nsteady(v (mV)) {
    if (v > -100) { nsteady = 1/(1 + exp(-(v + 25)/9)) } else { nsteady = 0 }
}
FUNCTION ghk(v (mV), ci (mM), co (mM)) {
    LOCAL z
    z = 0.001*2*FARADAY*v/(R*(celsius + 273.15))
    IF (fabs(z) < 1e-4) {
        ghk = 0.001*2*FARADAY*(1 + z/2)*(ci - co*exp(-z))
    } ELSE {
        ghk = 0.001*2*FARADAY*z*(ci - co*exp(-z))/(1 - exp(-z))
    }
}
"""


def with_kinds(folder: Path) -> CellRecipe:
    (folder / "kinds.mod").write_text(KINDS.replace("    TABLE inf, tau DEPEND half", "    :"))
    painted = {
        ("Ra", "all"): 120.0,
        ("cm", "basal"): 1.3,
        ("p_kinds", "somatic"): 4e-5,
        ("g_kinds", "all"): 4e-3,
        ("late_kinds", "basal"): 5.0,
        ("ek", "somatic"): -85.0,
        ("g_pas", "all"): 5e-5,
    }
    return CellRecipe(
        "kinds",
        cylinder_tree(
            "kinds",
            [
                Cylinder("somatic", 18, 18),
                Cylinder("basal", 150, 1.5, parent=0, parent_x=0.5),
                Cylinder("basal", 90, 1, parent=1),
            ],
        ),
        mechanisms=(read_mechanisms(folder),),
        inserted=(("all", "pas"), ("all", "kinds")),
        paint=tuple(Paint(variable, region, x) for (variable, region), x in painted.items()),
        segments=MaximalLength(25),
        celsius_degC=16.0,
        global_values={"half_kinds": -28.0},
    )


def test_kinds_of_statements(population: PopulationEngine, tmp_path: Path) -> None:
    """Against CVODE: conditions, powers, GHK, an ion read inside, GLOBALs, paint by region."""
    recipe = with_kinds(tmp_path)
    sites = {"soma": "soma(0.5)", "end": "dend[1](1)"}
    plan = protocol(60, step(0.4, 12, 20), step(-0.3, 40, 10), sites=sites)
    [true] = run_in_children([Job(recipe, plan, PRECISE)])
    found = run(population, recipe, plan, lanes(1e-6))
    assert isinstance(true, Traces)
    for name in sites:
        there = np.interp(found.t_ms, true.t_ms, voltage(true, name))
        assert np.abs(voltage(found, name) - there).max() < 0.01
        assert np.ptp(voltage(found, name)) > 15


def test_an_epsp_in_a_soma(population: PopulationEngine) -> None:
    """Exponentials of decay and rise into a membrane of 10 ms, in closed form."""
    recipe = passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=1e-4)
    rise, decay, tau = 0.5, 5.0, 10.0
    current = EPSP(parse_site("soma(0.5)"), 2.0, rise, decay, 0.1)
    found = run(population, recipe, protocol(40, current), lanes(1e-6))
    since = np.maximum(found.t_ms - 2.0, 0.0)
    top = rise * decay / (decay - rise) * np.log(decay / rise)
    scale_nA = 0.1 / (np.exp(-top / decay) - np.exp(-top / rise))

    def alone(own: float) -> np.ndarray:
        return (np.exp(-since / own) - np.exp(-since / tau)) / (1 / tau - 1 / own)

    capacitance_nF = np.pi * 20 * 20 * 1e-8 * 1e3
    exact = RESTING_mV + scale_nA / capacitance_nF * (alone(decay) - alone(rise))
    assert np.abs(voltage(found) - exact).max() < 1e-3
    assert exact.max() > RESTING_mV + 10


@pytest.mark.parametrize(("study", "params", "name"), [("traub_ca3", "published", "weak_current")])
def test_published_models(population: PopulationEngine, study: str, params: str, name: str) -> None:
    cell_of(study)
    loaded = load_study(study)
    recipe = loaded.problem.recipe.with_values(loaded.published[params])
    plan = next(one for one in loaded.problem.protocols if one.name == name)
    [true] = run_in_children([Job(recipe, plan, adaptive_step(0.02))])
    found = run(population, recipe, plan, lanes(0.02))
    assert isinstance(true, Traces)
    # A burst; then a second in long steps of little error, which rounding has a say in.
    burst = found.t_ms < 60
    there = np.interp(found.t_ms, true.t_ms, voltage(true))
    assert np.abs(voltage(found) - there)[burst].max() < 1e-4
    times = [crossings_ms(each, -30.0) for each in (true, found)]
    assert times[0].size == times[1].size >= 10
    assert np.abs(times[0] - times[1]).max() < 0.05


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("    SOLVE states", "    SOLVE states METHOD cnexp SOLVE states"), "a second SOLVE"),
        (("    rates(v)\n    m = inf", "    SOLVE states"), "SOLVE states in INITIAL"),
        (
            ("    m' = q*", "    IF (v > 0) { m' = 0 }\n    m' = q*"),
            "m' is set in one branch",
        ),
        (("il = 1e-5*(v + 70)", "il = 1e-5*v*nobody"), "nobody is declared nowhere"),
        (("il = 1e-5*(v + 70)", "il = 1e-5*asin(0.5)"), "it calls asin"),
        (("late2 = 2*late", "late2 = v"), "late2 stays as INITIAL has set it from v"),
        (("tau = 0.5\n", "tau = nowhere\n"), "nowhere is read where nothing has set it"),
    ],
)
def test_what_is_not_computed_is_refused_by_its_place(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    text = KINDS.replace("SUFFIX kinds", "SUFFIX kinds\n    RANGE nowhere").replace(
        "inf tau (ms) q", "inf tau (ms) q nowhere"
    )
    assert change[0] in text
    text = text.replace(*change)
    (tmp_path / "kinds.mod").write_text(text)
    recipe = CellRecipe(
        "refused",
        cylinder_tree("refused", [Cylinder("somatic", 20, 20)]),
        mechanisms=(read_mechanisms(tmp_path),),
        inserted=(("all", "kinds"),),
    )
    with pytest.raises(EngineError) as refused:
        check(recipe, [protocol(10)], lanes(0.02))
    assert said in str(refused.value)
    assert "kinds.mod, line" in str(refused.value)


def test_protocols_that_it_has_not_are_refused() -> None:
    recipe = hh_patch()
    plans = {
        "test: .* i_cap of soma": protocol(10, variable="i_cap"),
        "test: .* diam of soma": replace(protocol(10), maps=(Map("all", "diam"),)),
    }
    for said, plan in plans.items():
        with pytest.raises(EngineError, match=said):
            check(recipe, [plan], lanes(0.02))
    with pytest.raises(EngineError, match="adaptive steps alone"):
        Integrator("population", dt_ms=0.025, atol=None)
