"""Stimuli that change in time, against what they do to a passive soma in closed form."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import RESTING_mV, passive, protocol, run, step, voltage
from workbench.cells import MaximalLength
from workbench.engines import EngineName, Integrator, Job, adaptive_step, fixed_step
from workbench.engines.neuron import NeuronEngine
from workbench.errors import EngineError
from workbench.mechanisms import read_mechanisms
from workbench.morphology import Cylinder, parse_site
from workbench.protocols import EPSP, Traces, Train, misshapen

Array = NDArray[np.float64]

# A soma 20 um long and wide: 10 ms, 795.8 MOhm.
TAU_ms = 10.0
R_MOhm = 1e-6 / (1e-4 * math.pi * 20.0**2 * 1e-8)
SOMA = passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=1e-4)
SITE = parse_site("soma(0.5)")


def charged_mV(t_ms: Array, amplitude_nA: float) -> Array:
    """Depolarisation by a step that begins at 0 and does not end."""
    since = np.maximum(t_ms, 0.0)
    return np.asarray(amplitude_nA * R_MOhm * -np.expm1(-since / TAU_ms))


def by_epsp_mV(t_ms: Array, rise_ms: float, decay_ms: float, peak_nA: float) -> Array:
    """Depolarisation by A (exp(-t/decay) - exp(-t/rise)) from 0, whose peak is `peak_nA`.

    The current is that of Hay et al. 2011; V' = (R I - V) / tau solved by an integrating factor.
    """
    top_ms = rise_ms * decay_ms / (decay_ms - rise_ms) * math.log(decay_ms / rise_ms)
    scale_nA = peak_nA / (math.exp(-top_ms / decay_ms) - math.exp(-top_ms / rise_ms))
    since = np.maximum(t_ms, 0.0)

    def answer(tau_ms: float) -> Array:
        difference = np.exp(-since / tau_ms) - np.exp(-since / TAU_ms)
        return np.asarray(difference / (1 - TAU_ms / tau_ms))

    return scale_nA * R_MOhm * (answer(decay_ms) - answer(rise_ms))


@pytest.mark.parametrize(
    ("integrator", "limit_mV"),
    [
        (fixed_step(0.005), 0.02),
        (fixed_step(0.005, order=2), 1e-4),
        (fixed_step(0.005, order=2, engine="coreneuron"), 1e-4),
        (Integrator(atol=1e-7), 1e-4),
        (adaptive_step(1e-6), 1e-3),
    ],
    ids=str,
)
def test_an_epsp_charges_the_soma(integrator: Integrator, limit_mV: float) -> None:
    """Two of them, with other amounts and times, add up with a hold."""
    cell = replace(SOMA, mechanisms=(read_mechanisms("synapses"),))
    plan = protocol(60, step(0.002), EPSP(SITE, 12, 0.5, 5, 0.02), EPSP(SITE, 20.5, 0.2, 3, -0.01))
    [traces] = run_in_children([Job(cell, plan, integrator)])
    assert isinstance(traces, Traces), traces
    t_ms = traces.t_ms
    exact = charged_mV(t_ms, 0.002)
    exact += by_epsp_mV(t_ms - 12, 0.5, 5, 0.02) + by_epsp_mV(t_ms - 20.5, 0.2, 3, -0.01)
    assert np.ptp(exact) > 3, "nothing happens"
    assert np.abs(voltage(traces) - RESTING_mV - exact).max() < limit_mV


@pytest.mark.parametrize(
    ("integrator", "limit_mV"),
    [
        (fixed_step(0.025), 0.02),
        (fixed_step(0.025, order=2), 1e-4),
        (Integrator(atol=1e-7), 1e-4),
        (adaptive_step(1e-6), 1e-3),
    ],
    ids=str,
)
def test_a_train_is_equal_steps_at_a_frequency(
    engine: NeuronEngine, integrator: Integrator, limit_mV: float
) -> None:
    """Five steps of 5 ms, the first at 10 ms, then one every 8 ms."""
    plan = protocol(70, Train(SITE, 10, 5, 0.01, frequency_Hz=125, count=5))
    traces = run(engine, SOMA, plan, integrator)
    edges_ms = 10 + 8 * np.arange(5)
    exact = sum(
        charged_mV(traces.t_ms - at, 0.01) - charged_mV(traces.t_ms - at - 5, 0.01)
        for at in edges_ms
    )
    assert np.max(exact) > 5, "nothing happens"
    assert np.abs(voltage(traces) - RESTING_mV - exact).max() < limit_mV


@pytest.mark.parametrize("engine_name", ["neuron", "coreneuron"])
@pytest.mark.parametrize(
    ("dt_ms", "delay_ms", "lasts_ms"),
    [(0.1, 5.0, 0.3), (0.1, 5.06, 0.3), (0.2, 5.02, 0.4), (0.2, 4.95, 0.2), (0.2, 5.15, 0.2)],
)
def test_a_current_lasts_whole_steps(
    engine_name: EngineName, dt_ms: float, delay_ms: float, lasts_ms: float
) -> None:
    """The charge that arrived on a soma that leaks none, 1 uF/cm2; a note tells of it."""
    leakless = passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=0)
    plan = protocol(10, step(0.01, delay_ms, 0.3))
    [traces] = run_in_children([Job(leakless, plan, fixed_step(dt_ms, engine=engine_name))])
    assert isinstance(traces, Traces), traces
    charge_pC = (voltage(traces)[-1] - RESTING_mV) * math.pi * 20.0**2 * 1e-8 * 1e3
    assert charge_pC == pytest.approx(0.01 * lasts_ms, rel=1e-6)
    said = misshapen(plan.bound(), dt_ms)
    assert said.endswith(f"lasts {lasts_ms:g} ms") if lasts_ms != 0.3 else said == ""


def test_a_current_shorter_than_the_step_is_refused(engine: NeuronEngine) -> None:
    """It would be one of a whole step or none; CVODE and adaptive steps stop at its ends."""
    plan = protocol(10, step(0.01, 5, 0.02))
    with pytest.raises(EngineError, match=r"test: a fixed step of 0\.025 ms may miss .* 0\.02 ms"):
        run(engine, SOMA, plan, fixed_step(0.025))
    for integrator in (Integrator(atol=1e-7), adaptive_step(1e-6)):
        reached = voltage(run(engine, SOMA, plan, integrator)).max() - RESTING_mV
        assert reached == pytest.approx(0.01 * R_MOhm * -math.expm1(-0.02 / TAU_ms), rel=1e-3)


def test_a_run_of_fifty_seconds_reaches_its_end(engine: NeuronEngine) -> None:
    """NEURON adds up 2,000,000 steps of 0.025 ms and is 2.7e-6 ms behind."""
    traces = run(engine, SOMA, protocol(50_000, step(0.01)), fixed_step(0.025))
    assert voltage(traces)[-1] - RESTING_mV == pytest.approx(0.01 * R_MOhm, rel=1e-6)
