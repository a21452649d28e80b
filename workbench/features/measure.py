"""Measure features of a trace: eFEL's by their names, and the workbench's own."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from workbench.arrays import Floats
from workbench.errors import InputError, unknown
from workbench.features import common, efel_door
from workbench.features.needs import LEFT_ON_BASE
from workbench.features.values import Measured, Missing, Window, as_measured
from workbench.protocols import Trace, find_defect

Feature = Callable[[Trace, Window], Floats | Missing]
FeatureOfTwo = Callable[[Trace, Trace, Window], Floats | Missing]
_own: dict[str, Feature] = {}
_of_two: dict[str, FeatureOfTwo] = {}


def feature(function: Feature) -> Feature:
    """Register a function `(trace, window) -> values or Missing` as a feature of that name."""
    _own[_new(function.__name__)] = function
    return function


def feature_of_two(function: FeatureOfTwo) -> FeatureOfTwo:
    """Register a function `(trace, other trace, window) -> values or Missing` as a feature."""
    _of_two[_new(function.__name__)] = function
    return function


def _new(name: str) -> str:
    if name in _own or name in _of_two:
        raise ValueError(f"feature {name!r} is registered twice")
    return name


def own_features() -> Mapping[str, Feature]:
    """Return the workbench's own features of one recording by name."""
    return MappingProxyType(_own)


def names_of_all() -> list[str]:
    """Return the names of all features of one recording, eFEL's and the workbench's own."""
    return sorted(efel_door.names() | _own.keys())


def features_of_two() -> Mapping[str, FeatureOfTwo]:
    """Return the features of two recordings by name."""
    return MappingProxyType(_of_two)


def check_names_of_two(features: Sequence[str]) -> None:
    """Refuse names of no feature of two recordings.

    Raises
    ------
    InputError
        With the nearest name that exists.
    """
    for name in features:
        if name not in _of_two:
            raise InputError(unknown("feature of two recordings", name, _of_two))


def check_names(features: Sequence[str]) -> None:
    """Refuse names that are neither eFEL's nor the workbench's own, of one recording.

    Raises
    ------
    InputError
        With the nearest name that exists.
    """
    known = efel_door.names() | _own.keys()
    if isinstance(features, str):
        raise InputError(f"features are a list of names, given {features!r}; write [{features!r}]")
    for name in features:
        if name in _of_two:
            raise InputError(
                f"{name} is a feature of two recordings; targets.toml has it under [<protocol>."
                "<recording>.to.<recording>.features], and [[compare]], expected.toml and measures "
                f"have it as <recording>.to.<recording>.{name}"
            )
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
    found: dict[str, Measured] = {}
    if here := [name for name in foreign if name in common.COMMON]:
        settings = efel_door.settings_of(window)
        found |= common.measure(trace, here, window, settings, stimulus_nA)
    if on_base := LEFT_ON_BASE.intersection(foreign):
        settings = efel_door.settings_of(window)
        base = common.measure(trace, ["voltage_base"], window, settings)["voltage_base"]
        if isinstance(base, Missing):
            found |= dict.fromkeys(on_base, base)
    if left := [n for n in foreign if n not in common.COMMON and n not in found]:
        found |= efel_door.measure(trace, left, window, stimulus_nA)
    for name in features:
        if name in _own:
            own = _own[name](trace, window)
            found[name] = own if isinstance(own, Missing) else as_measured(own, name)
    return {name: found[name] for name in features}


def measure_two(
    first: Trace,
    second: Trace,
    features: Sequence[str],
    window: Window,
    *,
    until_ms: float | None = None,
) -> dict[str, Measured]:
    """Return every value of each feature of two recordings of one simulation, as `measure` does.

    Parameters
    ----------
    first, second
        The recordings, in the order of the feature's docstring.
    """
    for trace in (first, second):
        if defect := find_defect(trace, until_ms):
            return dict.fromkeys(features, Missing(defect.message))
    found: dict[str, Measured] = {}
    for name in features:
        own = _of_two[name](first, second, window)
        found[name] = own if isinstance(own, Missing) else as_measured(own, name)
    return found
