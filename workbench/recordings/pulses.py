"""Small pulses of current: their mean up and down, and how long the two mirror each other.

The recordings of a passive fit after Gouwens et al. 2018, Nat Commun 9:710.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.recordings.sweep import Sweep

ASYMMETRY = 0.2
"""Up and down no longer mirror each other where the mean of |(up + down)/up| exceeds this."""
ROLLING_ms = 1.0
"""Over which that mean goes; the paper does not tell."""
SETTLED_ms = 0.5
"""After a pulse: until then the electrode's own answer counts, not the cell's."""
LARGEST_nA, LONGEST_ms = 0.3, 10.0
"""What is taken for a small pulse."""
BASELINE_ms = 5.0
"""Before a pulse: the voltage from which the answer is measured."""


@dataclass(frozen=True, eq=False)
class Pulses:
    """The mean answers to small pulses up and down, from the onset on.

    Attributes
    ----------
    t_ms
        Times after the onset of the pulse, (n,).
    up_mV, down_mV
        Means of the voltage less that before each pulse, (n,).
    counts
        How many pulses there were, up and down.
    duration_ms, amplitude_nA
        Of the pulse up.
    """

    t_ms: Floats
    up_mV: Floats
    down_mV: Floats
    counts: tuple[int, int]
    duration_ms: float
    amplitude_nA: float

    @property
    def window_ms(self) -> tuple[float, float]:
        """From behind the pulse to where the two no longer mirror each other, after the onset.

        Raises
        ------
        InputError
            If they never do.
        """
        begin_ms = self.duration_ms + SETTLED_ms
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.abs((self.up_mV + self.down_mV) / self.up_mV)
        width = max(1, round(ROLLING_ms / float(self.t_ms[1] - self.t_ms[0])))
        inside = np.flatnonzero(self.t_ms >= begin_ms)
        ends = inside[width - 1 :]
        rolling = np.convolve(ratio[inside], np.full(width, 1 / width), "valid")
        beyond = np.flatnonzero(~(rolling <= ASYMMETRY))
        if beyond.size and beyond[0] == 0:
            raise InputError(
                f"the means of {self.counts[0]} pulses up and {self.counts[1]} down do not mirror "
                f"each other {begin_ms:g} ms after their onset: |(up + down)/up| is "
                f"{rolling[0]:.3g}, at most {ASYMMETRY:g} is allowed; give more or quieter sweeps"
            )
        end = ends[beyond[0]] if beyond.size else inside[-1]
        return begin_ms, float(self.t_ms[end])

    def write(self, folder: Path, rest_mV: float, onset_ms: float) -> tuple[Path, Path]:
        """Write `up.csv` and `down.csv` as recorded voltages for targets, and return their paths.

        Parameters
        ----------
        rest_mV
            The voltage at which the passive cell rests, added to the answers.
        onset_ms
            When the pulse begins in the study's protocols.
        """
        folder.mkdir(parents=True, exist_ok=True)
        paths = folder / "up.csv", folder / "down.csv"
        for path, answer in zip(paths, (self.up_mV, self.down_mV), strict=True):
            columns = np.column_stack([self.t_ms + onset_ms, answer + rest_mV])
            np.savetxt(path, columns, "%.7g", ",", header="time_ms,v_mV", comments="")
        return paths


def mean_pulses(sweeps: Iterable[Sweep]) -> Pulses:
    """Return the mean answers to the pulses of some sweeps, up and down.

    Each sweep has one pulse, up to 10 ms long and 0.3 nA large.

    Raises
    ------
    InputError
        If a sweep has none or another stimulus, if there is no pulse up or down, or if they differ
        in duration or sampling.
    """
    found = [_pulse(sweep) for sweep in sweeps]
    ups = [one for one in found if one.amplitude_nA > 0]
    downs = [one for one in found if one.amplitude_nA < 0]
    if not ups or not downs:
        raise InputError(
            f"there are {len(ups)} pulses up and {len(downs)} down; the mean of each is needed"
        )
    first = ups[0]
    for one in found:
        if one.sweep.dt_ms != first.sweep.dt_ms or one.samples != first.samples:
            raise InputError(
                f"{one}; {first}. Pulses of one duration and sampling have a mean: leave out others"
            )
    size = min(one.sweep.v_mV.size - one.onset for one in found)
    return Pulses(
        np.asarray(np.arange(size) * first.sweep.dt_ms, dtype=np.float64),
        np.mean([one.answer_mV(size) for one in ups], axis=0),
        np.mean([one.answer_mV(size) for one in downs], axis=0),
        (len(ups), len(downs)),
        first.samples * first.sweep.dt_ms,
        float(np.mean([one.amplitude_nA for one in ups])),
    )


@dataclass(frozen=True, eq=False)
class _Pulse:
    """The one pulse of a sweep: its first sample, its length in samples, its current."""

    sweep: Sweep
    onset: int
    samples: int
    amplitude_nA: float

    def __str__(self) -> str:
        return (
            f"{self.sweep.name}: a pulse of {self.samples * self.sweep.dt_ms:g} ms, sampled each "
            f"{self.sweep.dt_ms:g} ms"
        )

    def answer_mV(self, size: int) -> Floats:
        """Return the voltage from the onset on, less that before it."""
        v_mV, onset = self.sweep.v_mV, self.onset
        before = v_mV[max(0, onset - round(BASELINE_ms / self.sweep.dt_ms)) : onset]
        return np.asarray(v_mV[onset : onset + size] - before.mean(), dtype=np.float64)


def _pulse(sweep: Sweep) -> _Pulse:
    """Return a sweep's pulse: the running medians of `shape_of` would not see it."""
    current = sweep.i_nA - np.median(sweep.i_nA)
    largest = float(np.abs(current).max())
    high = np.flatnonzero(np.abs(current) > largest / 2)
    span = (high[-1] - high[0] + 1) if high.size else 0
    if not 0 < largest <= LARGEST_nA or span != high.size or span * sweep.dt_ms > LONGEST_ms:
        raise InputError(
            f"{sweep.name}: one pulse of current is needed, up to {LONGEST_ms:g} ms long and "
            f"{LARGEST_nA:g} nA large; this sweep is {largest:.3g} nA from its median at most, "
            f"{high.size} samples above half of that within {span * sweep.dt_ms:g} ms"
        )
    if not high[0]:
        raise InputError(f"{sweep.name}: its pulse begins at once; record some ms before it")
    return _Pulse(sweep, int(high[0]), int(span), float(current[high].mean()))
