"""`[<protocol>.<recording>.trace]` of targets.toml."""

import numpy as np
import pytest

from workbench.errors import StudyError
from workbench.evaluations import evaluation_of
from workbench.features import Missing
from workbench.protocols import Protocol, Traces
from workbench.studies import load_study

TABLE = {"file": '"recording.csv"', "window_ms": "[700, 2000]", "sd_mV": '"0.0005 V"'}


@pytest.fixture
def asked(l5pc):
    """Return a function from keys of a trace's table to its objective."""
    recording = l5pc / "recording.csv"
    recording.write_text("time_ms,v_mV\n" + "".join(f"{t},-70\n" for t in range(0, 3001, 10)))

    def load(before="", **keys):
        lines = [f"{key} = {value}" for key, value in (TABLE | keys).items() if value]
        text = "\n".join(["[Step3.soma]", before, "[Step3.soma.trace]", *lines])
        (l5pc / "targets.toml").write_text(text)
        [found] = load_study(l5pc).problem.objectives
        return found

    load.recording = recording
    return load


def test_its_words(asked):
    plain = asked(weight="2")
    assert plain.name == "Step3.soma.trace"
    assert plain.target == "recording.csv, SD 0.5 mV, weight 2"
    cut = asked(cut_spikes="true", spike_threshold_mV='"-0.03 V"', spike_after_ms="4")
    assert cut.target == "recording.csv without spikes (2 ms before, 4 after), SD 0.5 mV"
    assert (cut.window.threshold_mV, cut.against.cut_ms) == (-30.0, (2.0, 4.0))
    assert cut.against.recorded.t_ms.size == 301


def test_the_score_is_in_SD_of_the_noise(asked):
    objective = asked(weight="2")
    protocol = Protocol("Step3", 3000.0, (), ())

    def evaluated(v_mV):
        traces = Traces("Step3", np.array([0.0, 3000.0]), {"soma.v": np.full(2, v_mV)})
        return evaluation_of([objective], [protocol], {"Step3": traces})

    [distance] = evaluated(-68.0).measured
    assert distance.tolist() == [2.0]
    [missing] = evaluated(np.nan).measured
    assert missing == Missing("soma.v is nan at 0.000 ms")


def test_the_content_of_the_file_is_part_of_the_problem(asked, l5pc):
    def digest():
        return load_study(l5pc).problem.digest

    asked()
    first, text = digest(), asked.recording.read_text()
    asked.recording.write_text(text.replace("1000,-70", "1000,-70.5"))
    assert digest() != first
    asked.recording.write_text(text.replace("-70", "-70.0"))
    assert digest() == first
    asked(cut_spikes="true")
    assert digest() != first


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"sd_mV": ""}, "Step3.soma.trace.sd_mV: this key is missing"),
        ({"sd_mV": "0"}, "a standard deviation above 0"),
        ({"weight": "0"}, "the weight is 0"),
        ({"window_ms": "[700, 4000]"}, "but the protocol ends at 3000 ms"),
        ({"window_ms": "[701, 702]"}, "recording.csv has no sample in the window [701, 702] ms"),
        ({"file": '"gone.csv"'}, "gone.csv: there is no such file"),
        ({"file": '"/etc/hosts"'}, "lies outside of this study"),
        ({"spike_after_ms": "3"}, "spike_after_ms: only with cut_spikes = true"),
        ({"cut_spikes": "true", "spike_after_ms": "-3"}, "spike_after_ms is -3, it must lie"),
        ({"cutspikes": "true"}, "did you mean 'cut_spikes'"),
    ],
)
def test_mistakes(asked, l5pc, keys, says):
    with pytest.raises(StudyError) as caught:
        asked(**keys)
    assert str(caught.value).startswith(f"{l5pc / 'targets.toml'}: Step3.soma.trace")
    assert says in str(caught.value)


def test_it_is_of_a_voltage(asked, l5pc):
    file, both = (
        l5pc / "protocols.toml",
        '{ soma = { site = "soma(0.5)", variable = ["v", "cai"] } }',
    )
    file.write_text(file.read_text().replace('{ soma = "soma(0.5)" }', both))
    asked('variable = "v"')
    with pytest.raises(StudyError, match="it is of v, and variable is 'cai'"):
        asked('variable = "cai"')


def test_a_recording_that_is_too_short_is_refused_before_a_run(asked):
    asked.recording.write_text("time_ms,v_mV\n0,-70\n1000,-70\n")
    with pytest.raises(StudyError, match=r"recording\.csv reaches from 0 to 1000 ms"):
        asked()
