"""The only door to eFEL, whose settings are global to the process."""

import dataclasses
import importlib.util
import sys
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from types import ModuleType

import numpy as np

from workbench.errors import InputError, unknown
from workbench.features.needs import STIMULUS, holds_time_constant
from workbench.features.values import Measured, Missing, Setting, Window, as_measured
from workbench.protocols import Trace


@cache
def names() -> frozenset[str]:
    """Return the names of eFEL's features."""
    return frozenset(_efel().get_feature_names())


_ENDS = frozenset(
    {
        "AP_duration",
        "AP_duration_change",
        "AP_duration_half_width",
        "AP_duration_half_width_change",
        "AP_end_indices",
        "AP_fall_indices",
        "AP_fall_rate",
        "AP_fall_rate_change",
        "AP_fall_time",
        "depolarized_base",
    }
)
"""All that eFEL derives from the ends of spikes; its DependencyV5.txt says so."""

_UNLISTED = {"decay_start_after_stim": 1.0, "decay_end_after_stim": 10.0}
"""Settings that eFEL reads though its list has them not, and what it takes without them."""

_MODES = ("mean", "median")


def check_settings(settings: Mapping[str, Setting]) -> None:
    """Refuse settings that eFEL does not have: eFEL itself takes any name and ignores it.

    Raises
    ------
    InputError
        With the nearest name that exists, or with what the setting may be.
    """
    defaults = _defaults()
    for name, value in settings.items():
        if name not in defaults:
            raise InputError(unknown("eFEL setting", name, defaults))
        default = defaults[name]
        if isinstance(default, str):
            good, wanted = value in _MODES, "'mean' or 'median'"
        elif isinstance(default, bool):
            good, wanted = value in (0, 1), "true or false"
        elif isinstance(default, int):
            good, wanted = not isinstance(value, str) and value == int(value), "a whole number"
        else:
            good, wanted = not isinstance(value, str | bool), "a number"
        if not good:
            raise InputError(f"eFEL setting {name} is {value!r}, it must be {wanted}")


def settings_of(window: Window) -> Mapping[str, Setting]:
    """Return all settings for a window but the threshold, each of the kind that eFEL has.

    Raises
    ------
    InputError
        As `check_settings`.
    """
    check_settings(window.settings)
    defaults = _defaults()
    given = {name: type(defaults[name])(value) for name, value in window.settings.items()}
    return {**defaults, **given}


@cache
def _defaults() -> Mapping[str, Setting]:
    """Return eFEL's settings but the threshold, which is a window's own, and its file."""
    defaults = dataclasses.asdict(_efel().Settings())
    del defaults["Threshold"], defaults["dependencyfile_path"]
    return defaults | _UNLISTED


def measure(
    trace: Trace, features: Sequence[str], window: Window, stimulus_nA: float | None = None
) -> dict[str, Measured]:
    """Return every value of each feature of one trace, in one call to eFEL.

    With `strict_stiminterval`, under which only the spikes of the window count, those features
    that look for the end of a spike have a call of their own, with a trace that ends before the
    first spike behind the window: their last value would span two spikes.

    If an exception ends that call, each feature has a call of its own, so that those which raise
    are missing, in their words, and the others are not.

    The settings are eFEL's defaults but for those of `window`, before and after the call.
    The trace must have been found sound already: eFEL gives a trace of NaN a spike count of 0.
    """
    check_settings(window.settings)
    found: dict[str, Measured] = {}
    if "time_constant" in features and not holds_time_constant(
        window, trace.t_ms[0], trace.t_ms[-1]
    ):
        words = f"too little of the trace lies in the first half of the window {window} ms"
        found["time_constant"] = as_measured(None, "eFEL", words)
    if stimulus_nA is None:
        for name in STIMULUS.intersection(features):
            found[name] = Missing("the current of the stimulus is not known")
    asked = [name for name in features if name not in found]
    if window.settings.get("strict_stiminterval") and (ends := _ENDS.intersection(asked)):
        before = _until_next(trace, window)
        if before is not trace:
            found |= _measure(before, sorted(ends), window, stimulus_nA)
            asked = [name for name in asked if name not in ends]
    return found | _measure(trace, asked, window, stimulus_nA)


def _measure(
    trace: Trace, asked: Sequence[str], window: Window, stimulus_nA: float | None
) -> dict[str, Measured]:
    # eFEL goes through them one by one, which takes a list a third of an array's time.
    row = {
        "T": trace.t_ms.tolist(),
        "V": trace.values.tolist(),
        "stim_start": [window.begin_ms],
        "stim_end": [window.end_ms],
    }
    if stimulus_nA is not None:
        row["stimulus_current"] = [stimulus_nA]
    if not asked:
        return {}
    try:
        return _ask(row, asked, window)
    except Exception:
        return {name: _ask_alone(row, name, window) for name in asked}


def _ask(
    row: Mapping[str, Sequence[float]], features: Sequence[str], window: Window
) -> dict[str, Measured]:
    efel = _efel()
    _forget(efel)
    try:
        efel.set_setting("Threshold", window.threshold_mV)
        for name, value in window.settings.items():
            efel.set_setting(name, float(value) if name in _UNLISTED else value)
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


def _until_next(trace: Trace, window: Window) -> Trace:
    """Return a trace without the spikes behind its window, from the first of them on.

    eFEL seeks the end of a window's last spike up to the end of the trace, and takes that of the
    last spike that it finds there.
    """
    above = trace.values >= window.threshold_mV
    rises = np.flatnonzero(~above[:-1] & above[1:]) + 1
    ends = [*rises[1:], above.size][: rises.size]
    for rise, next_rise in zip(rises, ends, strict=True):
        peak = rise + int(trace.values[rise:next_rise].argmax())
        if trace.t_ms[peak] > window.end_ms:
            return Trace(trace.name, trace.t_ms[:rise].copy(), trace.values[:rise].copy())
    return trace


@cache
def _efel() -> ModuleType:
    if {"efel", "neo"}.isdisjoint(sys.modules):
        _import_without_neo()
    import efel

    efel.reset()
    return efel  # type: ignore[no-any-return]


def _import_without_neo() -> None:
    """Import eFEL; Neo, with which it reads recordings alone, is loaded when somebody uses it.

    Neo takes longer to import than all the rest of eFEL, in each process that measures.
    """
    # A lazy module is loaded by a second `import` too, and so cannot stand there for eFEL's own.
    sys.modules["neo"] = ModuleType("neo")
    try:
        import efel
    finally:
        del sys.modules["neo"]
    spec = importlib.util.find_spec("neo")
    assert spec is not None, "eFEL depends on it"
    assert spec.loader is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)
    efel.io.neo = sys.modules["neo"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(efel.io.neo)


def _forget(efel: ModuleType) -> None:
    """Put eFEL's settings back and take its old words out of its buffer.

    `efel.reset` does so too, but reads a file each time: nine tenths of the time of a trace.
    """
    settings = efel.get_settings()
    settings.reset_to_default()
    for name in _UNLISTED:
        vars(settings).pop(name, None)
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
