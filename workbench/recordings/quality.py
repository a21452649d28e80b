"""What is odd about a sweep, a sentence each. Nothing is left out for it unless somebody asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.recordings.shape import level
from workbench.recordings.sweep import Sweep

REASONS = (
    "access",
    "clipping",
    "drift",
    "early spikes",
    "input resistance",
    "no return",
    "noise",
    "seal",
    "threshold",
)
"""The names of what can be odd."""


@dataclass(frozen=True)
class Limits:
    """Beyond which a sweep is odd.

    Noise, seal and access are those of the Allen Cell Types Database (technical white paper on
    electrophysiology, 2017), the return to the baseline that of Gouwens et al. 2018.

    Attributes
    ----------
    noise_mV
        Standard deviation of the last 500 ms before the stimulus, a straight line taken off.
    drift_mV
        From the first to the last tenth of what is before the stimulus.
    return_mV
        From before the stimulus to the last tenth of what is after it.
    seal_MOhm
        Least seal, where the file states one.
    access_MOhm
        Largest series resistance that the bridge left, or that the file states.
    change
        By which part the access or the input resistance may differ from that of the cell's first
        sweep from which it is known.
    """

    noise_mV: float = 0.5
    drift_mV: float = 1.0
    return_mV: float = 2.0
    seal_MOhm: float = 1000.0
    access_MOhm: float = 20.0
    change: float = 0.2


PUBLISHED = Limits()
"""Those that hold unless told otherwise."""


@dataclass(frozen=True)
class Remark:
    """What is odd: one of `REASONS`, and a sentence."""

    reason: str
    words: str


_BASELINE_ms = 500.0
_LEAST_ms = 20.0
_LEAST_AFTER_ms = 100.0
_LEAST_nA = 0.02
_LEAST_STEP_ms = 50.0
_ACCESS_ms = 1.0
_LEAST_SAMPLES = 10
_UNCERTAIN_MOhm = 2.5
_CLIPPED = 4
"""Samples of one value at a trace's end of the range, entered by a jump of `_JUMP_mV`."""
_JUMP_mV = 1.0
_SHORTEST_ms = 1.0
"""Between two spikes of a neuron."""


def remarks(sweeps: Sequence[Sweep], limits: Limits = PUBLISHED) -> list[tuple[Remark, ...]]:
    """Return for each sweep what is odd about it, by itself and beside the others of its cell."""
    known: dict[str, dict[str, tuple[float, str]]] = {}
    return [
        (*_alone(sweep, limits), *_beside(sweep, known.setdefault(sweep.cell, {}), limits))
        for sweep in sweeps
    ]


def input_MOhm(sweep: Sweep) -> float | None:
    """Return the input resistance: the last fifth of a step without spikes over its current.

    None if the sweep has no such step of 0.02 nA and 50 ms or more, or nothing before it.
    """
    shape = sweep.shape
    before, inside = sweep.before(), _inside(sweep)
    if not (
        shape.kind == "step"
        and abs(shape.amplitude_nA) >= _LEAST_nA
        and shape.duration_ms >= _LEAST_STEP_ms
        and before.size
        and not sweep.spikes_ms.size
    ):
        return None
    return (_median(inside[-(inside.size // 5) :]) - _median(before)) / shape.amplitude_nA


def access_MOhm(sweep: Sweep) -> float | None:
    """Return the series resistance that the bridge left: the jump where a step begins.

    The jump is that of the line through the first ms behind the step's begin, at the begin, from
    what was before. None if there is no step of 0.02 nA, nothing before it, less than 10 samples a
    ms, or noise that leaves it open by more than 2.5 MOhm.
    """
    shape, before = sweep.shape, sweep.before()
    inside = _inside(sweep)[1 : 1 + round(_ACCESS_ms / sweep.dt_ms)]
    steps = shape.kind in ("step", "short square") and abs(shape.amplitude_nA) >= _LEAST_nA
    if not steps or before.size < 3 or inside.size < _LEAST_SAMPLES:
        return None
    uncertain_mV = 2 * float(np.std(level(inside))) / np.sqrt(inside.size)
    if uncertain_mV > _UNCERTAIN_MOhm * abs(shape.amplitude_nA):
        return None
    _, at_begin_mV = np.polyfit(np.arange(1, inside.size + 1), inside, 1)
    return float(at_begin_mV - _median(before[-max(3, before.size // 10) :])) / shape.amplitude_nA


def _inside(sweep: Sweep) -> Floats:
    shape = sweep.shape
    begin = round(shape.onset_ms / sweep.dt_ms)
    found: Floats = sweep.v_mV[begin : begin + round(shape.duration_ms / sweep.dt_ms)]
    return found


def _median(values: Floats) -> float:
    return float(np.median(values))


def _alone(sweep: Sweep, limits: Limits) -> Iterator[Remark]:
    before, shape = sweep.before(), sweep.shape
    spikes_ms = sweep.spikes_ms
    early = spikes_ms[spikes_ms < shape.onset_ms] if shape.kind != "none" else spikes_ms
    if early.size:
        yield Remark(
            "early spikes",
            f"{_number(early.size, 'spike')} before the stimulus, the first at {early[0]:.4g} ms",
        )
    elif before.size * sweep.dt_ms >= _LEAST_ms:
        yield from _baseline(before, sweep, limits)
    apart_ms = np.diff(spikes_ms)
    if apart_ms.size and apart_ms.min() < _SHORTEST_ms:
        yield Remark(
            "threshold",
            f"it is crossed upwards twice within {apart_ms.min():.2g} ms at "
            f"{spikes_ms[apart_ms.argmin()]:.5g} ms: noise crosses {sweep.threshold_mV:g} mV; give "
            "a threshold that spikes alone cross",
        )
    after = sweep.v_mV[round(shape.end_ms / sweep.dt_ms) :]
    if shape.kind != "none" and before.size and after.size * sweep.dt_ms >= _LEAST_AFTER_ms:
        off_mV = _median(after[-(after.size // 10) :]) - _median(before)
        if abs(off_mV) > limits.return_mV:
            yield Remark(
                "no return",
                f"it ends {off_mV:+.2f} mV from where it was before the stimulus "
                f"(limit {limits.return_mV:g})",
            )
    for end, word in ((sweep.v_mV.max(), "largest"), (sweep.v_mV.min(), "smallest")):
        if longest := _clipped(sweep.v_mV, end):
            yield Remark(
                "clipping",
                f"{longest} samples in a row have the {word} value, {end:.4g} mV, reached by a "
                "jump: the amplifier's range ends there",
            )
    seal_MOhm, noted_MOhm = sweep.facts.seal_MOhm, sweep.facts.access_MOhm
    if seal_MOhm is not None and seal_MOhm < limits.seal_MOhm:
        yield Remark("seal", f"a seal of {seal_MOhm:g} MOhm (limit {limits.seal_MOhm:g})")
    if noted_MOhm is not None and noted_MOhm > limits.access_MOhm:
        yield Remark("access", f"an access of {noted_MOhm:g} MOhm (limit {limits.access_MOhm:g})")


def _baseline(before: Floats, sweep: Sweep, limits: Limits) -> Iterator[Remark]:
    last = before[-round(_BASELINE_ms / sweep.dt_ms) :]
    if sweep.shape.test_pulse:
        last = last[last.size // 2 :]
    noise_mV = float(np.std(level(last)))
    if noise_mV > limits.noise_mV:
        yield Remark(
            "noise",
            f"before the stimulus its SD is {noise_mV:.2f} mV (limit {limits.noise_mV:g})",
        )
    tenth = max(1, before.size // 10)
    drift_mV = _median(before[-tenth:]) - _median(before[:tenth])
    if abs(drift_mV) > limits.drift_mV:
        yield Remark(
            "drift",
            f"it drifts by {drift_mV:+.2f} mV before the stimulus (limit {limits.drift_mV:g})",
        )


def _clipped(v_mV: Floats, end: float) -> int:
    """Return how many samples in a row lie at an end of the range to which the voltage jumped."""
    at = np.concatenate([[False], v_mV == end, [False]])
    edges = np.flatnonzero(np.diff(at.astype(int))).reshape(-1, 2)
    found = 0
    for begin, stop in edges[edges[:, 1] - edges[:, 0] >= _CLIPPED]:
        near = [v_mV[place] for place in (begin - 1, stop) if 0 <= place < v_mV.size]
        if any(abs(value - end) > _JUMP_mV for value in near):
            found = max(found, int(stop - begin))
    return found


def _beside(sweep: Sweep, known: dict[str, tuple[float, str]], limits: Limits) -> Iterator[Remark]:
    """Yield which resistances differ from those of the cell's first sweep that tells them.

    Input resistances are compared between equal steps alone: few membranes are linear.
    """
    amplitude_nA = sweep.shape.amplitude_nA
    for reason, what, found, least in (
        ("access", "access", access_MOhm(sweep), 0.25 * limits.access_MOhm),
        ("input resistance", f"input {amplitude_nA:.2g}", input_MOhm(sweep), 0.0),
    ):
        if found is None:
            continue
        first, whose = known.setdefault(what, (found, sweep.name))
        if abs(found - first) > max(limits.change * abs(first), least):
            yield Remark(
                reason,
                f"{'the access that the bridge left' if reason == 'access' else 'its'} "
                f"{'is' if reason == 'access' else 'input resistance is'} {found:.4g} MOhm, and "
                f"was {first:.4g} MOhm in {whose} (limit {100 * limits.change:g} %)",
            )


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"
