"""Currents that are played, looked at without NEURON."""

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.digests import digest
from workbench.errors import StudyError
from workbench.features import Window, lacking
from workbench.morphology import parse_site
from workbench.protocols import (
    Alpha,
    Chirp,
    CurrentFile,
    Noise,
    Protocol,
    Ramp,
    Recording,
    Sine,
    Step,
    VoltageClamp,
    Waveform,
    missed,
)

SOMA, TUFT = parse_site("soma(0.5)"), parse_site("apical@620um")
FILE = CurrentFile("bumps.csv", [0, 2, 2, 5], [0, 0.1, -0.1, 0.3])
CLAMP = VoltageClamp(SOMA, 10, 20, -80, -40)
PLAYED = [
    Ramp(SOMA, 10, 20, 0.1, -0.3),
    Sine(SOMA, 10, 20, 0.1, 100, 45, 0.2),
    Chirp(SOMA, 10, 20, 0.1, 5, 300, 0.2),
    Chirp(SOMA, 10, 20, 0.1, 300, 0),
    Noise(SOMA, 10, 20, 0.1, 0.05, 2, 3),
    Waveform(SOMA, 10, FILE, 2),
]
by_kind = pytest.mark.parametrize("stimulus", PLAYED, ids=lambda one: one.kind)


def protocol(*stimuli, duration_ms=100.0, recordings=(), **parameters):
    return Protocol("P", duration_ms, stimuli, recordings, parameters)


def test_a_ramp_is_a_straight_line():
    at_ms = np.array([0, 9.999, 10, 15, 20, 29.999, 30, 99])
    assert PLAYED[0].current_nA(at_ms) == pytest.approx([0, 0, 0.1, 0, -0.1, -0.29998, 0, 0])


@given(st.floats(0, 60), st.floats(0.1, 5))
def test_an_alpha_current_is_one_to_3e_6(since_ms, time_to_peak_ms):
    """By its formula, from Rall 1967 (J Neurophysiol 30:1138)."""
    alpha = Alpha(SOMA, 5, time_to_peak_ms, 2)
    [found] = alpha.current_nA(np.array([5 + since_ms]))
    peaks = since_ms / time_to_peak_ms
    assert found == pytest.approx(2 * peaks * math.exp(1 - peaks), abs=2 * 3e-6)
    before, _, at_peak = alpha.current_nA(np.array([4.9, 5, 5 + time_to_peak_ms]))
    assert (before, at_peak) == (0, pytest.approx(2))


def test_an_alpha_current_lasts_as_long_as_the_run_and_begins_with_a_jump():
    alpha = Alpha(SOMA, 10, 2, 0.5, 40)
    assert alpha.window_ms(300) == (10, 300)
    assert alpha.jumps_ms(300)[0] == 10
    assert alpha.current_nA(np.array([0, 10, 95, 250])) == pytest.approx([0] * 4, abs=1e-15)
    bounds = missed(protocol(alpha).bound(), 2.1)
    assert bounds == "the alpha current, at its peak after 2 ms, from 10 ms"
    assert missed(protocol(alpha).bound(), 1.9) == ""


@given(st.floats(0, 30), st.floats(1, 1000), st.floats(-360, 360))
def test_a_sine_is_one_to_2e_5(since_ms, frequency_Hz, phase_deg):
    wave = Sine(SOMA, 5, 1e9, 2, frequency_Hz, phase_deg, 0.5)
    [found] = wave.current_nA(np.array([5 + since_ms]))
    angle = 2 * math.pi * frequency_Hz * since_ms / 1000 + math.radians(phase_deg)
    assert found == pytest.approx(0.5 + 2 * math.sin(angle), abs=2 * 2.1e-5)


@given(st.floats(0, 19.9), st.floats(0, 500), st.floats(1, 500))
def test_the_frequency_of_a_chirp_changes_along_a_line(since_ms, start_Hz, end_Hz):
    """Its turns are the integral of the frequency, here by the trapezium that it is."""
    [found] = Chirp(SOMA, 5, 20, 2, start_Hz, end_Hz).current_nA(np.array([5 + since_ms]))
    now_Hz = start_Hz + (end_Hz - start_Hz) * since_ms / 20
    turns = (start_Hz + now_Hz) / 2 * since_ms / 1000
    assert found == pytest.approx(2 * math.sin(2 * math.pi * turns), abs=2 * 2.4e-5)


def test_noise_has_its_mean_its_spread_and_its_correlation():
    """Over 20,000 time constants each estimate is within 5 of its own standard errors."""
    noise = Noise(SOMA, 0, 1e9, 0.3, 0.05, 5, 42, 0.5)
    _, drawn = noise.knots(100_000)
    independent = 100_000 / (2 * 5)
    assert drawn.mean() == pytest.approx(0.3, abs=5 * 0.05 / math.sqrt(independent))
    assert drawn.std() == pytest.approx(0.05, rel=5 / math.sqrt(2 * independent))
    off = drawn - 0.3
    for lag in (1, 10, 20):
        correlation = (off[lag:] * off[:-lag]).mean() / 0.05**2
        assert correlation == pytest.approx(math.exp(-0.5 * lag / 5), abs=5 / independent**0.5)


def test_numbers_of_noise_never_change():
    """RandomState(1)'s first three deviates, with a correlation of exp(-1/2), by hand."""
    _, drawn = Noise(SOMA, 0, 1e9, 0, 1, 2, 1, 1).knots(1)
    first, second, third = 1.6243453636632417, -0.6117564136500754, -0.5281717522634557
    kept, fresh = 0.6065306597126334, 0.7950600976206501
    after = kept * first + fresh * second
    assert drawn[:3] == pytest.approx([first, after, kept * after + fresh * third], rel=1e-14)


@by_kind
def test_a_longer_run_begins_like_a_shorter_one(stimulus):
    endless = replace(stimulus, duration_ms=1e9) if stimulus.kind in ("sine", "noise") else stimulus
    short, long = endless.course(21.3), endless.course(90)
    inside = int(np.searchsorted(short[0], 21.3))
    for one, other in zip(short, long, strict=True):
        assert np.array_equal(one[:inside], other[:inside])


@by_kind
def test_there_is_no_current_before_and_after(stimulus):
    begin_ms, end_ms = stimulus.window_ms(100)
    assert (begin_ms, end_ms) == (10, 15 if stimulus.kind == "waveform" else 30)
    outside = np.array([0, begin_ms - 1e-9, end_ms, end_ms + 1, 99])
    assert not stimulus.current_nA(outside).any()
    assert {begin_ms, end_ms} <= set(stimulus.jumps_ms(100))
    t_ms, current_nA = stimulus.course(100)
    assert np.diff(t_ms).min() >= 0
    assert t_ms[0] == current_nA[0] == current_nA[-1] == 0
    assert t_ms[-1] >= 100


@by_kind
@given(share=st.floats(0, 1))
def test_between_two_knots_lies_a_straight_line(stimulus, share):
    t_ms, current_nA = stimulus.course(100)
    at = np.flatnonzero(np.diff(t_ms) > 0)[:: max(1, t_ms.size // 50)]
    between_ms = t_ms[at] + share * np.diff(t_ms)[at]
    at = at[between_ms < t_ms[at + 1]]
    expected = current_nA[at] + share * np.diff(current_nA)[at]
    found = stimulus.current_nA(t_ms[at] + share * np.diff(t_ms)[at])
    assert found == pytest.approx(expected, abs=1e-7)


def test_a_current_that_begins_with_the_run_or_outlasts_it():
    at_once = Step(SOMA, 0, 1e9, 0.5), Ramp(SOMA, 0, 200, 0.5, 0.5)
    for stimulus in at_once:
        assert stimulus.current_nA(np.array([0.0, 50, 100])).tolist() == [0.5] * 3
    late = Ramp(SOMA, 200, 10, 1, 2)
    assert not late.current_nA(np.array([0.0, 100])).any()
    assert late.course(100)[1].tolist() == [0, 0]


def test_a_waveform_jumps_and_bends_where_its_file_does():
    assert PLAYED[5].current_nA(np.array([11, 11.999, 12, 13.5])) == pytest.approx(
        [0.1, 0.2, -0.2, 0.2], abs=2e-4
    )
    triangle = CurrentFile("triangle.csv", [0, 5, 6, 7, 20], [0, 0, 1, 0, 0])
    assert Waveform(SOMA, 10, triangle).jumps_ms(100) == [10, 15, 16, 17, 30]
    smooth = np.linspace(0, 1, 500)
    sine = CurrentFile("sine.csv", smooth, np.sin(2 * np.pi * smooth))
    assert Waveform(SOMA, 10, sine).jumps_ms(100) == [10, 11]


@pytest.mark.parametrize("stimulus", [*PLAYED, CLAMP], ids=lambda one: one.kind)
def test_none_is_a_step_for_what_divides_by_one(stimulus):
    plan = protocol(stimulus)
    begin_ms, end_ms = plan.window_ms()
    assert plan.step_nA(begin_ms, end_ms) is None
    why = lacking("ohmic_input_resistance", Window(begin_ms, end_ms), 100, None)
    assert "no one step of current" in why


@by_kind
def test_a_step_beside_is_still_one_where_it_does_not_act(stimulus):
    assert protocol(stimulus, Step(SOMA, 50, 20, 0.2)).step_nA(50, 70) == 0.2


def test_every_amount_may_be_a_parameter_with_a_unit():
    named = Sine("where", 10, 20, "how_much", "how_often", "phase")
    plan = protocol(named, where=SOMA, how_much=1.0, how_often=10.0, phase=0.0)
    told = {"how_much": "-500 pA", "how_often": "0.1 kHz", "phase": "90 deg", "where": "soma(0.1)"}
    [bound] = plan.with_parameters(told).bound().stimuli
    assert bound == Sine(parse_site("soma(0.1)"), 10, 20, -0.5, 100, 90)
    clamp = protocol(VoltageClamp(SOMA, 10, 20, -80, "to", "through"), to=0.0, through=1.0)
    [bound] = clamp.with_parameters({"to": "-0.02 V", "through": "10000 kOhm"}).bound().stimuli
    assert (bound.step_mV, bound.rs_MOhm) == (-20, 10)


@pytest.mark.parametrize(
    ("stimulus", "says"),
    [
        (Ramp(SOMA, 10, "x", 0, 1), "ramp: duration_ms is 0, it must be above 0"),
        (Alpha(SOMA, 10, "x", 1), "alpha: time_to_peak_ms is 0, it must be above 0"),
        (Alpha(SOMA, 10, 1, 1, "x"), "alpha: points is 0, it must be above 0"),
        (Sine(SOMA, 10, 20, 1, "x"), "sine: frequency_Hz is 0, it must be above 0"),
        (Chirp(SOMA, 10, 20, 1, "x", "x"), "chirp: start_Hz and end_Hz are 0"),
        (Noise(SOMA, 10, 20, 0, 1, "x", 1), "noise: tau_ms is 0, it must be above 0"),
        (Noise(SOMA, 10, 20, 0, 1, 2, 1, "x"), "noise: interval_ms is 0, it must be above 0"),
        (VoltageClamp(SOMA, 10, 20, -80, 0, "x"), "voltage_clamp: rs_MOhm is 0"),
    ],
    ids=lambda one: getattr(one, "kind", ""),
)
def test_what_cannot_be_0_is_refused(stimulus, says):
    with pytest.raises(StudyError, match=says):
        protocol(stimulus, x=0.0)


@pytest.mark.parametrize(
    ("stimulus", "says"),
    [
        (lambda: Alpha(SOMA, 10, 1, 1, 2.5), "points is 2.5, it must be a whole number"),
        (lambda: Alpha(SOMA, 10, 1, 1, 1e6), "points is 1e.06, it must be at most 10000"),
        (lambda: Noise(SOMA, 10, 20, 0, -1, 2, 1), "sd_nA is -1, it must be at least 0"),
        (lambda: Noise(SOMA, 10, 20, 0, 1, 2, 1.5), "seed is 1.5, it must be a whole number"),
        (lambda: Noise(SOMA, 10, 20, 0, 1, 2, 2**32), "seed is .*, it must be at most 4294967295"),
        (lambda: Noise(SOMA, 10, 20, 0, 1, 2, -1), "seed is -1, below 0"),
        (lambda: Noise(SOMA, 10, 20, 0, 1, 2, 1, 3), "P: noise: interval_ms is 3.*at most tau_ms"),
        (lambda: Sine(SOMA, 10, 1e9, 1, 1e6), r"P: sine: in a run of 100 ms .* 4\.5e\+07 knots"),
        (lambda: VoltageClamp(SOMA, 10, 20, -300, 0), "hold_mV is -300, it must lie between"),
        (lambda: Waveform(SOMA, 10, FILE, -1), "scale is -1, below 0"),
    ],
)
def test_amounts_that_cannot_be(stimulus, says):
    with pytest.raises(StudyError, match=says):
        protocol(stimulus())


def test_the_current_of_a_clamp_is_recorded_where_there_is_one():
    at_soma = Recording("soma", SOMA, "i_clamp")
    assert protocol(CLAMP, recordings=(at_soma,)).recordings == (at_soma,)
    with pytest.raises(
        StudyError, match=r"P: tuft.i_clamp is recorded at apical.*no voltage_clamp; give both one"
    ):
        protocol(CLAMP, recordings=(Recording("tuft", TUFT, "i_clamp"),))
    moving = protocol(replace(CLAMP, site="where"), recordings=(at_soma,), where=SOMA)
    with pytest.raises(StudyError, match="no voltage_clamp"):
        moving.with_parameters({"where": "apical@620um"})


def test_what_does_nothing_cannot_be_missed():
    assert missed(protocol(VoltageClamp(SOMA, 10, 0.01, -80, -80)).bound(), 0.2) == ""
    assert missed(protocol(Ramp(SOMA, 200, 0.01, 0, 1)).bound(), 0.2) == ""


class TestFile:
    def test_formats_give_the_same_value(self, tmp_path):
        (tmp_path / "one.csv").write_text("t_ms, current_nA\n0,0\n2,0.1\n\n2,-0.1\n5,0.3\n")
        np.savez_compressed(tmp_path / "two.npz", t_ms=FILE.t_ms, current_nA=FILE.current_nA)
        one, two = (CurrentFile.read(tmp_path / name) for name in ("one.csv", "two.npz"))
        assert one == two == FILE
        assert len({one, two, FILE, pickle.loads(pickle.dumps(FILE))}) == 1
        assert (one.name, two.name) == ("one.csv", "two.npz")

    def test_its_numbers_and_nothing_else_enter_digests(self):
        whole = digest(Waveform(SOMA, 10, FILE))
        assert whole == digest(Waveform(SOMA, 10, CurrentFile("b.npz", FILE.t_ms, FILE.current_nA)))
        other = CurrentFile("bumps.csv", FILE.t_ms, FILE.current_nA + 1e-15)
        assert digest(Waveform(SOMA, 10, other)) != whole
        assert digest(Waveform(SOMA, 10, FILE, 2.0)) != whole

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "the first line must be t_ms,current_nA"),
            ("time,current\n0,0\n1,1\n", r"given: 'time,current'"),
            ("t_ms,current_nA\n0,0\n", "must be one row of equal length, from 2"),
            ("t_ms,current_nA\n0,0\n1\n", "not a CSV file of two numbers a line"),
            ("t_ms,current_nA\n0,0\n1,x\n", "could not convert string to float: 'x'"),
            ("t_ms,current_nA\n0,0\n1,nan\n", r"current_nA\[1\] is nan, it must lie between"),
            ("t_ms,current_nA\n0,0\n1,1e9\n", r"current_nA\[1\] is 1e\+09"),
            ("t_ms,current_nA\n-1,0\n1,1\n", r"t_ms\[0\] is -1, it must lie between 0 and 1e\+06"),
            ("t_ms,current_nA\n0,0\n2,1\n1,1\n", "goes from 2 to 1 ms; it must grow by 0.001 ms"),
            ("t_ms,current_nA\n0,0\n1e-6,1\n1,1\n", "goes from 0 to 1e-06 ms; it must grow"),
            ("t_ms,current_nA\n0,0\n1,0\n1,1\n1,2\n", "more than two samples have one time"),
            ("t_ms,current_nA\n1,0\n1,1\n", "more than two samples have one time"),
        ],
    )
    def test_what_is_no_current(self, tmp_path, text, says):
        (tmp_path / "bad.csv").write_text(text)
        with pytest.raises(StudyError, match=says) as refused:
            CurrentFile.read(tmp_path / "bad.csv")
        assert str(refused.value).startswith(str(tmp_path / "bad.csv"))

    def test_what_is_no_file_of_a_current(self, tmp_path):
        with pytest.raises(StudyError, match=r"unknown format '\.txt'.*\.csv, \.npz"):
            CurrentFile.read(tmp_path / "bad.txt")
        with pytest.raises(StudyError, match="there is no such file"):
            CurrentFile.read(tmp_path / "gone.csv")
        np.savez(tmp_path / "other.npz", time=np.zeros(3))
        with pytest.raises(StudyError, match=r"not an NPZ file of t_ms and current_nA.*t_ms"):
            CurrentFile.read(tmp_path / "other.npz")
        np.savez(tmp_path / "object.npz", t_ms=np.array([{}, {}]), current_nA=np.zeros(2))
        with pytest.raises(StudyError, match="not an NPZ file"):
            CurrentFile.read(tmp_path / "object.npz")
        (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 and nothing")
        with pytest.raises(StudyError, match="not an NPZ file"):
            CurrentFile.read(tmp_path / "broken.npz")
