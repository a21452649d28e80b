"""Which current was injected: its kind, when it began, how long it lasted, how large it was."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.arrays import Floats

Kind = Literal["none", "step", "short square", "ramp", "noise", "other"]

LONGEST_SHORT_ms = 10.0
"""A shorter step is a short square: it ends before most cells have answered."""

_NARROW_ms, _WIDE_ms = 1.0, 20.0
"""Of the running medians through which steps are looked for. The wide one, a period of 50 Hz, shows
those that are smaller than the noise of a recorded current."""

_SIGMAS = 6.0
_LEAST_nA = 1e-5
_FLAT = 0.05
"""Of its amplitude: by how much a step, or a ramp about its line, may be uneven."""

_MANY = 8
"""Excursions; no protocol of steps has as many that are as irregular."""

_BLOCK_ms = 5.0


@dataclass(frozen=True)
class Shape:
    """What was injected beside a constant current.

    Attributes
    ----------
    kind
        "none", "step", "short square" (a step of up to 10 ms), "ramp", "noise" or "other".
    onset_ms, duration_ms
        When it begins and how long it lasts; those of a test pulse before it do not count.
    amplitude_nA
        Above the current before it: of a step its level, of a ramp its end, of noise its standard
        deviation, of another one its largest excursion.
    holding_nA
        The current before it.
    test_pulse
        Whether a short pulse comes before it.
    """

    kind: Kind
    onset_ms: float = 0.0
    duration_ms: float = 0.0
    amplitude_nA: float = 0.0
    holding_nA: float = 0.0
    test_pulse: bool = False

    def __str__(self) -> str:
        if self.kind == "none":
            return f"no stimulus, {self.holding_nA:.4g} nA throughout"
        pulse = ", a test pulse before it" if self.test_pulse else ""
        return (
            f"{self.kind} of {self.amplitude_nA:.4g} nA, {self.duration_ms:g} ms from "
            f"{self.onset_ms:g} ms on, at {self.holding_nA:.4g} nA{pulse}"
        )

    @property
    def end_ms(self) -> float:
        """When it ends."""
        return self.onset_ms + self.duration_ms


def shape_of(i_nA: Floats, dt_ms: float) -> Shape:
    """Return what a current (n,) is, sampled every `dt_ms`.

    A step begins with the first sample that is past half of its amplitude, and ends with the first
    that is not any more. What is steady before and after is the holding current; a current that is
    nowhere more than six standard deviations of its noise away from it has no stimulus.
    """
    narrow = _smooth(i_nA, dt_ms, _NARROW_ms)
    away = _excursions(i_nA, narrow, dt_ms, _NARROW_ms)
    if sum(end - begin for begin, end in away) * dt_ms < _WIDE_ms:
        wide = _smooth(i_nA, dt_ms, _WIDE_ms)
        long = _excursions(i_nA, wide, dt_ms, _WIDE_ms)
        # A stimulus too small for its noise is known by being one and long; else it is the noise.
        if len(long) == 1 and (long[0][1] - long[0][0]) * dt_ms >= 2 * _WIDE_ms:
            narrow, away = wide, long
        elif not away:
            return Shape("none", holding_nA=float(np.median(i_nA)))
    if len(away) >= _MANY and _is_irregular(away):
        return _noise_or_other(i_nA, dt_ms)
    begin, end, test_pulse = _main(away)
    if begin is None or end is None:
        return _other(i_nA, away[0][0], away[-1][1], dt_ms)
    return _of_one(i_nA, narrow, begin, end, dt_ms, test_pulse)


def _smooth(i_nA: Floats, dt_ms: float, width_ms: float) -> Floats:
    from scipy.ndimage import median_filter

    width = 2 * round(width_ms / dt_ms / 2) + 1
    return np.asarray(median_filter(i_nA, size=width, mode="nearest"), dtype=float)


def _excursions(
    i_nA: Floats, smooth: Floats, dt_ms: float, width_ms: float
) -> list[tuple[int, int]]:
    """Return the ranges of samples in which a smoothed current is away from where it began."""
    width = 2 * round(width_ms / dt_ms / 2) + 1
    rough = i_nA - smooth
    noise_nA = 1.4826 * float(np.median(np.abs(rough - np.median(rough))))
    # The standard error of a median of `width` normal deviates.
    limit_nA = max(_SIGMAS * 1.2533 * noise_nA / np.sqrt(width), _LEAST_nA)
    base_nA = _base(smooth)
    away = np.abs(smooth - base_nA) > limit_nA
    edges = np.flatnonzero(np.diff(np.concatenate([[False], away, [False]]).astype(int)))
    ranges = edges.reshape(-1, 2).tolist()
    least = max(1, width // 2)
    return [(a, b) for a, b in ranges if b - a >= least]


def _base(smooth: Floats) -> float:
    """Return where a current begins, and usually ends: the median of its first hundredth."""
    return float(np.median(smooth[: max(5, smooth.size // 100)]))


def _is_irregular(away: list[tuple[int, int]]) -> bool:
    lengths = np.array([b - a for a, b in away], dtype=float)
    return bool(lengths.std() > 0.3 * lengths.mean())


def _main(away: list[tuple[int, int]]) -> tuple[int | None, int | None, bool]:
    """Return the range of the stimulus, or None if there are several, and if a pulse precedes."""
    if len(away) == 1:
        return (*away[0], False)
    pulse, main = away[0], away[-1]
    if len(away) == 2 and pulse[1] - pulse[0] <= 0.2 * (main[1] - main[0]):
        return (*main, True)
    return None, None, False


def _of_one(
    i_nA: Floats, smooth: Floats, begin: int, end: int, dt_ms: float, test_pulse: bool
) -> Shape:
    """Return the shape of a current that is away from its base in one range."""
    base_nA = float(np.median(i_nA[:begin])) if begin and not test_pulse else _base(smooth)
    inside = smooth[begin:end]
    level_nA = float(np.median(inside)) - base_nA
    margin = max(1, round(_NARROW_ms / dt_ms / 2))
    core = inside[margin:-margin] if inside.size > 4 * margin else inside
    noise_nA = float(np.std(i_nA[begin:end] - inside))
    flat = max(_FLAT * abs(level_nA), noise_nA)
    if core.size and np.std(core) <= flat and abs(level_nA) > 0:
        return _step(i_nA, smooth, begin, end, base_nA, dt_ms, test_pulse)
    if core.size > 10 and _is_line(core, noise_nA):
        return _ramp(core, begin + (margin if core.size < inside.size else 0), end, base_nA, dt_ms)
    return _noise_or_other(i_nA, dt_ms)


def _step(
    i_nA: Floats,
    smooth: Floats,
    begin: int,
    end: int,
    base_nA: float,
    dt_ms: float,
    test_pulse: bool,
) -> Shape:
    level_nA = float(np.median(smooth[begin:end])) - base_nA
    reach = max(3, end - begin)
    past = (smooth - base_nA) * np.sign(level_nA) > abs(level_nA) / 2
    first = max(0, begin - reach)
    inside = np.flatnonzero(past[first : end + reach]) + first
    begin, end = int(inside[0]), int(inside[-1]) + 1
    steady = test_pulse or begin == 0
    before_nA = base_nA if steady else float(np.median(i_nA[:begin]))
    amplitude_nA = float(np.median(i_nA[begin:end])) - before_nA
    duration_ms = (end - begin) * dt_ms
    kind: Kind = "step" if duration_ms > LONGEST_SHORT_ms else "short square"
    return Shape(kind, begin * dt_ms, duration_ms, amplitude_nA, before_nA, test_pulse)


def level(values: Floats) -> Floats:
    """Return values (n,) without the straight line through them."""
    places = np.arange(values.size)
    return np.asarray(values - np.polyval(np.polyfit(places, values, 1), places))


def _is_line(core: Floats, noise_nA: float) -> bool:
    uneven = float(np.std(level(core)))
    height = float(abs(np.median(core[-5:]) - np.median(core[:5])))
    return uneven <= max(_FLAT * height / 2, noise_nA) and height > 0


def _ramp(core: Floats, first: int, end: int, base_nA: float, dt_ms: float) -> Shape:
    """Return a ramp; it begins where its line leaves the current before it."""
    slope, start = np.polyfit(np.arange(first, first + core.size), core, 1)
    begin = min(max(float((base_nA - start) / slope), 0.0), float(first))
    amplitude_nA = float(slope * (end - 1) + start - base_nA)
    onset_ms = round(begin) * dt_ms
    return Shape("ramp", onset_ms, end * dt_ms - onset_ms, amplitude_nA, base_nA)


def _noise_or_other(i_nA: Floats, dt_ms: float) -> Shape:
    """Return noise if its values are spread as those of noise are; a sine spends them at its ends.

    The kurtosis of normal deviates is 3, that of a sine or a chirp 1.5, of straight lines 1.8.
    """
    begin, end = _lasting(i_nA, dt_ms)
    values = i_nA[begin:end] - i_nA[begin:end].mean()
    spread = float(values.std())
    turns = np.count_nonzero(np.diff(np.sign(values)) != 0)
    kurtosis = float(np.mean(values**4)) / spread**4 if spread else 0.0
    if kurtosis < 2.2 or turns < 20:
        return _other(i_nA, begin, end, dt_ms)
    before = i_nA[:begin]
    holding_nA = float(np.median(before)) if before.size else 0.0
    return Shape("noise", begin * dt_ms, (end - begin) * dt_ms, spread, holding_nA)


def _lasting(i_nA: Floats, dt_ms: float) -> tuple[int, int]:
    """Return the range in which a current fluctuates, in blocks of 5 ms."""
    size = max(2, round(_BLOCK_ms / dt_ms))
    blocks = i_nA[: i_nA.size // size * size].reshape(-1, size)
    if len(blocks) < 2:
        return 0, i_nA.size
    lively = np.flatnonzero(blocks.std(axis=1) > 0.05 * i_nA.std())
    if not lively.size:
        return 0, i_nA.size
    last = int(lively[-1]) + 1
    return int(lively[0]) * size, i_nA.size if last == len(blocks) else last * size


def _other(i_nA: Floats, begin: int, end: int, dt_ms: float) -> Shape:
    base_nA = float(np.median(i_nA[:begin])) if begin else _base(i_nA)
    away_nA = i_nA[begin:end] - base_nA
    largest_nA = float(away_nA[np.abs(away_nA).argmax()])
    return Shape("other", begin * dt_ms, (end - begin) * dt_ms, largest_nA, base_nA)
