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

    The settings are eFEL's defaults but for those of `window`, before and after the call.
    The trace must have been found sound already: eFEL gives a trace of NaN a spike count of 0.
    """
    efel = _efel()
    check_settings(window.settings)
    # eFEL goes through them one by one, which takes a list a third of an array's time.
    row = {
        "T": trace.t_ms.tolist(),
        "V": trace.values.tolist(),
        "stim_start": [window.begin_ms],
        "stim_end": [window.end_ms],
    }
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
