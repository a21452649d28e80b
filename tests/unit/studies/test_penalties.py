"""`penalties` of targets.toml: what they become, and what is refused."""

import pytest

from workbench.errors import StudyError
from workbench.fitting import BlockCheck, Penalty
from workbench.studies import load_study

FEATURES = "[long.soma.features]\npeak_voltage = [31, 2]\nSpikecount = [5, 1]\n"
PROTOCOLS = """
[long]
duration_ms = 400
recordings = { soma = "soma(0.5)", dend = "soma(0.9)" }

[[long.stimuli]]
type = "step"
site = "soma(0.5)"
delay_ms = 100
duration_ms = 200
amplitude_nA = 0.1
"""


@pytest.fixture
def loaded(tmp_path):
    def load(targets, protocols=PROTOCOLS):
        (tmp_path / "study.toml").write_text('title = "x"\nbase = "hodgkin_huxley"\n')
        (tmp_path / "protocols.toml").write_text(protocols)
        (tmp_path / "targets.toml").write_text(targets)
        return load_study(tmp_path)

    return load


def test_the_penalties_of_gouwens(loaded):
    given = (
        "[long.soma.penalties]\nfewer_spikes_than = 2\nspike_before = true\n"
        'no_return_mV = "2 mV"\nbimodal_peaks = 3\n'
    )
    [one] = loaded(FEATURES + given).problem.penalties
    assert one == Penalty(
        "long",
        "soma",
        100.0,
        300.0,
        fewer_spikes_than=2,
        spike_before=True,
        no_return_mV=2.0,
        bimodal_peaks=3.0,
        peak_mV=31.0,
        score=250.0,
        per_mV2=0.1,
        least_score=75.0,
    )


def test_they_enter_the_digest_of_the_targets_alone(loaded):
    before = loaded(FEATURES).problem.parts
    now = loaded(FEATURES + "[long.soma.penalties]\nfewer_spikes_than = 2\n").problem.parts
    assert {name for name in before if before[name] != now[name]} == {"targets"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("score = 250", r"long\.soma: penalties: it asks for nothing; give fewer_spikes_than, "),
        ("fewer_spikes_than = 0", "greater than or equal to 1"),
        ("fewer_spikes = 2", "fewer_spikes"),
        ("no_return_mV = 0", "greater than 0"),
        ("spike_before = true\nscore = -1", "must be between 0 and"),
    ],
)
def test_what_is_refused(loaded, given, message):
    with pytest.raises(StudyError, match=message):
        loaded(f"{FEATURES}[long.soma.penalties]\n{given}\n")


def test_peaks_need_their_target(loaded):
    with pytest.raises(StudyError, match="it needs a target of peak_voltage"):
        loaded(
            "[long.soma.features]\nSpikecount = [5, 1]\n[long.soma.penalties]\nbimodal_peaks = 3\n"
        )


def test_a_return_needs_time(loaded):
    with pytest.raises(StudyError, match="the run ends with its window"):
        loaded(
            FEATURES + "[long.soma.penalties]\nno_return_mV = 2\n",
            PROTOCOLS.replace("duration_ms = 400", "duration_ms = 300"),
        )


STRONGEST = PROTOCOLS + PROTOCOLS.replace("long", "strongest")


def test_the_block_check(loaded):
    study = loaded(FEATURES + "[strongest.soma.block]\nabove_mV = -45\n", STRONGEST)
    protocol = study.protocol("strongest")
    assert study.problem.block == BlockCheck(
        protocol,
        "soma",
        100.0,
        300.0,
        where_SD=75.0,
        above_mV=-45.0,
        below_mV=-75.0,
        longest_ms=50.0,
        score=75.0,
    )
    assert [one.name for one in study.problem.protocols] == ["long"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("[long.dend.block]\n", r"long\.dend\.block: its protocol has targets"),
        ("[strongest.soma]\nvariable = 'v'\n[strongest.soma.block]\n", "variable stands beside it"),
        ("[strongest.soma.block]\n[strongest.dend.block]\n", "there is another one"),
        ("[strongest.soma.block]\nlongest_ms = 200\n", "its window lasts 200 ms"),
        ("[strongest.axon.block]\n", "unknown recording 'axon.v'"),
    ],
)
def test_what_is_refused_of_a_block_check(loaded, given, message):
    with pytest.raises(StudyError, match=message):
        loaded(FEATURES + given, STRONGEST)
