"""What keeps the order of adaptive steps: curved currents, and gates quicker than a step."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import RESTING_mV, passive, protocol, run, voltage
from workbench.cells import CellRecipe, MaximalLength
from workbench.engines import Integrator, Job, adaptive_step
from workbench.engines.population import PopulationEngine
from workbench.mechanisms import read_mechanisms
from workbench.morphology import Cylinder
from workbench.protocols import Traces

ABOVE_mV, SCALE_mV, TAU_ms = 20.0, 10.0, 10.0
CURVED = """
NEURON {
    SUFFIX curved
    NONSPECIFIC_CURRENT i
}
ASSIGNED { v (mV) i (mA/cm2) }
BREAKPOINT { i = 1e-4*(v + 70)*(v + 70)/10 }
"""
QUICK_ms = 0.2
QUICK = """
NEURON {
    SUFFIX quick
    RANGE m
}
ASSIGNED { v (mV) }
STATE { m }
INITIAL { m = 0.2/(1 - 0.02) }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states { m' = ((v + 70)/100 - m)/0.2 }
"""


def decaying(folder: Path, name: str, text: str) -> CellRecipe:
    """A soma of 10 ms that begins 20 mV above its rest, with a mechanism."""
    (folder / f"{name}.mod").write_text(text)
    soma = [Cylinder("somatic", 20, 20)]
    recipe = passive(soma, MaximalLength(40), g_S_per_cm2=1e-4, v_init_mV=RESTING_mV + ABOVE_mV)
    inserted = (*recipe.inserted, ("all", name))
    return replace(recipe, mechanisms=(read_mechanisms(folder),), inserted=inserted)


def lanes(step_error_mV: float) -> Integrator:
    return Integrator("population", atol=None, step_error_mV=step_error_mV, steps_per_ms=9999)


@pytest.mark.parametrize("engine_name", ["neuron", "population"])
def test_a_current_that_is_curved_is_of_third_order_too(tmp_path: Path, engine_name: str) -> None:
    """u' = -(u + u^2 / 10 mV) / tau, as of GHK; u = a / (exp(t / tau) (1 + a / U) - a / U).

    A thousandth of the error of a step, whose third power is the whole's, is a 31st where a step is
    allowed less as the square of its length; a 10th would be second order.
    """
    recipe = decaying(tmp_path, "curved", CURVED)
    off_mV = []
    for mV in (1e-2, 1e-5):
        if engine_name == "neuron":
            integrator = replace(adaptive_step(mV), steps_per_ms=9999)
            [found] = run_in_children([Job(recipe, protocol(20), integrator)])
        else:
            found = run(PopulationEngine(), recipe, protocol(20), lanes(mV))
        assert isinstance(found, Traces)
        share = ABOVE_mV / SCALE_mV
        true_mV = ABOVE_mV / (np.exp(found.t_ms / TAU_ms) * (1 + share) - share)
        off_mV.append(np.abs(voltage(found) - RESTING_mV - true_mV)[found.t_ms > 1].max())
    assert off_mV[0] < 1e-3
    assert off_mV[1] < off_mV[0] / 20


def test_a_gate_quicker_than_a_step_lags_by_its_time_constant(tmp_path: Path) -> None:
    """m' = (v / 100 mV - m) / 0.2 ms where v decays with 10 ms: m = v / 100 mV / (1 - 0.02)."""
    recipe = decaying(tmp_path, "quick", QUICK)
    plan = protocol(30, variable="m_quick")
    found = run(PopulationEngine(), recipe, plan, lanes(0.02))
    t_ms, m = found.t_ms, found["soma.m_quick"].values
    steps_ms = np.gradient(t_ms)
    slope = ABOVE_mV / 100 * np.exp(-t_ms / TAU_ms) / TAU_ms
    true = ABOVE_mV / 100 * np.exp(-t_ms / TAU_ms) / (1 - QUICK_ms / TAU_ms)
    long = (steps_ms > QUICK_ms) & (steps_ms < 5 * QUICK_ms)
    assert long.sum() > 5
    assert (np.abs(m - true) / (slope * steps_ms))[long].max() < 0.006
