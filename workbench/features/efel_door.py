"""The only door to eFEL, whose settings are global to the process."""

import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType

import numpy as np

from workbench.features.values import Measured, Missing, Window
from workbench.protocols import Trace


@cache
def names() -> frozenset[str]:
    """Return the names of eFEL's features."""
    return frozenset(_efel().get_feature_names())


def measure(trace: Trace, features: Sequence[str], window: Window) -> dict[str, Measured]:
    """Return every value of each feature of one trace, in one call to eFEL.

    The settings are eFEL's defaults but for those of `window`, before and after the call.
    The trace must have been found sound already: eFEL gives a trace of NaN a spike count of 0.
    """
    efel = _efel()
    efel.reset()
    efel.set_setting("Threshold", window.threshold_mV)
    for name, value in window.settings.items():
        efel.set_setting(name, value)
    row = {
        "T": np.ascontiguousarray(trace.t_ms, dtype=float),
        "V": np.ascontiguousarray(trace.values, dtype=float),
        "stim_start": [window.begin_ms],
        "stim_end": [window.end_ms],
    }
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            [found] = efel.get_feature_values([row], list(features), raise_warnings=True)
    finally:
        efel.reset()
    complaints = _complaints([str(w.message) for w in caught])
    return {name: _measured(found[name], complaints.get(name)) for name in features}


def _efel() -> ModuleType:
    import efel

    return efel  # type: ignore[no-any-return]


def _complaints(messages: Sequence[str]) -> Mapping[str, str]:
    """Return eFEL's own words by feature: 'Error while calculating <feature>, ...: <words>'."""
    words: dict[str, str] = {}
    for message in messages:
        _, _, rest = message.partition("calculating ")
        feature, _, said = rest.removeprefix("feature ").partition(":")
        if said.strip():
            words[feature.split(",")[0].strip()] = " ".join(said.split())
    return words


def _measured(found: object, complaint: str | None) -> Measured:
    because = f": {complaint}" if complaint else ""
    if found is None:
        return Missing(f"eFEL cannot compute it on this trace{because}")
    values = np.atleast_1d(np.array(found, dtype=float))
    if values.size == 0:
        return Missing(f"eFEL finds nothing to measure on this trace{because}")
    if not np.isfinite(values).all():
        return Missing(f"eFEL gives {values[~np.isfinite(values)][0]}{because}")
    values.setflags(write=False)
    return values
