"""Currents by mechanism: charge is conserved, and each is its conductance times its force."""

from dataclasses import replace

import numpy as np
import pytest

import workbench as wb
from workbench.morphology import parse_site
from workbench.protocols import Recording

AREA_cm2 = 1e-4
"""Of the space-clamped patch: 1 nA is 10 uA/cm2."""


EXACT = wb.EngineChoice("neuron", cvode=1e-6)
"""CVODE has voltages and currents of the same moment; Crank-Nicolson has them half a step apart."""


def test_a_patch_takes_up_what_an_electrode_gives():
    """i_cap and the ionic currents sum to 10 nA over the patch for 0.5 ms, else to 0."""
    found = wb.currents("hodgkin_huxley", "pulse", "published", engine=EXACT).found
    whole = found.densities.sum(axis=0) + found.capacitive
    given = np.where((found.t_ms > 10) & (found.t_ms <= 10.5), 1e-5 / AREA_cm2, 0.0)
    jumps = np.isclose(found.t_ms, 10, atol=0.02) | np.isclose(found.t_ms, 10.5, atol=0.02)
    assert np.abs(found.capacitive).max() > 0.25
    assert np.abs(whole - given)[~jumps & (found.t_ms > 0.02)].max() < 5e-4


def test_each_is_its_conductance_times_its_force():
    """Of hh, whose ion currents have no RANGE: what is left of the ion's total is its own."""
    cell = wb.load_cell("hodgkin_huxley", params="published").with_engine(EXACT)
    asked = ("v", "gna_hh", "gk_hh")
    recordings = tuple(Recording("x", parse_site("soma(0.5)"), name) for name in asked)
    traced = wb.simulate(cell, replace(cell.protocol("pulse"), recordings=recordings))
    v_mV, g_na, g_k = (traced[f"x.{name}"].values for name in asked)
    found = wb.currents("hodgkin_huxley", "pulse", "published", engine=EXACT).found
    flow = dict(zip(found.names, found.densities, strict=True))
    assert np.array_equal(found.v_mV, v_mV)
    assert flow["hh.ina"] == pytest.approx(g_na * (v_mV - 50), rel=1e-9)
    assert flow["hh.ik"] == pytest.approx(g_k * (v_mV + 77), rel=1e-9)
    rows = {row["current"]: row for row in found.spikes()}
    assert rows["hh.ina"]["rise"] > 0.95
    assert rows["hh.ik"]["fall"] > 0.95


def test_currents_of_an_ion_are_its_total():
    """Of traub_ca3, each of whose mechanisms has its own: their sum is ik."""
    found = wb.currents("traub_ca3", "strong_current", "published").found
    cell = wb.load_cell("traub_ca3", params="published")
    recordings = (Recording("x", parse_site("soma(0.5)"), "ik"),)
    traced = wb.simulate(cell, replace(cell.protocol("strong_current"), recordings=recordings))
    potassium = [i for i, name in enumerate(found.names) if name.endswith(".ik")]
    assert len(potassium) == 4
    ours = found.densities[potassium].sum(axis=0)
    assert ours == pytest.approx(traced["x.ik"].values, rel=1e-9, abs=1e-12)
