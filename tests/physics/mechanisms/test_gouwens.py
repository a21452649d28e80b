"""The channels of Gouwens et al. 2018: their equations, and the null vector of NaV's rates.

Nat Commun 9:710. Rates are taken to celsius with a Q10 of 2.3.
"""

from itertools import pairwise

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

CELSIUS_degC = 30.0


def faster(from_degC: float) -> float:
    return float(2.3 ** ((CELSIUS_degC - from_degC) / 10))


def sigmoid(u: Array) -> Array:
    return 1 / (1 + np.exp(-u))


def bell(v: Array, middle: float, width: float) -> Array:
    return np.exp(-(((v - middle) / width) ** 2))


def na_m(half: float) -> ClosedForm:
    def rates(v: Array) -> tuple[Array, Array]:
        a, b = 0.182 * quotient(v - half, 6), 0.124 * quotient(half - v, 6)
        return from_rates(faster(23) * a, faster(23) * b)

    return rates


def na_h(half: float) -> ClosedForm:
    def rates(v: Array) -> tuple[Array, Array]:
        a, b = 0.015 * quotient(half - v, 6), 0.015 * quotient(v - half, 6)
        return from_rates(faster(23) * a, faster(23) * b)

    return rates


def nap_h(v: Array) -> tuple[Array, Array]:
    rate = 2.88e-6 * quotient(-v - 17, 4.63) + 6.94e-6 * quotient(v + 64.4, 2.63)
    return sigmoid(-(v + 48.8) / 10), 1 / rate / faster(21)


def k_p_m(v: Array) -> tuple[Array, Array]:
    tau = np.where(v < -50, 1.25 + 175.03 * np.exp(0.026 * v), 1.25 + 13 * np.exp(-0.026 * v))
    return sigmoid((v + 14.3) / 14.6), tau / faster(21)


def k_p_h(v: Array) -> tuple[Array, Array]:
    tau = 360 + (1010 + 24 * (v + 55)) * bell(v, -75, 48)
    return sigmoid(-(v + 54) / 11), tau / faster(21)


def k_t_m(v: Array) -> tuple[Array, Array]:
    return sigmoid((v + 47) / 29), (0.34 + 0.92 * bell(v, -71, 59)) / faster(21)


def k_t_h(v: Array) -> tuple[Array, Array]:
    return sigmoid(-(v + 66) / 10), (8 + 49 * bell(v, -73, 23)) / faster(21)


def kv3_1(v: Array) -> tuple[Array, Array]:
    return sigmoid((v - 18.7) / 9.7), 4 / (1 + np.exp(-(v + 46.56) / 44.14))


def kv2_m(v: Array) -> tuple[Array, Array]:
    a, b = 0.12 * quotient(v - 43, 11), 0.02 * np.exp(-(v + 1.27) / 120)
    return a / (a + b), 2.5 / (a + b) / faster(21)


def kv2_fast_ms(v: Array) -> Array:
    return 360 + (1010 + 23.7 * (v + 54)) * bell(v, -75, 48)


def kv2_h1(v: Array) -> tuple[Array, Array]:
    return sigmoid(-(v + 58) / 11), kv2_fast_ms(v) / faster(21)


def kv2_h2(v: Array) -> tuple[Array, Array]:
    slow = 2350 + 1380 * np.exp(-0.011 * v) - 210 * np.exp(-0.03 * v)
    return sigmoid(-(v + 58) / 11), np.where(v < -118.19, kv2_fast_ms(v), slow) / faster(21)


def im(v: Array) -> tuple[Array, Array]:
    a, b = 3.3e-3 * np.exp(0.1 * (v + 35)), 3.3e-3 * np.exp(-0.1 * (v + 35))
    return from_rates(faster(21) * a, faster(21) * b)


def im_v2(v: Array) -> tuple[Array, Array]:
    a, b = (0.007 * np.exp(6 * part * (v + 48) / 26.12) for part in (0.4, -0.6))
    return a / (a + b), (15 + 1 / (a + b)) / faster(30)


def ih(v: Array) -> tuple[Array, Array]:
    return from_rates(0.00643 * quotient(-v - 154.9, 11.9), 0.193 * np.exp(v / 33.1))


def ca_m(v: Array) -> tuple[Array, Array]:
    return from_rates(0.055 * quotient(v + 27, 3.8), 0.94 * np.exp((-75 - v) / 17))


def ca_h(v: Array) -> tuple[Array, Array]:
    return from_rates(4.57e-4 * np.exp((-13 - v) / 50), 0.0065 / (np.exp((-v - 15) / 28) + 1))


def lva_m(v: Array) -> tuple[Array, Array]:
    tau = 5 + 20 / (1 + np.exp((v + 35) / 5))
    return sigmoid((v + 40) / 6), tau / faster(21)


def lva_h(v: Array) -> tuple[Array, Array]:
    tau = 20 + 50 / (1 + np.exp((v + 50) / 7))
    return sigmoid(-(v + 90) / 6.4), tau / faster(21)


GATES: dict[tuple[str, str], tuple[ClosedForm, tuple[float, ...]]] = {
    ("NaTs", "m"): (na_m(-40), (-40.0,)),
    ("NaTs", "h"): (na_h(-66), (-66.0,)),
    ("NaTa", "m"): (na_m(-48), (-48.0,)),
    ("NaTa", "h"): (na_h(-69), (-69.0,)),
    ("Nap", "h"): (nap_h, (-17.0, -64.4)),
    ("K_P", "m"): (k_p_m, ()),
    ("K_P", "h"): (k_p_h, ()),
    ("K_T", "m"): (k_t_m, ()),
    ("K_T", "h"): (k_t_h, ()),
    ("Kv3_1", "m"): (kv3_1, ()),
    ("Kv2like", "m"): (kv2_m, (43.0,)),
    ("Kv2like", "h1"): (kv2_h1, ()),
    ("Kv2like", "h2"): (kv2_h2, ()),
    ("Kd", "m"): (lambda v: (sigmoid((v + 43) / 8), np.ones_like(v)), ()),
    ("Kd", "h"): (lambda v: (sigmoid(-(v + 67) / 7.3), np.full_like(v, 1500.0)), ()),
    ("Im", "m"): (im, ()),
    ("Im_v2", "m"): (im_v2, ()),
    ("Ih", "m"): (ih, (-154.9,)),
    ("Ca_HVA", "m"): (ca_m, (-27.0,)),
    ("Ca_HVA", "h"): (ca_h, ()),
    ("Ca_LVA", "m"): (lva_m, ()),
    ("Ca_LVA", "h"): (lva_h, ()),
}
every_gate = pytest.mark.parametrize(("suffix", "gate"), GATES)


@every_gate
def test_gate(call: Call, suffix: str, gate: str) -> None:
    closed_form, singular_mV = GATES[suffix, gate]
    patches = {"v": voltages_mV(singular_mV)}
    off = [f"gbar_{suffix}"]
    check_gate(call, suffix, gate, closed_form, patches, off, celsius_degC=CELSIUS_degC)


@every_gate
def test_relaxation_under_cvode(call: Call, suffix: str, gate: str) -> None:
    check_relaxation(call, suffix, gate, GATES[suffix, gate][0], -60.0, {}, CELSIUS_degC)


@every_gate
def test_rates_stay_finite_far_outside(call: Call, suffix: str, gate: str) -> None:
    silent = {f"gbar_{suffix}": np.zeros_like(FAR_mV)}
    given = {"v": FAR_mV, **silent}
    for values in call(experiments.gate_steps, suffix, gate, given, 0.025, CELSIUS_degC):
        assert np.all((values >= 0) & (values <= 1))


def test_gate_of_calcium(call: Call) -> None:
    cai = np.array([1e-5, 1e-4, 4.3e-4, 1e-3, 1e-2])

    def closed_form(v: Array, cai: Array) -> tuple[Array, Array]:
        return 1 / (1 + (4.3e-4 / cai) ** 4.8), np.ones_like(v)

    patches = {"v": np.full_like(cai, -70.0), "cai": cai}
    check_gate(call, "SK", "z", closed_form, patches, ["gbar_SK"], celsius_degC=CELSIUS_degC)


# suffix: (its current, the ion's name for it, reversal, states, open fraction of these)
CURRENTS: dict[str, tuple[str, str, float, dict[str, float], float]] = {
    "NaTs": ("ina", "ena", 53.0, {"m": 0.6, "h": 0.3}, 0.6**3 * 0.3),
    "NaTa": ("ina", "ena", 53.0, {"m": 0.6, "h": 0.3}, 0.6**3 * 0.3),
    "NaV": ("ina", "ena", 53.0, {"O": 0.2}, 0.2),
    "K_P": ("ik", "ek", -107.0, {"m": 0.6, "h": 0.3}, 0.6**2 * 0.3),
    "K_T": ("ik", "ek", -107.0, {"m": 0.6, "h": 0.3}, 0.6**4 * 0.3),
    "Kv3_1": ("ik", "ek", -107.0, {"m": 0.6}, 0.6),
    "Kv2like": ("ik", "ek", -107.0, {"m": 0.6, "h1": 0.3, "h2": 0.7}, 0.6**2 * 0.5),
    "Kd": ("ik", "ek", -107.0, {"m": 0.6, "h": 0.3}, 0.6 * 0.3),
    "Im": ("ik", "ek", -107.0, {"m": 0.6}, 0.6),
    "Im_v2": ("ik", "ek", -107.0, {"m": 0.6}, 0.6),
    "Ih": ("ihcn", "ehcn_Ih", -45.0, {"m": 0.6}, 0.6),
    "Ca_HVA": ("ica", "eca", 120.0, {"m": 0.6, "h": 0.3}, 0.6**2 * 0.3),
    "Ca_LVA": ("ica", "eca", 120.0, {"m": 0.6, "h": 0.3}, 0.6**2 * 0.3),
    "SK": ("ik", "ek", -107.0, {"z": 0.6}, 0.6),
}
GBAR_S_per_cm2 = 3e-3


@pytest.mark.parametrize("suffix", CURRENTS)
def test_current(call: Call, suffix: str) -> None:
    current, reversal, at_mV, states, fraction = CURRENTS[suffix]
    values = {f"gbar_{suffix}": GBAR_S_per_cm2, reversal: at_mV}
    gates = {f"{gate}_{suffix}": x for gate, x in states.items()}
    read = [f"{current}_{suffix}", current] if suffix != "Ih" else ["ihcn_Ih"]
    found = call(experiments.currents, suffix, values, gates, AT_mV, read, CELSIUS_degC)
    check_current(found, lambda v: GBAR_S_per_cm2 * fraction * (v - at_mV), AT_mV)


def test_current_of_nap_opens_at_once(call: Call) -> None:
    values = {"gbar_Nap": GBAR_S_per_cm2, "ena": 53.0}
    read = ["ina_Nap", "ina"]
    found = call(experiments.currents, "Nap", values, {"h_Nap": 0.3}, AT_mV, read, CELSIUS_degC)

    def closed_form(v: Array) -> Array:
        return GBAR_S_per_cm2 * sigmoid((v + 52.6) / 4.6) * 0.3 * (v - 53)

    check_current(found, closed_form, AT_mV)


def test_pool_starts_at_its_rest_and_fills(call: Call) -> None:
    """cai' = -1e4 ica gamma / (2 F depth) - (cai - 1e-4)/decay."""
    times_ms, v_mV, gbar = np.array([1e-3, 5.0, 100.0, 400.0]), -30.0, 3e-5
    pool = {"gamma_CaDynamics": 0.02, "decay_CaDynamics": 150.0, "gbar_Ca_HVA": gbar}
    found = call(
        experiments.held,
        ["Ca_HVA", "CaDynamics"], pool, {}, ["cai", "ica"], times_ms, v_mV, None, CELSIUS_degC,
    )  # fmt: skip
    at = np.array([v_mV])
    opened = float(ca_m(at)[0][0] ** 2 * ca_h(at)[0][0])
    kelvin = 273.15 + CELSIUS_degC
    # eca follows the concentration, so the pool is led by the current that there was.
    eca_mV = 1e3 * 8.31446261815324 * kelvin / (2 * 96485.33212) * np.log(2 / found["cai"])
    np.testing.assert_allclose(found["ica"], gbar * opened * (v_mV - eca_mV), rtol=1e-4)
    assert found["cai"][0] == pytest.approx(1e-4, rel=1e-4)
    drive = -1e4 * found["ica"][-1] * 0.02 / (2 * 96485.33212 * 0.1)
    steady = 1e-4 + 150 * drive
    assert found["cai"][-1] == pytest.approx(steady, rel=0.08)
    assert found["cai"][-1] > 5 * found["cai"][0]


STATES = ["C1", "C2", "C3", "C4", "C5", "O", "I1", "I2", "I3", "I4", "I5", "I6"]


def rates_of_nav(v_mV: float, celsius_degC: float) -> Array:
    """The matrix Q of p' = Q p (Carter et al. 2012, Neuron 75:1081), in the order of STATES."""
    flows = np.zeros((12, 12))
    number = {name: place for place, name in enumerate(STATES)}

    def between(one: str, other: str, there: float, back: float) -> None:
        flows[number[other], number[one]] = there
        flows[number[one], number[other]] = back

    up, down = 400 * np.exp(v_mV / 24), 12 * np.exp(-v_mV / 24)
    for i in range(1, 5):
        between(f"C{i}", f"C{i + 1}", (5 - i) * up, i * down)
        between(f"I{i}", f"I{i + 1}", (5 - i) * up * 2.51, i * down / 5.32)
    for i in range(1, 6):
        between(f"C{i}", f"I{i}", 0.01 * 2.51 ** (i - 1), 40 / 5.32 ** (i - 1))
    between("C5", "O", 250, 60)
    between("I5", "I6", 250, 60)
    between("O", "I6", 8, 0.05)
    return float(2.3 ** ((celsius_degC - 37) / 10)) * (flows - np.diag(flows.sum(axis=0)))


def at_rest(rates: Array) -> Array:
    """The null vector, whose elements sum to 1."""
    equations = np.vstack([rates, np.ones(12)])
    return np.linalg.lstsq(equations, np.array([*np.zeros(12), 1.0]), rcond=None)[0]


WATCHED = [f"{name}_NaV" for name in STATES]


@pytest.mark.parametrize("v_mV", [-100.0, -70.0, -45.0, 20.0])
@pytest.mark.parametrize("dt_ms", [0.025, None])
def test_nav_starts_at_the_null_vector_and_stays(
    call: Call, v_mV: float, dt_ms: float | None
) -> None:
    times_ms = np.array([0.025, 1.0, 20.0])
    found = call(experiments.held, ["NaV"], {}, {}, WATCHED, times_ms, v_mV, dt_ms, CELSIUS_degC)
    states = np.array([found[name] for name in WATCHED])
    rest = at_rest(rates_of_nav(v_mV, CELSIUS_degC))
    np.testing.assert_allclose(states, np.tile(rest[:, None], 3), rtol=0, atol=1e-7)
    np.testing.assert_allclose(states.sum(axis=0), 1, rtol=0, atol=1e-9)


def test_the_rest_of_nav_is_no_product_of_ratios() -> None:
    """Round C5, O, I6, I5 the products of the rates there and back differ by a factor of 20."""
    rates = rates_of_nav(-60.0, 37.0)
    ring = [STATES.index(name) for name in ("C5", "O", "I6", "I5", "C5")]
    steps = list(pairwise(ring))
    there = np.prod([rates[after, before] for before, after in steps])
    back = np.prod([rates[before, after] for before, after in steps])
    assert max(there / back, back / there) == pytest.approx(20, rel=0.02)


@pytest.mark.parametrize("v_mV", [-70.0, -20.0, 30.0])
def test_nav_relaxes_as_the_exponential_of_its_matrix(call: Call, v_mV: float) -> None:
    times_ms = np.array([0.05, 0.3, 2.0])
    start = dict.fromkeys(WATCHED, 0.0) | {"C1_NaV": 1.0}
    found = call(experiments.held, ["NaV"], {}, start, WATCHED, times_ms, v_mV, None, CELSIUS_degC)
    rates, vectors = np.linalg.eig(rates_of_nav(v_mV, CELSIUS_degC))
    shares = np.linalg.solve(vectors, np.eye(12)[0])
    for place, time in enumerate(times_ms):
        expected = (vectors @ (shares * np.exp(rates * time))).real
        states = np.array([found[name][place] for name in WATCHED])
        np.testing.assert_allclose(states, expected, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    ("channels", "clamp_nA"),
    [
        ({"NaTs": 0.5, "Kv3_1": 0.2, "Nap": 2e-4, "K_P": 0.02, "K_T": 1e-3, "Im": 1e-3}, 0.2),
        ({"NaV": 0.06, "Kv3_1": 0.6, "Kd": 3e-4, "Kv2like": 0.05, "K_T": 0.03, "Im_v2": 8e-3}, 0.4),
    ],
)
def test_both_engines_give_the_same_spikes(
    call: Call, channels: dict[str, float], clamp_nA: float
) -> None:
    common = {"Ih": 5e-5, "Ca_HVA": 5e-4, "Ca_LVA": 5e-3, "SK": 1e-3}
    conductances = {f"gbar_{name}": value for name, value in (channels | common).items()}
    patch = {"L": 12.0, "diam": 12.0, "g_pas": 1e-4, "e_pas": -92.0, "ena": 53.0, "ek": -107.0}
    suffixes = ["pas", *channels, *common, "CaDynamics"]
    watch = ["v", "cai", "ina", "ik"]
    check_engines(call, suffixes, patch | conductances, {}, clamp_nA, -92.0, watch, 34.0)


def test_units_agree() -> None:
    assert unit_complaints("gouwens") == []
