import io

import numpy as np
import pytest

from workbench.runs.record import ProblemRecord
from workbench.runs.traces import ProtocolTraces, Pulse, read_traces


def traces(v, pulses):
    t_ms = np.arange(len(v), dtype=float)
    return ProtocolTraces("p", float(len(v)), pulses, t_ms, {"soma.v": np.array(v, float)})


def test_the_first_spike_after_the_stimulus_begins():
    v = [-70, 30, -70, -70, -70, -70, -10, 40, -70, -70]
    assert traces(v, (Pulse(4.0, 8.0, "1 nA"),)).first_event_ms() == 6.0
    assert traces(v, ()).first_event_ms() == 1.0
    assert traces([-70] * 10, (Pulse(4.0, 8.0, "1 nA"),)).first_event_ms() == 4.0
    assert traces([-70] * 10, ()).first_event_ms() == 0.0


def test_a_holding_current_is_no_step():
    hold, step = Pulse(0.0, 10.0, "-0.1 nA"), Pulse(2.0, 8.0, "0.5 nA")
    assert traces([-70] * 10, (hold, step)).steps == (step,)


def problem_of(run):
    return ProblemRecord.model_validate(run.record["problem"])


def test_kept_traces_are_read_with_their_stimuli(full_run):
    found = read_traces(full_run.write(), problem_of(full_run))
    assert found.key == (3, 1)
    assert [p.protocol for p in found.protocols] == ["Step", "bAP"]
    assert list(found.protocols[1].recordings) == ["soma.v", "dend1.v"]
    assert found.protocols[1].pulses == (
        Pulse(40.0, 45.0, "1.9 nA into soma(0.5) from 40 to 45 ms"),
    )


def test_a_run_without_traces_has_a_note(new_run):
    run = new_run()
    found = read_traces(run.write(), problem_of(run))
    assert found.protocols == ()
    assert "kept no traces" in found.note


@pytest.mark.parametrize("kind", ["empty", "cut", "flipped", "other", "pickle"])
def test_broken_files_are_told_and_never_unpickled(full_run, kind):
    path = full_run.write() / "traces" / "best.npz"
    whole = path.read_bytes()
    pickled = io.BytesIO()
    np.savez(pickled, generation=np.array([object()], dtype=object))
    half = len(whole) // 2
    broken = {
        "empty": b"",
        "cut": whole[:half],
        "flipped": whole[:half]
        + bytes(b ^ 0xFF for b in whole[half : half + 9])
        + whole[half + 9 :],
        "other": b"hello",
        "pickle": pickled.getvalue(),
    }
    path.write_bytes(broken[kind])
    found = read_traces(full_run.folder, problem_of(full_run))
    assert found.protocols == ()
    assert "cannot be read" in found.note


def test_a_recording_of_another_length_is_left_out(full_run):
    full_run.write_traces(**{"bAP/dend1.v": np.zeros(3)})
    found = read_traces(full_run.write(), problem_of(full_run))
    assert list(found.protocols[1].recordings) == ["soma.v"]
