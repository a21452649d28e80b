"""Quantities as text: a file may write "1.9 nA", inside there are floats in NEURON's units.

The unit that is wanted stands in the name of the key: `amplitude_nA = "1900 pA"` reads as 1.9.
"""

import math
import re
from numbers import Real

from workbench.errors import InputError, shortened

# Powers of ten, so that a text is rounded once: "1900 pA" and 1.9 are the same bits.
_POWER = {
    "time": {"ms": 0, "s": 3, "us": -3},
    "voltage": {"mV": 0, "V": 3},
    "current": {"nA": 0, "pA": -3, "uA": 3},
    "length": {"um": 0, "nm": -3, "mm": 3},
    "resistance": {"MOhm": 0, "kOhm": -3, "GOhm": 3},
    "angle": {"deg": 0},
    "conductance": {"uS": 0, "nS": -3, "pS": -6},
    "frequency": {"Hz": 0, "kHz": 3},
    "temperature": {"degC": 0},
    "concentration": {"mM": 0, "uM": -3, "nM": -6},
    "conductance density": {
        "S_per_cm2": 0,
        "S/cm2": 0,
        "mS/cm2": -3,
        "uS/cm2": -6,
        "pS/um2": -4,
    },
    "capacitance": {"uF_per_cm2": 0, "uF/cm2": 0},
    "axial resistivity": {"ohm_cm": 0, "ohm cm": 0},
}
_DIMENSION = {unit: dimension for dimension, units in _POWER.items() for unit in units}
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+))(?:[eE]([-+]?\d{1,3}))?\s*([^\d\s.,].*?)?\s*")


LIMITS = {
    "ms": (-1e6, 1e6),
    "mV": (-200.0, 200.0),
    "nA": (-1e6, 1e6),
    "um": (0.0, 1e6),
    "Hz": (0.0, 1e6),
    "degC": (-50.0, 100.0),
}
"""What is asked of a cell lies between these: a current that would boil a squid's giant axon, a
length of a metre, more than any living membrane's voltage. What lies beyond is a slip of a unit."""

LARGEST = 1e30
"""No other number is farther from zero: it would leave the floating-point numbers in a product."""
ANY = (-LARGEST, LARGEST)


def amount(name: str, value: object, limits: tuple[float, float] | None = None) -> float:
    """Return a value as a float if it is a number that a quantity of this name can have.

    Parameters
    ----------
    name
        As a file calls it; the unit at its end says what can be: `delay_ms`.
    limits
        Least and most, where the unit's own do not fit.

    Raises
    ------
    InputError
        If it is no finite number, or beyond.

    >>> amount("celsius_degC", 34)
    34.0
    """
    given = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    if not math.isfinite(given):
        raise InputError(f"{name} is {shortened(repr(value))}, it must be a finite number")
    unit = name.rpartition("_")[2]
    least, most = limits or LIMITS.get(unit, ANY)
    if not least <= given <= most:
        raise InputError(
            f"{name} is {given:g}, it must lie between {least:g} and {most:g}"
            + (f" {unit}" if unit in LIMITS else "")
        )
    return given


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
        If it is no finite number, or the text has no unit of the same dimension.

    >>> quantity("1900 pA", "nA")
    1.9
    """
    if isinstance(given, int | float) and not isinstance(given, bool):
        return _finite(float(given), given)
    powers = _POWER[_DIMENSION[unit]]
    match = _QUANTITY.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise InputError(
            f"{given!r} is not a quantity; write a number in {unit} or as '1.9 {unit}'"
        )
    digits, exponent, written = match.groups()
    if written is None:
        raise InputError(
            f"{given!r} has no unit; write the number without quotes or '{given} {unit}'"
        )
    if written not in powers:
        raise InputError(f"{given!r} cannot be read in {unit}; allowed units: {', '.join(powers)}")
    power = int(exponent or 0) + powers[written] - powers[unit]
    return _finite(float(f"{digits}e{power}"), given)


def unit_of(name: str) -> str:
    """Return the unit that ends the name of an amount, or nothing if it has none.

    >>> unit_of("tau_rise_ms"), unit_of("count")
    ('ms', '')
    """
    unit = name.rpartition("_")[2]
    return unit if "_" in name and unit in _DIMENSION else ""


def units() -> dict[str, tuple[str, ...]]:
    """Return by dimension the units that a text may name, NEURON's own first."""
    return {dimension: tuple(powers) for dimension, powers in _POWER.items()}


def _finite(number: float, given: object) -> float:
    if not math.isfinite(number):
        raise InputError(f"{given!r} is not a finite number")
    return number
