"""What an electrode sees through a pipette: the cell in series with its resistance."""

import numpy as np
import pytest

from workbench.cells import CellRecipe, Paint
from workbench.engines import Job, fixed_step
from workbench.engines.tasks import simulate
from workbench.morphology import Cylinder, add_pipette, cylinder_tree, parse_site
from workbench.protocols import Protocol, Recording, Step
from workbench.workers import SerialWorkers

SOMA = cylinder_tree("sphere", [Cylinder("somatic", 20.0, 20.0)])
AREA_um2 = np.pi * 20.0**2
G_S_per_cm2, R_MOhm, C_pF = 2e-4, 40.0, 3.0
CURRENT_nA, STEP_ms = 0.05, 0.005
INTO = "dend[79](1)"


def voltages():
    recipe = CellRecipe(
        "patched",
        add_pipette(SOMA, resistance_MOhm=R_MOhm, capacitance_pF=C_pF),
        inserted=(("somatic", "pas"),),
        paint=(
            Paint("Ra", "all", 100.0),
            Paint("cm", "all", 1.0),
            Paint("g_pas", "somatic", G_S_per_cm2),
            Paint("e_pas", "somatic", -70.0),
        ),
        v_init_mV=-70.0,
    )
    sites = {"electrode": INTO, "cell": "soma(0.5)"}
    protocol = Protocol(
        "step",
        70.0,
        (Step(parse_site(INTO), 0.0, 1e9, CURRENT_nA),),
        tuple(Recording(name, parse_site(site)) for name, site in sites.items()),
    )
    [traces] = simulate([Job(recipe, protocol, fixed_step(STEP_ms))], SerialWorkers())
    return [np.asarray(traces[f"{name}.v"].values) + 70.0 for name in sites]


def test_the_electrode_and_the_cell():
    electrode_mV, cell_mV = voltages()
    # At rest no current is left for capacitances: Ohm's law for the cell and for the pipette.
    resistance_MOhm = 100 / (G_S_per_cm2 * AREA_um2)  # 1 / (S/cm2 um2) is 100 MOhm
    assert cell_mV[-1] == pytest.approx(CURRENT_nA * resistance_MOhm, rel=1e-4)
    assert electrode_mV[-1] - cell_mV[-1] == pytest.approx(CURRENT_nA * R_MOhm, rel=1e-4)
    # What came through the electrode and did not leak is on the capacitors: C V of the cell, and
    # of 80 equal parts of the glass at the voltages along a cone from 1 to 128 um.
    leaked_nA = cell_mV[1:] / resistance_MOhm
    charge_pC = np.sum(CURRENT_nA - leaked_nA) * STEP_ms
    shares = (1 + 127 / 79 * np.arange(80)) ** -2.0
    shares /= shares.sum()
    along_mV = cell_mV[-1] + CURRENT_nA * R_MOhm * (np.cumsum(shares) - shares / 2)
    cell_pF = 0.01 * AREA_um2
    held_pC = (cell_pF * cell_mV[-1] + C_pF * along_mV.mean()) / 1000
    assert charge_pC == pytest.approx(held_pC, rel=1e-3)
