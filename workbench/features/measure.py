"""Measure features of a trace: eFEL's by their names, and the workbench's own."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from workbench.arrays import Floats
from workbench.errors import InputError, unknown
from workbench.features import efel_door
from workbench.features.values import Measured, Missing, Window, as_measured
from workbench.protocols import Trace, find_defect

Feature = Callable[[Trace, Window], Floats | Missing]
_own: dict[str, Feature] = {}


def feature(function: Feature) -> Feature:
    """Register a function `(trace, window) -> values or Missing` as a feature of that name."""
    name = function.__name__
    if name in _own:
        raise ValueError(f"feature {name!r} is registered twice")
    _own[name] = function
    return function


def own_features() -> Mapping[str, Feature]:
    """Return the workbench's own features by name."""
    return MappingProxyType(_own)


def check_names(features: Sequence[str]) -> None:
    """Refuse names that are neither eFEL's nor the workbench's own.

    Raises
    ------
    InputError
        With the nearest name that exists.
    """
    known = efel_door.names() | _own.keys()
    if isinstance(features, str):
        raise InputError(f"features are a list of names, given {features!r}; write [{features!r}]")
    for name in features:
        if name not in known:
            hint = unknown("feature", name, known).partition(" Allowed:")[0]
            raise InputError(f"{hint} Allowed: {', '.join(['those of eFEL', *sorted(_own)])}")


def measure(
    trace: Trace,
    features: Sequence[str],
    window: Window,
    *,
    until_ms: float | None = None,
    stimulus_nA: float | None = None,
) -> dict[str, Measured]:
    """Return every value of each feature, or the reason why it has none.

    Parameters
    ----------
    trace
        One recording; a trace in mV is checked first, so that one with NaN, infinite or absurd
        values, or one that ends early, never looks like a silent cell.
    features
        Names, eFEL's or the workbench's own.
    window
        The stimulus window and settings.
    until_ms
        Where the trace should end; None if that is not known (a recording).
    stimulus_nA
        By how much the current of the window is above that before it, for input resistances; None
        if that is not known, or no number.

    Returns
    -------
    dict
        By name, a locked float64 array with at least one value, or `Missing`.
    """
    if defect := find_defect(trace, until_ms):
        return dict.fromkeys(features, Missing(defect.message))
    foreign = [name for name in features if name not in _own]
    found = efel_door.measure(trace, foreign, window, stimulus_nA) if foreign else {}
    for name in features:
        if name in _own:
            own = _own[name](trace, window)
            found[name] = own if isinstance(own, Missing) else as_measured(own, name)
    return {name: found[name] for name in features}
