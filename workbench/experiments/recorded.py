"""Measures of recordings, as an experiment names them."""

from collections.abc import Container

from workbench.errors import InputError, unknown
from workbench.evaluations import Measure
from workbench.features import Window, check_names, check_names_of_two
from workbench.protocols import REDUCTIONS, WORDS
from workbench.studies import Comparison


def compares(name: str) -> bool:
    """Return whether a name is that of a comparison."""
    found = Comparison.read(name)
    return found is not None and bool(found.operator or found.sign)


def check_recorded_measure(name: str) -> None:
    """Refuse a name that is no measure of recordings.

    Such are `soma.v.AP_height`, of a map `map.maximum.mean`, of two recordings
    `soma.v.to.dend.attenuation`, and differences and ratios of two: `A - B`, `A / B`.

    Raises
    ------
    InputError
        With what is wrong and what is allowed.
    """
    asked = _compared(name)
    if asked.sign:
        raise InputError(
            f"measure {name!r}: a relation is no number; measure the difference, 'A - B', or each"
        )
    for term in asked.terms:
        _, variable, to, feature = _read(term)
        if to:
            check_names_of_two([feature])
        elif variable not in WORDS:
            check_names([feature])
        elif feature not in REDUCTIONS:
            raise InputError(unknown("reduction of a map", feature, REDUCTIONS))


def recorded_measure(
    name: str, protocol: str, window: Window, recorded: Container[str]
) -> Measure | None:
    """Return the measure of a name, or None where what it is of is not recorded.

    Parameters
    ----------
    recorded
        What there is: `soma.v`, and of maps what they keep, `map.maximum`.
    """
    asked = _compared(name)
    measures = []
    for term in asked.terms:
        location, variable, to, feature = _read(term)
        one = Measure(protocol, location, feature, window, variable, to)
        if any(recording not in recorded for recording in one.recordings):
            return None
        measures.append(one)
    return asked.of(*measures)


def column_of_recorded(measure: Measure) -> str:
    """Return the name of a measure of recordings."""
    first, *others = (
        ".".join([one.recording, *(["to", one.to] if one.to else []), one.feature])
        for one in measure.operands
    )
    return (" / " if measure.over else " - ").join([first, *others])


def _compared(name: str) -> Comparison:
    if (found := Comparison.read(name)) is None:
        raise _unreadable(name)
    return found


def _read(term: str) -> tuple[str, str, str, str]:
    """Return location, variable, location of a second recording if it is of two, and feature."""
    match term.split("."):
        case [location, variable, feature]:
            return location, variable, "", feature
        case [location, variable, "to", to, feature]:
            return location, variable, to, feature
    raise _unreadable(term)


def _unreadable(name: str) -> InputError:
    return InputError(
        f"measure {name!r} cannot be read; write <location>.<variable>.<feature>, such as "
        "soma.v.AP_height, of two recordings <location>.<variable>.to.<location>.<feature>, 'A - "
        "B' or 'A / B' of two of these, morphology.<measure> or cell.<gates>.<measure>"
    )
