"""What is asked of simulated cells: features of recordings, in windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.engines import Failure, Outcome
from workbench.evaluations.evaluation import OK, Evaluation
from workbench.features import STIMULUS, Measured, Missing, Window, measure
from workbench.protocols import WORDS, Protocol, Traces


@dataclass(frozen=True)
class Measure:
    """One feature of one recording of one protocol, in a window.

    Attributes
    ----------
    protocol, location, variable
        Names: of the protocol, of the recording's location in it, and of what is recorded there.
    feature
        One of eFEL's or of the workbench's own.

    Of a map, its name is the location, what it keeps the variable, and one of `REDUCTIONS` the
    feature; the map says in which window.
    """

    protocol: str
    location: str
    feature: str
    window: Window
    variable: str = "v"

    @property
    def name(self) -> str:
        """The measure's name: `Step3.soma.AP_height`."""
        return f"{self.protocol}.{self.location}.{self.feature}"

    @property
    def of_map(self) -> bool:
        """Whether it is of a map."""
        return self.variable in WORDS

    @property
    def recording(self) -> str:
        """The recording that it reads: `soma.v`."""
        return f"{self.location}.{self.variable}"


def evaluation_of(
    measures: Sequence[Measure], protocols: Sequence[Protocol], outcomes: Mapping[str, Outcome]
) -> Evaluation:
    """Measure all of them on the outcomes, which are given by the protocol's name."""
    found: dict[tuple[str, str, str], Measured] = {}
    by_name = {protocol.name: protocol for protocol in protocols}
    for together in _by_trace(measures):
        first = together[0]
        outcome = outcomes[first.protocol]
        if isinstance(outcome, Failure):
            found.update({_key(one): Missing(outcome.message) for one in together})
            continue
        if first.of_map:
            found.update({_key(one): _reduced(one, outcome) for one in together})
            continue
        protocol = by_name[first.protocol]
        values = measure(
            outcome[first.recording],
            [one.feature for one in together],
            first.window,
            until_ms=protocol.duration_ms,
            stimulus_nA=protocol.step_nA(first.window.begin_ms, first.window.end_ms)
            if STIMULUS.intersection(one.feature for one in together)
            else None,
        )
        found.update({_key(one): values[one.feature] for one in together})
    failures = [o.kind.name for o in outcomes.values() if isinstance(o, Failure)]
    measured = tuple(found[_key(one)] for one in measures)
    return Evaluation(measured, failures[0] if failures else OK)


def _reduced(one: Measure, traces: Traces) -> Measured:
    value = traces.maps[one.location].reduced(one.variable, one.feature)
    if np.isnan(value):
        return Missing(f"no segment of {one.location} has a {one.variable}")
    return np.array([value])


def _key(one: Measure) -> tuple[str, str, str]:
    return one.protocol, one.recording, one.feature


def _by_trace(measures: Sequence[Measure]) -> list[list[Measure]]:
    """Group measures that one call can measure: the same trace, window and settings."""
    groups: list[list[Measure]] = []
    for one in measures:
        for group in groups:
            same = group[0]
            if (same.protocol, same.recording, same.window) == (
                one.protocol,
                one.recording,
                one.window,
            ):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups
