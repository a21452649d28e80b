"""Traces that no feature tells apart from good ones: all features of their protocol are penalised.

The rules and numbers are those of Gouwens et al. 2018 (Nat Commun 9:710).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.arrays import Floats
from workbench.engines import Failure, Outcome
from workbench.errors import StudyError
from workbench.evaluations import Evaluation
from workbench.features import Measured, Missing, Penalised, Window
from workbench.features.spikes import crossings_ms
from workbench.fitting.objectives import LARGEST_TARGET, Objective
from workbench.protocols import Trace, find_defect

BASELINE = 0.1
"""The part of the time before the window, its last, of which the mean voltage is the baseline: that
of eFEL's `voltage_base`."""


@dataclass(frozen=True)
class Penalty:
    """What a voltage may not do under a protocol, and which score all its features have then.

    Attributes
    ----------
    protocol, location
        Whose `v` is looked at.
    begin_ms, end_ms, threshold_mV
        The window, and what crosses it upwards is a spike.
    fewer_spikes_than
        How many spikes the window has at least.
    spike_before
        Whether a spike before the window is penalised.
    no_return_mV
        By how much the last voltage of the run may differ from the baseline, the mean over the
        last tenth of the time before the window.
    bimodal_peaks, peak_mV
        A spike's error is the distance of its peak, the largest voltage from its crossing to the
        next one or the end of the window, from `peak_mV`. None may be above so many times the mean
        error of all spikes of the window; with fewer spikes than that none can be.
    score, per_mV2, least_score
        The penalty, in SD, is the larger of `score` - `per_mV2` var(V) and `least_score`; var(V) is
        the variance in time of the voltage, straight between its samples, over the whole run
        (mV2). A trace that moves is nearer to one that fires.
    """

    protocol: str
    location: str
    begin_ms: float
    end_ms: float
    threshold_mV: float = -20.0
    fewer_spikes_than: int | None = None
    spike_before: bool = False
    no_return_mV: float | None = None
    bimodal_peaks: float | None = None
    peak_mV: float = 0.0
    score: float = 250.0
    per_mV2: float = 0.1
    least_score: float = 75.0

    def __post_init__(self) -> None:
        if self.begin_ms <= 0 and (self.spike_before or self.no_return_mV is not None):
            raise StudyError(
                f"{self.name}: its window begins at 0 ms, and nothing is before it: leave "
                "spike_before and no_return_mV out, or begin the window later"
            )
        numbers = (self.score, self.per_mV2, self.least_score)
        if not all(0 <= number <= LARGEST_TARGET for number in numbers):
            raise StudyError(
                f"{self.name}: score = {self.score:g}, per_mV2 = {self.per_mV2:g}, least_score = "
                f"{self.least_score:g}; all must be between 0 and {LARGEST_TARGET:g}"
            )

    @property
    def name(self) -> str:
        """Of the table in targets.toml: `step.soma.penalties`."""
        return f"{self.protocol}.{self.location}.penalties"

    def penalised(self, trace: Trace) -> Penalised | None:
        """Return the penalty of a trace, with all that is wrong with it, or None."""
        wrong = "; ".join(self._wrong(trace))
        if not wrong:
            return None
        score = max(self.score - self.per_mV2 * variance_mV2(trace), self.least_score)
        return Penalised(f"penalty: {wrong}", score)

    def _wrong(self, trace: Trace) -> Iterator[str]:
        window = Window(self.begin_ms, self.end_ms, self.threshold_mV)
        times_ms = crossings_ms(trace, self.threshold_mV)
        spikes_ms = times_ms[window.holds(times_ms)]
        if self.fewer_spikes_than is not None and spikes_ms.size < self.fewer_spikes_than:
            yield f"spikes: {spikes_ms.size}, fewer than {self.fewer_spikes_than}"
        before = (times_ms < self.begin_ms) & ~window.holds(times_ms)
        if self.spike_before and before.any():
            yield f"a spike before {self.begin_ms:g} ms"
        if self.no_return_mV is not None:
            base_mV = _mean_mV(trace, (1 - BASELINE) * self.begin_ms, self.begin_ms)
            away_mV = abs(float(trace.values[-1]) - base_mV)
            if away_mV > self.no_return_mV:
                yield f"it ends {away_mV:.3g} mV from its baseline of {base_mV:.3g} mV"
        if self.bimodal_peaks is not None and spikes_ms.size:
            errors_mV = np.abs(_peaks_mV(trace, spikes_ms, self.end_ms) - self.peak_mV)
            if errors_mV.max() > self.bimodal_peaks * errors_mV.mean():
                yield (
                    f"bimodal peaks: one is {errors_mV.max():.3g} mV off the target, the mean of "
                    f"all is {errors_mV.mean():.3g} mV"
                )


def with_penalties(
    evaluation: Evaluation,
    objectives: Sequence[Objective],
    penalties: Sequence[Penalty],
    outcomes: Mapping[str, Outcome | Missing],
) -> Evaluation:
    """Return an evaluation in which all features of a penalised protocol are penalised.

    A feature of two protocols is, if one of them is; of two penalties the larger one holds.
    """
    found: dict[str, Penalised] = {}
    for penalty in penalties:
        outcome = outcomes[penalty.protocol]
        if isinstance(outcome, Failure | Missing):
            continue
        trace = outcome[f"{penalty.location}.v"]
        # What is wrong with a broken trace its features say.
        one = None if find_defect(trace) else penalty.penalised(trace)
        if one is not None:
            found[penalty.protocol] = max(
                found.get(penalty.protocol, one), one, key=lambda each: each.score
            )
    if not found:
        return evaluation
    pairs = zip(objectives, evaluation.measured, strict=True)
    return replace(evaluation, measured=tuple(_under(one, own, found) for one, own in pairs))


def _under(objective: Objective, own: Measured, found: Mapping[str, Penalised]) -> Measured:
    hits = [found[name] for name in objective.protocols if name in found]
    return max(hits, key=lambda each: each.score) if hits else own


def variance_mV2(trace: Trace) -> float:
    """Return the variance in time of a voltage that is straight between its samples (mV2).

    It depends on no step: of a straight piece from a to b, relative to the mean of the run, the
    mean square is (a^2 + a b + b^2) / 3.
    """
    t_ms = trace.t_ms
    away_mV = trace.values - _mean_mV(trace, float(t_ms[0]), float(t_ms[-1]))
    first, second = away_mV[:-1], away_mV[1:]
    squares = (first**2 + first * second + second**2) / 3
    return float(np.sum(squares * np.diff(t_ms)) / (t_ms[-1] - t_ms[0]))


def _mean_mV(trace: Trace, begin_ms: float, end_ms: float) -> float:
    """Return the mean in time of a voltage between two times, straight between its samples.

    Two samples may share a time: the voltage jumps there.
    """
    lasting = np.diff(trace.t_ms) > 0
    t0, t1 = trace.t_ms[:-1][lasting], trace.t_ms[1:][lasting]
    v0, v1 = trace.values[:-1][lasting], trace.values[1:][lasting]
    first, last = np.clip(t0, begin_ms, end_ms), np.clip(t1, begin_ms, end_ms)
    middle_mV = v0 + (v1 - v0) * ((first + last) / 2 - t0) / (t1 - t0)
    return float(np.sum((last - first) * middle_mV) / np.sum(last - first))


def _peaks_mV(trace: Trace, spikes_ms: Floats, end_ms: float) -> Floats:
    """Return the largest voltage from each spike's crossing to the next one's, (n,)."""
    ends_ms = np.append(spikes_ms[1:], end_ms)
    begins = np.searchsorted(trace.t_ms, spikes_ms)
    ends = np.maximum(np.searchsorted(trace.t_ms, ends_ms, side="right"), begins + 1)
    return np.array([trace.values[b:e].max() for b, e in zip(begins, ends, strict=True)])
