"""Passive cells whose behaviour is known in closed form (Rall 1959, 1977)."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.physics.engines.small_cells import (
    CM2_PER_UM2,
    RESTING_mV,
    passive,
    protocol,
    run,
    step,
    voltage,
)
from workbench.cells import DLambda, MaximalLength
from workbench.engines import Integrator, adaptive_step, fixed_step
from workbench.engines.neuron import NeuronEngine
from workbench.features import Window, measure_two
from workbench.morphology import Cylinder

# A soma of 1256.6 um2: 10 ms, 795.8 MOhm.
SIDE_um = 20.0
G_S_per_cm2 = 1e-4
TAU_ms = 10.0
R_MOhm = 1e-6 / (G_S_per_cm2 * math.pi * SIDE_um**2 * CM2_PER_UM2)
SOMA = passive([Cylinder("somatic", SIDE_um, SIDE_um)], MaximalLength(), g_S_per_cm2=G_S_per_cm2)

# A cable of 2 space constants.
DIAMETER_um = 2.0
RA_ohm_cm = 150.0
LAMBDA_um = 1e4 * math.sqrt(DIAMETER_um * 1e-4 / (4 * RA_ohm_cm * G_S_per_cm2))
LENGTH_um = 2.0 * LAMBDA_um
R_INFINITE_MOhm = (
    1e-6 * 2 / math.pi * math.sqrt(RA_ohm_cm / G_S_per_cm2) * (DIAMETER_um * 1e-4) ** -1.5
)
SETTLED = fixed_step(25.0)
"""Backward Euler has the true steady state at any step."""


def cable(segments: int):
    rule = MaximalLength(LENGTH_um / (segments // 2 + 0.5))
    recipe = passive(
        [Cylinder("somatic", LENGTH_um, DIAMETER_um)],
        rule,
        g_S_per_cm2=G_S_per_cm2,
        Ra_ohm_cm=RA_ohm_cm,
    )
    assert recipe.segment_counts == (segments,)
    return recipe


@pytest.mark.parametrize(
    ("integrator", "limit_mV"),
    [
        (fixed_step(0.025), 0.01),
        (fixed_step(0.025, order=2), 1e-5),
        (fixed_step(0.025, engine="coreneuron"), 0.01),
        (fixed_step(0.025, order=2, engine="coreneuron"), 1e-5),
        (Integrator(atol=1e-3), 0.02),
        (Integrator(atol=1e-7), 1e-5),
        (adaptive_step(0.01), 0.02),
        (adaptive_step(1e-6), 1e-4),
    ],
    ids=str,
)
def test_isopotential_soma_charges_exponentially(
    engine: NeuronEngine, integrator: Integrator, limit_mV: float
) -> None:
    traces = run(engine, SOMA, protocol(60, step(0.01)), integrator)
    exact = RESTING_mV + 0.01 * R_MOhm * (1 - np.exp(-traces.t_ms / TAU_ms))
    assert np.abs(voltage(traces) - exact).max() < limit_mV
    assert voltage(traces)[-1] - RESTING_mV > 7.9, "it was not charged"


@pytest.mark.parametrize("name", ["neuron", "coreneuron"])
@pytest.mark.parametrize("order", [1, 2])
def test_each_scheme_is_the_scheme_it_says(engine: NeuronEngine, order, name) -> None:
    """The schemes' own solutions of V' = (IR - V) / tau, step by step."""
    dt_ms = 0.05
    traces = run(engine, SOMA, protocol(20, step(0.01)), fixed_step(dt_ms, order, name))
    ratio = dt_ms / TAU_ms
    factor = 1 / (1 + ratio) if order == 1 else (1 - ratio / 2) / (1 + ratio / 2)
    n = np.arange(traces.t_ms.size)
    exact = RESTING_mV + 0.01 * R_MOhm * (1 - factor**n)
    assert np.abs(voltage(traces) - exact).max() < 1e-9


def test_attenuation_along_a_sealed_cable(engine: NeuronEngine) -> None:
    places = [0.0, 100.5 / 401, 0.5, 300.5 / 401, 1.0]
    sites = {f"x{x}": f"soma({x})" for x in places}
    traces = run(
        engine, cable(401), protocol(1000, step(0.01, site="soma(0)"), sites=sites), SETTLED
    )
    found = np.array([voltage(traces, name)[-1] - RESTING_mV for name in sites])
    length = LENGTH_um / LAMBDA_um
    exact = np.cosh(length - np.array(places) * length) / math.cosh(length)
    np.testing.assert_allclose(found / found[0], exact, rtol=1e-5)


def test_input_resistance_of_a_sealed_cable(engine: NeuronEngine) -> None:
    traces = run(
        engine,
        cable(401),
        protocol(1000, step(0.01, site="soma(0)"), sites={"end": "soma(0)"}),
        SETTLED,
    )
    exact = R_INFINITE_MOhm / math.tanh(LENGTH_um / LAMBDA_um)
    found = (voltage(traces, "end")[-1] - RESTING_mV) / 0.01
    assert found == pytest.approx(exact, rel=2e-5)


def test_segments_converge_in_second_order(engine: NeuronEngine) -> None:
    """The far end of a cable, driven at its near end, against cosh."""
    plan = protocol(1000, step(0.01, site="soma(0)"), sites={"far": "soma(1)"})
    exact = 0.01 * R_INFINITE_MOhm / math.sinh(LENGTH_um / LAMBDA_um)
    counts = [11, 33, 99]
    errors = [
        abs(voltage(run(engine, cable(n), plan, SETTLED), "far")[-1] - RESTING_mV - exact)
        for n in counts
    ]
    slopes = -np.diff(np.log(errors)) / np.diff(np.log(counts))
    assert slopes == pytest.approx([2.0, 2.0], abs=0.05)


def decay_errors_mV(engine: NeuronEngine, integrators: list[Integrator]) -> list[float]:
    """Errors after 1 ms of a decay with a time constant of 0.4 ms."""
    recipe = passive(
        [Cylinder("somatic", SIDE_um, SIDE_um)],
        MaximalLength(),
        g_S_per_cm2=2.5e-3,
        v_init_mV=RESTING_mV + 50,
    )
    exact = RESTING_mV + 50 * math.exp(-1 / 0.4)
    plan = protocol(1.0)
    return [abs(voltage(run(engine, recipe, plan, i))[-1] - exact) for i in integrators]


@pytest.mark.parametrize("name", ["neuron", "coreneuron"])
@pytest.mark.parametrize("order", [1, 2])
def test_steps_converge_in_the_order_of_the_scheme(engine: NeuronEngine, order, name) -> None:
    steps_ms = [0.05, 0.025, 0.0125, 0.00625]
    errors = decay_errors_mV(engine, [fixed_step(dt, order, name) for dt in steps_ms])
    slopes = np.diff(np.log(errors)) / np.diff(np.log(steps_ms))
    assert slopes == pytest.approx([order] * 3, abs=0.1)


def test_cvode_converges_with_its_tolerance(engine: NeuronEngine) -> None:
    errors = decay_errors_mV(engine, [Integrator(atol=atol) for atol in (1e-2, 1e-4, 1e-6, 1e-8)])
    assert all(later < earlier / 10 for earlier, later in pairwise(errors))
    assert errors[-1] < 1e-6


def test_no_charge_is_lost(engine: NeuronEngine) -> None:
    """What the clamp gives, the membrane keeps or leaks: backward Euler does so at every step."""
    recipe = passive(
        [
            Cylinder("somatic", 30, 20),
            Cylinder("apical", 200, 3, parent=0),
            Cylinder("apical", 150, 1, parent=1),
            Cylinder("apical", 90, 2, parent=1),
            Cylinder("basal", 120, 1.5, parent=0, parent_x=0.5),
        ],
        MaximalLength(40),
        g_S_per_cm2=G_S_per_cm2,
        cm_uF_per_cm2=1.5,
    )
    sites, areas_um2 = {}, {}
    morphology = recipe.morphology
    for name, section, count in zip(
        morphology.names, morphology.sections, recipe.segment_counts, strict=True
    ):
        for k in range(count):
            sites[f"{name}{k}"] = f"{name}({(k + 0.5) / count})"
            diameter_um = section.points[0, 3]
            areas_um2[f"{name}{k}"] = math.pi * diameter_um * section.length_um / count
    traces = run(engine, recipe, protocol(30, step(0.2), sites=sites), fixed_step(0.025))
    kept_pC = leaked_pC = 0.0
    for name, area_um2 in areas_um2.items():
        v = voltage(traces, name)
        area_cm2 = area_um2 * CM2_PER_UM2
        kept_pC += 1e3 * 1.5 * area_cm2 * (v[-1] - v[0])
        leaked_pC += 1e6 * G_S_per_cm2 * area_cm2 * np.sum(v[1:] - RESTING_mV) * 0.025
    assert kept_pC + leaked_pC == pytest.approx(0.2 * 30, rel=1e-9)
    assert 0.1 < kept_pC / leaked_pC < 10, "one of the two was not tested"


# A soma with a dendrite of its own and a trunk that forks, each of them one segment.
FORKED = [
    Cylinder("somatic", 30, 20),
    Cylinder("apical", 60, 3, parent=0),
    Cylinder("apical", 50, 1, parent=1),
    Cylinder("apical", 40, 2, parent=1),
    Cylinder("basal", 45, 1.5, parent=0, parent_x=0.5),
]


def test_adaptive_steps_converge_with_their_error(engine: NeuronEngine) -> None:
    """Of second order: a thousandth of the local error is a hundredth of the global one."""
    steps = [replace(adaptive_step(mV), steps_per_ms=9999) for mV in (1e-4, 1e-7)]
    errors = decay_errors_mV(engine, steps)
    assert errors[1] < errors[0] / 30
    assert errors[0] < 1e-3


def forked_mV(t_ms: float, clamp_nA: float) -> np.ndarray:
    """Voltages of the five segments after a step into the soma, from their equations.

    C V' = G (V - E) + I with capacities in nF and conductances in uS, solved by the eigenvectors
    of a symmetric matrix. The trunk's end is a node without membrane and is eliminated.
    """
    areas_cm2 = [math.pi * c.length_um * c.diameter_um * CM2_PER_UM2 for c in FORKED]
    capacity_nF = np.array([1e3 * area for area in areas_cm2])

    def half_MOhm(c: Cylinder) -> float:
        return (
            1e-6 * 4 * RA_ohm_cm * c.length_um / 2 * 1e-4 / (math.pi * (c.diameter_um * 1e-4) ** 2)
        )

    soma, trunk, one, other, basal = map(half_MOhm, FORKED)
    fork = 5
    ties = [(0, 1, soma + trunk), (0, 4, basal), (1, fork, trunk), (2, fork, one), (3, fork, other)]
    g_uS = np.diag([*(-1e6 * G_S_per_cm2 * area for area in areas_cm2), 0.0])
    for a, b, resistance in ties:
        g_uS[[a, b], [a, b]] -= 1 / resistance
        g_uS[[a, b], [b, a]] += 1 / resistance
    g_uS = g_uS[:5, :5] - np.outer(g_uS[:5, fork], g_uS[fork, :5]) / g_uS[fork, fork]
    root = np.sqrt(capacity_nF)
    rates, vectors = np.linalg.eigh(g_uS / np.outer(root, root))
    drive = vectors.T @ (np.array([clamp_nA, 0, 0, 0, 0]) / root)
    return RESTING_mV + (vectors @ (drive * np.expm1(rates * t_ms) / rates)) / root


@pytest.mark.parametrize(
    ("integrators", "order"),
    [
        ([fixed_step(0.05), fixed_step(0.025), fixed_step(0.0125)], 1),
        ([fixed_step(0.05, 2), fixed_step(0.025, 2), fixed_step(0.0125, 2)], 2),
        ([Integrator(atol=1e-8)], None),
        ([replace(adaptive_step(1e-8), steps_per_ms=5000)], None),
    ],
    ids=["backward Euler", "Crank-Nicolson", "CVODE", "adaptive"],
)
def test_a_forked_tree_against_its_eigenvectors(engine: NeuronEngine, integrators, order) -> None:
    recipe = passive(FORKED, MaximalLength(1000), g_S_per_cm2=G_S_per_cm2, Ra_ohm_cm=RA_ohm_cm)
    assert recipe.segment_counts == (1,) * 5
    sites = {name: f"{name}(0.5)" for name in recipe.morphology.names}
    exact = forked_mV(3.0, 0.1)
    assert np.ptp(exact) > 0.1, "the segments do not differ"
    errors = []
    for integrator in integrators:
        traces = run(engine, recipe, protocol(3, step(0.1), sites=sites), integrator)
        found = np.array([voltage(traces, name)[-1] for name in sites])
        errors.append(np.abs(found - exact).max())
    if order is None:
        assert errors[-1] < 1e-5
    else:
        slopes = -np.diff(np.log2(errors))
        assert slopes == pytest.approx([order] * 2, abs=0.1)
        assert errors[-1] < 0.01


# Rall's 3/2 tree: Rm 5000 ohm cm2, Ri 70 ohm cm, a cylinder of 10 um and 1.5 lambda, or a stem,
# two daughters and four granddaughters of 0.5 lambda each.
RALL = {"g_S_per_cm2": 1 / 5000, "Ra_ohm_cm": 70.0}


def rall_lambda_um(diameter_um: float) -> float:
    return 1e4 * math.sqrt(5000 * diameter_um * 1e-4 / (4 * 70))


def rall_rule() -> DLambda:
    """67 segments in 0.5 lambda and 201 in 1.5, whatever the diameter."""
    ac_um = 1e5 * math.sqrt(10 / (4 * math.pi * 100 * 70))
    return DLambda(fraction=0.5 * rall_lambda_um(10) / ac_um / 66.7, frequency_Hz=100)


def rall_cylinder():
    recipe = passive([Cylinder("somatic", 1.5 * rall_lambda_um(10), 10)], rall_rule(), **RALL)
    assert recipe.segment_counts == (201,)
    return recipe


def rall_tree():
    d1, d2 = 10 / 2 ** (2 / 3), 10 / 2 ** (4 / 3)
    rows = [Cylinder("somatic", 0.5 * rall_lambda_um(10), 10)]
    rows += [Cylinder("basal", 0.5 * rall_lambda_um(d1), d1, parent=0) for _ in range(2)]
    rows += [Cylinder("basal", 0.5 * rall_lambda_um(d2), d2, parent=p) for p in (1, 1, 2, 2)]
    recipe = passive(rows, rall_rule(), **RALL)
    assert recipe.segment_counts == (67,) * 7
    return recipe


TIPS = [f"dend[{i}](1)" for i in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    ("on_cylinder", "on_tree"),
    [
        ([step(0.1, site="soma(0)")], [step(0.1, site="soma(0)")]),
        ([step(0.1, site="soma(1)")], [step(0.1, site=TIPS[2])]),
        ([step(0.1, site="soma(1)")], [step(0.025, site=tip) for tip in TIPS]),
    ],
    ids=["root", "one tip", "four tips"],
)
def test_a_three_halves_tree_is_a_cylinder(engine: NeuronEngine, on_cylinder, on_tree) -> None:
    root = {"root": "soma(0)"}
    one = run(engine, rall_cylinder(), protocol(20, *on_cylinder, sites=root), fixed_step(0.025, 2))
    other = run(engine, rall_tree(), protocol(20, *on_tree, sites=root), fixed_step(0.025, 2))
    rise_mV = voltage(one, "root") - RESTING_mV
    assert rise_mV[-1] > 0.3
    assert np.abs(voltage(other, "root") - voltage(one, "root")).max() < 1e-9


def test_numbers_of_rall_s_cylinder(engine: NeuronEngine) -> None:
    """DC attenuation 1/cosh(1.5) = 0.42510 and input conductance G_infinite tanh(1.5)."""
    traces = run(
        engine,
        rall_cylinder(),
        protocol(500, step(0.1, site="soma(0)"), sites={"near": "soma(0)", "far": "soma(1)"}),
        SETTLED,
    )
    near_mV, far_mV = (voltage(traces, name)[-1] - RESTING_mV for name in ("near", "far"))
    assert far_mV / near_mV == pytest.approx(0.42510, abs=5e-5)
    near, far = (traces[f"{name}.v"] for name in ("near", "far"))
    found = measure_two(near, far, ["attenuation"], Window(0.0, 500.0))["attenuation"]
    assert found == pytest.approx(math.cosh(1.5), rel=1e-4)
    g_infinite_uS = 1e6 * math.pi / 2 * (10e-4) ** 1.5 / math.sqrt(5000 * 70)
    assert 0.1 / near_mV == pytest.approx(g_infinite_uS * math.tanh(1.5), rel=5e-5)
