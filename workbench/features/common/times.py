"""When there are spikes."""

import numpy as np

from workbench.arrays import Floats
from workbench.features.common.grid import Gridded, LackingError
from workbench.features.common.registry import common, mean, spiking


@common
def Spikecount(on: Gridded) -> Floats:
    """Return the number of spikes: rises through the threshold that are followed by a fall."""
    return np.array([float(on.peaks.size)])


@common
def spike_count_stimint(on: Gridded) -> Floats:
    """Return the number of spikes whose peak is in the window."""
    return np.array([float(within(on).size)])


@common
def Spikecount_stimint(on: Gridded) -> Floats:
    """Return the number of spikes whose peak is in the window."""
    return spike_count_stimint(on)


@spiking(1)
def peak_time(on: Gridded) -> Floats:
    """Return when (ms) each spike is highest."""
    return on.peaks_ms


@spiking(1)
def time_to_first_spike(on: Gridded) -> Floats:
    """Return the time (ms) from the window's begin to the first peak."""
    return on.peaks_ms[:1] - on.window.begin_ms


@spiking(2)
def time_to_second_spike(on: Gridded) -> Floats:
    """Return the time (ms) from the window's begin to the second peak."""
    return on.peaks_ms[1:2] - on.window.begin_ms


@spiking(1)
def time_to_last_spike(on: Gridded) -> Floats:
    """Return the time (ms) from the window's begin to the last peak."""
    return on.peaks_ms[-1:] - on.window.begin_ms


@spiking(1)
def inv_time_to_first_spike(on: Gridded) -> Floats:
    """Return 1000 over `time_to_first_spike`, in Hz."""
    return 1000.0 / time_to_first_spike(on)


@spiking(1)
def mean_frequency(on: Gridded) -> Floats:
    """Return the spikes of the window over the time from its begin to the last of them, in Hz.

    0 without any in the window.
    """
    begin_ms = on.window.begin_ms
    peaks_ms = within(on)
    last_ms = peaks_ms[-1] if peaks_ms.size else 0.0
    if last_ms == begin_ms:
        raise LackingError("divides by the time from the window's begin to its last spike: 0")
    return np.array([peaks_ms.size * 1000 / (last_ms - begin_ms)])


@spiking(2)
def doublet_ISI(on: Gridded) -> Floats:
    """Return the time (ms) from the first peak to the second."""
    return on.peaks_ms[1:2] - on.peaks_ms[:1]


@spiking(2)
def all_ISI_values(on: Gridded) -> Floats:
    """Return the times (ms) between successive peaks."""
    return np.diff(on.peaks_ms)


@spiking(2)
def ISI_values(on: Gridded) -> Floats:
    """Return the times (ms) between successive peaks; with `ignore_first_ISI` from the second."""
    return np.diff(on.peaks_ms)[bool(on.settings["ignore_first_ISI"]) :]


@spiking(2)
def ISI_CV(on: Gridded) -> Floats:
    """Return the standard deviation (n - 1) of `ISI_values` over their mean."""
    intervals_ms = ISI_values(on)
    if intervals_ms.size < 2:
        without = ", leaving out the first" if on.settings["ignore_first_ISI"] else ""
        raise LackingError(f"needs 2 intervals{without}, and there are {intervals_ms.size}")
    return np.array([np.std(intervals_ms, ddof=1) / np.mean(intervals_ms)])


@spiking(2)
def inv_ISI_values(on: Gridded) -> Floats:
    """Return 1000 over each of `all_ISI_values`, in Hz."""
    return 1000.0 / all_ISI_values(on)


@spiking(2)
def inv_first_ISI(on: Gridded) -> Floats:
    """Return the first of `inv_ISI_values`, in Hz."""
    return inv_ISI_values(on)[:1]


@spiking(3)
def inv_second_ISI(on: Gridded) -> Floats:
    """Return the second of `inv_ISI_values`, in Hz."""
    return inv_ISI_values(on)[1:2]


@spiking(4)
def inv_third_ISI(on: Gridded) -> Floats:
    """Return the third of `inv_ISI_values`, in Hz."""
    return inv_ISI_values(on)[2:3]


@spiking(5)
def inv_fourth_ISI(on: Gridded) -> Floats:
    """Return the fourth of `inv_ISI_values`, in Hz."""
    return inv_ISI_values(on)[3:4]


@spiking(6)
def inv_fifth_ISI(on: Gridded) -> Floats:
    """Return the fifth of `inv_ISI_values`, in Hz."""
    return inv_ISI_values(on)[4:5]


@spiking(2)
def inv_last_ISI(on: Gridded) -> Floats:
    """Return the last of `inv_ISI_values`, in Hz."""
    return inv_ISI_values(on)[-1:]


@spiking(4)
def adaptation_index(on: Gridded) -> Floats:
    """Return the mean of (b - a) / (b + a) over successive intervals a and b of the window.

    Without its first spikes: the share `spike_skipf` of them, at most `max_spike_skip`.
    """
    share, most = float(on.settings["spike_skipf"]), int(on.settings["max_spike_skip"])
    if not 0 <= share < 1:
        raise LackingError("needs a spike_skipf from 0 to below 1")
    peaks_ms = within(on)
    return _adaptation(peaks_ms[max(min(int(peaks_ms.size * share + 0.5), most), 0) :], 4)


@spiking(4)
def adaptation_index2(on: Gridded) -> Floats:
    """Return the mean of (b - a) / (b + a) over successive intervals a and b of the window.

    Without the interval of its first two spikes.
    """
    return _adaptation(within(on)[1:], 3)


def _adaptation(peaks_ms: Floats, least: int) -> Floats:
    if peaks_ms.size < least:
        raise LackingError(f"needs {least} spikes in the window behind those that are left out")
    intervals_ms = np.diff(peaks_ms)
    differences, sums = np.diff(intervals_ms), intervals_ms[1:] + intervals_ms[:-1]
    return mean(differences / sums)


def within(on: Gridded) -> Floats:
    """Return the times of the window's peaks, its ends included."""
    begins, ends = on.peaks_ms >= on.window.begin_ms, on.peaks_ms <= on.window.end_ms
    return on.peaks_ms[begins & ends]
