"""The only door to eFEL, whose settings are global to the process."""

import dataclasses
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import ModuleType

from workbench.errors import InputError, unknown
from workbench.features.values import Measured, Window, as_measured
from workbench.protocols import Trace


@cache
def names() -> frozenset[str]:
    """Return the names of eFEL's features."""
    return frozenset(_efel().get_feature_names())


def check_settings(settings: Iterable[str]) -> None:
    """Refuse settings that eFEL does not have: eFEL itself takes any name and ignores it.

    Raises
    ------
    InputError
        With the nearest name that exists.
    """
    allowed = _settable()
    for name in settings:
        if name not in allowed:
            raise InputError(unknown("eFEL setting", name, allowed))


@cache
def _settable() -> list[str]:
    """Return eFEL's settings but the threshold, which is a window's own, and texts."""
    defaults = dataclasses.asdict(_efel().Settings())
    allowed = [name for name, value in defaults.items() if not isinstance(value, str)]
    allowed.remove("Threshold")
    return allowed


def measure(trace: Trace, features: Sequence[str], window: Window) -> dict[str, Measured]:
    """Return every value of each feature of one trace, in one call to eFEL.

    If an exception ends that call, each feature has a call of its own, so that those which raise
    are missing, in their words, and the others are not.

    The settings are eFEL's defaults but for those of `window`, before and after the call.
    The trace must have been found sound already: eFEL gives a trace of NaN a spike count of 0.
    """
    check_settings(window.settings)
    found: dict[str, Measured] = {}
    if TIME_CONSTANT in features and not _holds_time_constant(trace, window):
        words = f"too little of the trace lies in the first half of the window {window} ms"
        found[TIME_CONSTANT] = as_measured(None, "eFEL", words)
    asked = [name for name in features if name not in found]
    # eFEL goes through them one by one, which takes a list a third of an array's time.
    row = {
        "T": trace.t_ms.tolist(),
        "V": trace.values.tolist(),
        "stim_start": [window.begin_ms],
        "stim_end": [window.end_ms],
    }
    try:
        return found | _ask(row, asked, window)
    except Exception:
        return found | {name: _ask_alone(row, name, window) for name in asked}


def _ask(
    row: Mapping[str, Sequence[float]], features: Sequence[str], window: Window
) -> dict[str, Measured]:
    efel = _efel()
    _forget(efel)
    try:
        efel.set_setting("Threshold", window.threshold_mV)
        for name, value in window.settings.items():
            efel.set_setting(name, value)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            [found] = efel.get_feature_values([row], list(features), raise_warnings=True)
    finally:
        _forget(efel)
    complaints = _complaints([str(w.message) for w in caught])
    return {n: as_measured(found[n], "eFEL", complaints.get(n, "")) for n in features}


def _ask_alone(row: Mapping[str, Sequence[float]], feature: str, window: Window) -> Measured:
    try:
        return _ask(row, [feature], window)[feature]
    except MemoryError:
        # A score must not depend on how much memory the machine had left.
        raise
    except Exception as error:
        return as_measured(None, "eFEL", f"{type(error).__name__}: {error}")


TIME_CONSTANT = "time_constant"

LEAST_STEPS = 20
"""Of eFEL's interpolation in the first half of a window that has a time constant.

`time_constant` leaves 10 out after the onset and fits 10 or more. With fewer than 15, 5 for the
stencil of its derivative, eFEL 5.7.34 reads and writes memory that is not its own: often a
segmentation fault, sometimes a number.
"""


def _holds_time_constant(trace: Trace, window: Window) -> bool:
    """Return whether eFEL may be asked for the time constant: it checks no bounds itself."""
    middle_ms = (window.begin_ms + window.end_ms) / 2
    first_half_ms = middle_ms - max(window.begin_ms, trace.t_ms[0])
    step_ms = window.settings.get("interp_step", 0.1)
    return bool(middle_ms <= trace.t_ms[-1] and first_half_ms >= LEAST_STEPS * step_ms)


@cache
def _efel() -> ModuleType:
    import efel

    efel.reset()
    return efel  # type: ignore[no-any-return]


def _forget(efel: ModuleType) -> None:
    """Put eFEL's settings back and take its old words out of its buffer.

    `efel.reset` does so too, but reads a file each time: nine tenths of the time of a trace.
    """
    efel.get_settings().reset_to_default()
    efel.cppcore.getgError()


def _complaints(messages: Sequence[str]) -> Mapping[str, str]:
    """Return eFEL's own words by feature: 'Error while calculating <feature>, ...: <words>'."""
    words: dict[str, str] = {}
    for message in messages:
        _, _, rest = message.partition("calculating ")
        feature, _, said = rest.removeprefix("feature ").partition(":")
        if said.strip():
            words[feature.split(",")[0].strip()] = " ".join(said.split())
    return words
