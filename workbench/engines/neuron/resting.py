"""The membrane of a cell at rest, as NEURON linearises it there."""

from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.cells import CellRecipe
from workbench.cells.electrotonic import Gates, axial
from workbench.cells.network import Linear
from workbench.engines.job import Integrator
from workbench.engines.neuron import door
from workbench.engines.neuron.balancing import balance
from workbench.engines.neuron.cell import LiveCell, RefusedValueError
from workbench.engines.neuron.run import NeuronEngine
from workbench.errors import EngineError

SETTLING_ms = 3000.0
WATCHED_ms = 100.0
STILL_mV = 0.01
"""A cell at rest changes less in `WATCHED_ms`."""

APART_ohm_cm = 1e15
"""So large an axial resistivity that a segment is alone."""

AWAY_mV = 0.02
"""How far the voltage is held from rest, to both sides."""

HELD_ms, STEP_ms = 20_000.0, 50.0
SERIES_MOhm = 1.0


def linear_at_rest(engine: NeuronEngine, recipe: CellRecipe, gates: Gates) -> Linear:
    """Return the membrane of each segment, linear around the voltage at which the cell rests.

    The cell runs for 3 s without a stimulus; or, with gates initial, it stays where a run begins.
    Then its segments are taken apart. With gates frozen or initial NEURON's `Impedance` tells the
    conductance of each. With gates following, each is held 0.02 mV
    above and below its voltage until nothing changes, and the two currents tell it.
    (`Impedance.compute(0, 1)` of NEURON 9.0.2 is meant for that, and wrong where a cell has several
    segments.)

    Raises
    ------
    EngineError
        If the voltage does not come to rest, or NEURON refuses a value.
    """
    engine.close()
    h = engine.h
    try:
        cell = LiveCell(h, recipe)
    except RefusedValueError as error:
        raise EngineError(f"{recipe.name} cannot be linearised: {error}") from None
    settled = Integrator()
    cell.conduct.check(settled)
    conditions = (settled, recipe.celsius_degC, recipe.v_init_mV)
    try:
        with door.conditions(h, *conditions, cell.conduct.put_back, cell.conduct.during(recipe)):
            balance(h, cell, recipe)
            if gates == "initial":
                cell.restart_streams()
                h.finitialize(recipe.v_init_mV)
            else:
                _settle(h, cell, recipe)
            door.cvode().active(False)
            for section in cell.sections:
                section.Ra = APART_ohm_cm
            conductances = _followed(h, cell) if gates == "following" else _frozen(h, cell)
    except RefusedValueError as error:
        raise EngineError(f"{recipe.name} cannot be linearised: {error}") from None
    finally:
        cell.close()
    return Linear(conductances, *axial(recipe), 0.0 if gates == "following" else None)


def _settle(h: Any, cell: LiveCell, recipe: CellRecipe) -> None:
    cell.restart_streams()
    h.finitialize(recipe.v_init_mV)
    door.cvode().solve(SETTLING_ms - WATCHED_ms)
    before = _voltages_mV(cell)
    door.cvode().solve(SETTLING_ms)
    moved_mV = float(np.abs(_voltages_mV(cell) - before).max())
    if not moved_mV < STILL_mV:
        raise EngineError(
            f"{recipe.name} does not rest: without a stimulus its voltage still changes by "
            f"{moved_mV:.3g} mV in {WATCHED_ms:g} ms after {SETTLING_ms:g} ms. What is linear is "
            "around rest; choose parameters with which it is silent"
        )


def _voltages_mV(cell: LiveCell) -> Floats:
    return np.array([segment.v for section in cell.sections for segment in section])


def _frozen(h: Any, cell: LiveCell) -> tuple[Floats, ...]:
    """Return the conductance of each segment with its gates as they are, S/cm2."""
    impedance = h.Impedance()
    impedance.loc(0.5, sec=cell.sections[0])
    impedance.compute(0, 0)
    return tuple(
        np.array([_S_per_cm2(1 / impedance.input(one.x, sec=section), one) for one in section])
        for section in cell.sections
    )


def _followed(h: Any, cell: LiveCell) -> tuple[Floats, ...]:
    """Return the conductance of each segment in a current that flows for ever, S/cm2."""
    segments = [segment for section in cell.sections for segment in section]
    resting_mV = _voltages_mV(cell)
    clamps = [h.SEClamp(segment) for segment in segments]
    h.dt = STEP_ms
    held = []
    for away_mV in (AWAY_mV, -AWAY_mV):
        for one, voltage_mV in zip(clamps, resting_mV, strict=True):
            one.rs, one.dur1, one.amp1 = SERIES_MOhm, 1e9, voltage_mV + away_mV
        for _ in range(int(HELD_ms / STEP_ms)):
            h.fadvance()
        held.append((np.array([one.i for one in clamps]), _voltages_mV(cell)))
    (above_nA, above_mV), (below_nA, below_mV) = held
    uS = (above_nA - below_nA) / (above_mV - below_mV)
    found = np.array([_S_per_cm2(*each) for each in zip(uS, segments, strict=True)])
    ends = np.cumsum([section.nseg for section in cell.sections])
    return tuple(np.split(found, ends[:-1]))


def _S_per_cm2(uS: float, segment: Any) -> float:
    return 1e2 * uS / float(segment.area())
