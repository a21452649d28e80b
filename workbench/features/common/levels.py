"""Voltages without spikes."""

import numpy as np

from workbench.arrays import Floats
from workbench.features.common.grid import Gridded, LackingError
from workbench.features.common.registry import common, mean


@common
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
        raise LackingError("needs the voltage before the window")
    late = np.count_nonzero(on.t_ms[1:] - end_ms < float(on.settings["precision_threshold"]))
    first, last = on.first(begin_ms), late + 1
    if first >= last or not late:
        raise LackingError(f"finds nothing of the trace from {begin_ms:g} to {end_ms:g} ms")
    part = on.v[first:last]
    if on.settings["voltage_base_mode"] == "mean":
        return mean(part)
    ordered = np.sort(part)
    return np.array([(ordered[(part.size - 1) // 2] + ordered[part.size // 2]) / 2.0])


@common
def steady_state_voltage_stimend(on: Gridded) -> Floats:
    """Return the mean voltage (mV) in the last tenth of the window."""
    begin_ms, end_ms = on.window.begin_ms, on.window.end_ms
    part = on.v[on.first(end_ms - 0.1 * (end_ms - begin_ms)) : on.first(end_ms)]
    if not part.size:
        raise LackingError("finds nothing of the trace in the last tenth of the window")
    return mean(part)


@common
def voltage_deflection_vb_ssse(on: Gridded) -> Floats:
    """Return by how much `steady_state_voltage_stimend` is above `voltage_base`, in mV."""
    return steady_state_voltage_stimend(on) - voltage_base(on)


@common
def ohmic_input_resistance_vb_ssse(on: Gridded) -> Floats:
    """Return `voltage_deflection_vb_ssse` over the current of the stimulus, in MOhm."""
    if on.stimulus_nA is None:
        raise LackingError("needs the current of the stimulus, which is not known")
    if on.stimulus_nA == 0:
        raise LackingError("divides by the current of the stimulus, and that is 0")
    return voltage_deflection_vb_ssse(on) / on.stimulus_nA


@common
def maximum_voltage(on: Gridded) -> Floats:
    """Return the largest voltage (mV) in the window."""
    return np.array([_window(on).max()])


@common
def minimum_voltage(on: Gridded) -> Floats:
    """Return the smallest voltage (mV) in the window."""
    return np.array([_window(on).min()])


@common
def maximum_voltage_from_voltagebase(on: Gridded) -> Floats:
    """Return by how much `maximum_voltage` is above `voltage_base`, in mV."""
    return maximum_voltage(on) - voltage_base(on)


@common
def sag_amplitude(on: Gridded) -> Floats:
    """Return by how much `steady_state_voltage_stimend` is above `minimum_voltage`, in mV."""
    if voltage_deflection_vb_ssse(on) > 0:
        raise LackingError("needs a voltage that falls in the window")
    return steady_state_voltage_stimend(on) - minimum_voltage(on)


@common
def sag_ratio1(on: Gridded) -> Floats:
    """Return `sag_amplitude` over how far `minimum_voltage` is below `voltage_base`."""
    return sag_amplitude(on) / _depth(on)


@common
def sag_ratio2(on: Gridded) -> Floats:
    """Return how far the steady state is below `voltage_base`, over how far the minimum is."""
    return (voltage_base(on) - steady_state_voltage_stimend(on)) / _depth(on)


def _depth(on: Gridded) -> Floats:
    depth_mV = voltage_base(on) - minimum_voltage(on)
    if depth_mV == 0:
        raise LackingError("needs a minimum in the window that is not voltage_base")
    return depth_mV


def _window(on: Gridded) -> Floats:
    """Return the values of the window, at least the first behind its begin."""
    begin_ms, end_ms = on.window.begin_ms, min(on.window.end_ms, on.t_ms[-1])
    if begin_ms > on.t_ms[-1]:
        raise LackingError("finds nothing of the trace in the window")
    first = on.first(begin_ms)
    return on.v[first : max(on.first(end_ms), first + 1)]
