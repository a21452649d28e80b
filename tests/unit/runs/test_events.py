"""What provenance.json tells of each train of events."""

import pytest

from workbench.protocols import (
    EVENTS,
    EventSequence,
    EventTimes,
    PoissonEvents,
    Protocol,
    RegularEvents,
)
from workbench.runs.record_protocols import EventsRecord, ProtocolRecord

TOLD = {
    EventTimes("syn", (1.0, 2.5), 4.0): "2 events on syn from 5 to 6.5 ms",
    RegularEvents("syn", 5.0, 40.0, 3, weight=0.1): "3 events at 40 Hz on syn from 5 to 55 ms",
    PoissonEvents("syn", 5.0, 90.0, 40.0, 7): "Poisson events at 40 Hz on syn from 5 to 95 ms",
    EventSequence("syn", 5.0, 2.0): "an event at each of syn in turn, from 5 ms on, every 2 ms",
}


def test_every_kind_is_told():
    assert {type(events) for events in TOLD} == set(EVENTS)


@pytest.mark.parametrize(("events", "words"), TOLD.items(), ids=lambda value: str(value)[:20])
def test_a_record_holds_every_number_and_is_read_as_it_was_written(events, words):
    record = EventsRecord.of(events)
    again = EventsRecord.model_validate_json(record.model_dump_json())
    assert again == record
    assert (again.kind, again.place, again.words) == (events.kind, "syn", words)
    for name in (*events.amounts(), "seed"):
        if getattr(events, name, None) is not None:
            assert again.amounts[name] == getattr(events, name)


def test_a_protocol_of_before_has_no_events():
    old = {"name": "p", "duration_ms": 9.0, "stimuli": [], "recordings": ["soma.v"]}
    assert ProtocolRecord.model_validate(old).events == ()
    [train, *_] = TOLD
    told = ProtocolRecord.of(Protocol("p", 9.0, events=(train,)))
    assert told.events == (EventsRecord.of(train),)
