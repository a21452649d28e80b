"""Where on a trace a feature is measured: what can be drawn of its values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from workbench.arrays import Floats
from workbench.features import Window
from workbench.runs.spiking import Points, Spikes, spikes_of


@dataclass(frozen=True)
class Marks:
    """What is drawn of one feature.

    Attributes
    ----------
    points
        Times (ms) and values that were found there.
    levels
        Values that hold over the whole window.
    times_ms
        Times that were found.
    spans_ms
        From when to when something lasted.
    target
        Which of these the target is drawn as: `level`, `time`, or nothing, for amplitudes and
        counts have no place of their own.
    origin_ms
        What a target that is a time counts from.
    """

    points: Points = ()
    levels: tuple[float, ...] = ()
    times_ms: tuple[float, ...] = ()
    spans_ms: tuple[tuple[float, float], ...] = field(default=())
    target: str = ""
    origin_ms: float = 0.0


def marks_of(feature: str, values: Floats, t_ms: Floats, trace: Floats, window: Window) -> Marks:
    """Return what is drawn of a feature's values on its trace; nothing of one that has no place.

    Parameters
    ----------
    feature
        Its name.
    values
        What was measured, (m,), in the feature's own unit.
    t_ms, trace
        The recording, (n,).
    """
    if feature not in _DRAWN:
        return Marks()
    return _DRAWN[feature](values.tolist(), _Place(t_ms, trace, window))


@dataclass(frozen=True)
class _Place:
    t_ms: Floats
    trace: Floats
    window: Window

    @property
    def spikes(self) -> Spikes:
        return spikes_of(self.t_ms, self.trace, self.window)

    def extreme(self, largest: bool) -> float:
        """Return when (ms) the trace is largest or smallest within the window."""
        inside = np.flatnonzero(self.window.holds(self.t_ms))
        if inside.size == 0:
            return self.window.begin_ms
        found = self.trace[inside].argmax() if largest else self.trace[inside].argmin()
        return float(self.t_ms[inside[found]])


_Draw = Callable[[Sequence[float], _Place], Marks]


def _paired(places: Points, values: Sequence[float]) -> Points:
    """Return values at the times of places, one each; without as many, the places themselves."""
    if len(places) != len(values):
        return places
    return tuple((t_ms, value) for (t_ms, _), value in zip(places, values, strict=True))


def _peaks(values: Sequence[float], place: _Place) -> Marks:
    return Marks(points=_paired(place.spikes.peaks, values), target="level")


def _troughs(values: Sequence[float], place: _Place) -> Marks:
    return Marks(points=_paired(place.spikes.troughs, values), target="level")


def _one_peak(number: int) -> _Draw:
    def draw(values: Sequence[float], place: _Place) -> Marks:
        at = place.spikes.peaks[number:][:1]
        return Marks(points=_paired(at, values), target="level")

    return draw


def _spikes(_: Sequence[float], place: _Place) -> Marks:
    return Marks(points=place.spikes.peaks)


def _lows(_: Sequence[float], place: _Place) -> Marks:
    return Marks(points=place.spikes.troughs)


def _intervals(_: Sequence[float], place: _Place) -> Marks:
    times = place.spikes.crossings_ms
    return Marks(spans_ms=tuple(pairwise(times)))


def _first_interval(_: Sequence[float], place: _Place) -> Marks:
    times = place.spikes.crossings_ms[:2]
    return Marks(spans_ms=(times,) if len(times) == 2 else ())


def _level(values: Sequence[float], _: _Place) -> Marks:
    return Marks(levels=tuple(values), target="level")


def _top(values: Sequence[float], place: _Place) -> Marks:
    return Marks(points=((place.extreme(largest=True), values[0]),), target="level")


def _bottom(values: Sequence[float], place: _Place) -> Marks:
    return Marks(points=((place.extreme(largest=False), values[0]),), target="level")


def _end(values: Sequence[float], place: _Place) -> Marks:
    return Marks(points=((place.window.end_ms, values[0]),), target="level")


def _since_begin(values: Sequence[float], place: _Place) -> Marks:
    begin_ms = place.window.begin_ms
    times_ms = tuple(begin_ms + one for one in values)
    return Marks(times_ms=times_ms, target="time", origin_ms=begin_ms)


def _time(values: Sequence[float], _: _Place) -> Marks:
    return Marks(times_ms=tuple(values), target="time" if len(values) == 1 else "")


_DRAWN: Mapping[str, _Draw] = {
    **dict.fromkeys(("AP_height", "peak_voltage"), _peaks),
    **dict.fromkeys(("AHP_depth_abs", "min_AHP_values"), _troughs),
    "AP1_peak": _one_peak(0),
    "AP2_peak": _one_peak(1),
    **dict.fromkeys(
        (
            *("spike_count", "Spikecount", "Spikecount_stimint", "spike_count_stimint"),
            *("mean_frequency", "AP_amplitude", "mean_AP_amplitude", "AP_width"),
            *("AP_amplitude_from_voltagebase", "AP_duration_half_width", "spike_half_width"),
        ),
        _spikes,
    ),
    **dict.fromkeys(
        ("AHP_depth", "AHP_depth_slow", "AHP_time_from_peak", "AHP_depth_abs_slow"), _lows
    ),
    **dict.fromkeys(
        (
            *("spike_intervals", "mean_interval", "all_ISI_values", "ISI_values", "ISI_CV"),
            *("inv_ISI_values", "adaptation_index", "adaptation_index2"),
        ),
        _intervals,
    ),
    **dict.fromkeys(("doublet_ISI", "inv_first_ISI"), _first_interval),
    **dict.fromkeys(
        ("voltage_base", "steady_state_voltage", "steady_state_voltage_stimend", "mean"), _level
    ),
    **dict.fromkeys(("maximum", "maximum_voltage"), _top),
    **dict.fromkeys(("minimum", "minimum_voltage"), _bottom),
    "value_at_end": _end,
    **dict.fromkeys(
        (
            *("time_to_first_spike", "time_to_second_spike", "time_to_last_spike"),
            *("time_to_peak", "time_to_half"),
        ),
        _since_begin,
    ),
    **dict.fromkeys(
        (
            *("first_spike", "spike_times", "peak_time", "AP_begin_time", "burst_times"),
            *("time_of_maximum", "time_of_minimum"),
        ),
        _time,
    ),
}
