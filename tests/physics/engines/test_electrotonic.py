"""Cable measures against NEURON's own Impedance, and against small steps of current."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.cells import cell_of
from workbench.api import load_cell
from workbench.cells import CellRecipe, MaximalLength, Paint, electrotonic
from workbench.engines import Integrator
from workbench.engines.neuron import NeuronEngine, build_for, door
from workbench.engines.neuron.cell import LiveCell
from workbench.engines.neuron.door import open_neuron
from workbench.engines.neuron.resting import _settle, linear_at_rest
from workbench.errors import EngineError
from workbench.morphology import Morphology, Section

SITES = ["soma(0.5)", "soma(0)", "dend[0](0.3)", "dend[1](1)", "dend[2](0.99)"]


def tapering() -> CellRecipe:
    """Return a branched cell of points with jumps and tapers, and other values in each region."""
    soma = [[0, 0, 0, 8], [0, 5, 0, 14], [0, 15, 0, 9.0]]
    stem = [[0, 15, 0, 3], [10, 60, 0, 2], [10, 60, 0, 1.5], [12, 130, 5, 1.2]]
    left = [[12, 130, 5, 1.2], [-40, 170, 0, 0.6], [-90, 180, 3, 0.4]]
    right = [[12, 130, 5, 0.8], [80, 160, 0, 0.7]]
    sections = (
        Section("somatic", -1, 0.0, np.array(soma)),
        Section("basal", 0, 1.0, np.array(stem)),
        Section("basal", 1, 1.0, np.array(left)),
        Section("basal", 1, 0.5, np.array(right, dtype=float)),
    )
    values = [("g_pas", "somatic", 2e-4), ("g_pas", "basal", 5e-5), ("cm", "somatic", 1.0),
              ("cm", "basal", 1.7), ("Ra", "somatic", 70.0), ("Ra", "basal", 180.0),
              ("e_pas", "all", -65.0)]  # fmt: skip
    return CellRecipe(
        "tapering",
        Morphology("tapering", sections),
        inserted=(("all", "pas"),),
        paint=tuple(Paint(*each) for each in values),
        segments=MaximalLength(15.0),
    )


@pytest.mark.parametrize("frequency_Hz", [0.0, 1.0, 50.0, 500.0])
def test_a_passive_cell_has_the_impedances_of_neuron(frequency_Hz: float) -> None:
    recipe = tapering()
    h = open_neuron(build_for(recipe, Integrator()))
    NeuronEngine(None).close()
    found, cell = electrotonic(recipe), LiveCell(h, recipe)
    try:
        h.finitialize(-65)
        for one in SITES:
            impedance, here = h.Impedance(), place(cell, one)
            impedance.loc(here.x, sec=here.sec)
            impedance.compute(frequency_Hz, 0)
            for other in SITES:
                there = place(cell, other)
                transfer = impedance.transfer(there.x, sec=there.sec)
                size = found.transfer_MOhm(one, other, frequency_Hz)
                assert size == pytest.approx(transfer, rel=1e-6), (one, other)
                # For a current into the other place, seen here.
                ratio = impedance.ratio(there.x, sec=there.sec)
                attenuation = found.log_attenuation(other, one, frequency_Hz)
                assert math.exp(-attenuation) == pytest.approx(ratio, rel=1e-6), (one, other)
            own = impedance.input(here.x, sec=here.sec)
            assert found.input_MOhm(one, frequency_Hz) == pytest.approx(own, rel=1e-6)
    finally:
        cell.close()


def place(cell, site):
    from workbench.morphology import parse_site

    return cell.at(parse_site(site))


@pytest.fixture(scope="module")
def hay(hay_build):
    cell_of("hay_l5b")
    recipe = load_cell("hay_l5b", params="biophys3").recipe
    return recipe, NeuronEngine(hay_build), open_neuron(hay_build)


def test_frozen_gates_are_those_of_neurons_impedance(hay) -> None:
    recipe, engine, h = hay
    found = electrotonic(recipe, linear_at_rest(engine, recipe, "frozen"))
    cell = LiveCell(h, recipe)
    try:
        given = Integrator(), recipe.celsius_degC, recipe.v_init_mV
        with door.conditions(h, *given, cell.conduct.put_back, cell.conduct.during(recipe)):
            _settle(h, cell, recipe)
            impedance, soma = h.Impedance(), cell.sections[0]
            impedance.loc(0.5, sec=soma)
            for frequency_Hz in (0.0, 30.0):
                impedance.compute(frequency_Hz, 0)
                own = impedance.input(0.5, sec=soma)
                assert found.input_MOhm("soma(0.5)", frequency_Hz) == pytest.approx(own, rel=1e-6)
                there = place(cell, "apical@620um")
                own = impedance.transfer(there.x, sec=there.sec)
                size = found.transfer_MOhm("soma(0.5)", "apical@620um", frequency_Hz)
                assert size == pytest.approx(own, rel=1e-6)
    finally:
        cell.close()


def test_gates_that_follow_give_the_slope_of_small_steps(hay) -> None:
    """NEURON itself, 1 pA to both sides for 6 s."""
    recipe, engine, h = hay
    found = electrotonic(recipe, linear_at_rest(engine, recipe, "following"))
    cell = LiveCell(h, recipe)
    try:
        given = Integrator(atol=1e-6), recipe.celsius_degC, recipe.v_init_mV
        with door.conditions(h, *given, cell.conduct.put_back, cell.conduct.during(recipe)):
            soma, ends_mV = cell.sections[0](0.5), []
            clamp = h.IClamp(soma)
            clamp.delay, clamp.dur = 0, 1e9
            for amplitude_nA in (1e-3, -1e-3):
                clamp.amp = amplitude_nA
                h.finitialize(recipe.v_init_mV)
                door.cvode().solve(6000)
                ends_mV.append(soma.v)
    finally:
        cell.close()
    slope_MOhm = (ends_mV[0] - ends_mV[1]) / 2e-3
    assert found.input_MOhm("soma(0.5)") == pytest.approx(slope_MOhm, rel=2e-4)


def test_a_cell_that_does_not_rest_is_refused(hay) -> None:
    recipe, engine, _ = hay
    values = {paint.name: paint.value for paint in recipe.paint if paint.value is not None}
    firing = replace(recipe.with_values(values), name="firing")
    paint = tuple(replace(p, value=-40.0) if p.variable == "e_pas" else p for p in firing.paint)
    with pytest.raises(EngineError, match="firing does not rest"):
        linear_at_rest(engine, replace(firing, paint=paint), "frozen")
