"""What a reader found in a file, before anything is made of it, and its units."""

from dataclasses import dataclass, field

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, unknown
from workbench.recordings.sweep import Facts

_POWERS = {
    "time": {"s": 3, "ms": 0, "us": -3, "sec": 3, "seconds": 3},
    "v": {"V": 3, "mV": 0, "uV": -3, "volts": 3},
    "i": {"A": 9, "mA": 6, "uA": 3, "nA": 0, "pA": -3, "amperes": 9},
}
"""By what is measured and its unit in a file: the power of ten that makes ms, mV or nA of it."""

UNITS = {what: tuple(powers) for what, powers in _POWERS.items()}


@dataclass(frozen=True)
class Raw:
    """A sweep as a file has it.

    Attributes
    ----------
    name, protocol, cell
        In the file's words; an empty text where it has none.
    i_nA
        None if the file has no current.
    lacks_current
        Then why, as a sentence.
    """

    name: str
    dt_ms: float
    v_mV: Floats
    i_nA: Floats | None
    protocol: str = ""
    cell: str = ""
    lacks_current: str = ""
    facts: Facts = field(default_factory=Facts)


def measured_by(unit: str) -> str:
    """Return of what a unit is, "time", "v" or "i", or nothing if it is of none of these."""
    return next((what for what, powers in _POWERS.items() if unit in powers), "")


def factor(what: str, unit: str) -> float:
    """Return what numbers in a unit are multiplied with to be in ms, mV or nA."""
    return float(f"1e{_POWERS[what][unit]}")


def converted(values: object, what: str, unit: str) -> Floats:
    """Return numbers of a file in ms, mV or nA, in double precision."""
    return np.asarray(values, dtype=float) * factor(what, unit)


def stated(where: str, what: str, said: str, given: dict[str, str]) -> str:
    """Return the unit that a file states, or the one that was given where it states none.

    Raises
    ------
    InputError
        If there is none, they contradict one another, or it is no unit of this.
    """
    told = given.get(what, "")
    if said and told and factor_or_none(what, said) != factor_or_none(what, told):
        raise InputError(
            f"{where}: the file says that its {_WORDS[what]} is in {said}, and it was given as "
            f"{told}; leave that out"
        )
    unit = said or told
    if not unit:
        raise InputError(
            f"{where}: the file does not say in which unit its {_WORDS[what]} is; give it: "
            f"--unit {what}={UNITS[what][0]} (Python: units={{{what!r}: {UNITS[what][0]!r}}}). "
            f"Allowed: {', '.join(UNITS[what])}"
        )
    if unit not in _POWERS[what]:
        raise InputError(f"{where}: {unknown(f'unit of a {_WORDS[what]}', unit, UNITS[what])}")
    return unit


def factor_or_none(what: str, unit: str) -> int | None:
    """Return the power of ten of a unit, None if it is not one of this."""
    return _POWERS[what].get(unit)


_WORDS = {"time": "time", "v": "voltage", "i": "current"}


def check_units(units: dict[str, str]) -> None:
    """Refuse units that are none.

    Raises
    ------
    InputError
        With what is allowed.
    """
    for what, unit in units.items():
        if what not in _POWERS:
            raise InputError(f"units: {unknown('quantity', what, _POWERS)}")
        if unit not in _POWERS[what]:
            raise InputError(f"units: {unknown(f'unit of {what}', unit, UNITS[what])}")


def spacing_ms(where: str, t_ms: Floats) -> float:
    """Return the time from sample to sample of times that are evenly spaced.

    Raises
    ------
    InputError
        If they are not.
    """
    if t_ms.size < 2:
        raise InputError(f"{where}: it has {t_ms.size} samples; a sweep has at least two")
    # What a text has of a time is a decimal number, and so is the distance that was meant.
    dt_ms = float(f"{float(t_ms[-1] - t_ms[0]) / (t_ms.size - 1):.12g}")
    off_ms = np.abs(np.diff(t_ms) - dt_ms)
    if not dt_ms > 0 or not off_ms.max() < 0.1 * dt_ms:
        at = int(off_ms.argmax())
        raise InputError(
            f"{where}: the time goes from {t_ms[at]:.9g} to {t_ms[at + 1]:.9g} ms; samples must be "
            f"evenly spaced, which is {dt_ms:.9g} ms here"
        )
    return dt_ms
