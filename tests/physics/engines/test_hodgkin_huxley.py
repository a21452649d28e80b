"""NEURON's own hh against numbers of the squid axon (Hodgkin & Huxley 1952, J Physiol 117:500-544).

Where nothing else is said the numbers were computed with the built-in mechanism under NEURON
9.0.2 by another program. The velocity is the paper's. The warm spikes are integrated here, from
the paper's equations.
"""

import math

import numpy as np
import pytest

from tests.physics.engines.small_cells import (
    crossings_ms,
    hh_patch,
    protocol,
    run,
    step,
    voltage,
)
from workbench.cells import CellRecipe, MaximalLength, Paint
from workbench.engines import Integrator, adaptive_step, fixed_step
from workbench.engines.neuron import NeuronEngine
from workbench.morphology import Cylinder, cylinder_tree

FINE = fixed_step(0.005)


def rate_Hz(engine: NeuronEngine, uA_per_cm2: float) -> tuple[int, float]:
    """Number of spikes, and the steady rate after 550 ms."""
    plan = protocol(1050, step(uA_per_cm2 / 10, 50, 1000))
    spikes = crossings_ms(run(engine, hh_patch(), plan, fixed_step(0.01)), 0.0)
    late = spikes[spikes > 550]
    return spikes.size, 1e3 / np.diff(late).mean() if late.size > 1 else 0.0


def test_rest(engine: NeuronEngine) -> None:
    assert voltage(run(engine, hh_patch(), protocol(200), FINE))[-1] == pytest.approx(
        -64.974, abs=5e-4
    )
    gates = {"m_hh": 0.05311, "h_hh": 0.59519, "n_hh": 0.31808}
    for variable, settled in gates.items():
        traces = run(engine, hh_patch(), protocol(200, variable=variable), FINE)
        assert traces[f"soma.{variable}"].values[-1] == pytest.approx(settled, abs=6e-6)


def test_resistance_at_rest(engine: NeuronEngine) -> None:
    """Gates included: 869 ohm cm2."""
    down, up = (
        voltage(run(engine, hh_patch(), protocol(300, step(nA)), FINE))[-1]
        for nA in (-0.001, 0.001)
    )
    assert (up - down) / 0.002 * 1e6 * 1e-4 == pytest.approx(869, rel=0.01)


def test_train(engine: NeuronEngine) -> None:
    traces = run(engine, hh_patch(), protocol(110, step(1.0, 10, 100)), FINE)
    known = [11.903, 26.806, 41.436, 56.054, 70.671, 85.288, 99.905]
    np.testing.assert_allclose(crossings_ms(traces, 0.0), known, atol=1e-3)


def test_train_under_other_integrators(engine: NeuronEngine) -> None:
    """Three other integrators find the same spikes as one another, nearly those of the train."""
    plan = protocol(110, step(1.0, 10, 100))
    cvode = crossings_ms(run(engine, hh_patch(), plan, Integrator(atol=1e-7)), 0.0)
    second = crossings_ms(run(engine, hh_patch(), plan, fixed_step(0.005, 2)), 0.0)
    known = [11.903, 26.806, 41.436, 56.054, 70.671, 85.288, 99.905]
    adaptive = crossings_ms(run(engine, hh_patch(), plan, adaptive_step(1e-5)), 0.0)
    np.testing.assert_allclose(second, cvode, atol=0.01)
    np.testing.assert_allclose(adaptive, cvode, atol=0.05)
    np.testing.assert_allclose(cvode, known, atol=0.1)


def test_brief_pulse(engine: NeuronEngine) -> None:
    traces = run(engine, hh_patch(), protocol(40, step(10.0, 10, 0.5)), fixed_step(0.001))
    v, t = voltage(traces), traces.t_ms
    assert v.max() == pytest.approx(41.77, abs=0.005)
    assert t[v.argmax()] == pytest.approx(10.755, abs=1.1e-3)
    assert v.min() == pytest.approx(-76.19, abs=0.005)
    above = t[v > (v.max() - 64.974) / 2]
    assert above[-1] - above[0] == pytest.approx(1.525, abs=2.1e-3)
    assert (np.diff(v) / np.diff(t)).min() == pytest.approx(-69, abs=0.5)


@pytest.mark.parametrize(
    ("uA_per_cm2", "rate"),
    [(6.5, 55.5), (7, 58.5), (10, 68.35), (15, 78.6), (20, 86.4), (30, 98.6), (50, 116.8)],
)
def test_steady_rate(engine: NeuronEngine, uA_per_cm2: float, rate: float) -> None:
    assert rate_Hz(engine, uA_per_cm2)[1] == pytest.approx(rate, abs=0.06)


def test_firing_begins_with_a_jump(engine: NeuronEngine) -> None:
    assert rate_Hz(engine, 2.2)[0] == 0
    assert rate_Hz(engine, 2.3)[0] == 1
    assert rate_Hz(engine, 6.0)[0] == 2
    assert rate_Hz(engine, 6.2)[1] == pytest.approx(51.4, abs=0.06)


def test_depolarisation_block_is_gradual(engine: NeuronEngine) -> None:
    late = {}
    for uA_per_cm2 in (10, 60, 100):
        plan = protocol(1050, step(uA_per_cm2 / 10, 50, 1000))
        v = voltage(run(engine, hh_patch(), plan, fixed_step(0.01)))
        late[uA_per_cm2] = v[-20000:].max()
    assert late == pytest.approx({10: 30.2, 60: 1.5, 100: -20}, abs=0.15)


def test_anode_break(engine: NeuronEngine) -> None:
    def spikes_and_lowest(uA_per_cm2: float):
        plan = protocol(120, step(uA_per_cm2 / 10, 10, 50))
        traces = run(engine, hh_patch(), plan, FINE)
        return crossings_ms(traces, 0.0), voltage(traces).min()

    assert spikes_and_lowest(-2.5)[0].size == 0
    assert spikes_and_lowest(-3.0)[0].size == 1
    [spike_ms], lowest_mV = spikes_and_lowest(-10.0)
    assert spike_ms - 60 == pytest.approx(5.70, abs=0.005)
    assert lowest_mV == pytest.approx(-87.6, abs=0.05)


@pytest.mark.parametrize("celsius_degC", [6.3, 15.0, 18.5, 22.0, 28.0])
def test_temperature_reaches_the_rates(engine: NeuronEngine, celsius_degC: float) -> None:
    plan = protocol(25, step(10.0, 15, 0.5))
    v = voltage(run(engine, hh_patch(celsius_degC), plan, fixed_step(0.001)))
    assert v.max() == pytest.approx(peak_by_runge_kutta_mV(celsius_degC), abs=0.2)


def peak_by_runge_kutta_mV(celsius_degC: float) -> float:
    """Peak after 0.5 ms of 100 uA/cm2, from the equations of the paper with Q10 = 3."""
    phi = 3 ** ((celsius_degC - 6.3) / 10)

    def gates(v: float) -> list[tuple[float, float]]:
        return [
            (0.1 * (v + 40) / (1 - math.exp(-(v + 40) / 10)), 4 * math.exp(-(v + 65) / 18)),
            (0.07 * math.exp(-(v + 65) / 20), 1 / (1 + math.exp(-(v + 35) / 10))),
            (0.01 * (v + 55) / (1 - math.exp(-(v + 55) / 10)), 0.125 * math.exp(-(v + 65) / 80)),
        ]

    def slope(y: np.ndarray, i: float) -> np.ndarray:
        v, m, h, n = y.tolist()
        current = 120 * m**3 * h * (v - 50) + 36 * n**4 * (v + 77) + 0.3 * (v + 54.3)
        moves = [phi * (a * (1 - x) - b * x) for (a, b), x in zip(gates(v), (m, h, n), strict=True)]
        return np.array([i - current, *moves])

    dt = 0.004
    y = np.array([-64.974, *(a / (a + b) for a, b in gates(-64.974))])
    peak = -math.inf
    for k in range(1500):
        i = 100.0 if k < 0.5 / dt else 0.0
        k1 = slope(y, i)
        k2 = slope(y + dt / 2 * k1, i)
        k3 = slope(y + dt / 2 * k2, i)
        k4 = slope(y + dt * k3, i)
        y = y + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        peak = max(peak, y[0])
    return peak


def test_velocity_in_the_axon(engine: NeuronEngine) -> None:
    """Hodgkin and Huxley computed 18.8 m/s at 18.5 degC; at this dx and dt it is 18.68."""
    recipe = CellRecipe(
        "axon",
        cylinder_tree("axon", [Cylinder("somatic", 1e5, 476)]),
        inserted=(("all", "hh"),),
        paint=(Paint("Ra", "all", 35.4), Paint("cm", "all", 1.0)),
        segments=MaximalLength(995),
        celsius_degC=18.5,
    )
    assert recipe.segment_counts == (201,)
    sites = {"near": f"soma({60.5 / 201})", "far": f"soma({140.5 / 201})"}
    plan = protocol(6, step(5000, 0, 0.5, site="soma(0)"), sites=sites)
    traces = run(engine, recipe, plan, fixed_step(0.001))
    [near_ms], [far_ms] = (crossings_ms(traces, 0.0, name) for name in sites)
    velocity_m_per_s = 80 / 201 * 1e5 * 1e-3 / (far_ms - near_ms)
    assert velocity_m_per_s == pytest.approx(18.8, rel=0.01)
    assert velocity_m_per_s == pytest.approx(18.68, abs=0.02)
