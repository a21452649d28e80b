"""The mechanisms of the thalamic interneuron against the equations of Halnes et al. 2011.

doi:10.1371/journal.pcbi.1002160. The published runs are at 36 degC.
"""

from collections.abc import Callable
from functools import partial

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
FARADAY_C_per_mol = 96485.33212
R_J_per_mol_K = 8.31446261815324
OFF = {
    "hh2": ["gnabar_hh2", "gkbar_hh2"],
    "it2": ["gcabar_it2"],
    "ical": ["pcabar_ical"],
    "iahp": ["gkbar_iahp"],
    "ican": ["gbar_ican"],
    "iar": ["ghbar_iar"],
}
VTRAUB_mV = {"vtraubNa_hh2": -52.6, "vtraubK_hh2": -51.2}


def faster(
    gate: tuple[Array, Array], q10: float, at_degC: float, celsius: float
) -> tuple[Array, Array]:
    steady, tau_ms = gate
    return steady, tau_ms / q10 ** ((celsius - at_degC) / 10)


def na_m(v: Array, celsius: float, vtraubNa_hh2: Array) -> tuple[Array, Array]:
    w = v - vtraubNa_hh2
    return faster(
        from_rates(0.32 * quotient(w - 13, 4), 0.28 * quotient(40 - w, 5)), 3, 36, celsius
    )


def na_h(v: Array, celsius: float, vtraubNa_hh2: Array) -> tuple[Array, Array]:
    w = v - vtraubNa_hh2
    rates = 0.128 * np.exp((17 - w) / 18), 4 / (1 + np.exp((40 - w) / 5))
    return faster(from_rates(*rates), 3, 36, celsius)


def k_n(v: Array, celsius: float, vtraubK_hh2: Array) -> tuple[Array, Array]:
    y = v - vtraubK_hh2
    rates = 0.032 * quotient(y - 15, 5), 0.5 * np.exp((10 - y) / 40)
    return faster(from_rates(*rates), 3, 36, celsius)


def t_m(v: Array, celsius: float) -> tuple[Array, Array]:
    s = v - 8
    tau_ms = 5.4 + 1 / (np.exp(-(s + 125.7) / 19.7) + np.exp((s - 0.54) / 13))
    return faster((1 / (1 + np.exp(-(s + 46.2) / 8.7)), tau_ms), 3, 23.5, celsius)


def t_h(v: Array, celsius: float) -> tuple[Array, Array]:
    tau_ms = 21 + 1 / (np.exp((v + 22.2) / 9.1) + np.exp(-(v + 362.9) / 46.9))
    return faster((1 / (1 + np.exp((v + 69.7) / 6.4)), tau_ms), 1.5, 23.5, celsius)


def l_m(v: Array, celsius: float) -> tuple[Array, Array]:
    x = v - 7 - 1.31
    rates = 1.6 / (1 + np.exp(-0.072 * (v - 17 + 5))), 0.02 * quotient(-x, 5.36)
    return faster(from_rates(*rates), 3, 21, celsius)


def ahp_m(v: Array, celsius: float, Cai: Array) -> tuple[Array, Array]:
    c = (Cai / 4.3478e-4) ** 2
    steady, tau_ms = faster((c / (1 + c), 50 / (1 + c)), 3, 22, celsius)
    return steady, np.maximum(tau_ms, 1.0)


def can_m(v: Array, celsius: float, Cai: Array) -> tuple[Array, Array]:
    alpha = 0.003 * (Cai / 1.1e-4) ** 8
    steady, tau_ms = faster(from_rates(alpha, np.full_like(alpha, 0.003)), 3, 22, celsius)
    return steady, np.maximum(tau_ms, 0.1)


def h_h(v: Array, celsius: float) -> tuple[Array, Array]:
    tau_ms = np.exp((v + 250) / 30.7) / (1 + np.exp((v + 78.8) / 5.78))
    return 1 / (1 + np.exp((v + 96) / 10)), tau_ms


temperatures = pytest.mark.parametrize("celsius_degC", [36.0, 23.5])


@temperatures
@pytest.mark.parametrize(
    ("gate", "closed_form", "shift", "singular_mV"),
    [
        ("m", na_m, "vtraubNa_hh2", (-39.6, -12.6)),
        ("h", na_h, "vtraubNa_hh2", ()),
        ("n", k_n, "vtraubK_hh2", (-36.2,)),
    ],
)
def test_gates_of_the_spike_start_shut(
    call: Call,
    gate: str,
    closed_form: ClosedForm,
    shift: str,
    singular_mV: tuple[float, ...],
    celsius_degC: float,
) -> None:
    v = voltages_mV(singular_mV)
    patches = {"v": v, shift: np.full_like(v, VTRAUB_mV[shift])}
    form = partial(closed_form, celsius=celsius_degC)
    check_gate(
        call, "hh2", gate, form, patches, OFF["hh2"], starts_at_0=True, celsius_degC=celsius_degC
    )


@temperatures
@pytest.mark.parametrize(
    ("suffix", "gate", "closed_form", "singular_mV"),
    [
        ("it2", "m", t_m, ()),
        ("it2", "h", t_h, ()),
        ("ical", "m", l_m, (8.31,)),
        ("iar", "h", h_h, ()),
    ],
)
def test_gate(
    call: Call,
    suffix: str,
    gate: str,
    closed_form: ClosedForm,
    singular_mV: tuple[float, ...],
    celsius_degC: float,
) -> None:
    form = partial(closed_form, celsius=celsius_degC)
    patches = {"v": voltages_mV(singular_mV)}
    check_gate(call, suffix, gate, form, patches, OFF[suffix], celsius_degC=celsius_degC)


@temperatures
@pytest.mark.parametrize(("suffix", "closed_form"), [("iahp", ahp_m), ("ican", can_m)])
def test_gate_follows_calcium(
    call: Call, suffix: str, closed_form: ClosedForm, celsius_degC: float
) -> None:
    # Dense, for the corners where the time constants stop falling.
    Cai = np.array([0.0, *np.geomspace(1e-5, 0.1, 900)])
    patches = {"v": np.full_like(Cai, -60.0), "Cai": Cai}
    form = partial(closed_form, celsius=celsius_degC)
    check_gate(call, suffix, "m", form, patches, OFF[suffix], celsius_degC=celsius_degC)


@pytest.mark.parametrize("v_mV", [-75.0, -30.0, 10.0])
@pytest.mark.parametrize(
    ("suffix", "gate", "closed_form", "values"),
    [
        ("hh2", "m", na_m, {"vtraubNa_hh2": -50.3}),
        ("hh2", "h", na_h, {"vtraubNa_hh2": -50.3}),
        ("hh2", "n", k_n, {"vtraubK_hh2": -48.0}),
        ("it2", "m", t_m, {}),
        ("it2", "h", t_h, {}),
        ("ical", "m", l_m, {}),
        ("iahp", "m", ahp_m, {"Cai": 3e-4}),
        ("ican", "m", can_m, {"Cai": 2e-4}),
        ("iar", "h", h_h, {}),
    ],
)
def test_relaxation_under_cvode(
    call: Call,
    suffix: str,
    gate: str,
    closed_form: ClosedForm,
    values: dict[str, float],
    v_mV: float,
) -> None:
    form = partial(closed_form, celsius=36.0)
    check_relaxation(call, suffix, gate, form, v_mV, values, 36.0)


@pytest.mark.parametrize(
    ("suffix", "gate"),
    [(s, g) for s, gs in {"hh2": "mhn", "it2": "mh", "ical": "m", "iar": "h"}.items() for g in gs],
)
def test_rates_stay_finite_far_outside(call: Call, suffix: str, gate: str) -> None:
    silent = {name: np.zeros_like(FAR_mV) for name in OFF[suffix]}
    steps = call(experiments.gate_steps, suffix, gate, {"v": FAR_mV, **silent}, 0.025, 36.0)
    for values in steps:
        assert np.all((values >= 0) & (values <= 1))


def ghk(v: Array, Cai_mM: float, Cao_mM: float, celsius_degC: float) -> Array:
    """Return mA/cm2 of a permeability of 1 cm/s, by way of SI units."""
    z = 2 * FARADAY_C_per_mol * 1e-3 * v / (R_J_per_mol_K * (celsius_degC + 273.15))
    mol_per_m3 = Cai_mM * quotient(z, 1) - Cao_mM * quotient(-z, 1)
    A_per_m2 = 1e-2 * 2 * FARADAY_C_per_mol * mol_per_m3
    return A_per_m2 * 1e3 / 1e4


@temperatures
@pytest.mark.parametrize("Cai_mM", [5e-5, 2e-3])
@pytest.mark.parametrize(
    ("suffix", "permeability", "states", "fraction"),
    [
        ("it2", "gcabar_it2", {"m_it2": 0.6, "h_it2": 0.3}, 0.6**2 * 0.3),
        ("ical", "pcabar_ical", {"m_ical": 0.6}, 0.6**2),
    ],
)
def test_calcium_current_is_that_of_goldman_hodgkin_and_katz(
    call: Call,
    suffix: str,
    permeability: str,
    states: dict[str, float],
    fraction: float,
    Cai_mM: float,
    celsius_degC: float,
) -> None:
    v = voltages_mV((0.0,))
    values = {permeability: 1e-4, "Cai": Cai_mM}
    read = [f"iCa_{suffix}", "iCa"]
    found = call(experiments.currents, suffix, values, states, v, read, celsius_degC)
    # NEURON leaves 1 mM outside to an ion that it does not know.
    check_current(found, lambda at: 1e-4 * fraction * ghk(at, Cai_mM, 1.0, celsius_degC), v)


@pytest.mark.parametrize(
    ("suffix", "gbar", "values", "states", "read", "reversal_mV", "fraction"),
    [
        ("iahp", "gkbar_iahp", {"ek": -90.0}, {"m_iahp": 0.6}, ["ik_iahp", "ik"], -90.0, 0.6**2),
        ("ican", "gbar_ican", {}, {"m_ican": 0.6}, ["i_ican"], 10.0, 0.6**2),
        ("iar", "ghbar_iar", {}, {"h_iar": 0.6}, ["i_iar"], -44.0, 0.6),
    ],
)
def test_current(
    call: Call,
    suffix: str,
    gbar: str,
    values: dict[str, float],
    states: dict[str, float],
    read: list[str],
    reversal_mV: float,
    fraction: float,
) -> None:
    found = call(experiments.currents, suffix, {gbar: 3e-3, **values}, states, AT_mV, read, 36.0)
    check_current(found, lambda v: 3e-3 * fraction * (v - reversal_mV), AT_mV)


@pytest.mark.parametrize(
    ("gbar", "ion", "reversal_mV", "fraction"),
    [("gnabar_hh2", "na", 50.0, 0.6**3 * 0.3), ("gkbar_hh2", "k", -90.0, 0.7**4)],
)
def test_current_of_the_spike(
    call: Call, gbar: str, ion: str, reversal_mV: float, fraction: float
) -> None:
    values = {"gnabar_hh2": 0.0, "gkbar_hh2": 0.0, "ena": 50.0, "ek": -90.0, gbar: 3e-3}
    states = {"m_hh2": 0.6, "h_hh2": 0.3, "n_hh2": 0.7}
    read = [f"i{ion}_hh2", f"i{ion}"]
    found = call(experiments.currents, "hh2", values, states, AT_mV, read, 36.0)
    check_current(found, lambda v: 3e-3 * fraction * (v - reversal_mV), AT_mV)


def pool_mM(iCa_of: Callable[[float], float], Cai_mM: float, times_ms: Array) -> Array:
    """Cai' = max(0, -k iCa) + (5e-5 - Cai)/50, by Runge-Kutta 4 in steps of 0.01 ms."""

    def slope(x: float) -> float:
        return max(0.0, -0.0155458135 * iCa_of(x)) + (5e-5 - x) / 50

    found, dt = [Cai_mM], 0.01
    for _ in range(round(times_ms[-1] / dt)):
        x = found[-1]
        k1 = slope(x)
        k2 = slope(x + dt / 2 * k1)
        k3 = slope(x + dt / 2 * k2)
        k4 = slope(x + dt * k3)
        found.append(x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
    return np.array([found[round(t / dt)] for t in times_ms.tolist()])


@pytest.mark.parametrize("v_mV", [-30.0, 20.0, 160.0])
@pytest.mark.parametrize(("dt_ms", "within"), [(0.01, 1e-4), (None, 1e-6)])
def test_pool_takes_what_flows_in_alone(
    call: Call, v_mV: float, dt_ms: float | None, within: float
) -> None:
    """At 160 mV calcium flows out, and the pool only decays."""
    at = np.array([v_mV])
    open_m, open_t = float(l_m(at, 36.0)[0][0]), float(t_m(at, 36.0)[0][0])
    shut_t = float(t_h(at, 36.0)[0][0])

    def iCa(Cai_mM: float) -> float:
        driven = float(ghk(at, Cai_mM, 1.0, 36.0)[0])
        return (9e-4 * open_m**2 + 1.17e-5 * open_t**2 * shut_t) * driven

    times_ms = np.array([1.0, 10.0, 60.0])
    found = call(
        experiments.held,
        ["ical", "it2", "capool_in"],
        {},
        {"Cai": 3e-4},
        ["Cai", "iCa"],
        times_ms,
        v_mV,
        dt_ms,
        36.0,
    )
    assert (found["iCa"][0] > 0) == (v_mV > 150)
    np.testing.assert_allclose(found["Cai"], pool_mM(iCa, 3e-4, times_ms), rtol=within)


def test_pool_starts_at_its_own_rest_and_the_outside_at_1_mM(call: Call) -> None:
    """E_Ca is then 131.92 mV at 36 degC."""
    found = call(
        experiments.held,
        ["ical", "capool_in", "iahp"],
        {},
        {},
        ["Cai", "Cao", "m_iahp"],
        np.array([0.0]),
        -63.0,
        0.025,
        36.0,
    )
    assert found["Cai"].tolist() == [5e-5]
    assert found["Cao"].tolist() == [1.0]
    c = (5e-5 / 4.3478e-4) ** 2
    assert found["m_iahp"][0] == pytest.approx(c / (1 + c), rel=1e-12)
    e_mV = 1e3 * R_J_per_mol_K * 309.15 / (2 * FARADAY_C_per_mol) * np.log(1 / 5e-5)
    assert e_mV == pytest.approx(131.92, abs=5e-3)
    assert ghk(np.array([e_mV]), 5e-5, 1.0, 36.0)[0] == pytest.approx(0.0, abs=1e-9)


def test_both_engines_give_the_same_spikes(call: Call) -> None:
    soma = {"cm": 1.1, "ena": 50.0, "ek": -90.0, "g_pas": 1 / 22000, "e_pas": -67.0}
    suffixes = ["pas", *OFF, "capool_in"]
    watch = ["v", "Cai", "ina", "ik", "iCa", "i_ican", "i_iar"]
    check_engines(call, suffixes, soma, {}, 0.05, -63.0, watch, 36.0)


def test_units_agree() -> None:
    assert unit_complaints("halnes_in") == []
