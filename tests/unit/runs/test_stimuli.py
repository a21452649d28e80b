"""What provenance.json tells of each stimulus, and what it told when all were steps."""

import json

import pytest

from workbench.cells import parse_site
from workbench.protocols import EPSP, STIMULI, Step, Train
from workbench.runs.record import StimulusRecord

SOMA = parse_site("soma(0.5)")
TOLD = {
    Step(SOMA, 10.0, 20.0, 0.5): "0.5 nA into soma[0](0.5) from 10 to 30 ms",
    Step(SOMA, 10.0, 1e9, 0.5): "0.5 nA into soma[0](0.5) from 10 to 100 ms",
    Train(
        SOMA, 10.0, 2.0, 1.5, 40.0, 3
    ): "3 steps of 1.5 nA and 2 ms at 40 Hz into soma[0](0.5) from 10 to 62 ms",
    EPSP(SOMA, 10.0, 0.5, 5.0, 0.2): "an EPSP of 0.2 nA, rising with 0.5 and falling with 5 ms, "
    "into soma[0](0.5) from 10 to 100 ms",
}


def test_every_kind_is_told():
    assert {type(stimulus) for stimulus in TOLD} == set(STIMULI)


@pytest.mark.parametrize(("stimulus", "words"), TOLD.items(), ids=str)
def test_a_record_holds_every_amount_and_is_read_as_it_was_written(stimulus, words):
    record = StimulusRecord.of(stimulus, 100.0)
    again = StimulusRecord.model_validate_json(record.model_dump_json())
    assert again == record
    assert record.words == words
    assert record.kind == stimulus.kind
    assert again.amounts == {name: getattr(stimulus, name) for name in stimulus.amounts()}


def test_a_record_of_before_is_that_of_a_step():
    old = {"site": "soma(0.5)", "delay_ms": 40.0, "duration_ms": 5.0, "amplitude_nA": 1.9}
    read = StimulusRecord.model_validate(old)
    assert read.kind == "step"
    assert read.words == "1.9 nA into soma(0.5) from 40 to 45 ms"
    assert read.amounts == {"delay_ms": 40.0, "duration_ms": 5.0, "amplitude_nA": 1.9}
    assert StimulusRecord.model_validate(json.loads(read.model_dump_json())) == read
