"""The mechanisms of the CA3 pyramidal cell against the equations of Traub et al. 1991.

The paper (J Neurophysiol 66:635-650) counts voltage u from the rest at -60 mV.
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
    u = v + 60
    return from_rates(0.32 * quotient(u - 13.1, 4), 0.28 * quotient(40.1 - u, 5))


def h(v: Array) -> tuple[Array, Array]:
    u = v + 60
    return from_rates(0.128 * np.exp((17 - u) / 18), 4 / (1 + np.exp((40 - u) / 5)))


def n(v: Array) -> tuple[Array, Array]:
    u = v + 60
    return from_rates(0.016 * quotient(u - 35.1, 5), 0.25 * np.exp((20 - u) / 40))


def a(v: Array) -> tuple[Array, Array]:
    u = v + 60
    return from_rates(0.02 * quotient(u - 13.1, 10), 0.0175 * quotient(40.1 - u, 10))


def b(v: Array) -> tuple[Array, Array]:
    u = v + 60
    return from_rates(0.0016 * np.exp((-13 - u) / 18), 0.05 / (1 + np.exp((10.1 - u) / 5)))


def s(v: Array) -> tuple[Array, Array]:
    u = v + 60
    return from_rates(1.6 / (1 + np.exp(-0.072 * (u - 65))), 0.02 * quotient(51.1 - u, 5))


def r(v: Array) -> tuple[Array, Array]:
    u = v + 60
    opening = np.where(u <= 0, 0.005, np.exp(-u / 20) / 200)
    return from_rates(opening, 0.005 - opening)


def c(v: Array) -> tuple[Array, Array]:
    u = v + 60
    both = 2 * np.exp(-(u - 6.5) / 27)
    opening = np.where(u <= 50, np.exp((u - 10) / 11 - (u - 6.5) / 27) / 18.975, both)
    return from_rates(opening, both - opening)


def q(v: Array, chii: Array) -> tuple[Array, Array]:
    return from_rates(np.minimum(2e-5 * chii, 0.01), np.full_like(chii, 0.001))


GATES: dict[tuple[str, str], tuple[ClosedForm, tuple[float, ...]]] = {
    ("naf_tr", "m"): (m, (-46.9, -19.9)),
    ("naf_tr", "h"): (h, ()),
    ("kdr_tr", "n"): (n, (-24.9,)),
    ("ka_tr", "a"): (a, (-46.9, -19.9)),
    ("ka_tr", "b"): (b, ()),
    ("ca_tr", "s"): (s, (-8.9,)),
    ("ca_tr", "r"): (r, (-60.0,)),
    ("kc_tr", "c"): (c, (-10.0,)),
}
every_gate = pytest.mark.parametrize(("suffix", "gate"), GATES)


@every_gate
@pytest.mark.parametrize("celsius_degC", [6.3, 37.0])
def test_gate(call: Call, suffix: str, gate: str, celsius_degC: float) -> None:
    closed_form, singular_mV = GATES[suffix, gate]
    v = voltages_mV(singular_mV)
    check_gate(
        call, suffix, gate, closed_form, {"v": v}, [f"gbar_{suffix}"], celsius_degC=celsius_degC
    )


def test_gate_of_the_slow_current_follows_calcium(call: Call) -> None:
    chii = np.array([0.0, 1e-3, 1.0, 105.0, 250.0, 499.999, 500.0, 500.001, 582.6, 5000.0])
    patches = {"v": np.full_like(chii, -70.0), "chii": chii}
    check_gate(call, "kahp_tr", "q", q, patches, ["gbar_kahp_tr"])


@every_gate
@pytest.mark.parametrize("v_mV", [-75.0, -30.0, 10.0])
def test_relaxation_under_cvode(call: Call, suffix: str, gate: str, v_mV: float) -> None:
    check_relaxation(call, suffix, gate, GATES[suffix, gate][0], v_mV, {})


def test_relaxation_of_the_slow_gate_under_cvode(call: Call) -> None:
    check_relaxation(call, "kahp_tr", "q", q, -60.0, {"chii": 300.0})


@every_gate
def test_rates_stay_finite_far_outside(call: Call, suffix: str, gate: str) -> None:
    silent = {f"gbar_{suffix}": np.zeros_like(FAR_mV)}
    steps = call(experiments.gate_steps, suffix, gate, {"v": FAR_mV, **silent}, 0.025, 6.3)
    for values in steps:
        assert np.all((values >= 0) & (values <= 1))


# suffix: (its current, the ion's name for it, reversal, states, open fraction of these)
CURRENTS: dict[str, tuple[str, str, float, dict[str, float], float]] = {
    "naf_tr": ("ina", "ena", 55.0, {"m": 0.6, "h": 0.3}, 0.6**2 * 0.3),
    "kdr_tr": ("ik", "ek", -75.0, {"n": 0.6}, 0.6),
    "ka_tr": ("ik", "ek", -75.0, {"a": 0.6, "b": 0.3}, 0.6 * 0.3),
    "ca_tr": ("ichi", "erev_ca_tr", 80.0, {"s": 0.6, "r": 0.3}, 0.6**2 * 0.3),
    "kahp_tr": ("ik", "ek", -75.0, {"q": 0.6}, 0.6),
}
GBAR_S_per_cm2 = 3e-3


@pytest.mark.parametrize("suffix", CURRENTS)
def test_current(call: Call, suffix: str) -> None:
    current, reversal, at_mV, states, fraction = CURRENTS[suffix]
    values = {f"gbar_{suffix}": GBAR_S_per_cm2, reversal: at_mV}
    gates = {f"{gate}_{suffix}": x for gate, x in states.items()}
    read = [f"{current}_{suffix}", current]
    found = call(experiments.currents, suffix, values, gates, AT_mV, read, 6.3)
    check_current(found, lambda v: GBAR_S_per_cm2 * fraction * (v - at_mV), AT_mV)


@pytest.mark.parametrize(
    ("chii", "factor"), [(0.0, 0.0), (100.0, 0.4), (250.0, 1.0), (251.0, 1.0), (600.0, 1.0)]
)
def test_fast_calcium_dependent_current_saturates(call: Call, chii: float, factor: float) -> None:
    values = {"gbar_kc_tr": GBAR_S_per_cm2, "ek": -75.0, "chii": chii}
    found = call(
        experiments.currents, "kc_tr", values, {"c_kc_tr": 0.6}, AT_mV, ["ik_kc_tr", "ik"], 6.3
    )
    check_current(found, lambda v: GBAR_S_per_cm2 * 0.6 * factor * (v + 75), AT_mV)


@pytest.mark.parametrize(("L", "diam", "phi"), [(125, 8.46, 17.402), (120, 5.78, 5.941)])
@pytest.mark.parametrize("dt_ms", [0.05, None])
def test_pool_fills_by_the_whole_current_of_the_compartment(
    call: Call, L: float, diam: float, phi: float, dt_ms: float | None
) -> None:
    """chi' = -phi I - chi/13.33, I in nA; the gates are at their steady states."""
    v_mV, gbar_S_per_cm2 = -30.0, 4e-3
    values = {"L": L, "diam": diam, "phi_capool_tr": phi, "gbar_ca_tr": gbar_S_per_cm2}
    times_ms = np.array([1.0, 5.0, 20.0, 100.0])
    found = call(
        experiments.held, ["ca_tr", "capool_tr"], values, {}, ["chii"], times_ms, v_mV, dt_ms
    )
    at = np.array([v_mV])
    fraction = float(s(at)[0][0] ** 2 * r(at)[0][0])
    area_cm2 = np.pi * L * diam * 1e-8
    current_nA = gbar_S_per_cm2 * fraction * (v_mV - 80) * area_cm2 * 1e6
    steady = -phi * current_nA / 0.075
    assert steady > 1
    expected = steady * -np.expm1(-0.075 * times_ms)
    np.testing.assert_allclose(found["chii"], expected, rtol=1e-8)


def test_pool_and_slow_gate_start_empty(call: Call) -> None:
    suffixes = ["ca_tr", "capool_tr", "kahp_tr", "kc_tr"]
    watch = ["chii", "q_kahp_tr", "ik"]
    found = call(experiments.held, suffixes, {}, {}, watch, np.array([0.0]), -60.0, 0.025)
    assert {name: values[0] for name, values in found.items()} == {
        "chii": 0.0,
        "q_kahp_tr": 0.0,
        "ik": 0.0,
    }


def test_both_engines_give_the_same_spikes(call: Call) -> None:
    soma = {
        "L": 125.0,
        "diam": 8.46,
        "cm": 3.0,
        "ena": 55.0,
        "ek": -75.0,
        "g_pas": 1e-4,
        "e_pas": -60.0,
        "phi_capool_tr": 17.402,
    }
    suffixes = ["pas", "naf_tr", "kdr_tr", "ka_tr", "ca_tr", "kc_tr", "kahp_tr", "capool_tr"]
    watch = ["v", "chii", "ina", "ik", "ichi", "q_kahp_tr"]
    check_engines(call, suffixes, soma, {}, 0.2, -60.0, watch, 6.3)


def test_units_agree() -> None:
    assert unit_complaints("traub_ca3") == []
