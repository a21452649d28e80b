"""What is asked of simulated cells: features of recordings, in windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from workbench.engines import Failure, Outcome
from workbench.errors import StudyError
from workbench.evaluations.evaluation import OK, Evaluation
from workbench.features import (
    STIMULUS,
    Against,
    Measured,
    Missing,
    Train,
    Window,
    likeness,
    measure,
    measure_two,
    trace_distance,
)
from workbench.features.values import as_measured
from workbench.protocols import FOUND, WORDS, Protocol, Traces


@dataclass(frozen=True)
class Measure:
    """One feature of one recording of one protocol, or of two recordings, in a window.

    Or what two of these differ by, or their ratio; they may be of two protocols.

    Attributes
    ----------
    protocol, location, variable
        Names: of the protocol, of the recording's location in it, and of what is recorded there.
    feature
        One of eFEL's or of the workbench's own.
    to
        The location of the second recording, of the same variable, if it is a feature of two.
    minus, over
        What the mean of its values is reduced by, or divided by: the mean of another's.
    against
        The recorded voltage from which it is the distance, if it is one; the feature is `DISTANCE`.
    train
        The recorded spikes with which it compares, if it is one of `LIKENESS`.
    morphology
        Of a problem with several: the name of the one to which its protocols are done.

    Of a map, its name is the location, what it keeps the variable, and one of `REDUCTIONS` the
    feature; the map says in which window.
    """

    protocol: str
    location: str
    feature: str
    window: Window
    variable: str = "v"
    to: str = ""
    minus: "Measure | None" = None
    over: "Measure | None" = None
    against: Against | None = None
    train: Train | None = None
    morphology: str = ""

    @property
    def name(self) -> str:
        """The measure's name: `Step3.soma.AP_height`, or `Step3.soma.to.axon.spike_delay`.

        Of two: `Step3.soma.AP_height - Step1.soma.AP_height`, or with `/`. What is of no protocol,
        because another tool measures it, has that tool's name.
        """
        if not self.protocol:
            return self.feature
        to = f".to.{self.to}" if self.to else ""
        name = f"{self.protocol}.{self.location}{to}.{self.feature}"
        if self.minus:
            return f"{name} - {self.minus.name}"
        return f"{name} / {self.over.name}" if self.over else name

    @property
    def operands(self) -> "tuple[Measure, ...]":
        """What has to be measured for it: itself, or the two of which it is made."""
        first = Measure(
            self.protocol,
            self.location,
            self.feature,
            self.window,
            self.variable,
            self.to,
            against=self.against,
            train=self.train,
        )
        return tuple(one for one in (first, self.minus, self.over) if one is not None)

    @property
    def protocols(self) -> tuple[str, ...]:
        """The names of the protocols that it is of, each once."""
        return tuple(dict.fromkeys(one.protocol for one in self.operands))

    @property
    def shared_name(self) -> str:
        """Its name without the morphology: what it is called on all of several."""
        return without_morphology(self.name, self.morphology)

    @property
    def of_map(self) -> bool:
        """Whether it is of a map."""
        return self.variable in WORDS

    @property
    def recording(self) -> str:
        """The recording that it reads: `soma.v`."""
        return f"{self.location}.{self.variable}"

    @property
    def recordings(self) -> tuple[str, ...]:
        """All that it reads: `soma.v`, or `soma.v` and `axon.v`."""
        return (self.recording, f"{self.to}.{self.variable}") if self.to else (self.recording,)


def without_morphology(name: str, morphology: str) -> str:
    """Return the name of a protocol, or of a measure, as it was before `on_morphology`."""
    return name.replace(f"@{morphology}", "") if morphology else name


def on_morphology(name: str, morphology: str) -> str:
    """Return the name of a protocol that is done to one of several morphologies: `Step1@short`."""
    return f"{name}@{morphology}"


Found = Mapping[str, Mapping[str, Measured]]
"""By protocol, what was found on the cell before it was run: features of `FOUND` by name."""


def check_found(one: Measure, protocol: Protocol) -> None:
    """Refuse a feature of the cell that a protocol does not seek.

    Raises
    ------
    StudyError
        With what it finds.
    """
    if one.feature not in FOUND or one.feature in (finds := protocol.found_of(one.location)):
        return
    raise StudyError(
        f"{one.feature}: protocol {protocol.name} finds {', '.join(finds) or 'nothing'} of "
        f"{one.location} before it is run. A parameter that is {{ to_mV = ... }} has "
        "holding_current, resting_potential and input_resistance where its current flows, one "
        "that is { to_fire = ... } has rheobase too, of what it makes fire"
    )


def evaluation_of(
    measures: Sequence[Measure],
    protocols: Sequence[Protocol],
    outcomes: Mapping[str, Outcome | Missing],
    found_before: Found = MappingProxyType({}),
) -> Evaluation:
    """Measure all of them on the outcomes, which are given by the protocol's name.

    A protocol that could not be run on this cell, for want of what it is relative to, has the
    reason in place of an outcome: its features are missing, and nothing has failed.
    """
    by_name = {protocol.name: protocol for protocol in protocols}
    plain = [part for one in measures for part in one.operands]
    found: dict[int, Measured] = {}
    for places in _by_trace(plain):
        together = [plain[place] for place in places]
        outcome = outcomes[together[0].protocol]
        if together[0].feature in FOUND:
            before = found_before[together[0].protocol]
            found.update({place: before[plain[place].feature] for place in places})
            continue
        if isinstance(outcome, Missing):
            found.update(dict.fromkeys(places, outcome))
            continue
        if isinstance(outcome, Failure):
            found.update(dict.fromkeys(places, Missing(outcome.message)))
            continue
        values = _measured(together, by_name[together[0].protocol], outcome)
        found.update({place: values[plain[place].feature] for place in places})
    failures = [o.kind.name for o in outcomes.values() if isinstance(o, Failure)]
    parts = (found[place] for place in range(len(plain)))
    measured = tuple(_joined(one, [next(parts) for _ in one.operands]) for one in measures)
    return Evaluation(measured, failures[0] if failures else OK)


def _joined(one: Measure, parts: Sequence[Measured]) -> Measured:
    """Return the value of a measure from those of its operands."""
    if len(parts) == 1:
        return parts[0]
    means = []
    for operand, part in zip(one.operands, parts, strict=True):
        if isinstance(part, Missing):
            return Missing(f"{operand.name}: {part.reason}")
        means.append(float(part.mean()))
    if one.over is None:
        return as_measured(means[0] - means[1], one.name)
    if means[1] == 0:
        return Missing(f"{one.over.name} is 0, which nothing can be divided by")
    return as_measured(means[0] / means[1], one.name)


def _measured(
    together: Sequence[Measure], protocol: Protocol, traces: Traces
) -> Mapping[str, Measured]:
    """Return by feature what one call can measure."""
    first = together[0]
    if first.of_map:
        return {one.feature: _reduced(one, traces) for one in together}
    features, window, until_ms = (
        [one.feature for one in together],
        first.window,
        protocol.duration_ms,
    )
    if first.against is not None:
        trace = traces[first.recording]
        distance = trace_distance(trace, first.against, window, until_ms=until_ms)
        return {first.feature: distance}
    if first.train is not None:
        trace = traces[first.recording]
        return likeness(trace, first.train, features, window, until_ms=until_ms)
    if first.to:
        here, there = (traces[name] for name in first.recordings)
        return measure_two(here, there, features, window, until_ms=until_ms)
    asks = STIMULUS.intersection(features)
    stimulus_nA = protocol.step_nA(window.begin_ms, window.end_ms) if asks else None
    return measure(
        traces[first.recording], features, window, until_ms=until_ms, stimulus_nA=stimulus_nA
    )


def _reduced(one: Measure, traces: Traces) -> Measured:
    value = traces.maps[one.location].reduced(one.variable, one.feature)
    if np.isnan(value):
        return Missing(f"no segment of {one.location} has a {one.variable}")
    return np.array([value])


def _by_trace(measures: Sequence[Measure]) -> list[list[int]]:
    """Group measures, by their places, that one call can measure: the same traces and window."""
    groups: dict[object, list[int]] = {}
    for place, one in enumerate(measures):
        groups.setdefault(_read(one), []).append(place)
    return list(groups.values())


def _read(one: Measure) -> tuple[object, ...]:
    window = one.window
    settings = frozenset(window.settings.items())
    within = window.begin_ms, window.end_ms, window.threshold_mV, settings
    return one.protocol, one.recordings, within, one.against, one.train, one.feature in FOUND
