"""Features of sweeps, and how their currents stand to the least one at which the cell fires."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError, unknown
from workbench.features import (
    Measured,
    Missing,
    Setting,
    Window,
    check_names,
    check_settings,
    lacking,
    measure,
    names_of_all,
)
from workbench.recordings.recordings import MOST_SHOWN, Recordings
from workbench.recordings.sweep import Sweep
from workbench.units import amount

USUAL = (
    "Spikecount",
    "mean_frequency",
    "time_to_first_spike",
    "ISI_CV",
    "AP_height",
    "AP_duration_half_width",
    "AHP_depth",
    "voltage_base",
    "steady_state_voltage_stimend",
)
"""What is measured unless features are named."""

ALL = "all"

SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {"strict_stiminterval": True, "interp_step": 0.025}
)
"""Of eFEL, unless others are given: BluePyEfe's. Spikes outside of the window do not count."""


@dataclass(frozen=True, eq=False)
class Found:
    """A feature of a sweep: all its values, or the reason why there are none."""

    sweep: Sweep
    feature: str
    measured: Measured

    @property
    def value(self) -> float | None:
        """The mean of its values, None if there are none."""
        return None if isinstance(self.measured, Missing) else float(self.measured.mean())


@dataclass(frozen=True, eq=False)
class SweepFeatures:
    """Features of all sweeps of some recordings.

    Attributes
    ----------
    recordings
        Whose they are.
    found
        One for each sweep and feature.
    windows
        By the name of a sweep, how it was read.
    rheobase_nA
        By cell, the least step that made it fire within its window; None if there is none.
    settings
        Of eFEL, with which they were measured.
    """

    recordings: Recordings
    found: tuple[Found, ...]
    windows: Mapping[str, Window]
    rheobase_nA: Mapping[str, float | None]
    settings: Mapping[str, Setting]

    def __repr__(self) -> str:
        count = len({one.feature for one in self.found})
        shown = list(self.rheobase_nA.items())[:MOST_SHOWN]
        cells = ", ".join(
            f"{cell} {'none' if nA is None else f'{nA:.4g} nA'}" for cell, nA in shown
        )
        cells += ", ..." if len(self.rheobase_nA) > MOST_SHOWN else ""
        return f"<{count} features of {len(self.recordings)} sweeps; rheobase of {cells}>"

    def of(self, sweep: Sweep) -> list[Found]:
        """Return what was found in a sweep."""
        return self._by_sweep[sweep.name]

    @cached_property
    def _by_sweep(self) -> dict[str, list[Found]]:
        found: dict[str, list[Found]] = {one.name: [] for one in self.recordings}
        for one in self.found:
            found[one.sweep.name].append(one)
        return found

    def percent(self, sweep: Sweep) -> float | None:
        """Return the amplitude of a sweep in per cent of its cell's rheobase."""
        rheobase_nA = self.rheobase_nA[sweep.cell]
        return None if rheobase_nA is None else 100 * sweep.shape.amplitude_nA / rheobase_nA

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each sweep and feature: see `table`."""
        ordered = sorted(self.found, key=lambda one: self._place(one.sweep))
        return [
            {
                "cell": one.sweep.cell,
                "sweep": one.sweep.name,
                "protocol": one.sweep.protocol,
                "stimulus": one.sweep.shape.kind,
                "amplitude_nA": one.sweep.shape.amplitude_nA,
                "percent_of_rheobase": self.percent(one.sweep),
                "feature": one.feature,
                "value": one.value,
                "values": 0 if isinstance(one.measured, Missing) else one.measured.size,
                "reason": one.measured.reason if isinstance(one.measured, Missing) else "",
            }
            for one in ordered
        ]

    def table(self) -> Any:
        """Return a pandas.DataFrame with a row for each sweep and feature.

        Sweeps stand in the order of their per cent of rheobase, cell by cell. `value` is the mean
        of all values of the sweep, `values` their number, and `reason` says why there are none.
        """
        import pandas

        return pandas.DataFrame(self.rows())

    def _place(self, sweep: Sweep) -> tuple[int, float]:
        return self.recordings.cells.index(sweep.cell), sweep.shape.amplitude_nA


def features_of(
    recordings: Recordings,
    features: Sequence[str] | Literal["all"] = USUAL,
    *,
    settings: Mapping[str, Setting] = SETTINGS,
    window_ms: tuple[float, float] | None = None,
    rheobase_nA: Mapping[str, float] = MappingProxyType({}),
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> SweepFeatures:
    """Return features of every sweep, within the window of its stimulus.

    Parameters
    ----------
    features
        Names, eFEL's or the workbench's own; "all" for all of them.
    settings
        Of eFEL, by its names.
    window_ms
        Of all sweeps, in place of onset and end of each stimulus.
    rheobase_nA
        By cell, where it is known otherwise. Without it that is the least amplitude of a step, of
        more than 10 ms, with a spike in its window.
    progress
        Called with the number of sweeps done, and of all.

    Raises
    ------
    InputError
        If a feature, a setting or a cell does not exist.
    """
    names = names_of_all() if features == ALL else list(features)
    check_names(names)
    check_settings(settings)
    for cell in rheobase_nA:
        if cell not in recordings.cells:
            raise InputError(f"rheobase_nA: {unknown('cell', cell, recordings.cells)}")
    windows: dict[str, Window] = {}
    found: list[Found] = []
    for number, sweep in enumerate(recordings):
        progress(number, len(recordings))
        windows[sweep.name] = window = _window(sweep, settings, window_ms)
        measured = _measured(sweep, names, window)
        found += [Found(sweep, name, measured[name]) for name in names]
    progress(len(recordings), len(recordings))
    known = {name: amount(f"rheobase of {name}", nA) for name, nA in rheobase_nA.items()}
    least = {
        cell: known.get(cell, _rheobase_nA([s for s in recordings if s.cell == cell], windows))
        for cell in recordings.cells
    }
    return SweepFeatures(recordings, tuple(found), windows, least, dict(settings))


def _window(
    sweep: Sweep, settings: Mapping[str, Setting], window_ms: tuple[float, float] | None
) -> Window:
    """Return the window of a sweep's stimulus, or of all of it if there is none."""
    shape = sweep.shape
    end_ms = float(sweep.t_ms[-1])
    whole = (0.0, end_ms) if shape.kind == "none" else (shape.onset_ms, min(shape.end_ms, end_ms))
    numbers = {n: float(one) if isinstance(one, bool) else one for n, one in settings.items()}
    window = Window(*(window_ms or whole), sweep.threshold_mV, numbers)
    window.check_end(end_ms)
    return window


def _measured(sweep: Sweep, names: Sequence[str], window: Window) -> dict[str, Measured]:
    shape = sweep.shape
    stimulus_nA = shape.amplitude_nA if shape.kind in ("step", "short square") else None
    without = {
        name: Missing(why)
        for name in names
        if (why := lacking(name, window, float(sweep.t_ms[-1]), stimulus_nA))
    }
    asked = [name for name in names if name not in without]
    return measure(sweep.trace, asked, window, stimulus_nA=stimulus_nA) | without


def _rheobase_nA(sweeps: Sequence[Sweep], windows: Mapping[str, Window]) -> float | None:
    fired = [
        one.shape.amplitude_nA
        for one in sweeps
        if one.shape.kind == "step" and _in_window(one, windows[one.name]).size
    ]
    return min((nA for nA in fired if nA > 0), default=None)


def _in_window(sweep: Sweep, window: Window) -> Floats:
    return np.asarray(sweep.spikes_ms[window.holds(sweep.spikes_ms)])
