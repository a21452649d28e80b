"""Kinds of stimuli, their onset, duration and amplitude, on currents that are made here."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.recordings import shape_of

DT_ms = 0.1
T_ms = np.arange(10_000) * DT_ms
WHITE = np.random.default_rng(1).normal(size=T_ms.size)


def between(begin_ms, end_ms):
    return (T_ms >= begin_ms - DT_ms / 2) & (T_ms < end_ms - DT_ms / 2)


def correlated(tau_ms):
    """Return noise of SD 1 with a correlation time."""
    kept = np.exp(-DT_ms / tau_ms)
    found = np.zeros(T_ms.size)
    for n in range(1, T_ms.size):
        found[n] = kept * found[n - 1] + np.sqrt(1 - kept**2) * WHITE[n]
    return found


@given(
    begin=st.integers(200, 4000),
    length=st.integers(3, 5000),
    pA=st.integers(1, 2000),
    sign=st.sampled_from([-1, 1]),
    holding_pA=st.integers(-100, 100),
)
def test_any_step_is_found_to_the_sample(begin, length, pA, sign, holding_pA):
    """Without noise; three samples are the width that a running median of 0.3 ms would show."""
    length = max(length, 12)
    i_nA = np.full(T_ms.size, holding_pA / 1e3)
    i_nA[begin : begin + length] += sign * pA / 1e3
    found = shape_of(i_nA, DT_ms)
    assert found.kind == ("step" if length * DT_ms > 10 else "short square")
    assert found.onset_ms == pytest.approx(begin * DT_ms)
    assert found.duration_ms == pytest.approx(length * DT_ms)
    assert found.amplitude_nA == pytest.approx(sign * pA / 1e3)
    assert found.holding_nA == pytest.approx(holding_pA / 1e3)


def test_a_step_in_noise():
    """The level is the median's, its error that of 3000 samples: 1.25 * 5 pA / 55."""
    i_nA = 0.005 * WHITE + np.where(between(200, 500), 0.05, 0.0)
    found = shape_of(i_nA, DT_ms)
    assert found.kind == "step"
    assert found.onset_ms == pytest.approx(200, abs=0.11)
    assert found.duration_ms == pytest.approx(300, abs=0.21)
    assert found.amplitude_nA == pytest.approx(0.05, abs=0.0005)


def test_a_step_below_its_noise():
    i_nA = 0.005 * WHITE + np.where(between(200, 700), 0.006, 0.0)
    found = shape_of(i_nA, DT_ms)
    assert found.kind == "step"
    assert found.onset_ms == pytest.approx(200, abs=10)
    assert found.amplitude_nA == pytest.approx(0.006, abs=0.0006)


@pytest.mark.parametrize("noise_nA", [0.0, 1e-6, 0.003])
def test_no_stimulus(noise_nA):
    found = shape_of(-0.02 + noise_nA * WHITE, DT_ms)
    assert found.kind == "none"
    assert found.holding_nA == pytest.approx(-0.02, abs=1e-3)


def test_a_short_square_after_a_test_pulse():
    i_nA = np.where(between(20, 30), -0.1, 0.0) + np.where(between(300, 600), 0.2, 0.0)
    found = shape_of(i_nA, DT_ms)
    assert (found.kind, found.test_pulse) == ("step", True)
    assert (found.onset_ms, found.duration_ms) == (pytest.approx(300), pytest.approx(300))
    short = shape_of(np.where(between(300, 303), 1.0, 0.0), DT_ms)
    assert (short.kind, short.duration_ms) == ("short square", pytest.approx(3))


@pytest.mark.parametrize("noise_nA", [0.0, 0.002])
def test_a_ramp(noise_nA):
    i_nA = np.where(between(200, 700), (T_ms - 200) / 500 * 0.3, 0.0) + noise_nA * WHITE
    found = shape_of(i_nA, DT_ms)
    assert found.kind == "ramp"
    assert found.onset_ms == pytest.approx(200, abs=3)
    assert found.duration_ms == pytest.approx(500, abs=4)
    assert found.amplitude_nA == pytest.approx(0.3, abs=0.003)


@pytest.mark.parametrize("mean_nA", [0.0, 0.2])
def test_noise(mean_nA):
    i_nA = np.where(between(100, 900), mean_nA + 0.05 * correlated(3.0), 0.0)
    found = shape_of(i_nA, DT_ms)
    assert found.kind == "noise"
    assert found.onset_ms == pytest.approx(100, abs=6)
    assert found.duration_ms == pytest.approx(800, abs=12)
    assert shape_of(0.05 * correlated(3.0), DT_ms).kind == "noise"


@pytest.mark.parametrize(
    "i_nA",
    [
        np.where(between(100, 900), 0.1 * np.sin(2 * np.pi * T_ms / 100), 0.0),
        np.where(between(100, 900), 0.1 * np.sin(2 * np.pi * (T_ms / 300) ** 2 * 3), 0.0),
        np.where((T_ms % 100 > 50) & between(100, 900), 0.1, 0.0),
        np.where(between(100, 300), 0.1, 0.0) + np.where(between(500, 700), 0.2, 0.0),
    ],
    ids=["sine", "chirp", "train", "two steps"],
)
def test_others(i_nA):
    found = shape_of(i_nA, DT_ms)
    assert found.kind == "other"
    assert found.end_ms <= 901
