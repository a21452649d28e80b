"""The mechanisms of the two-compartment CA3 cell against Pinsky & Rinzel 1994.

J Comput Neurosci 1:39-60; mV, ms, mS/cm2 and uA/cm2.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.physics.mechanisms import experiments
from tests.physics.mechanisms.families import (
    AT_mV,
    Call,
    ClosedForm,
    FAR_mV,
    check_current,
    check_engines,
    check_gate,
    check_relaxation,
    from_rates,
    quotient,
    unit_complaints,
    voltages_mV,
)

Array = NDArray[np.float64]


def m(v: Array) -> tuple[Array, Array]:
    return from_rates(0.32 * quotient(v + 46.9, 4), 0.28 * quotient(-v - 19.9, 5))


def h(v: Array) -> tuple[Array, Array]:
    return from_rates(0.128 * np.exp((-43 - v) / 18), 4 / (1 + np.exp((-20 - v) / 5)))


def n(v: Array) -> tuple[Array, Array]:
    return from_rates(0.016 * quotient(v + 24.9, 5), 0.25 * np.exp(-1 - 0.025 * v))


def s(v: Array) -> tuple[Array, Array]:
    return from_rates(1.6 / (1 + np.exp(-0.072 * (v - 5))), 0.02 * quotient(-v - 8.9, 5))


def c(v: Array) -> tuple[Array, Array]:
    both = 2 * np.exp((-53.5 - v) / 27)
    opening = np.where(v < -10, np.exp((v + 50) / 11 - (v + 53.5) / 27) / 18.975, both)
    return from_rates(opening, both - opening)


def q(v: Array, chii: Array) -> tuple[Array, Array]:
    return from_rates(np.minimum(2e-5 * chii, 0.01), np.full_like(chii, 0.001))


GATES: dict[tuple[str, str], tuple[ClosedForm, tuple[float, ...]]] = {
    ("na_pr", "h"): (h, ()),
    ("kdr_pr", "n"): (n, (-24.9,)),
    ("ca_pr", "s"): (s, (-8.9,)),
    ("kc_pr", "c"): (c, (-10.1, -9.9)),
}
every_gate = pytest.mark.parametrize(("suffix", "gate"), GATES)


@every_gate
@pytest.mark.parametrize("celsius_degC", [6.3, 37.0])
def test_gate(call: Call, suffix: str, gate: str, celsius_degC: float) -> None:
    closed_form, singular_mV = GATES[suffix, gate]
    v = voltages_mV(singular_mV)
    # At -10 mV itself the branch is free: the two differ by 1e-4.
    v = v[v != -10]
    check_gate(
        call,
        suffix,
        gate,
        closed_form,
        {"v": v},
        [f"gbar_{suffix}"],
        starts_at_0=True,
        celsius_degC=celsius_degC,
    )


def test_gate_of_the_slow_current_follows_calcium(call: Call) -> None:
    chii = np.array([0.0, 1e-3, 1.0, 105.0, 250.0, 499.999, 500.0, 500.001, 582.6, 5000.0])
    patches = {"v": np.full_like(chii, -70.0), "chii": chii}
    check_gate(call, "kahp_pr", "q", q, patches, ["gbar_kahp_pr"], starts_at_0=True)


@every_gate
@pytest.mark.parametrize("v_mV", [-75.0, -30.0, 10.0])
def test_relaxation_under_cvode(call: Call, suffix: str, gate: str, v_mV: float) -> None:
    check_relaxation(call, suffix, gate, GATES[suffix, gate][0], v_mV, {})


def test_relaxation_of_the_slow_gate_under_cvode(call: Call) -> None:
    check_relaxation(call, "kahp_pr", "q", q, -60.0, {"chii": 300.0})


@every_gate
def test_rates_stay_finite_far_outside(call: Call, suffix: str, gate: str) -> None:
    silent = {f"gbar_{suffix}": np.zeros_like(FAR_mV)}
    steps = call(experiments.gate_steps, suffix, gate, {"v": FAR_mV, **silent}, 0.025, 6.3)
    for values in steps:
        assert np.all((values >= 0) & (values <= 1))


GBAR_S_per_cm2 = 3e-3


def test_sodium_current_opens_without_delay(call: Call) -> None:
    v = voltages_mV((-46.9, -19.9))
    values = {"gbar_na_pr": GBAR_S_per_cm2, "ena": 60.0}
    found = call(
        experiments.currents, "na_pr", values, {"h_na_pr": 0.3}, v, ["ina_na_pr", "ina"], 6.3
    )
    check_current(found, lambda at: GBAR_S_per_cm2 * m(at)[0] ** 2 * 0.3 * (at - 60), v)


# suffix: (its current, the name of its reversal, reversal, states, open fraction of these)
CURRENTS: dict[str, tuple[str, str, float, dict[str, float], float]] = {
    "kdr_pr": ("ik", "ek", -75.0, {"n": 0.6}, 0.6),
    "ca_pr": ("ichi", "erev_ca_pr", 80.0, {"s": 0.6}, 0.6**2),
    "kahp_pr": ("ik", "ek", -75.0, {"q": 0.6}, 0.6),
}


@pytest.mark.parametrize("suffix", CURRENTS)
def test_current(call: Call, suffix: str) -> None:
    current, reversal, at_mV, states, fraction = CURRENTS[suffix]
    values = {f"gbar_{suffix}": GBAR_S_per_cm2, reversal: at_mV}
    gates = {f"{gate}_{suffix}": x for gate, x in states.items()}
    read = [f"{current}_{suffix}", current]
    found = call(experiments.currents, suffix, values, gates, AT_mV, read, 6.3)
    check_current(found, lambda v: GBAR_S_per_cm2 * fraction * (v - at_mV), AT_mV)


@pytest.mark.parametrize(("chii", "factor"), [(0.0, 0.0), (100.0, 0.4), (250.0, 1.0), (600.0, 1.0)])
def test_fast_calcium_dependent_current_saturates(call: Call, chii: float, factor: float) -> None:
    values = {"gbar_kc_pr": GBAR_S_per_cm2, "ek": -75.0, "chii": chii}
    found = call(
        experiments.currents, "kc_pr", values, {"c_kc_pr": 0.6}, AT_mV, ["ik_kc_pr", "ik"], 6.3
    )
    check_current(found, lambda v: GBAR_S_per_cm2 * 0.6 * factor * (v + 75), AT_mV)


@pytest.mark.parametrize("dt_ms", [0.05, None])
@pytest.mark.parametrize("L", [5.0, 200.0])
def test_pool_fills_by_the_density_of_the_current(
    call: Call, dt_ms: float | None, L: float
) -> None:
    """Ca' = -0.13 I - 0.075 Ca, I in uA/cm2; the gate is put at its steady state."""
    v_mV, gbar_mS_per_cm2 = -30.0, 10.0
    open_s = float(s(np.array([v_mV]))[0][0])
    times_ms = np.array([1.0, 5.0, 20.0, 100.0])
    found = call(
        experiments.held,
        ["ca_pr", "capool_pr"],
        {"gbar_ca_pr": 1e-3 * gbar_mS_per_cm2, "L": L},
        {"s_ca_pr": open_s},
        ["chii"],
        times_ms,
        v_mV,
        dt_ms,
    )
    current_uA_per_cm2 = gbar_mS_per_cm2 * open_s**2 * (v_mV - 80)
    steady = -0.13 * current_uA_per_cm2 / 0.075
    assert steady > 1
    expected = steady * -np.expm1(-0.075 * times_ms)
    np.testing.assert_allclose(found["chii"], expected, rtol=1e-8)


def test_pool_starts_empty(call: Call) -> None:
    found = call(
        experiments.held, ["ca_pr", "capool_pr"], {}, {}, ["chii"], np.array([0.0]), -60.0, 0.025
    )
    assert found["chii"].tolist() == [0.0]


def test_both_engines_give_the_same_spikes(call: Call) -> None:
    values = {"cm": 3.0, "ena": 60.0, "ek": -75.0, "g_pas": 1e-4, "e_pas": -60.0}
    suffixes = ["pas", "na_pr", "kdr_pr", "ca_pr", "kc_pr", "kahp_pr", "capool_pr"]
    watch = ["v", "chii", "ina", "ik", "ichi", "q_kahp_pr"]
    check_engines(call, suffixes, values, {}, 0.05, -60.0, watch, 6.3)


def test_units_agree() -> None:
    assert unit_complaints("pinsky_rinzel") == []
