"""The synapses against closed forms and printed tables.

Magnesium block: Jahr & Stevens 1990 (J Neurosci 10:3178-3182); saturating gate: Wang 1999
(J Neurosci 19:9587-9603); current of an EPSP: Hay et al. 2011 (doi:10.1371/journal.pcbi.1002107).
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.physics.mechanisms import experiments
from tests.physics.mechanisms.families import (
    Call,
    check_engines,
    unit_complaints,
)

Array = NDArray[np.float64]


def peak_ms(fast: float, slow: float) -> float:
    return fast * slow / (slow - fast) * float(np.log(slow / fast))


def shape(t_ms: Array, fast: float, slow: float) -> Array:
    """A bi-exponential from 0, with a peak of 1."""

    def difference(t: Array) -> Array:
        return np.asarray(np.exp(-t / slow) - np.exp(-t / fast), dtype=np.float64)

    highest = difference(np.array(peak_ms(fast, slow)))
    return np.where(t_ms > 0, difference(np.maximum(t_ms, 0)) / highest, 0.0)


# The magnesium block.

UNBLOCKED = {
    -90: 0.0133, -80: 0.0244, -70: 0.0445, -60: 0.0796, -50: 0.1385, -40: 0.2302,
    -30: 0.3572, -20: 0.5081, 0: 0.7812, 20: 0.9250, 40: 0.9771,
}  # fmt: skip
# states that make the conductance 1 uS without magnesium, and its name
OPEN = {
    "NMDA": ({}, {"decay": 1.0}, "g"),
    "AMPANMDA": ({}, {"decay_nmda": 1.0}, "g_nmda"),
    "NMDASaturating": ({"gmax": 1.0}, {"s": 1.0}, "g"),
}
every_nmda = pytest.mark.parametrize("name", OPEN)


def unblocked(call: Call, name: str, v_mV: Array, **values: float) -> tuple[Array, Array]:
    """Return the part of the conductance that is open, and the current in nA for 1 uS."""
    more, states, g = OPEN[name]
    found = call(experiments.synapse_at_voltages, name, {**more, **values}, states, v_mV, [g, "i"])
    return found[g], found["i"]


@every_nmda
def test_table_of_the_magnesium_block(call: Call, name: str) -> None:
    part, current_nA = unblocked(call, name, np.array([*UNBLOCKED], dtype=float))
    assert np.round(part, 4).tolist() == list(UNBLOCKED.values())
    np.testing.assert_allclose(current_nA, part * np.array([*UNBLOCKED]), rtol=1e-14)


@every_nmda
@pytest.mark.parametrize(("mg", "half_mV"), [(0.5, -31.71), (1.0, -20.53), (2.0, -9.35)])
def test_voltage_of_half_block(call: Call, name: str, mg: float, half_mV: float) -> None:
    below, above = unblocked(call, name, half_mV + np.array([-0.005, 0.005]), mg=mg)[0]
    assert below < 0.5 < above


@every_nmda
def test_no_block_without_magnesium(call: Call, name: str) -> None:
    part, _ = unblocked(call, name, np.array([-120.0, -70.0, 0.0, 60.0]), mg=0.0)
    assert part.tolist() == [1.0] * 4


@every_nmda
def test_largest_inward_current(call: Call, name: str) -> None:
    v_mV = np.arange(-90.0, 0.0, 0.01)
    _, current_nA = unblocked(call, name, v_mV)
    lowest = int(np.argmin(current_nA))
    assert v_mV[lowest] == pytest.approx(-26.96, abs=0.0051)
    assert current_nA[lowest] == pytest.approx(-10.83, abs=0.005)
    assert np.all(np.diff(current_nA[: lowest + 1]) < 0), "a negative slope below the minimum"
    assert np.all(np.diff(current_nA[lowest:]) > 0)


@every_nmda
def test_steeper_block(call: Call, name: str) -> None:
    v_mV = np.arange(-90.0, 0.0, 0.01)
    part, current_nA = unblocked(call, name, v_mV, gamma=0.087)
    assert v_mV[np.argmin(current_nA)] == pytest.approx(-19.2, abs=0.051)
    assert np.interp(-70.0, v_mV, part) == pytest.approx(0.0080, abs=5e-5)


@every_nmda
def test_block_of_other_constants(call: Call, name: str) -> None:
    v_mV = np.array([-100.0, -61.5, 13.0])
    part, current_nA = unblocked(call, name, v_mV, gamma=0.08, K0=3.0, mg=1.2, erev=-5.0)
    expected = 1 / (1 + np.exp(-0.08 * v_mV) * 1.2 / 3.0)
    np.testing.assert_allclose(part, expected, rtol=1e-13)
    np.testing.assert_allclose(current_nA, expected * (v_mV + 5), rtol=1e-13)


# The conductance after events.

SHAPES = [(0.2, 2.0), (2.0, 100.0), (0.5, 10.0), (0.01, 5.0), (3.0, 1.0)]
every_shape = pytest.mark.parametrize(("rise", "decay"), SHAPES)
PLAIN = {"AMPA": 0.0, "GABAA": -70.0}
"""Synapses without block, and their reversal potentials in mV."""


def after_one_event(
    call: Call, name: str, rise: float, decay: float, t_ms: Array, dt_ms: float | None
) -> Array:
    """Return the conductance at some times after an event of 1 uS, without magnesium."""
    values = {"tau_rise": rise, "tau_decay": decay} | ({"mg": 0.0} if name == "NMDA" else {})
    found = call(
        experiments.synapse_after_events, name, values, [(0.0, 1.0)], -50.0, ["g"], t_ms, 0.0, dt_ms
    )
    conductance: Array = found["g"]
    return conductance


@pytest.mark.parametrize("name", [*PLAIN, "NMDA"])
@every_shape
def test_peak_is_the_weight(call: Call, name: str, rise: float, decay: float) -> None:
    top_ms = peak_ms(rise, decay)
    dt_ms = top_ms / 40
    times_ms = dt_ms * np.array([20, 39, 40, 41, 80, 200])
    g = after_one_event(call, name, rise, decay, times_ms, dt_ms)
    assert g[2] == pytest.approx(1.0, abs=1e-12)
    assert max(g[1], g[3]) < 1
    np.testing.assert_allclose(g, shape(times_ms, rise, decay), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", [*PLAIN, "NMDA"])
def test_equal_time_constants_give_the_alpha_function(call: Call, name: str) -> None:
    times_ms = np.array([1.0, 2.5, 5.0, 10.0, 40.0])
    g = after_one_event(call, name, 5.0, 5.0, times_ms, 0.025)
    np.testing.assert_allclose(g, times_ms / 5 * np.exp(1 - times_ms / 5), rtol=1e-3)
    assert g[2] == pytest.approx(1.0, abs=1e-8)


@pytest.mark.parametrize("name", [*PLAIN, "NMDA"])
def test_conductance_under_cvode(call: Call, name: str) -> None:
    times_ms = np.array([0.3, 1.0, 4.0, 20.0, 70.0])
    g = after_one_event(call, name, 0.5, 10.0, times_ms, None)
    np.testing.assert_allclose(g, shape(times_ms, 0.5, 10.0), rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", PLAIN)
def test_events_add_up(call: Call, name: str) -> None:
    events = [(1.0, 0.002), (3.5, 0.001), (3.5, 0.0005)]
    times_ms = np.array([0.5, 2.0, 4.0, 9.0])
    values = {"tau_rise": 0.5, "tau_decay": 3.0}
    found = call(
        experiments.synapse_after_events,
        name, values, events, -50.0, ["g", "i"], times_ms, 0.0, 0.025,
    )  # fmt: skip
    expected = sum(weight * shape(times_ms - at, 0.5, 3.0) for at, weight in events)
    np.testing.assert_allclose(found["g"], expected, rtol=0, atol=1e-14)
    np.testing.assert_allclose(found["i"], expected * (-50.0 - PLAIN[name]), rtol=0, atol=1e-12)


def test_one_synapse_of_both_kinds(call: Call) -> None:
    times_ms, v_mV = np.array([1.0, 3.0, 20.0, 150.0]), -40.0
    values = {"tau_rise_ampa": 0.3, "tau_decay_ampa": 3.0, "tau_rise_nmda": 4.0,
              "tau_decay_nmda": 60.0, "ratio": 1.6}  # fmt: skip
    found = call(
        experiments.synapse_after_events,
        "AMPANMDA", values, [(0.0, 0.002)], v_mV, ["g_ampa", "g_nmda", "i"], times_ms, 0.0, 0.025,
    )  # fmt: skip
    ampa = 0.002 * shape(times_ms, 0.3, 3.0)
    nmda = 1.6 * 0.002 * shape(times_ms, 4.0, 60.0) / (1 + np.exp(-0.062 * v_mV) / 3.57)
    np.testing.assert_allclose(found["g_ampa"], ampa, rtol=0, atol=1e-14)
    np.testing.assert_allclose(found["g_nmda"], nmda, rtol=0, atol=1e-14)
    np.testing.assert_allclose(found["i"], (ampa + nmda) * v_mV, rtol=0, atol=1e-12)


MEANS = {1: 0.064, 5: 0.291, 10: 0.467, 20: 0.647, 40: 0.791, 80: 0.886}
"""Mean of the saturating gate at a rate in Hz, printed from a first-order integration."""


def mean_of_the_gate(rate_Hz: int) -> float:
    """Mean of s' = 0.5 x (1 - s) - s/100 over one period of its steady rhythm.

    x decays with 2 ms from 1/(1 - exp(-T/2)); s is linear, so an integrating factor solves it.
    """
    t_ms = np.linspace(0, 1000 / rate_Hz, 200_001)
    x = np.exp(-t_ms / 2) / -np.expm1(-t_ms[-1] / 2)
    factor = t_ms / 100 + x[0] * -np.expm1(-t_ms / 2)
    pushed = 0.5 * x * np.exp(factor - factor[-1])
    steps = np.diff(t_ms) * (pushed[1:] + pushed[:-1]) / 2
    grown = np.concatenate([[0.0], np.cumsum(steps)])
    first = grown[-1] / -np.expm1(-factor[-1])
    s = np.exp(-factor) * first + np.exp(factor[-1] - factor) * grown
    return float(np.trapezoid(s, t_ms) / t_ms[-1])


def test_printed_means() -> None:
    found = [mean_of_the_gate(rate) for rate in MEANS]
    assert found == pytest.approx(list(MEANS.values()), abs=1e-3)


@pytest.mark.parametrize(
    ("rate_Hz", "dt_ms", "within"),
    [*((rate, None, 1e-4) for rate in MEANS), (5, 0.025, 1e-3), (80, 0.025, 1e-3)],
)
def test_mean_of_the_saturating_gate(
    call: Call, rate_Hz: int, dt_ms: float | None, within: float
) -> None:
    every_ms = 1000 / rate_Hz
    events = [(n * every_ms, 1.0) for n in range(3 * rate_Hz)]
    found = call(
        experiments.synapse_after_events,
        "NMDASaturating", {}, events, -50.0, ["s"], None, 3000.0, dt_ms,
    )  # fmt: skip
    late = found["t"] >= 2000 - 1e-9
    t_ms, s = found["t"][late], found["s"][late]
    mean = np.trapezoid(s, t_ms) / (t_ms[-1] - t_ms[0])
    assert mean == pytest.approx(mean_of_the_gate(rate_Hz), abs=within)


# The current of an EPSP.

HAY = [(0.2, 3.0, 0.5), (0.5, 5.0, 1.5)]
every_epsp = pytest.mark.parametrize(("tau0", "tau1", "imax"), HAY)


@every_epsp
def test_current_peaks_at_imax(call: Call, tau0: float, tau1: float, imax: float) -> None:
    onset = 20.0
    top_ms = onset + tau0 * tau1 * np.log(tau0 / tau1) / (tau0 - tau1)
    values = {"onset": onset, "tau0": tau0, "tau1": tau1, "imax": imax}
    times_ms = np.array([0.0, 19.999, 20.0, 20.1, top_ms, 25.0, 60.0])
    found = call(
        experiments.synapse_after_events,
        "EPSPCurrent", values, [], -70.0, ["i"], times_ms, 0.0, None,
    )  # fmt: skip
    assert found["i"][4] == pytest.approx(-imax, abs=1e-12)
    expected = -imax * shape(times_ms - onset, tau0, tau1)
    np.testing.assert_allclose(found["i"], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("onset", [0.0, 1.26])
def test_current_is_not_shifted_by_the_step(call: Call, onset: float) -> None:
    """Backward Euler takes the current in the middle of its step."""
    values = {"onset": onset, "imax": 0.5}
    found = call(
        experiments.synapse_after_events, "EPSPCurrent", values, [], -70.0, ["i"], None, 8.0, 0.1
    )
    middle = found["t"][1:] - 0.05
    expected = -0.5 * shape(middle - onset, 0.2, 3.0)
    np.testing.assert_allclose(found["i"][1:], expected, rtol=0, atol=1e-12)


PASSIVE = {"g_pas": 1e-4, "e_pas": -70.0, "cm": 1.0}


def charged_mV(t_ms: Array, tau0: float, tau1: float, imax: float) -> Array:
    """Depolarisation of a patch 20 um long and wide by the current, from t = 0."""
    area_cm2, tau_ms = np.pi * 400e-8, 10.0
    highest = np.exp(-peak_ms(tau0, tau1) / tau1) - np.exp(-peak_ms(tau0, tau1) / tau0)
    # 1 mA/cm2 charges 1 uF/cm2 by 1000 mV in 1 ms.
    mV_per_ms = 1000 * imax * 1e-6 / highest / area_cm2

    def response(tau: float) -> Array:
        return (np.exp(-t_ms / tau) - np.exp(-t_ms / tau_ms)) / (1 / tau_ms - 1 / tau)

    return np.asarray(mV_per_ms * (response(tau1) - response(tau0)), dtype=np.float64)


@pytest.mark.parametrize(("dt_ms", "within_mV"), [(None, 1e-3), (0.025, 0.05)])
@every_epsp
def test_cvode_does_not_step_over_the_onset(
    call: Call, tau0: float, tau1: float, imax: float, dt_ms: float | None, within_mV: float
) -> None:
    """After 600 ms of rest, where the steps of CVODE have become as long as they can."""
    values = {"onset": 600.0, "tau0": tau0, "tau1": tau1, "imax": imax / 10}
    since_ms = np.array([0.5, 2.0, 5.0, 10.0, 30.0])
    found = call(
        experiments.potential, "EPSPCurrent", values, PASSIVE, -70.0, 600 + since_ms, dt_ms
    )
    expected = charged_mV(since_ms, tau0, tau1, imax / 10)
    assert expected.max() > 1
    np.testing.assert_allclose(found + 70, expected, rtol=0, atol=within_mV)


# NEURON and CoreNEURON.

# parameters, and the weight of an event
ALL: dict[str, tuple[dict[str, float], float | None]] = {
    "AMPA": ({}, 0.002),
    "NMDA": ({}, 0.002),
    "AMPANMDA": ({}, 0.002),
    "GABAA": ({}, 0.002),
    "NMDASaturating": ({}, 1.0),
    "EPSPCurrent": ({"onset": 3.01, "imax": 0.2}, None),
}


@pytest.mark.parametrize("names", [[name] for name in ALL] + [list(ALL)], ids="+".join)
def test_both_engines_give_the_same_voltage(call: Call, names: list[str]) -> None:
    synapses = {name: ALL[name] for name in names}
    check_engines(call, ["hh"], {}, synapses, 0.3, -65.0, ["v"], 6.3)


def test_units_agree() -> None:
    assert unit_complaints("synapses") == []
