"""What is asked of simulated cells: features of recordings, in windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.engines import Failure, Outcome
from workbench.evaluations.evaluation import OK, Evaluation
from workbench.features import STIMULUS, Measured, Missing, Window, measure, measure_two
from workbench.protocols import WORDS, Protocol, Traces


@dataclass(frozen=True)
class Measure:
    """One feature of one recording of one protocol, or of two recordings, in a window.

    Attributes
    ----------
    protocol, location, variable
        Names: of the protocol, of the recording's location in it, and of what is recorded there.
    feature
        One of eFEL's or of the workbench's own.
    to
        The location of the second recording, of the same variable, if it is a feature of two.

    Of a map, its name is the location, what it keeps the variable, and one of `REDUCTIONS` the
    feature; the map says in which window.
    """

    protocol: str
    location: str
    feature: str
    window: Window
    variable: str = "v"
    to: str = ""

    @property
    def name(self) -> str:
        """The measure's name: `Step3.soma.AP_height`, or `Step3.soma.to.axon.spike_delay`."""
        to = f".to.{self.to}" if self.to else ""
        return f"{self.protocol}.{self.location}{to}.{self.feature}"

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


def evaluation_of(
    measures: Sequence[Measure], protocols: Sequence[Protocol], outcomes: Mapping[str, Outcome]
) -> Evaluation:
    """Measure all of them on the outcomes, which are given by the protocol's name."""
    found: dict[_Key, Measured] = {}
    by_name = {protocol.name: protocol for protocol in protocols}
    for together in _by_trace(measures):
        outcome = outcomes[together[0].protocol]
        if isinstance(outcome, Failure):
            found.update({_key(one): Missing(outcome.message) for one in together})
            continue
        values = _measured(together, by_name[together[0].protocol], outcome)
        found.update({_key(one): values[one.feature] for one in together})
    failures = [o.kind.name for o in outcomes.values() if isinstance(o, Failure)]
    measured = tuple(found[_key(one)] for one in measures)
    return Evaluation(measured, failures[0] if failures else OK)


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


_Key = tuple[str, tuple[str, ...], str]


def _key(one: Measure) -> _Key:
    return one.protocol, one.recordings, one.feature


def _by_trace(measures: Sequence[Measure]) -> list[list[Measure]]:
    """Group measures that one call can measure: the same traces, window and settings."""
    groups: list[list[Measure]] = []
    for one in measures:
        for group in groups:
            same = group[0]
            if (same.protocol, same.recordings, same.window) == (
                one.protocol,
                one.recordings,
                one.window,
            ):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups
