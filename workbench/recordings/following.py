"""The mean voltage of sweeps without spikes, which a model is to follow sample by sample."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.protocols import VoltageFile
from workbench.recordings.sweep import Sweep
from workbench.recordings.targets import Group

BEFORE_ms = 50.0
"""How much of what is before the stimulus counts."""


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean of sweeps, with the SD of its noise and from when to when it is followed."""

    voltage: VoltageFile
    sd_mV: float
    window_ms: tuple[float, float]


def mean_of(group: Group, file: str) -> Mean | None:
    """Return the mean voltage of a group's sweeps; None if one has a spike, or no stimulus.

    Its noise is that of the sweeps over sqrt(n): the root mean square of their differences from the
    mean over n - 1, or of one sweep the SD of what is before its stimulus.

    Raises
    ------
    InputError
        If sweeps are sampled differently, or their stimuli begin more than a sample apart.
    """
    sweeps = group.sweeps
    if any(one.spikes_ms.size or one.shape.kind == "none" for one in sweeps):
        return None
    first = sweeps[0]
    for one in sweeps[1:]:
        apart_ms = abs(one.shape.onset_ms - first.shape.onset_ms)
        if not np.isclose(one.dt_ms, first.dt_ms) or apart_ms > 1.5 * first.dt_ms:
            raise InputError(
                f"{group.name}: {first.name} has a sample every {first.dt_ms:g} ms and its "
                f"stimulus at {first.shape.onset_ms:g} ms, {one.name} every {one.dt_ms:g} ms and "
                f"at {one.shape.onset_ms:g} ms; a mean of both needs the same: leave one out"
            )
    samples = min(one.v_mV.size for one in sweeps)
    voltages_mV = np.array([one.v_mV[:samples] for one in sweeps])
    t_ms = first.t_ms[:samples]
    begin_ms = max(0.0, group.onset_ms - BEFORE_ms)
    window_ms = (float(begin_ms), float(t_ms[-1]))
    voltage = VoltageFile(file, t_ms, voltages_mV.mean(axis=0))
    return Mean(voltage, _noise_mV(sweeps, voltages_mV) / np.sqrt(len(sweeps)), window_ms)


def _noise_mV(sweeps: Sequence[Sweep], voltages_mV: Floats) -> float:
    """Return the SD of the noise of one sweep."""
    if len(sweeps) > 1:
        return float(np.sqrt(np.mean(np.var(voltages_mV, axis=0, ddof=1))))
    before_mV = sweeps[0].before()
    late_mV = before_mV[-max(2, round(BEFORE_ms / sweeps[0].dt_ms)) :]
    if late_mV.size < 2:
        raise InputError(
            f"{sweeps[0].name}: nothing is recorded before its stimulus, so its noise is not "
            "known; give a repeat of it, or leave the traces"
        )
    return float(np.std(late_mV))
