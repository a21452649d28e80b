"""Reversal potentials with which the membrane carries no current where a cell is to rest.

The steady currents of a segment are those after NEURON's `finitialize` at that voltage, where
each mechanism's INITIAL has put its states. Their sum is linear in the reversal potential e of a
current g (v - e): two values of e tell it where it is 0.
"""

from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.cells import Balanced, CellRecipe
from workbench.engines.neuron.cell import LiveCell, RefusedValueError
from workbench.errors import EngineError
from workbench.mechanisms import combine

APART_mV = 1.0
"""Between the two reversal potentials that are tried."""

UNEVEN = 1e-6
"""What is left of the current, relative to the leak's for 1 mV, shows that it is not linear."""


def balance(h: Any, cell: LiveCell, recipe: CellRecipe) -> None:
    """Set what is to balance a cell, under the conditions of its run and before that begins.

    Raises
    ------
    RefusedValueError
        If no reversal potential balances a segment: its conductance is 0 there, or a current is
        no number.
    EngineError
        If a mechanism cannot be evaluated so: it draws random numbers, or three evaluations do
        not lie on a line, since its current is not linear in the variable or differs each time.
    """
    balanced = recipe.balanced()
    if not balanced:
        return
    for file, verdict in cell.conduct.verdicts:
        for name in verdict.random:
            raise EngineError(
                f"{file} (mechanism {verdict.suffix}) draws RANDOM {name}: its current is no "
                f"function of the voltage, and balance_mV cannot balance it. Give "
                f"{balanced[0].variable} a number"
            )
    for at_mV in sorted({one.at_mV for one in balanced}):
        _balance_at(h, cell, recipe, [one for one in balanced if one.at_mV == at_mV])


def _balance_at(h: Any, cell: LiveCell, recipe: CellRecipe, balanced: list[Balanced]) -> None:
    at_mV = balanced[0].at_mV
    counts = [recipe.segment_counts[one.section] for one in balanced]
    first, second = (np.full(sum(counts), at_mV - apart) for apart in (0.0, APART_mV))
    at_first = _currents(h, cell, recipe, balanced, first)
    slope = (_currents(h, cell, recipe, balanced, second) - at_first) / APART_mV
    with np.errstate(all="ignore"):
        found = first + at_first / slope
    for number, one in enumerate(np.repeat(np.arange(len(balanced)), counts)):
        if not np.isfinite(found[number]):
            section = recipe.morphology.names[balanced[one].section]
            raise RefusedValueError(
                f"no {balanced[one].variable} balances {section} at {at_mV:g} mV: the current "
                f"there is {at_first[number]:g} mA/cm2, and {slope[number]:g} S/cm2 drive it"
            )
    left = np.abs(_currents(h, cell, recipe, balanced, found))
    if (left > UNEVEN * np.abs(slope) + 1e-12 * np.abs(at_first)).any():
        raise EngineError(
            f"{balanced[0].variable} cannot balance {recipe.name} at {at_mV:g} mV: the current is "
            "not linear in it, or differs each time that it is asked for. Give it a number"
        )


def _currents(
    h: Any, cell: LiveCell, recipe: CellRecipe, balanced: list[Balanced], values_mV: Floats
) -> Floats:
    """Return the steady current of each segment, mA/cm2, with other values of the variables."""
    segments = [(one, segment) for one in balanced for segment in cell.sections[one.section]]
    for (one, segment), value in zip(segments, values_mV, strict=True):
        setattr(segment, one.variable, float(value))
    h.finitialize(balanced[0].at_mV)
    h.fcurrent()
    names = {one.section: _names(recipe, cell.sections[one.section]) for one in balanced}
    return np.array(
        [sum(getattr(segment, name) for name in names[one.section]) for one, segment in segments]
    )


def _names(recipe: CellRecipe, section: Any) -> list[str]:
    """Return the currents through the membrane of a section: of ions, and those of no ion."""
    pool = combine(recipe.mechanisms)
    names: dict[str, None] = {}
    for suffix in sorted(recipe.suffixes):
        mechanism = pool[suffix]
        if mechanism.kind == "density" and section.has_membrane(suffix):
            names |= dict.fromkeys(f"{one}_{suffix}" for one in mechanism.nonspecific_currents)
            names |= {
                f"i{ion.name}": None for ion in mechanism.ions if f"i{ion.name}" in ion.writes
            }
    return list(names)
