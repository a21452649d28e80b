"""How spikes look."""

import numpy as np

from workbench.arrays import Floats
from workbench.features.common.grid import Gridded, LackingError, Places
from workbench.features.common.levels import voltage_base
from workbench.features.common.registry import mean, spiking


@spiking(1)
def peak_voltage(on: Gridded) -> Floats:
    """Return the voltage (mV) of each peak."""
    return on.v[on.peaks]


@spiking(1)
def AP_height(on: Gridded) -> Floats:
    """Return the voltage (mV) of each peak."""
    return on.v[on.peaks]


@spiking(1)
def AP1_peak(on: Gridded) -> Floats:
    """Return the voltage (mV) of the first peak."""
    return on.v[on.peaks[:1]]


@spiking(2)
def AP2_peak(on: Gridded) -> Floats:
    """Return the voltage (mV) of the second peak."""
    return on.v[on.peaks[1:2]]


@spiking(1)
def AP_begin_voltage(on: Gridded) -> Floats:
    """Return the voltage (mV) where spikes begin: it rises by `DerivativeThreshold` (mV/ms)."""
    return on.v[_onsets(on)]


@spiking(1)
def AP_begin_time(on: Gridded) -> Floats:
    """Return when (ms) spikes begin: the voltage rises by `DerivativeThreshold` (mV/ms)."""
    return on.t_ms[_onsets(on)]


@spiking(1)
def AP_amplitude(on: Gridded) -> Floats:
    """Return by how much each peak in the window is above the voltage where it begins, in mV."""
    onsets, peaks_mV = _onsets(on), on.v[on.peaks]
    begins, ends = on.peaks_ms >= on.window.begin_ms, on.peaks_ms <= on.window.end_ms
    peaks_mV = peaks_mV[begins & ends]
    if peaks_mV.size > onsets.size:
        raise LackingError("finds peaks in the window whose begin it does not find")
    if not peaks_mV.size:
        raise LackingError("finds no peak in the window")
    return peaks_mV - on.v[onsets[: peaks_mV.size]]


@spiking(1)
def mean_AP_amplitude(on: Gridded) -> Floats:
    """Return the mean of `AP_amplitude`, in mV."""
    return mean(AP_amplitude(on))


@spiking(1)
def AP1_amp(on: Gridded) -> Floats:
    """Return the first `AP_amplitude`, in mV."""
    return AP_amplitude(on)[:1]


@spiking(2)
def AP2_amp(on: Gridded) -> Floats:
    """Return the second `AP_amplitude`, in mV."""
    if (found := AP_amplitude(on)).size < 2:
        raise LackingError("needs 2 spikes in the window, and there is 1")
    return found[1:2]


@spiking(1)
def APlast_amp(on: Gridded) -> Floats:
    """Return the last `AP_amplitude`, in mV."""
    return AP_amplitude(on)[-1:]


@spiking(1)
def min_AHP_values(on: Gridded) -> Floats:
    """Return the voltage (mV) of the first minimum after each spike, before the next one."""
    if not on.troughs.size:
        raise LackingError("finds no minimum after the spike")
    return on.v[on.troughs]


@spiking(1)
def AHP_depth_abs(on: Gridded) -> Floats:
    """Return the voltage (mV) of the first minimum after each spike, before the next one."""
    return min_AHP_values(on)


@spiking(1)
def AHP_depth(on: Gridded) -> Floats:
    """Return by how much `AHP_depth_abs` is above `voltage_base`, in mV."""
    return min_AHP_values(on) - voltage_base(on)


@spiking(1)
def AHP_depth_diff(on: Gridded) -> Floats:
    """Return by how much each `AHP_depth` is above the one before, in mV."""
    if (found := AHP_depth(on)).size < 2:
        raise LackingError("finds no minimum after a second spike")
    return np.diff(found)


@spiking(1)
def AHP_depth_from_peak(on: Gridded) -> Floats:
    """Return by how much each peak is above the first minimum after it, in mV."""
    bottoms_mV = min_AHP_values(on)
    return on.v[on.peaks[: bottoms_mV.size]] - bottoms_mV


@spiking(1)
def AHP1_depth_from_peak(on: Gridded) -> Floats:
    """Return the first `AHP_depth_from_peak`, in mV."""
    return AHP_depth_from_peak(on)[:1]


@spiking(2)
def AHP2_depth_from_peak(on: Gridded) -> Floats:
    """Return the second `AHP_depth_from_peak`, in mV."""
    if (found := AHP_depth_from_peak(on)).size < 2:
        raise LackingError("finds no minimum after the second spike")
    return found[1:2]


@spiking(1)
def AHP_time_from_peak(on: Gridded) -> Floats:
    """Return the time (ms) from each peak to the first minimum after it."""
    min_AHP_values(on)
    return on.t_ms[on.troughs] - on.peaks_ms[: on.troughs.size]


@spiking(3)
def AHP_depth_abs_slow(on: Gridded) -> Floats:
    """Return the lowest voltage (mV) between peaks, from `sahp_start` ms after the first of two.

    Without the interval of the first two spikes.
    """
    return on.v[on.slow_troughs]


@spiking(3)
def AHP_slow_time(on: Gridded) -> Floats:
    """Return when `AHP_depth_abs_slow` is reached, as a share of the interval."""
    begins_ms, ends_ms = on.peaks_ms[1:-1], on.peaks_ms[2:]
    return (on.t_ms[on.slow_troughs] - begins_ms) / (ends_ms - begins_ms)


@spiking(3)
def AHP_depth_slow(on: Gridded) -> Floats:
    """Return by how much `AHP_depth_abs_slow` is above `voltage_base`, in mV."""
    return AHP_depth_abs_slow(on) - voltage_base(on)


@spiking(1)
def AP_amplitude_from_voltagebase(on: Gridded) -> Floats:
    """Return by how much each peak is above `voltage_base`, in mV."""
    return on.v[on.peaks] - voltage_base(on)


@spiking(1)
def AP_width(on: Gridded) -> Floats:
    """Return how long (ms) each spike is at the threshold or above.

    Between the first minimum after the spike before and that after this one, from the first point
    at or above the threshold to the next one at or below.
    """
    troughs, begin = on.troughs, 0
    if not troughs.size:
        raise LackingError("finds no minimum after the spike")
    if on.strict:
        begin, end = on.first(on.window.begin_ms), on.first(on.window.end_ms)
        troughs = troughs[(begin < troughs) & (troughs < end)]
    high, low = on.v >= on.window.threshold_mV, on.v <= on.window.threshold_mV
    bounds = [begin, *troughs]
    rises = [_first_true(high, *bounds[n : n + 2]) for n in range(troughs.size)]
    falls = [_first_true(low, a, b) for a, b in zip(rises, bounds[1:], strict=True)]
    return on.t_ms[falls] - on.t_ms[rises] if rises else np.zeros(0)


def _onsets(on: Gridded) -> Places:
    if not on.onsets.size:
        raise LackingError("finds no begin of a spike in the window or behind")
    return on.onsets


def _first_true(true: np.ndarray, begin: int, end: int) -> int:
    part = true[begin:end]
    return begin + int(part.argmax()) if part.any() else end
