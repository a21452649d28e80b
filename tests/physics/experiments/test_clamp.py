"""Clamped patches against the closed forms of what the .mod files say."""

from pathlib import Path

import numpy as np
import pytest

from workbench.experiments import Clamp, ClampFamily, clamp_family
from workbench.mechanisms import MechanismSet, read_mechanisms

SHORT = Clamp(step_ms=20, tail_ms=5, steps_mV=(-40.0, 0.0, 30.0))
HEAD = """
NEURON { THREADSAFE SUFFIX NAME NONSPECIFIC_CURRENT i RANGE g GLOBAL half }
UNITS { (mV) = (millivolt) (mA) = (milliamp) (S) = (siemens) }
PARAMETER { g = 0 (S/cm2) half = -30 (mV) }
ASSIGNED { v (mV) i (mA/cm2) inf tau (ms) }
"""
RATES = """
PROCEDURE rates() {
    inf = 1/(1 + exp(-(v - half)/9))
    tau = 0.05 + 40*exp(-((v + 40)/30)^2)
}
"""
LINEAR = "STATE { n }\nINITIAL { n = 0 }\nDERIVATIVE states { rates() n' = (inf - n)/tau }\n"
BY_METHOD = (
    HEAD.replace("NAME", "by_METHOD")
    + "BREAKPOINT { SOLVE states METHOD METHOD i = g*n*v }\n"
    + LINEAR
    + RATES
)
BY_HAND = (
    HEAD.replace("NAME", "by_hand")
    + "STATE { n }\nINITIAL { n = 0 }\nBREAKPOINT { SOLVE states i = g*n*v }\n"
    + "PROCEDURE states() { rates() n = n + (1 - exp(-dt/tau))*(inf - n) }\n"
    + RATES
)
NO_GATE = (
    HEAD.replace("NAME", "no_gate")
    + "STATE { x n }\nINITIAL { x = 1 n = 0 }\n"
    + "BREAKPOINT { SOLVE states METHOD derivimplicit i = g*n*x }\n"
    + "DERIVATIVE states { rates() x' = -x*x n' = (inf - n)/tau }\n"
    + RATES
)
# Two states, three, and two without a sum that is kept: by themselves c and o of the last look as
# if they relaxed with 1/a and 1/b.
SCHEME = (
    "ASSIGNED { a (/ms) b (/ms) }\n"
    "PROCEDURE speeds() { a = 0.1*exp((v + 30)/20)  b = 0.05*exp(-(v + 30)/20) }\n"
)
IN_TWO = (
    HEAD.replace("NAME", "in_two")
    + SCHEME
    + "STATE { c o }\nINITIAL { c = 1 o = 0 }\n"
    + "BREAKPOINT { SOLVE scheme METHOD sparse i = g*o*v }\n"
    + "KINETIC scheme { speeds() ~ c <-> o (a, b)\n CONSERVE c + o = 1 }\n"
)
IN_THREE = (
    HEAD.replace("NAME", "in_three")
    + SCHEME
    + "STATE { c o z }\nINITIAL { SOLVE scheme STEADYSTATE sparse }\n"
    + "BREAKPOINT { SOLVE scheme METHOD sparse i = g*o*v }\n"
    + "KINETIC scheme { speeds() ~ c <-> o (a, b)\n ~ o <-> z (0.01, 0.002)\n"
    + " CONSERVE c + o + z = 1 }\n"
)
COUPLED = (
    HEAD.replace("NAME", "coupled")
    + SCHEME
    + "STATE { c o n }\nINITIAL { speeds() rates() o = a/(a + b) c = b/(a + b) n = inf }\n"
    + "BREAKPOINT { SOLVE states METHOD derivimplicit i = g*o*n*v }\n"
    + "DERIVATIVE states { speeds() rates() c' = b*o - a*c o' = a*c - b*o n' = (inf - n)/tau }\n"
    + RATES
)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


@pytest.fixture(scope="module")
def methods(tmp_path_factory: pytest.TempPathFactory) -> MechanismSet:
    folder: Path = tmp_path_factory.mktemp("methods")
    texts = {
        m: BY_METHOD.replace("METHOD METHOD", f"METHOD {m}") for m in ("cnexp", "derivimplicit")
    }
    texts |= {"euler": BY_METHOD.replace("METHOD METHOD", "METHOD euler")}
    files = {f"by_{m}": text.replace("by_METHOD", f"by_{m}") for m, text in texts.items()}
    files |= {"by_hand": BY_HAND, "no_gate": NO_GATE}
    files |= {"in_two": IN_TWO, "in_three": IN_THREE, "coupled": COUPLED}
    for name, text in files.items():
        (folder / f"{name}.mod").write_text(text)
    return read_mechanisms(folder)


@pytest.mark.parametrize(
    "suffix", ["by_cnexp", "by_derivimplicit", "by_euler", "by_hand", "no_gate"]
)
def test_gates_whatever_the_method(methods: MechanismSet, suffix: str) -> None:
    family = clamp_family(methods, suffix, celsius_degC=20, settings={f"half_{suffix}": -20})
    v_mV = family.sweep
    assert family.gates == ("n",)
    assert (family.swept, family.unit, v_mV[0], v_mV[-1]) == ("v", "mV", -120, 60)
    np.testing.assert_allclose(family.steady[0], sigmoid((v_mV + 20) / 9), rtol=1e-4)
    np.testing.assert_allclose(
        family.tau_ms[0], 0.05 + 40 * np.exp(-(((v_mV + 40) / 30) ** 2)), rtol=1e-4
    )
    # Without a conductance there is no current.
    assert not family.current_mA_per_cm2.any()


def test_of_two_states_that_sum_to_1_one_has_the_time_constant(methods: MechanismSet) -> None:
    """dc/dt = b (1 - c) - a c: it relaxes to b / (a + b) with 1 / (a + b), and o with it."""
    family = clamp_family(methods, "in_two", celsius_degC=20, clamp=SHORT)
    a = 0.1 * np.exp((family.sweep + 30) / 20)
    b = 0.05 * np.exp(-(family.sweep + 30) / 20)
    [gate] = family.gates
    open_or_closed = {"o": a / (a + b), "c": b / (a + b)}
    np.testing.assert_allclose(family.steady[0], open_or_closed[gate], rtol=1e-4)
    np.testing.assert_allclose(family.tau_ms[0], 1 / (a + b), rtol=1e-4)


@pytest.mark.parametrize(("suffix", "gates"), [("in_three", ()), ("coupled", ("n",))])
def test_states_that_heed_one_another_have_no_time_constant_of_their_own(
    methods: MechanismSet, suffix: str, gates: tuple[str, ...]
) -> None:
    assert clamp_family(methods, suffix, celsius_degC=20, clamp=SHORT).gates == gates


def test_gates_that_start_at_0_settle_before_the_step(methods: MechanismSet) -> None:
    clamp = Clamp(holding_mV=20.0, steps_mV=(40.0,), step_ms=5, tail_ms=0)
    family = clamp_family(
        methods, "by_cnexp", celsius_degC=20, settings={"g_by_cnexp": 0.1}, clamp=clamp
    )
    settled = 0.1 * sigmoid(np.array(50 / 9)) * 20
    np.testing.assert_allclose(family.current_mA_per_cm2[0, family.t_ms < 0], settled, rtol=1e-9)


def test_potassium_current_in_a_step(hay_build: object) -> None:
    """SKv3_1: i = g m (v - ek), and m relaxes exponentially at a constant voltage."""
    settings = {"gSKv3_1bar_SKv3_1": 0.02, "ek": -85.0}
    family = clamp_family(
        read_mechanisms("hay_l5b"), "SKv3_1", celsius_degC=34, settings=settings, clamp=SHORT
    )

    def steady(v_mV: np.ndarray) -> np.ndarray:
        return sigmoid((v_mV - 18.7) / 9.7)

    def tau_ms(v_mV: np.ndarray) -> np.ndarray:
        return 4 * sigmoid((v_mV + 46.56) / 44.14)

    t_ms, steps, held = family.t_ms, family.steps[:, None], np.array(-80.0)
    start = steady(held)
    during = steady(steps) + (start - steady(steps)) * np.exp(-t_ms / tau_ms(steps))
    end = steady(steps) + (start - steady(steps)) * np.exp(-20 / tau_ms(steps))
    after = start + (end - start) * np.exp(-(t_ms - 20) / tau_ms(held))
    inside, tail = (t_ms >= 0) & (t_ms < 19.99), t_ms >= 19.99
    expected = np.where(inside, during * (steps + 85), np.where(tail, after, start) * (held + 85))
    np.testing.assert_allclose(family.current_mA_per_cm2, 0.02 * expected, rtol=1e-9, atol=1e-15)
    assert (t_ms[0], family.step_ms, family.holding) == (-5, 20, -80)
    np.testing.assert_allclose(family.steady[0], steady(family.sweep), rtol=1e-5)
    np.testing.assert_allclose(family.tau_ms[0], tau_ms(family.sweep), rtol=1e-4)


def test_a_calcium_gate_is_swept_over_calcium(hay_build: object) -> None:
    """SK_E2: half open at 0.43 uM with the power 4.8, time constant 1 ms."""
    family = clamp_family(
        read_mechanisms("hay_l5b"), "SK_E2", celsius_degC=34, settings={"ek": -90.0}, clamp=SHORT
    )
    assert (family.swept, family.unit, family.voltage_mV) == ("cai", "mM", 0)
    steady = 1 / (1 + (4.3e-4 / family.sweep) ** 4.8)
    np.testing.assert_allclose(family.steady[0], steady, rtol=1e-6)
    np.testing.assert_allclose(family.tau_ms[0], 1.0, rtol=1e-4)
    open_at_end = 1 / (1 + (4.3e-4 / family.steps) ** 4.8)
    before_end = family.current_mA_per_cm2[:, np.searchsorted(family.t_ms, 19.9)]
    np.testing.assert_allclose(before_end, 1e-5 * open_at_end * 90, rtol=1e-6, atol=1e-10)


def test_squid_axon_at_rest() -> None:
    """Hodgkin and Huxley (1952) with the resting potential at -65 mV, 6.3 degC, phi = 1.

    NEURON interpolates these rates in a table.
    """
    family = clamp_family(None, "hh", celsius_degC=6.3, clamp=SHORT)
    u = np.array([-20.0, 20.0, 60.0])
    rates = {
        "m": (0.1 * (25 - u) / np.expm1((25 - u) / 10), 4 * np.exp(-u / 18)),
        "h": (0.07 * np.exp(-u / 20), 1 / (1 + np.exp((30 - u) / 10))),
        "n": (0.01 * (10 - u) / np.expm1((10 - u) / 10), 0.125 * np.exp(-u / 80)),
    }
    at = np.searchsorted(family.sweep, u - 65)
    assert family.gates == ("m", "h", "n")
    for number, (a, b) in enumerate(rates.values()):
        np.testing.assert_allclose(family.steady[number, at], a / (a + b), rtol=1e-4)
        np.testing.assert_allclose(family.tau_ms[number, at], 1 / (a + b), rtol=1e-3)


def test_a_leak_has_no_gates_and_obeys_ohm() -> None:
    family = clamp_family(None, "pas", celsius_degC=20, settings={"g_pas": 2e-3}, clamp=SHORT)
    assert family.gates == ()
    assert family.steady.shape == family.tau_ms.shape == (0, 181)
    during = family.current_mA_per_cm2[:, (family.t_ms >= 0) & (family.t_ms < 19.9)]
    np.testing.assert_allclose(
        during, np.broadcast_to(2e-3 * (family.steps + 70)[:, None], during.shape)
    )


def test_the_family_is_locked() -> None:
    family: ClampFamily = clamp_family(None, "pas", celsius_degC=20, clamp=SHORT)
    for name in ("sweep", "steady", "tau_ms", "steps", "t_ms", "current_mA_per_cm2"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(family, name)[...] = 0
