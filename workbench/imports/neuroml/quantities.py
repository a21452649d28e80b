"""Attributes of NeuroML as numbers in NEURON's units."""

import math
import re

from workbench.errors import InputError, shortened
from workbench.inputs import Element

# Powers of ten to NEURON's unit, so that a text is rounded once. The units are those that
# NeuroMLCoreDimensions.xml of NeuroML 2.3 defines for each dimension.
_POWERS = {
    "voltage (mV)": {"mV": 0, "V": 3},
    "conductance density (S/cm2)": {
        "S_per_cm2": 0,
        "mS_per_cm2": -3,
        "uS_per_cm2": -6,
        "S_per_m2": -4,
    },
    "specific capacitance (uF/cm2)": {"uF_per_cm2": 0, "F_per_m2": 2},
    "resistivity (ohm cm)": {"ohm_cm": 0, "kohm_cm": 3, "ohm_m": 2},
    "concentration (mM)": {"mM": 0, "M": 3, "mol_per_m3": 0, "mol_per_cm3": 6},
    "permeability (cm/s)": {"cm_per_s": 0, "m_per_s": 2, "um_per_ms": -1, "cm_per_ms": 3},
}
VOLTAGE, DENSITY, CAPACITANCE, RESISTIVITY, CONCENTRATION, PERMEABILITY = _POWERS
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+))(?:[eE]([-+]?\d{1,3}))?\s*(\S*)\s*")


def needed(element: Element, name: str) -> str:
    """Return an attribute that an element must have.

    Raises
    ------
    InputError
        If it has none.
    """
    if name not in element.attributes:
        raise InputError(f"{element.where}: <{element.tag}> has no {name}")
    return element.attributes[name]


def quantity(element: Element, name: str, dimension: str) -> float:
    """Return a quantity in NEURON's unit.

    Parameters
    ----------
    dimension
        One of those above, such as VOLTAGE.

    Raises
    ------
    InputError
        If there is none, it is no number, or its unit is none of the dimension's.
    """
    given = needed(element, name)
    match = _QUANTITY.fullmatch(given)
    powers = _POWERS[dimension]
    if match is None or match[3] not in powers:
        raise InputError(
            f"{element.where}: {name} is {shortened(given)!r}, and must be a {dimension} with one "
            f"of the units {', '.join(powers)}"
        )
    return _finite(element, name, f"{match[1]}e{int(match[2] or 0) + powers[match[3]]}")


def number(element: Element, name: str, default: float | None = None) -> float:
    """Return an attribute without a unit.

    Raises
    ------
    InputError
        If there is none and no default, or it is no finite number.
    """
    if default is not None and name not in element.attributes:
        return default
    return _finite(element, name, needed(element, name))


def whole(element: Element, name: str) -> int:
    """Return an attribute that counts.

    Raises
    ------
    InputError
        If there is none, or it is no whole number from 0.
    """
    given = needed(element, name)
    if not re.fullmatch(r"\s*\d{1,9}\s*", given, re.ASCII):
        raise InputError(
            f"{element.where}: {name} is {shortened(given)!r}, and must be a whole number from 0"
        )
    return int(given)


def _finite(element: Element, name: str, given: str) -> float:
    try:
        found = float(given)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise InputError(f"{element.where}: {name} is {shortened(given)!r}, no finite number")
    return found
