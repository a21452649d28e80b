"""Quantities as text: a file may write "1.9 nA", inside there are floats in NEURON's units.

The unit that is wanted stands in the name of the key: `amplitude_nA = "1900 pA"` reads as 1.9.
"""

import re

from workbench.errors import InputError

_SCALE = {
    "time": {"ms": 1.0, "s": 1e3, "us": 1e-3},
    "voltage": {"mV": 1.0, "V": 1e3},
    "current": {"nA": 1.0, "pA": 1e-3, "uA": 1e3},
    "length": {"um": 1.0, "mm": 1e3},
    "conductance": {"uS": 1.0, "nS": 1e-3, "pS": 1e-6},
    "frequency": {"Hz": 1.0, "kHz": 1e3},
    "temperature": {"degC": 1.0},
    "concentration": {"mM": 1.0, "uM": 1e-3, "nM": 1e-6},
    "conductance density": {
        "S_per_cm2": 1.0,
        "S/cm2": 1.0,
        "mS/cm2": 1e-3,
        "uS/cm2": 1e-6,
        "pS/um2": 1e-4,
    },
    "capacitance": {"uF_per_cm2": 1.0, "uF/cm2": 1.0},
    "axial resistivity": {"ohm_cm": 1.0, "ohm cm": 1.0},
}
_DIMENSION = {unit: dimension for dimension, units in _SCALE.items() for unit in units}
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S.*?)?\s*")


def quantity(given: float | str, unit: str) -> float:
    """Return what was given as a float in `unit`.

    Parameters
    ----------
    given
        A number, taken to be in `unit` already, or a text such as "1900 pA".
    unit
        The unit wanted, spelled as at the end of a name: nA, ms, S_per_cm2.

    Raises
    ------
    InputError
        If the text is no number with a unit of the same dimension.

    >>> quantity("1900 pA", "nA")
    1.9
    """
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    scales = _SCALE[_DIMENSION[unit]]
    match = _QUANTITY.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise InputError(
            f"{given!r} is not a quantity; write a number in {unit} or as '1.9 {unit}'"
        )
    number, written = float(match[1]), match[2]
    if written is None:
        raise InputError(
            f"{given!r} has no unit; write the number without quotes or '{given} {unit}'"
        )
    if written not in scales:
        raise InputError(f"{given!r} cannot be read in {unit}; allowed units: {', '.join(scales)}")
    return number * scales[written] / scales[unit]


def unit_of(name: str) -> str | None:
    """Return the unit at the end of a name, or None: `amplitude_nA` gives nA."""
    fitting = [unit for unit in _DIMENSION if name.endswith("_" + unit)]
    return max(fitting, key=len) if fitting else None
