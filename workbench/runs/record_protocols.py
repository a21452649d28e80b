"""What provenance.json says of protocols: what is done to the cell, and what is recorded."""

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Self

from pydantic import model_validator

from workbench.fitting import BlockCheck
from workbench.protocols import Events, Protocol, Stimulus
from workbench.runs.record_table import Table, Text


class StimulusRecord(Table):
    """What a stimulus does, where and when; its amounts, and files as texts, by name."""

    kind: Text
    site: Text
    delay_ms: float
    duration_ms: float
    amounts: dict[str, float | Text]
    words: Text

    @model_validator(mode="before")
    @classmethod
    def _read(cls, given: Any) -> Any:
        """Read what an older workbench wrote, which told every stimulus as a step."""
        if not isinstance(given, dict) or "amplitude_nA" not in given:
            return given
        step = dict(given)
        amounts = {n: step.get(n) for n in ("delay_ms", "duration_ms")}
        amounts["amplitude_nA"] = step.pop("amplitude_nA")
        with suppress(KeyError, TypeError, ValueError):  # the fields say what is wrong
            end_ms = step["delay_ms"] + step["duration_ms"]
            step["words"] = (
                f"{amounts['amplitude_nA']:.4g} nA into {step['site']} from "
                f"{step['delay_ms']:.4g} to {end_ms:.4g} ms"
            )
        return {"kind": "step", "amounts": amounts, **step}

    @classmethod
    def of(
        cls,
        stimulus: Stimulus,
        until_ms: float,
        sought: Mapping[str, str] = MappingProxyType({}),
    ) -> Self:
        """Return what is kept of a stimulus whose amounts are numbers.

        `sought` has those that are found on each individual, in words.
        """
        begin_ms, end_ms = stimulus.window_ms(until_ms)
        words = stimulus.words(until_ms)
        if sought:
            told = " and ".join(f"{name} = {one}" for name, one in sought.items())
            at = f"into {stimulus.site} from {begin_ms:g} to {min(end_ms, until_ms):g} ms"
            words = f"{stimulus.kind} {at}, {told}"
        return cls(
            kind=stimulus.kind,
            site=str(stimulus.site),
            delay_ms=begin_ms,
            duration_ms=end_ms - begin_ms,
            amounts={**stimulus.told(), **sought},
            words=words,
        )


class EventsRecord(Table):
    """What a train of events drives, and when; its amounts by name."""

    kind: Text
    place: Text
    begin_ms: float
    end_ms: float
    amounts: dict[str, float]
    words: Text

    @classmethod
    def of(cls, events: Events) -> Self:
        """Return what is kept of a train whose amounts are numbers."""
        begin_ms, end_ms = events.window_ms()
        return cls(
            kind=events.kind,
            place=events.place,
            begin_ms=begin_ms,
            end_ms=end_ms,
            amounts=events.told(),
            words=events.words(),
        )


class ProtocolRecord(Table):
    """A protocol: its stimuli and events, and the names of its recordings."""

    name: Text
    duration_ms: float
    stimuli: tuple[StimulusRecord, ...]
    recordings: tuple[Text, ...]
    events: tuple[EventsRecord, ...] = ()
    celsius_degC: float | None = None
    v_init_mV: float | None = None
    """Where these are not the cell's own."""

    @classmethod
    def of(cls, protocol: Protocol) -> Self:
        """Return what is kept of a protocol."""
        bound = protocol.bound()
        return cls(
            name=protocol.name,
            duration_ms=protocol.duration_ms,
            stimuli=tuple(
                StimulusRecord.of(part, protocol.duration_ms, sought)
                for one, sought in protocol.told()
                for part in one.parts()
            ),
            recordings=tuple(recording.name for recording in protocol.recordings),
            events=tuple(map(EventsRecord.of, bound.events)),
            celsius_degC=None if bound.celsius_degC is None else float(bound.celsius_degC),
            v_init_mV=None if bound.v_init_mV is None else float(bound.v_init_mV),
        )


class BlockRecord(Table):
    """The block check; its protocol is none of those that have targets."""

    name: Text
    protocol: ProtocolRecord
    window_ms: tuple[float, float]
    where_SD: float
    above_mV: float
    below_mV: float
    longest_ms: float
    score: float

    @classmethod
    def of(cls, check: BlockCheck) -> Self:
        """Return what is kept of a block check."""
        return cls(
            name=check.name,
            protocol=ProtocolRecord.of(check.protocol),
            window_ms=(check.begin_ms, check.end_ms),
            where_SD=check.where_SD,
            above_mV=check.above_mV,
            below_mV=check.below_mV,
            longest_ms=check.longest_ms,
            score=check.score,
        )
