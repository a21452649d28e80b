"""How far one run is from another, and whether two integrators' errors can be the reason."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.protocols import Trace, Traces

FARTHEST_mV = 0.1
"""Before the first spike; a shift of `FARTHEST_ms` counts for nothing."""

FARTHEST_LATER_mV = 1.0
"""From the first spike on, likewise: a sample on its slope is as exact as its time."""

FARTHEST_ms = 0.1
"""Of a spike's time."""

FARTHEST_SHARE = 0.01
"""Of what another variable than v goes through."""

SPIKE_mV = -20.0
_RISE_ms, _END_ms = 2.0, 0.5


@dataclass(frozen=True)
class Difference:
    """Two runs of one simulation, compared.

    Attributes
    ----------
    mV, later_mV
        The largest distance of voltages before the first spike, and from it on.
    ms
        The largest shift of a spike.
    spikes
        How many each run has, where they differ in that, or both.
    share
        The largest distance of other variables, in parts of their range.
    place
        Which recording is farthest beyond what is allowed, and when; "" where none is.
    """

    mV: float = 0.0
    later_mV: float = 0.0
    ms: float = 0.0
    spikes: tuple[int, int] = (0, 0)
    share: float = 0.0
    place: str = ""

    def is_within(self, times: float = 1.0) -> bool:
        """Return whether nothing is beyond so many times what is allowed."""
        return (
            self.mV <= times * FARTHEST_mV
            and self.later_mV <= times * FARTHEST_LATER_mV
            and self.ms <= times * FARTHEST_ms
            and self.spikes[0] == self.spikes[1]
            and self.share <= times * FARTHEST_SHARE
        )

    def __str__(self) -> str:
        theirs, ours = self.spikes
        if theirs != ours:
            return f"{ours} spikes in place of {theirs} at {self.place}"
        if self.mV > FARTHEST_mV or self.later_mV > FARTHEST_LATER_mV:
            return f"{max(self.mV, self.later_mV):.2g} mV at {self.place}"
        if self.share > FARTHEST_SHARE:
            return f"{100 * self.share:.2g} % at {self.place}"
        return f"{self.ms:.2g} ms of a spike at {self.place}"


def compare(true: Traces, found: Traces) -> dict[str, Difference]:
    """Return how far each recording of a run is from that of one that is taken for right."""
    begun_ms = min(
        (t for one in (true, found) for name in one if is_v(name) for t in spikes_ms(one[name])),
        default=np.inf,
    )
    return {name: _compared(name, true[name], found[name], begun_ms - _RISE_ms) for name in true}


def worst(each: Iterable[Difference]) -> Difference:
    """Return the largest differences of several recordings together."""
    several = list(each)
    if not several:
        return Difference()
    unlike = [one for one in several if one.spikes[0] != one.spikes[1]]
    beyond = [one for one in several if not one.is_within()]
    return Difference(
        max(one.mV for one in several),
        max(one.later_mV for one in several),
        max(one.ms for one in several),
        max((one.spikes for one in unlike or several), key=max),
        max(one.share for one in several),
        (unlike or beyond or [Difference()])[0].place,
    )


def spikes_ms(trace: Trace) -> Floats:
    """Return when a voltage comes above `SPIKE_mV`, on the straight line between two samples."""
    t, v = trace.t_ms, trace.values
    at = np.flatnonzero((v[:-1] < SPIKE_mV) & (v[1:] >= SPIKE_mV))
    part = (SPIKE_mV - v[at]) / (v[at + 1] - v[at])
    return np.asarray(t[at] + part * (t[at + 1] - t[at]))


def is_v(name: str) -> bool:
    """Whether a recording is a voltage."""
    return name.endswith(".v")


def _compared(name: str, true: Trace, found: Trace, early_ms: float) -> Difference:
    apart = _apart(true, found)
    farthest = f"{name}, {true.t_ms[np.argmax(apart)]:.4g} ms"
    if not is_v(name):
        spread = float(np.ptp(true.values))
        return Difference(share=float(apart.max()) / spread if spread else 0.0, place=farthest)
    early = true.t_ms < early_ms
    theirs, ours = spikes_ms(true), spikes_ms(found)
    count = min(len(theirs), len(ours))
    shifts = np.abs(theirs[:count] - ours[:count])
    mV = float(apart[early].max(initial=0.0))
    # One run may end just before a spike that is the other's last.
    more = np.concatenate([theirs[count:], ours[count:]])
    if (more > true.t_ms[-1] - _END_ms).all():
        theirs, ours = theirs[:count], ours[:count]
    if len(theirs) != len(ours):
        place = f"{name}, {more[0]:.4g} ms"
    elif mV > FARTHEST_mV:
        place = f"{name}, {true.t_ms[early][np.argmax(apart[early])]:.4g} ms"
    elif shifts.max(initial=0.0) > FARTHEST_ms:
        place = f"{name}, {theirs[np.argmax(shifts > FARTHEST_ms)]:.4g} ms"
    else:
        place = farthest
    return Difference(
        mV,
        float(apart[~early].max(initial=0.0)),
        float(shifts.max(initial=0.0)),
        (len(theirs), len(ours)),
        0.0,
        place,
    )


def _apart(true: Trace, found: Trace) -> Floats:
    """Return how far each sample is from what the other run passes within `FARTHEST_ms` of it."""
    t, values = found.t_ms, found.values
    first, last = (true.t_ms + side for side in (-FARTHEST_ms, FARTHEST_ms))
    edges = [np.interp(at, t, values) for at in (first, true.t_ms, last)]
    lowest, highest = np.minimum.reduce(edges), np.maximum.reduce(edges)
    # Samples in between, where there are any.
    begin, end = np.searchsorted(t, first), np.searchsorted(t, last, side="right")
    some = begin < end
    pairs = np.stack([begin[some], end[some]], axis=1).ravel()
    padded = np.append(values, values[-1])
    lowest[some] = np.minimum(lowest[some], np.minimum.reduceat(padded, pairs)[::2])
    highest[some] = np.maximum(highest[some], np.maximum.reduceat(padded, pairs)[::2])
    apart: Floats = np.maximum(lowest - true.values, true.values - highest)
    return np.maximum(apart, 0.0)
