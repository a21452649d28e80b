"""Tables of stimuli: what they make, what they refuse, and the files that they name."""

import shutil

import numpy as np
import pytest

from workbench.errors import StudyError
from workbench.morphology import parse_site
from workbench.protocols import Alpha, Chirp, Noise, Ramp, Sine, VoltageClamp, Waveform
from workbench.resources import shipped
from workbench.studies import load_study

SOMA = parse_site("soma(0.5)")
CSV = "t_ms,current_nA\n0,0\n5,1\n5,-1\n9,2\n"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(shipped("optimizations") / "hodgkin_huxley", tmp_path / "patch")
    (tmp_path / "patch" / "current.csv").write_text(CSV)
    return tmp_path / "patch"


@pytest.fixture
def stimulus_of(folder):
    """Return a function from the keys of a table to the stimulus, read as a study reads it."""

    def read(keys):
        text = (shipped("optimizations") / "hodgkin_huxley" / "protocols.toml").read_text()
        table = f'{{ site = "soma(0.5)", delay_ms = 10, {keys} }}'
        (folder / "protocols.toml").write_text(
            f'{text}\n[mine]\nduration_ms = 50\nrecordings = {{ soma = "soma(0.5)" }}\n'
            f"parameters = {{ level = 0.5 }}\nstimuli = [{table}]\n"
        )
        return load_study(folder).protocol("mine").stimuli[0]

    return read


@pytest.mark.parametrize(
    ("keys", "made"),
    [
        (
            'type = "ramp", duration_ms = "0.02 s", from_nA = "-100 pA", to_nA = "level"',
            Ramp(SOMA, 10, 20, -0.1, "level"),
        ),
        (
            'type = "alpha", time_to_peak_ms = "200 us", amplitude_nA = "level"',
            Alpha(SOMA, 10, 0.2, "level"),
        ),
        (
            'type = "sine", duration_ms = 20, amplitude_nA = 1, frequency_Hz = "0.1 kHz"',
            Sine(SOMA, 10, 20, 1, 100),
        ),
        (
            'type = "sine", duration_ms = 20, amplitude_nA = 1, frequency_Hz = 5, '
            'phase_deg = "-90 deg", offset_nA = "level"',
            Sine(SOMA, 10, 20, 1, 5, -90, "level"),
        ),
        (
            'type = "chirp", duration_ms = 20, amplitude_nA = 1, start_Hz = 0, end_Hz = 50',
            Chirp(SOMA, 10, 20, 1, 0, 50),
        ),
        (
            'type = "noise", duration_ms = 20, mean_nA = 0, sd_nA = 1, tau_ms = 2, seed = 3',
            Noise(SOMA, 10, 20, 0, 1, 2, 3),
        ),
        (
            'type = "voltage_clamp", duration_ms = 20, hold_mV = -80, step_mV = "-0.02 V", '
            'rs_MOhm = "10 kOhm"',
            VoltageClamp(SOMA, 10, 20, -80, -20, 0.01),
        ),
    ],
)
def test_a_table_makes_its_value(stimulus_of, keys, made):
    assert stimulus_of(keys) == made


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        (
            'type = "rampe", duration_ms = 20',
            "type: must be 'step', 'train', 'epsp', 'alpha', 'ramp', 'sine', 'chirp', 'noise', "
            r"'waveform', 'voltage_clamp' \(given: 'rampe'\)",
        ),
        ('type = "ramp", duration_ms = 20, from_nA = 0', "to_nA: this key is missing"),
        (
            'type = "ramp", duration_ms = 20, from_nA = 0, to = 1',
            r"unknown key 'to'\. Allowed: delay_ms, duration_ms, from_nA, site, to_nA, type",
        ),
        (
            'type = "voltage_clamp", duration_ms = 20, hold_mV = "5 nA", step_mV = 0',
            "hold_mV: '5 nA' cannot be read in mV",
        ),
        ('type = "waveform", file = "current.txt"', r"unknown format '\.txt'.*\.csv, \.npz"),
        ('type = "waveform", file = "gone.csv"', "gone.csv: there is no such file"),
        ('type = "waveform", file = "/etc/passwd"', "lies outside of this study"),
        ('type = "waveform", file = 3', r"file: must be a text \(given: 3\)"),
        ('type = "waveform", file = "current.csv", scale = -1', "scale is -1, below 0"),
    ],
)
def test_a_mistake_in_a_table_is_named(stimulus_of, keys, says):
    with pytest.raises(StudyError, match=rf"protocols\.toml: mine.*{says}"):
        stimulus_of(keys)


def test_what_a_file_holds_enters_the_digest_and_nothing_else(folder, stimulus_of):
    played = 'type = "waveform", file = "current.csv"'
    whole = stimulus_of(played)
    assert whole.file.current_nA.tolist() == [0, 1, -1, 2]

    def digest():
        # The protocols that have targets are what a problem is made of.
        text = (folder / "protocols.toml").read_text()
        if "delay_ms = 10, file" not in text:
            table = '{ type = "waveform", site = "soma(0.5)", delay_ms = 10, file = "%s" },'
            text = text.replace("stimuli = [\n", "stimuli = [\n" + table % "current.csv", 1)
            (folder / "protocols.toml").write_text(text)
        return load_study(folder).problem.digest

    shutil.copy(shipped("optimizations") / "hodgkin_huxley" / "protocols.toml", folder)
    before = digest()
    (folder / "current.csv").write_text(CSV.replace("t_ms,current_nA", "t_ms, current_nA"))
    assert digest() == before
    np.savez(folder / "same.npz", t_ms=whole.file.t_ms, current_nA=whole.file.current_nA)
    text = (folder / "protocols.toml").read_text()
    (folder / "protocols.toml").write_text(text.replace("current.csv", "same.npz"))
    assert digest() == before
    (folder / "protocols.toml").write_text(text)
    (folder / "current.csv").write_text(CSV.replace("9,2", "9,2.5"))
    assert digest() != before


def test_a_link_out_of_the_study_is_refused(folder, stimulus_of):
    (folder / "current.csv").unlink()
    (folder / "current.csv").symlink_to("/etc/passwd")
    with pytest.raises(StudyError, match="lies outside of this study"):
        stimulus_of('type = "waveform", file = "current.csv"')


def test_a_current_file_is_a_waveform_everywhere(stimulus_of):
    made = stimulus_of('type = "waveform", file = "current.csv", scale = 2')
    assert isinstance(made, Waveform)
    assert made.window_ms(50) == (10, 19)
