"""Sweeps in which the same current was injected."""

from collections.abc import Sequence

import numpy as np

from workbench.recordings.sweep import Sweep

_ALIKE = 0.02
_LEAST_nA = 0.002
_CORRELATED = 0.98


def repeats_of(sweeps: Sequence[Sweep]) -> list[tuple[Sweep, ...]]:
    """Return the groups of two or more sweeps of a cell that repeat a stimulus, in their order.

    Steps and ramps repeat one another if they begin and end within two samples and their
    amplitudes differ by 2 % or 2 pA at most; any other current, if it has as many samples, is
    correlated by 0.98 or more, and as large within 2 %.
    """
    groups: list[list[Sweep]] = []
    for sweep in sweeps:
        for group in groups:
            if _repeats(group[0], sweep):
                group.append(sweep)
                break
        else:
            groups.append([sweep])
    return [tuple(group) for group in groups if len(group) > 1]


def _repeats(first: Sweep, second: Sweep) -> bool:
    one, other = first.shape, second.shape
    if (first.cell, first.dt_ms, one.kind) != (second.cell, second.dt_ms, other.kind):
        return False
    if one.kind in ("noise", "other"):
        return _alike(first, second)
    apart_ms = max(abs(one.onset_ms - other.onset_ms), abs(one.end_ms - other.end_ms))
    limit_nA = max(_ALIKE * abs(one.amplitude_nA), _LEAST_nA)
    apart_nA = abs(one.amplitude_nA - other.amplitude_nA)
    return apart_ms <= 2.001 * first.dt_ms and apart_nA <= limit_nA


def _alike(first: Sweep, second: Sweep) -> bool:
    if first.i_nA.size != second.i_nA.size:
        return False
    a, b = (one.i_nA - one.i_nA.mean() for one in (first, second))
    spreads = a.std(), b.std()
    correlated = float(np.mean(a * b)) >= _CORRELATED * spreads[0] * spreads[1]
    return bool(correlated and abs(spreads[0] - spreads[1]) <= _ALIKE * max(spreads))
