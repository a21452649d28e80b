"""The channels of Mainen & Sejnowski 1996, as van Elburg & van Ooyen have them: their equations.

Nature 382:363-366; PLoS Comput Biol 6:e1000781. A Q10 of 2.3 from 23 degC multiplies rates and
conductances.
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

CELSIUS_degC = 37.0
FASTER = 2.3 ** ((CELSIUS_degC - 23) / 10)
SHIFT_mV = -10.0


def faster(a: Array, b: Array) -> tuple[Array, Array]:
    return from_rates(FASTER * a, FASTER * b)


def m(v: Array) -> tuple[Array, Array]:
    v = v + SHIFT_mV
    return faster(0.182 * quotient(v + 35, 9), 0.124 * quotient(-v - 35, 9))


def h(v: Array) -> tuple[Array, Array]:
    v = v + SHIFT_mV
    rate = 0.024 * quotient(v + 50, 5) + 0.0091 * quotient(-v - 75, 5)
    return 1 / (1 + np.exp((v + 65) / 6.2)), 1 / (FASTER * rate)


def kv(v: Array) -> tuple[Array, Array]:
    return faster(0.02 * quotient(v - 25, 9), 0.002 * quotient(25 - v, 9))


def km(v: Array) -> tuple[Array, Array]:
    return faster(0.001 * quotient(v + 30, 9), 0.001 * quotient(-v - 30, 9))


def ca_m(v: Array) -> tuple[Array, Array]:
    return faster(0.055 * quotient(v + 27, 3.8), 0.94 * np.exp((-75 - v) / 17))


def ca_h(v: Array) -> tuple[Array, Array]:
    return faster(0.000457 * np.exp((-13 - v) / 50), 0.0065 / (np.exp((-v - 15) / 28) + 1))


def kca(v: Array, cai: Array) -> tuple[Array, Array]:
    return faster(0.01 * cai, np.full_like(cai, 0.02))


GATES: dict[tuple[str, str], tuple[ClosedForm, tuple[float, ...]]] = {
    ("na_ms", "m"): (m, (-25.0,)),
    ("na_ms", "h"): (h, (-40.0, -65.0)),
    ("kv_ms", "n"): (kv, (25.0,)),
    ("km_ms", "n"): (km, (-30.0,)),
    ("ca_ms", "m"): (ca_m, (-27.0,)),
    ("ca_ms", "h"): (ca_h, ()),
}
every_gate = pytest.mark.parametrize(("suffix", "gate"), GATES)


@every_gate
def test_gate(call: Call, suffix: str, gate: str) -> None:
    closed_form, singular_mV = GATES[suffix, gate]
    patches = {"v": voltages_mV(singular_mV)}
    off = [f"gbar_{suffix}"]
    check_gate(call, suffix, gate, closed_form, patches, off, celsius_degC=CELSIUS_degC)


def test_gate_of_calcium(call: Call) -> None:
    cai = np.array([1e-4, 1e-3, 0.1, 1.0, 10.0])
    patches = {"v": np.full_like(cai, -70.0), "cai": cai}
    check_gate(call, "kca_ms", "n", kca, patches, ["gbar_kca_ms"], celsius_degC=CELSIUS_degC)


@every_gate
@pytest.mark.parametrize("v_mV", [-75.0, -30.0, 10.0])
def test_relaxation_under_cvode(call: Call, suffix: str, gate: str, v_mV: float) -> None:
    check_relaxation(call, suffix, gate, GATES[suffix, gate][0], v_mV, {}, CELSIUS_degC)


@every_gate
def test_rates_stay_finite_far_outside(call: Call, suffix: str, gate: str) -> None:
    silent = {f"gbar_{suffix}": np.zeros_like(FAR_mV)}
    given = {"v": FAR_mV, **silent}
    for values in call(experiments.gate_steps, suffix, gate, given, 0.025, CELSIUS_degC):
        assert np.all((values >= 0) & (values <= 1))


# suffix: (its current, the ion's name for it, reversal, states, open fraction of these)
CURRENTS: dict[str, tuple[str, str, float, dict[str, float], float]] = {
    "na_ms": ("ina", "ena", 60.0, {"m": 0.6, "h": 0.3}, 0.6**3 * 0.3),
    "kv_ms": ("ik", "ek", -90.0, {"n": 0.6}, 0.6),
    "km_ms": ("ik", "ek", -90.0, {"n": 0.6}, 0.6),
    "ca_ms": ("ica", "erev_ca_ms", 140.0, {"m": 0.6, "h": 0.3}, 0.6**2 * 0.3),
    "kca_ms": ("ik", "ek", -90.0, {"n": 0.6}, 0.6),
}
GBAR_S_per_cm2 = 3e-3


@pytest.mark.parametrize("suffix", CURRENTS)
def test_current(call: Call, suffix: str) -> None:
    current, reversal, at_mV, states, fraction = CURRENTS[suffix]
    values = {f"gbar_{suffix}": GBAR_S_per_cm2, reversal: at_mV}
    gates = {f"{gate}_{suffix}": x for gate, x in states.items()}
    read = [f"{current}_{suffix}", current]
    found = call(experiments.currents, suffix, values, gates, AT_mV, read, CELSIUS_degC)
    check_current(found, lambda v: FASTER * GBAR_S_per_cm2 * fraction * (v - at_mV), AT_mV)


@pytest.mark.parametrize(("v_mV", "inward"), [(-30.0, True), (150.0, False)])
def test_pool_takes_what_flows_in_and_gives_nothing_back(
    call: Call, v_mV: float, inward: bool
) -> None:
    """cai' = -1e4 ica / (2 F depth) - (cai - 1e-4)/200, its drive not below 0."""
    times_ms = np.array([1.0, 5.0, 100.0, 400.0])
    gbar = 3e-4
    found = call(
        experiments.held,
        ["ca_ms", "cad_ms"], {"gbar_ca_ms": gbar}, {}, ["cai"], times_ms, v_mV, None, CELSIUS_degC,
    )  # fmt: skip
    at = np.array([v_mV])
    opened = float(ca_m(at)[0][0] ** 2 * ca_h(at)[0][0])
    current = FASTER * gbar * opened * (v_mV - 140)
    drive = -1e4 * current / (2 * 96485.33212 * 0.1)
    assert (drive > 0) == inward
    steady = 1e-4 + 200 * max(0.0, drive)
    expected = steady + (5e-5 - steady) * np.exp(-times_ms / 200)
    np.testing.assert_allclose(found["cai"], expected, rtol=1e-5)


def test_both_engines_give_the_same_spikes(call: Call) -> None:
    patch = {
        "L": 20.0,
        "diam": 20.0,
        "cm": 0.75,
        "ena": 60.0,
        "ek": -90.0,
        "g_pas": 3.333e-5,
        "e_pas": -70.0,
        "gbar_na_ms": 0.03,
        "gbar_kv_ms": 0.0015,
    }
    suffixes = ["pas", "na_ms", "kv_ms", "km_ms", "ca_ms", "kca_ms", "cad_ms"]
    check_engines(call, suffixes, patch, {}, 0.1, -70.0, ["v", "cai", "ina", "ik"], CELSIUS_degC)


def test_units_agree() -> None:
    assert unit_complaints("mainen_sejnowski") == []
