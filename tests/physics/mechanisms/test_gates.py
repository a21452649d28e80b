"""Steady states and time constants of the compiled gates against the published equations.

The equations are those of Hay et al. 2011 (doi:10.1371/journal.pcbi.1002107), written here once
more with `expm1`, which is exact near the removable singularities where the .mod files use a
series. The compiled values are read from what runs: the gates are let go from 0 and from 1 at a
voltage that nothing moves, and two trajectories fix both x_inf and tau.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

Array = NDArray[np.float64]
QT = 2.3 ** ((34 - 21) / 10)
SINGULAR_mV = {
    "NaTa_t": (-38.0, -66.0),
    "NaTs2_t": (-32.0, -60.0),
    "Nap_Et2": (-38.0, -17.0, -64.4),
    "Ca_HVA": (-27.0,),
    "Ih": (-154.9,),
}


def quotient(u: Array, k: float) -> Array:
    """u / (1 - exp(-u/k)), which is k at u = 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(u == 0, k, u / -np.expm1(-u / k)), dtype=np.float64)


def sigmoid(u: Array) -> Array:
    return 1 / (1 + np.exp(-u))


def pair(a: Array, b: Array, q: float = 1.0) -> tuple[Array, Array]:
    return a / (a + b), 1 / (a + b) / q


def na(mid: float) -> Callable[[Array], tuple[Array, Array]]:
    def rates(v: Array) -> tuple[Array, Array]:
        # -v-38 over 1-exp((v+38)/6) is the same quotient of the mirrored voltage.
        return 0.182 * quotient(v + mid, 6), 0.124 * quotient(-v - mid, 6)

    return rates


def na_h(mid: float) -> Callable[[Array], tuple[Array, Array]]:
    return lambda v: pair(0.015 * quotient(-v - mid, 6), 0.015 * quotient(v + mid, 6), QT)


def nap_m(v: Array) -> tuple[Array, Array]:
    a, b = na(38)(v)
    return sigmoid((v + 52.6) / 4.6), 6 / (a + b) / QT


def nap_h(v: Array) -> tuple[Array, Array]:
    a = 2.88e-6 * quotient(-v - 17, 4.63)
    b = 6.94e-6 * quotient(v + 64.4, 2.63)
    return sigmoid(-(v + 48.8) / 10), 1 / (a + b) / QT


def k_tst_m(v: Array) -> tuple[Array, Array]:
    w = v + 10
    return sigmoid(w / 19), (0.34 + 0.92 * np.exp(-(((w + 71) / 59) ** 2))) / QT


def k_tst_h(v: Array) -> tuple[Array, Array]:
    w = v + 10
    return sigmoid(-(w + 66) / 10), (8 + 49 * np.exp(-(((w + 73) / 23) ** 2))) / QT


def k_pst_m(v: Array) -> tuple[Array, Array]:
    w = v + 10
    tau = np.where(w < -50, 1.25 + 175.03 * np.exp(0.026 * w), 1.25 + 13 * np.exp(-0.026 * w))
    return sigmoid((w + 1) / 12), tau / QT


def k_pst_h(v: Array) -> tuple[Array, Array]:
    w = v + 10
    tau = 360 + (1010 + 24 * (w + 55)) * np.exp(-(((w + 75) / 48) ** 2))
    return sigmoid(-(w + 54) / 11), tau / QT


def im_m(v: Array) -> tuple[Array, Array]:
    return pair(3.3e-3 * np.exp(0.1 * (v + 35)), 3.3e-3 * np.exp(-0.1 * (v + 35)), QT)


def ih_m(v: Array) -> tuple[Array, Array]:
    return pair(0.00643 * quotient(-v - 154.9, 11.9), 0.193 * np.exp(v / 33.1))


def hva_m(v: Array) -> tuple[Array, Array]:
    return pair(0.055 * quotient(v + 27, 3.8), 0.94 * np.exp((-75 - v) / 17))


def hva_h(v: Array) -> tuple[Array, Array]:
    return pair(4.57e-4 * np.exp((-13 - v) / 50), 0.0065 / (np.exp((-v - 15) / 28) + 1))


def lva_m(v: Array) -> tuple[Array, Array]:
    w = v + 10
    return sigmoid((w + 30) / 6), (5 + 20 / (1 + np.exp((w + 25) / 5))) / QT


def lva_h(v: Array) -> tuple[Array, Array]:
    w = v + 10
    return sigmoid(-(w + 80) / 6.4), (20 + 50 / (1 + np.exp((w + 40) / 7))) / QT


GATES: dict[tuple[str, str], Callable[[Array], tuple[Array, Array]]] = {
    ("NaTa_t", "m"): lambda v: pair(*na(38)(v), QT),
    ("NaTa_t", "h"): na_h(66),
    ("NaTs2_t", "m"): lambda v: pair(*na(32)(v), QT),
    ("NaTs2_t", "h"): na_h(60),
    ("Nap_Et2", "m"): nap_m,
    ("Nap_Et2", "h"): nap_h,
    ("K_Tst", "m"): k_tst_m,
    ("K_Tst", "h"): k_tst_h,
    ("K_Pst", "m"): k_pst_m,
    ("K_Pst", "h"): k_pst_h,
    ("SKv3_1", "m"): lambda v: (
        sigmoid((v - 18.7) / 9.7),
        4 / (1 + np.exp(-(v + 46.56) / 44.14)),
    ),
    ("Im", "m"): im_m,
    ("Ih", "m"): ih_m,
    ("Ca_HVA", "m"): hva_m,
    ("Ca_HVA", "h"): hva_h,
    ("Ca_LVAst", "m"): lva_m,
    ("Ca_LVAst", "h"): lva_h,
}
every_gate = pytest.mark.parametrize(("suffix", "gate"), GATES)


def voltages_mV(suffix: str) -> Array:
    """-120 to 60 mV, and the neighbourhood of each singular point, from both sides."""
    steps = [0.0, 1e-9, 1e-8, 1e-6, 1e-4, 1e-3, 0.02, 0.0263, 0.038, 0.0463, 0.06, 0.119, 0.2]
    near = [p + sign * d for p in SINGULAR_mV.get(suffix, ()) for d in steps for sign in (-1, 1)]
    return np.array([*np.arange(-120.0, 61.0), *near])


class Patches:
    """One patch of membrane at each voltage, with one mechanism of no conductance.

    No current flows, so the voltage stays to the last bit: a perfect voltage clamp.
    """

    def __init__(self, h: Any, suffix: str, v_mV: Array):
        self.h = h
        self.suffix = suffix
        self.v_mV = v_mV
        self.sections = [h.Section(name=f"patch{n}") for n in range(len(v_mV))]
        for section in self.sections:
            section.insert(suffix)
            setattr(section, f"g{suffix}bar_{suffix}", 0.0)
        self.start()

    def start(self) -> None:
        for section, v in zip(self.sections, self.v_mV, strict=True):
            section.v = v
        self.h.finitialize()

    def read(self, gate: str) -> Array:
        return np.array([getattr(s(0.5), f"{gate}_{self.suffix}") for s in self.sections])

    def write(self, gate: str, value: float) -> None:
        for section in self.sections:
            setattr(section, f"{gate}_{self.suffix}", value)

    def after_one_step(self, gate: str, value: float, dt_ms: float) -> Array:
        self.start()
        self.write(gate, value)
        self.h.dt = dt_ms
        self.h.fadvance()
        assert [s.v for s in self.sections] == list(self.v_mV)
        return self.read(gate)


@every_gate
def test_steady_state_and_time_constant(neuron_with_hay: Any, suffix: str, gate: str) -> None:
    v_mV = voltages_mV(suffix)
    steady, tau_ms = GATES[suffix, gate](v_mV)
    patches = Patches(neuron_with_hay, suffix, v_mV)
    # A step near the time constant loses fewest digits.
    dt_ms = 2 * float(np.min(tau_ms))
    from_0 = patches.after_one_step(gate, 0.0, dt_ms)
    left = patches.after_one_step(gate, 1.0, dt_ms) - from_0
    np.testing.assert_allclose(from_0 / (1 - left), steady, rtol=0, atol=1e-11)
    np.testing.assert_allclose(-dt_ms / np.log(left), tau_ms, rtol=1e-11, atol=0)


@every_gate
def test_gates_start_at_their_steady_state(neuron_with_hay: Any, suffix: str, gate: str) -> None:
    v_mV = voltages_mV(suffix)
    steady, _ = GATES[suffix, gate](v_mV)
    patches = Patches(neuron_with_hay, suffix, v_mV)
    np.testing.assert_allclose(patches.read(gate), steady, rtol=1e-12, atol=1e-15)


@every_gate
def test_relaxation_under_cvode(neuron_with_hay: Any, suffix: str, gate: str) -> None:
    h = neuron_with_hay
    v_mV = np.array([-95.0, -60.5, -38.0, -20.0, 15.0])
    steady, tau_ms = GATES[suffix, gate](v_mV)
    patches = Patches(h, suffix, v_mV)
    cvode = h.CVode()
    cvode.active(True)
    cvode.atol(1e-10)
    patches.start()
    patches.write(gate, 0.5)
    cvode.re_init()
    cvode.solve(3.0)
    expected = steady + (0.5 - steady) * np.exp(-3.0 / tau_ms)
    np.testing.assert_allclose(patches.read(gate), expected, rtol=0, atol=1e-7)
    cvode.atol(1e-3)


@pytest.mark.parametrize("celsius_degC", [6.3, 20.0, 37.0])
def test_rates_do_not_read_celsius(neuron_with_hay: Any, celsius_degC: float) -> None:
    h = neuron_with_hay
    v_mV = np.array([-70.0, -40.0])
    for (suffix, gate), closed_form in GATES.items():
        h.celsius = celsius_degC
        patches = Patches(h, suffix, v_mV)
        steady, tau_ms = closed_form(v_mV)
        expected = steady * -np.expm1(-0.05 / tau_ms)
        reached = patches.after_one_step(gate, 0.0, dt_ms=0.05)
        np.testing.assert_allclose(reached, expected, rtol=1e-9)


def test_the_rates_stay_finite_far_outside(neuron_with_hay: Any) -> None:
    """A bad parameter set may throw the voltage anywhere; a gate then saturates."""
    v_mV = np.array([-3000.0, -1000.0, -300.0, 300.0, 1000.0, 3000.0])
    for suffix, gate in GATES:
        patches = Patches(neuron_with_hay, suffix, v_mV)
        for start in (0.0, 1.0):
            reached = patches.after_one_step(gate, start, dt_ms=0.025)
            assert np.all((reached >= 0) & (reached <= 1)), (suffix, gate, reached)
