"""What provenance.json tells of each stimulus, and what it told when all were steps."""

import json

import pytest

from workbench.morphology import parse_site
from workbench.protocols import (
    EPSP,
    STIMULI,
    Alpha,
    Chirp,
    CurrentFile,
    Noise,
    Ramp,
    Sine,
    Step,
    Train,
    VoltageClamp,
    Waveform,
)
from workbench.runs.record_protocols import StimulusRecord

SOMA = parse_site("soma(0.5)")
FILE = CurrentFile("bumps.csv", [0, 2, 2, 5], [0, 0.1, -0.1, 0.3])
TOLD = {
    Step(SOMA, 10.0, 20.0, 0.5): "0.5 nA into soma[0](0.5) from 10 to 30 ms",
    Step(SOMA, 10.0, 1e9, 0.5): "0.5 nA into soma[0](0.5) from 10 to 100 ms",
    Train(
        SOMA, 10.0, 2.0, 1.5, 40.0, 3
    ): "3 steps of 1.5 nA and 2 ms at 40 Hz into soma[0](0.5) from 10 to 62 ms",
    EPSP(SOMA, 10.0, 0.5, 5.0, 0.2): "an EPSP of 0.2 nA, rising with 0.5 and falling with 5 ms, "
    "into soma[0](0.5) from 10 to 100 ms",
    Alpha(SOMA, 10, 5, 0.2): "an alpha current of 0.2 nA, with its peak after 5 ms, into "
    "soma[0](0.5) from 10 to 100 ms",
    Ramp(SOMA, 10, 200, 0, 0.5): "a ramp from 0 to 0.5 nA into soma[0](0.5) from 10 to 210 ms",
    Sine(SOMA, 10, 200, 0.1, 5, 90, -0.2): "a sine of 0.1 nA and 5 Hz, beginning at 90 deg, "
    "around -0.2 nA into soma[0](0.5) from 10 to 100 ms",
    Chirp(SOMA, 10, 50, 0.1, 0, 20): "a chirp of 0.1 nA from 0 to 20 Hz around 0 nA into "
    "soma[0](0.5) from 10 to 60 ms",
    Noise(SOMA, 10, 50, 0.1, 0.05, 3, 7): "noise of 0.1 nA, SD 0.05 nA and 3 ms (seed 7, a draw "
    "every 0.05 ms) into soma[0](0.5) from 10 to 60 ms",
    Waveform(SOMA, 10, FILE, 2): "2 times the current of bumps.csv into soma[0](0.5) from 10 to "
    "15 ms",
    VoltageClamp(SOMA, 10, 50, -80, -20, 5): "a voltage clamp at -80 mV through 5 MOhm, at -20 mV "
    "in soma[0](0.5) from 10 to 60 ms",
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
    files = {"file": str(FILE)} if isinstance(stimulus, Waveform) else {}
    amounts = {name: getattr(stimulus, name) for name in stimulus.amounts()}
    assert again.amounts == amounts | files


def test_a_record_of_before_is_that_of_a_step():
    old = {"site": "soma(0.5)", "delay_ms": 40.0, "duration_ms": 5.0, "amplitude_nA": 1.9}
    read = StimulusRecord.model_validate(old)
    assert read.kind == "step"
    assert read.words == "1.9 nA into soma(0.5) from 40 to 45 ms"
    assert read.amounts == {"delay_ms": 40.0, "duration_ms": 5.0, "amplitude_nA": 1.9}
    assert StimulusRecord.model_validate(json.loads(read.model_dump_json())) == read


def test_a_file_is_told_with_its_digest():
    told = StimulusRecord.of(Waveform(SOMA, 10, FILE), 100.0).amounts["file"]
    assert told == f"bumps.csv (sha256 {FILE.digest})"
