"""eFEL's common features, computed here in one pass over a trace: its own values, to the last bit.

eFEL interpolates a trace anew for each feature. What is not defined here is left to it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps

import numpy as np

from workbench.arrays import Floats
from workbench.features.gridded import Gridded, gridded
from workbench.features.values import Measured, Missing, Setting, Window, as_measured
from workbench.protocols import Trace

Common = Callable[[Gridded], Floats]
COMMON: dict[str, Common] = {}
"""What is computed here, by eFEL's names."""


class _LackingError(Exception):
    """What a trace lacks, as the end of a sentence about the feature."""


def measure(
    trace: Trace, features: Sequence[str], window: Window, settings: Mapping[str, Setting]
) -> dict[str, Measured]:
    """Return every value of each feature, or why it has none.

    Parameters
    ----------
    trace
        A sound one.
    features
        Names in `COMMON`.
    window
        The stimulus window and the threshold.
    settings
        All of eFEL's settings but the threshold.
    """
    on = gridded(trace, window, settings)
    found: dict[str, Measured] = {}
    # What is no number is missing.
    with np.errstate(divide="ignore", invalid="ignore"):
        for name in features:
            try:
                found[name] = as_measured(COMMON[name](on), "eFEL")
            except _LackingError as lacking:
                found[name] = Missing(f"eFEL's {name} {lacking}")
    return found


def _spiking(spikes: int) -> Callable[[Common], Common]:
    """Register a feature that needs so many spikes."""

    def register(function: Common) -> Common:
        @wraps(function)
        def checked(on: Gridded) -> Floats:
            if (there := on.peaks.size) < spikes:
                where = "window" if on.strict else "trace"
                raise _LackingError(
                    f"needs {spikes} {'spike' if spikes == 1 else 'spikes'}, the {where} has "
                    f"{there or 'none'} that crosses {on.window.threshold_mV:g} mV"
                )
            return function(on)

        COMMON[function.__name__] = checked
        return checked

    return register


def _any(function: Common) -> Common:
    """Register a feature that needs no spikes."""
    COMMON[function.__name__] = function
    return function


@_any
def Spikecount(on: Gridded) -> Floats:
    """Return the number of spikes: rises through the threshold that are followed by a fall."""
    return np.array([float(on.peaks.size)])


@_spiking(1)
def peak_time(on: Gridded) -> Floats:
    """Return when (ms) each spike is highest."""
    return on.peaks_ms


@_spiking(1)
def peak_voltage(on: Gridded) -> Floats:
    """Return the voltage (mV) of each peak."""
    return on.v[on.peaks]


@_spiking(1)
def AP_height(on: Gridded) -> Floats:
    """Return the voltage (mV) of each peak."""
    return on.v[on.peaks]


@_spiking(1)
def time_to_first_spike(on: Gridded) -> Floats:
    """Return the time (ms) from the window's begin to the first peak."""
    return on.peaks_ms[:1] - on.window.begin_ms


@_spiking(1)
def time_to_last_spike(on: Gridded) -> Floats:
    """Return the time (ms) from the window's begin to the last peak."""
    return on.peaks_ms[-1:] - on.window.begin_ms


@_spiking(1)
def inv_time_to_first_spike(on: Gridded) -> Floats:
    """Return 1000 over `time_to_first_spike`, in Hz."""
    return 1000.0 / time_to_first_spike(on)


@_spiking(1)
def mean_frequency(on: Gridded) -> Floats:
    """Return the spikes of the window over the time from its begin to the last of them, in Hz.

    0 without any in the window.
    """
    begin_ms = on.window.begin_ms
    within = _within(on)
    last_ms = within[-1] if within.size else 0.0
    if last_ms == begin_ms:
        raise _LackingError("divides by the time from the window's begin to its last spike: 0")
    return np.array([within.size * 1000 / (last_ms - begin_ms)])


@_spiking(2)
def doublet_ISI(on: Gridded) -> Floats:
    """Return the time (ms) from the first peak to the second."""
    return on.peaks_ms[1:2] - on.peaks_ms[:1]


@_spiking(2)
def all_ISI_values(on: Gridded) -> Floats:
    """Return the times (ms) between successive peaks."""
    return np.diff(on.peaks_ms)


@_spiking(2)
def ISI_values(on: Gridded) -> Floats:
    """Return the times (ms) between successive peaks; with `ignore_first_ISI` from the second."""
    return np.diff(on.peaks_ms)[bool(on.settings["ignore_first_ISI"]) :]


@_spiking(2)
def ISI_CV(on: Gridded) -> Floats:
    """Return the standard deviation (n - 1) of `ISI_values` over their mean."""
    intervals_ms = ISI_values(on)
    if intervals_ms.size < 2:
        without = ", leaving out the first" if on.settings["ignore_first_ISI"] else ""
        raise _LackingError(f"needs 2 intervals{without}, and there are {intervals_ms.size}")
    return np.array([np.std(intervals_ms, ddof=1) / np.mean(intervals_ms)])


@_spiking(4)
def adaptation_index2(on: Gridded) -> Floats:
    """Return the mean of (b - a) / (b + a) over successive intervals a and b of the window.

    Without the interval of its first two spikes.
    """
    within = _within(on)
    if within.size < 4:
        raise _LackingError(f"needs 4 spikes in the window, and there are {within.size}")
    intervals_ms = np.diff(within[1:])
    differences, sums = np.diff(intervals_ms), intervals_ms[1:] + intervals_ms[:-1]
    return _mean(differences / sums)


@_spiking(1)
def min_AHP_values(on: Gridded) -> Floats:
    """Return the voltage (mV) of the first minimum after each spike, before the next one."""
    if not on.troughs.size:
        raise _LackingError("finds no minimum after the spike")
    return on.v[on.troughs]


@_spiking(1)
def AHP_depth_abs(on: Gridded) -> Floats:
    """Return the voltage (mV) of the first minimum after each spike, before the next one."""
    return min_AHP_values(on)


@_spiking(1)
def AHP_depth(on: Gridded) -> Floats:
    """Return by how much `AHP_depth_abs` is above `voltage_base`, in mV."""
    return min_AHP_values(on) - voltage_base(on)


@_spiking(3)
def AHP_depth_abs_slow(on: Gridded) -> Floats:
    """Return the lowest voltage (mV) between peaks, from `sahp_start` ms after the first of two.

    Without the interval of the first two spikes.
    """
    return on.v[on.slow_troughs]


@_spiking(3)
def AHP_slow_time(on: Gridded) -> Floats:
    """Return when `AHP_depth_abs_slow` is reached, as a share of the interval."""
    begins_ms, ends_ms = on.peaks_ms[1:-1], on.peaks_ms[2:]
    return (on.t_ms[on.slow_troughs] - begins_ms) / (ends_ms - begins_ms)


@_spiking(3)
def AHP_depth_slow(on: Gridded) -> Floats:
    """Return by how much `AHP_depth_abs_slow` is above `voltage_base`, in mV."""
    return AHP_depth_abs_slow(on) - voltage_base(on)


@_spiking(1)
def AP_amplitude_from_voltagebase(on: Gridded) -> Floats:
    """Return by how much each peak is above `voltage_base`, in mV."""
    return on.v[on.peaks] - voltage_base(on)


@_spiking(1)
def AP_width(on: Gridded) -> Floats:
    """Return how long (ms) each spike is at the threshold or above.

    Between the first minimum after the spike before and that after this one, from the first point
    at or above the threshold to the next one at or below.
    """
    troughs, begin = on.troughs, 0
    if not troughs.size:
        raise _LackingError("finds no minimum after the spike")
    if on.strict:
        begin, end = on.first(on.window.begin_ms), on.first(on.window.end_ms)
        troughs = troughs[(begin < troughs) & (troughs < end)]
    high, low = on.v >= on.window.threshold_mV, on.v <= on.window.threshold_mV
    bounds = [begin, *troughs]
    rises = [_first_true(high, *bounds[n : n + 2]) for n in range(troughs.size)]
    falls = [_first_true(low, a, b) for a, b in zip(rises, bounds[1:], strict=True)]
    return on.t_ms[falls] - on.t_ms[rises] if rises else np.zeros(0)


@_any
def voltage_base(on: Gridded) -> Floats:
    """Return the mean, or median, of the voltage (mV) in the last tenth before the window.

    From `voltage_base_start_perc` to `voltage_base_end_perc` of its begin; `voltage_base_mode`.
    Where no point of the grid is there, eFEL takes all of the trace, or ends the process.
    """
    begin_ms, end_ms = (
        on.window.begin_ms * float(on.settings[f"voltage_base_{which}_perc"])
        for which in ("start", "end")
    )
    if begin_ms >= end_ms:
        raise _LackingError("needs the voltage before the window")
    late = np.count_nonzero(on.t_ms[1:] - end_ms < float(on.settings["precision_threshold"]))
    first, last = on.first(begin_ms), late + 1
    if first >= last or not late:
        raise _LackingError(f"finds nothing of the trace from {begin_ms:g} to {end_ms:g} ms")
    part = on.v[first:last]
    if on.settings["voltage_base_mode"] == "mean":
        return _mean(part)
    ordered = np.sort(part)
    return np.array([(ordered[(part.size - 1) // 2] + ordered[part.size // 2]) / 2.0])


@_any
def steady_state_voltage_stimend(on: Gridded) -> Floats:
    """Return the mean voltage (mV) in the last tenth of the window."""
    begin_ms, end_ms = on.window.begin_ms, on.window.end_ms
    part = on.v[on.first(end_ms - 0.1 * (end_ms - begin_ms)) : on.first(end_ms)]
    if not part.size:
        raise _LackingError("finds nothing of the trace in the last tenth of the window")
    return _mean(part)


@_any
def voltage_deflection_vb_ssse(on: Gridded) -> Floats:
    """Return by how much `steady_state_voltage_stimend` is above `voltage_base`, in mV."""
    return steady_state_voltage_stimend(on) - voltage_base(on)


def _within(on: Gridded) -> Floats:
    """Return the times of the window's peaks, its ends included."""
    begins, ends = on.peaks_ms >= on.window.begin_ms, on.peaks_ms <= on.window.end_ms
    return on.peaks_ms[begins & ends]


def _mean(values: Floats) -> Floats:
    """Return the mean of values that are added in their order, which numpy's own sum is not."""
    return np.add.accumulate(values)[-1:] / values.size


def _first_true(true: np.ndarray, begin: int, end: int) -> int:
    part = true[begin:end]
    return begin + int(part.argmax()) if part.any() else end
