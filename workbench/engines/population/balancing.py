"""Leaks that balance a cell, as `engines/neuron/balancing.py` finds them with NEURON."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.engines.neuron.balancing import UNEVEN, APART_mV
from workbench.engines.neuron.cell import RefusedValueError
from workbench.engines.population.computing import Computed
from workbench.errors import EngineError

Told = dict[str, float | Floats]
"""What is told of the segments of a membrane: a number for all, or one each."""


def balance(
    computed: Computed, told: Told, variable: str, at_mV: Floats, names: Sequence[str]
) -> Floats:
    """Return a reversal potential with which a membrane carries no current, (segments,) in mV.

    Parameters
    ----------
    told
        Of the segments of the membrane.
    at_mV
        (segments,) where each is to rest; NaN where it is not balanced.
    names
        The section of each segment.

    Raises
    ------
    RefusedValueError
        If no reversal potential balances a segment.
    EngineError
        If a current is not linear in it.
    """
    chosen = np.isfinite(at_mV)
    v_mV = np.where(chosen, at_mV, 0.0)

    def currents(values_mV: Floats) -> Floats:
        known: dict[str, Any] = {**told, "v": v_mV, variable: values_mV}
        [found] = computed.values([computed.current], {**known, **computed.initial(known)})
        return np.broadcast_to(found, v_mV.shape)

    at_first = currents(v_mV)
    slope = (currents(v_mV - APART_mV) - at_first) / APART_mV
    with np.errstate(all="ignore"):
        found = v_mV + at_first / slope
    for number in np.flatnonzero(chosen & ~np.isfinite(found)).tolist():
        raise RefusedValueError(
            f"no {variable} balances {names[number]} at {at_mV[number]:g} mV: the current there is "
            f"{at_first[number]:g} mA/cm2, and {slope[number]:g} S/cm2 drive it"
        )
    found = np.where(chosen, found, told[variable])
    left = np.abs(currents(found))
    uneven = left > UNEVEN * np.abs(slope) + 1e-12 * np.abs(at_first)
    if (chosen & uneven).any():
        raise EngineError(
            f"{variable} cannot balance a cell: the current is not linear in it. Give it a number"
        )
    return np.asarray(found)
