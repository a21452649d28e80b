"""How far two runs of one protocol are from each other."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.protocols import Traces

THRESHOLD_mV = -20.0
GRID_ms = 0.025


@dataclass(frozen=True)
class Parting:
    """The first place where two runs differ: a recording, a time, and both values there."""

    recording: str
    t_ms: float
    ours: float
    theirs: float

    def __str__(self) -> str:
        return (
            f"{self.recording} at {self.t_ms:.6g} ms is {self.theirs:.17g}, ours {self.ours:.17g}"
        )


@dataclass(frozen=True)
class Nearness:
    """How near two runs of one protocol are.

    Attributes
    ----------
    parting
        The first place where they differ; None if every number is the same.
    shift_ms
        The largest distance between spikes of the same number, of all voltages; inf if their
        counts differ.
    apart_mV
        Each voltage of one run is within so much of the other's within `shift_ms` of its time.
    others
        So is each other recording, in parts of what ours ranges over.
    """

    protocol: str
    parting: Parting | None
    shift_ms: float = 0.0
    apart_mV: float = 0.0
    others: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether every number is the same."""
        return self.parting is None

    def __str__(self) -> str:
        if self.exact:
            return "exact"
        if not np.isfinite(self.shift_ms):
            return "other spikes"
        said = f"within {self.apart_mV:.2g} mV and {self.shift_ms:.2g} ms"
        return said + f", others within {100 * self.others:.2g} %" * bool(self.others)


def nearness(ours: Traces, theirs: Mapping[str, Floats]) -> Nearness:
    """Return how near a run of ours is to another's, whose times are under `t_ms`."""
    parting = _parting(ours, theirs)
    if parting is None:
        return Nearness(ours.protocol, None)
    voltages = [name for name in ours.recorded if name.endswith(".v")]
    shift_ms = 0.0
    for name in voltages:
        mine = _spikes_ms(ours.t_ms, ours.recorded[name])
        others = _spikes_ms(theirs["t_ms"], theirs[name])
        if mine.size != others.size:
            return Nearness(ours.protocol, parting, np.inf, np.inf)
        shift_ms = max([shift_ms, *np.abs(mine - others).tolist()])
    apart = {name: _apart(ours, theirs, name, shift_ms) for name in ours.recorded}
    parts = [
        one / (np.ptp(ours.recorded[name]) or 1.0)
        for name, one in apart.items()
        if name not in voltages
    ]
    apart_mV = max((apart[name] for name in voltages), default=0.0)
    return Nearness(ours.protocol, parting, shift_ms, apart_mV, float(max(parts, default=0.0)))


def _apart(ours: Traces, theirs: Mapping[str, Floats], name: str, shift_ms: float) -> float:
    """Return how far a recording is from the band of another's values within a time of its own."""
    from scipy.ndimage import maximum_filter1d, minimum_filter1d

    until_ms = min(ours.t_ms[-1], theirs["t_ms"][-1])
    grid_ms = np.arange(0.0, until_ms, GRID_ms)
    reach = 2 * int(np.ceil(shift_ms / GRID_ms)) + 1
    mine = np.interp(grid_ms, ours.t_ms, ours.recorded[name])
    other = np.interp(grid_ms, theirs["t_ms"], theirs[name])
    above = mine - maximum_filter1d(other, reach)
    below = minimum_filter1d(other, reach) - mine
    return float(np.maximum(above, below).max())


def _parting(ours: Traces, theirs: Mapping[str, Floats]) -> Parting | None:
    found = []
    for name, mine in (("t_ms", ours.t_ms), *ours.recorded.items()):
        other = theirs[name]
        both = min(mine.size, other.size)
        differing = np.flatnonzero(mine[:both] != other[:both])
        if differing.size:
            at = int(differing[0])
            found.append((at, Parting(name, float(ours.t_ms[at]), mine[at], other[at])))
        elif mine.size != other.size:
            end_ms = float(ours.t_ms[both - 1])
            found.append((both, Parting("number of steps", end_ms, mine.size, other.size)))
    return min(found, key=lambda one: one[0])[1] if found else None


def _spikes_ms(t_ms: Floats, values_mV: Floats) -> Floats:
    """Return when the voltage crosses the threshold upwards, on the line between two samples."""
    up = np.flatnonzero((values_mV[1:] >= THRESHOLD_mV) & (values_mV[:-1] < THRESHOLD_mV))
    part = (THRESHOLD_mV - values_mV[up]) / (values_mV[up + 1] - values_mV[up])
    return t_ms[up] + part * (t_ms[up + 1] - t_ms[up])
