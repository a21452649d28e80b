"""What is odd is said with its reason, and nothing is said of a sweep in which nothing is."""

from dataclasses import replace

import numpy as np
import pytest

from tests.recorded_files import passive_mV, step_nA, with_spikes
from workbench.errors import InputError
from workbench.recordings import Facts, Recordings, Sweep, access_MOhm, input_MOhm

I_nA = step_nA(-0.05)
T_ms = np.arange(I_nA.size) * 0.1


def sweep(v_mV, i_nA=I_nA, name="a"):
    return Sweep("cell", name, "", ("a.csv",), 0.1, v_mV, i_nA)


GOOD = sweep(passive_mV(I_nA) + np.random.default_rng(1).normal(0, 0.05, I_nA.size))


def reasons(*sweeps):
    found = Recordings(sweeps).remarks
    return [one.reason for odd in found.values() for one in odd]


def test_nothing_is_odd():
    assert reasons(GOOD) == []


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (np.random.default_rng(1).normal(0, 0.8, I_nA.size), "noise"),
        (-0.02 * np.minimum(T_ms, 100), "drift"),
        (np.where(T_ms > 300, 4.0, 0.0), "no return"),
    ],
)
def test_what_is_odd(spoilt, reason):
    found = Recordings((sweep(GOOD.v_mV + spoilt),))
    assert [one.reason for one in found.remarks["a"]] == [reason]
    assert "limit" in found.remarks["a"][0].words
    assert found.table()["odd"].tolist() == [reason]


def test_spikes_before_the_stimulus():
    odd = sweep(with_spikes(GOOD.v_mV, [50.0]))
    [remark] = Recordings((odd,)).remarks["a"]
    assert remark.reason == "early spikes"
    assert remark.words == "1 spike before the stimulus, the first at 50.5 ms"


def test_clipping_is_a_plateau_that_is_jumped_to():
    v_mV = GOOD.v_mV.copy()
    v_mV[2000:2010] = 30.0
    assert reasons(sweep(v_mV)) == ["clipping"]
    # A voltage without noise rests at its largest value, and nothing is clipped.
    assert reasons(sweep(passive_mV(I_nA))) == []


def test_a_threshold_that_noise_crosses():
    v_mV = with_spikes(GOOD.v_mV, [200.0])
    v_mV[2007] = -30.0
    assert "threshold" in reasons(sweep(v_mV))


def test_resistances_in_closed_form():
    """100 MOhm by construction; 15 MOhm that no bridge took out, to what 1 ms of 10 ms bends."""
    assert input_MOhm(sweep(passive_mV(I_nA))) == pytest.approx(100, rel=1e-3)
    with_access = sweep(passive_mV(I_nA) + 15 * I_nA)
    assert access_MOhm(with_access) == pytest.approx(15, abs=0.2)
    assert access_MOhm(sweep(passive_mV(I_nA), np.zeros(I_nA.size))) is None


def test_access_and_input_resistance_drift():
    access = sweep(passive_mV(I_nA) + 15 * I_nA, name="b")
    assert reasons(sweep(passive_mV(I_nA)), access) == ["access"]
    doubled = sweep(passive_mV(2 * I_nA), name="b")
    assert reasons(sweep(passive_mV(I_nA)), doubled) == ["input resistance"]


def test_seal_and_access_that_the_file_states():
    poor = replace(GOOD, facts=Facts(seal_MOhm=500, access_MOhm=40))
    assert reasons(poor) == ["seal", "access"]


def test_what_is_left_out_is_told():
    noisy = sweep(GOOD.v_mV + np.random.default_rng(2).normal(0, 0.8, I_nA.size), name="b")
    both = Recordings((GOOD, noisy))
    left, out = both.without("noise")
    assert [one.name for one in left] == ["a"]
    assert [one.reason for one in out["b"]] == ["noise"]
    assert len(both.without("clipping")[0]) == 2
    with pytest.raises(InputError, match="unknown reason 'nois'"):
        both.without("nois")
    with pytest.raises(InputError, match="no sweep is without noise"):
        Recordings((noisy,)).without("noise")


def test_repeats():
    rng = np.random.default_rng(3)
    again = sweep(GOOD.v_mV, I_nA + rng.normal(0, 5e-4, I_nA.size), "b")
    other = sweep(GOOD.v_mV, 1.1 * I_nA, "c")
    assert [[s.name for s in g] for g in Recordings((GOOD, again, other)).repeats] == [["a", "b"]]
    noise = np.convolve(rng.normal(0, 0.05, I_nA.size + 49), np.ones(50) / 7, "valid")
    noises = [sweep(GOOD.v_mV, current, name) for name, current in (
        ("a", noise), ("b", noise + rng.normal(0, 1e-3, noise.size)), ("c", noise[::-1]),
    )]  # fmt: skip
    found = Recordings(tuple(noises))
    assert found[0].shape.kind == "noise"
    assert [[s.name for s in g] for g in found.repeats] == [["a", "b"]]
