"""Penalties by hand-made voltages, with numbers worked out by hand from Gouwens et al. 2018.

A run of 400 ms whose step lasts from 100 to 300 ms. The voltage rests at -70 mV and is straight
between its corners, so that means and variances are sums of triangles and rectangles.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import StudyError
from workbench.evaluations import Evaluation
from workbench.evaluations.evaluation import evaluation_from
from workbench.features import Missing, Penalised, Window
from workbench.fitting import Objective, Penalty, ScoreRule
from workbench.fitting.objectives import sides_of
from workbench.fitting.penalties import variance_mV2, with_penalties
from workbench.protocols import Trace, Traces

GOUWENS = Penalty(
    "step",
    "soma",
    100.0,
    300.0,
    -20.0,
    fewer_spikes_than=2,
    spike_before=True,
    no_return_mV=2.0,
    bimodal_peaks=3.0,
    peak_mV=31.0,
)
WINDOW = Window(100.0, 300.0)
AIM = Objective("step", "soma", "AP_height", WINDOW, mean=30.0, std=2.0)


def trace(*corners):
    """Return the voltage through these corners (ms, mV) of a run that rests at -70 mV."""
    t_ms, v_mV = np.array([(0.0, -70.0), *corners, (400.0, corners[-1][1] if corners else -70.0)]).T
    return Trace("soma.v", t_ms, v_mV)


def spikes(*peaks, first_ms=120.0):
    """Return a voltage with spikes every 20 ms: triangles that are 2 ms wide."""
    corners = []
    for number, peak in enumerate(peaks):
        at = first_ms + 20.0 * number
        corners += [(at - 1, -70.0), (at, peak), (at + 1, -70.0)]
    return trace(*corners)


def plateau(v_mV, end_mV=-70.0):
    """Return a voltage that stands at a level during the step, and jumps."""
    return trace((100.0, -70.0), (100.0, v_mV), (300.0, v_mV), (300.0, end_mV))


def test_a_sound_voltage_has_no_penalty():
    assert GOUWENS.penalised(spikes(30, 31, 30, 32)) is None


def test_no_spike_and_a_voltage_that_does_not_move():
    found = GOUWENS.penalised(trace())
    assert found == Penalised("penalty: spikes: 0, fewer than 2", 250.0)


def test_one_spike():
    """Mean excess 100 x 1 / 400; squares 2 x 100^2 / 3 / 400; 250 - 0.1 (16.667 - 0.0625)."""
    found = GOUWENS.penalised(spikes(30.0))
    assert found.reason == "penalty: spikes: 1, fewer than 2"
    assert found.score == pytest.approx(250 - 0.1 * (20000 / 3 / 400 - 0.25**2), rel=1e-12)


def test_block():
    """It jumps to -10 mV and stays there: 60 mV more for half of the run, 0.25 x 60^2 = 900."""
    found = GOUWENS.penalised(plateau(-10.0))
    assert found.reason == "penalty: spikes: 1, fewer than 2"
    assert found.score == pytest.approx(250 - 90, rel=1e-12)


def test_the_penalty_has_a_floor():
    """90 mV more for half of the run: 2025, and 250 - 202.5 is below 75."""
    assert GOUWENS.penalised(plateau(20.0)).score == 75.0
    assert replace(GOUWENS, least_score=10.0).penalised(plateau(20.0)).score == pytest.approx(47.5)


def test_no_return():
    """It ends 2.5 mV above its baseline after the last 99 ms; 2 mV are allowed."""
    sound = spikes(30, 31, 30, 32)
    away = np.where(sound.t_ms > 200, 2.5, 0.0)
    found = GOUWENS.penalised(replace(sound, values=sound.values + away))
    assert found.reason == "penalty: it ends 2.5 mV from its baseline of -70 mV"
    assert GOUWENS.penalised(replace(sound, values=sound.values + away * 0.79)) is None


def test_the_baseline_is_the_mean_of_the_last_tenth_before_the_step():
    """From 90 to 95 ms at -70, from 95 to 100 ms at -60: -65, and the run ends at -68."""
    corners = [(90.0, -70.0), (95.0, -70.0), (95.0, -60.0), (100.0, -60.0), (100.0, -68.0)]
    one = replace(GOUWENS, fewer_spikes_than=None, bimodal_peaks=None)
    found = one.penalised(trace(*corners))
    assert found.reason == "penalty: it ends 3 mV from its baseline of -65 mV"


def test_a_spike_before_the_step():
    found = GOUWENS.penalised(spikes(30, 31, 30, 32, 30, first_ms=45.0))
    assert found.reason == "penalty: a spike before 100 ms"
    assert replace(GOUWENS, spike_before=False).penalised(spikes(30, 31, 30, first_ms=85.0)) is None


def test_a_spike_after_the_step_is_none_of_it():
    found = GOUWENS.penalised(spikes(30.0, 31.0, first_ms=310.0))
    assert found.reason == "penalty: spikes: 0, fewer than 2"


def test_bimodal_peaks():
    """Errors 1, 1, 1, 1 and 46 mV: their mean is 10, and 46 is more than 30."""
    found = GOUWENS.penalised(spikes(30, 32, 30, -15, 32))
    assert found.reason == (
        "penalty: bimodal peaks: one is 46 mV off the target, the mean of all is 10 mV"
    )
    # 1, 1, 1, 31 and 31: the mean is 13, and 31 is less than 39.
    assert GOUWENS.penalised(spikes(30, 32, 30, 0, 0)) is None
    # Of three spikes none can be above three times the mean.
    assert GOUWENS.penalised(spikes(31, 31, -15)) is None


def test_all_that_is_wrong_is_told():
    found = GOUWENS.penalised(plateau(-30.0, end_mV=-60.0))
    assert "spikes: 0, fewer than 2; it ends 10 mV from its baseline" in found.reason


def test_every_feature_of_the_protocol_is_penalised_and_no_other():
    other = Objective("rest", "soma", "voltage_base", WINDOW, mean=-70.0, std=2.0)
    both = Objective(
        "rest", "soma", "voltage_base", WINDOW, minus=AIM.operands[0], mean=0.0, std=1.0
    )
    values = Evaluation(
        (np.array([30.0]), Missing("eFEL finds none"), np.array([-70.0]), np.array([1.0]))
    )
    objectives = (AIM, replace(AIM, feature="ISI_CV"), other, both)
    one = spikes(30.0)
    outcomes = {"step": Traces("step", one.t_ms, {"soma.v": one.values})}
    found = with_penalties(values, objectives, (GOUWENS,), outcomes)
    penalty = GOUWENS.penalised(one)
    assert found.measured[:2] == (penalty, penalty)
    assert found.measured[2] is values.measured[2]
    assert found.measured[3] == penalty
    scores = [ScoreRule().score(o, m) for o, m in zip(objectives, found.measured, strict=True)]
    assert scores == [penalty.score, penalty.score, 0.0, penalty.score]
    assert sides_of(objectives, found).tolist() == [0, 0, 1, 0]


def test_a_missing_feature_scores_what_the_study_says():
    assert ScoreRule(missing=20.0).score(AIM, Missing("one spike")) == 20.0
    assert ScoreRule(missing=20.0).score(AIM, Penalised("one spike", 93.25)) == 93.25


@given(st.lists(st.floats(0.0, 1e12), max_size=4))
def test_penalties_come_back_from_the_columns_of_a_ledger(scores):
    measured = [Penalised(f"penalty: {number}", score) for number, score in enumerate(scores)]
    one = Evaluation((np.array([1.0, 2.0]), *measured, Missing("none"), np.array([3.0])))
    back = evaluation_from(one.counts, one.values, one.reasons, one.status)
    assert back.measured[1:-1] == one.measured[1:-1]
    assert [m.tolist() for m in (back.measured[0], back.measured[-1])] == [[1.0, 2.0], [3.0]]


@given(
    st.lists(st.tuples(st.floats(0.01, 50.0), st.floats(-90.0, 50.0)), min_size=2, max_size=12),
    st.lists(st.floats(0.0, 1.0), max_size=20),
)
def test_the_variance_depends_on_no_step(corners, further):
    """Samples on the straight lines between the others change nothing."""
    steps_ms, v_mV = np.array(corners).T
    t_ms = np.cumsum(steps_ms)
    more_ms = np.union1d(t_ms, t_ms[0] + np.array(further) * (t_ms[-1] - t_ms[0]))
    finer = Trace("soma.v", more_ms, np.interp(more_ms, t_ms, v_mV))
    expected = variance_mV2(Trace("soma.v", t_ms, v_mV))
    assert variance_mV2(finer) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_what_cannot_be_is_refused():
    with pytest.raises(StudyError, match="begins at 0 ms, and nothing is before it"):
        replace(GOUWENS, begin_ms=0.0)
    with pytest.raises(StudyError, match="least_score = -1; all must be between 0 and 1e"):
        replace(GOUWENS, least_score=-1.0)
