import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import StudyError
from workbench.features import Missing, Window
from workbench.fitting import Objective, ScoreRule

WINDOW = Window(700.0, 2700.0)
AP_HEIGHT = Objective("Step3", "soma", "AP_height", WINDOW, mean=20.0, std=4.0)
STOCK = ScoreRule(cap=None)


def test_names():
    assert AP_HEIGHT.name == "Step3.soma.AP_height"
    assert AP_HEIGHT.recording == "soma.v"
    calcium = Objective("Step3", "dend1", "peak", WINDOW, "cai", mean=1.0, std=1.0)
    assert calcium.recording == "dend1.cai"


@pytest.mark.parametrize(
    ("values", "score"),
    [
        ([20.0], 0.0),
        ([24.0], 1.0),
        ([12.0], 2.0),
        ([16.0, 24.0], 1.0),  # |mean - 20| would be 0
        ([10.0, 20.0, 24.0], (2.5 + 0.0 + 1.0) / 3),
    ],
)
def test_the_score_is_the_mean_of_the_deviations(values, score):
    """Not the deviation of the mean: eFEL's getDistance."""
    assert STOCK.score(AP_HEIGHT, np.array(values)) == pytest.approx(score, rel=1e-14)


def test_the_width_of_the_spikes_of_step3_in_the_published_l5pc():
    """Mean 3.5347, SD 0.8788, all 32 spikes near 0.8625 ms: 3.0407 SD."""
    width = Objective("Step3", "soma", "AP_width", WINDOW, mean=3.5347, std=0.8788)
    assert STOCK.score(width, np.full(32, 0.8625)) == pytest.approx(3.040737, abs=5e-7)


def test_a_missing_feature_scores_what_the_rule_says():
    assert STOCK.score(AP_HEIGHT, Missing("no spike")) == 250.0
    assert ScoreRule(missing=20.0, cap=20.0).score(AP_HEIGHT, Missing("no spike")) == 20.0


def test_a_cap_bounds_what_has_values():
    far = np.array([20.0 + 4.0 * 1000])
    assert STOCK.score(AP_HEIGHT, far) == 1000.0
    assert ScoreRule(cap=250.0).score(AP_HEIGHT, far) == 250.0
    assert ScoreRule(cap=250.0).score(AP_HEIGHT, np.array([24.0])) == 1.0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_with_the_default_rule_silence_never_wins_over_spikes(values):
    rule = ScoreRule()
    assert 0 <= rule.score(AP_HEIGHT, np.array(values)) <= rule.missing <= rule.failed


@pytest.mark.parametrize(
    "rule",
    [
        {"missing": -1.0},
        {"missing": math.nan},
        {"missing": math.inf, "failed": math.inf},
        {"cap": -1.0},
        {"cap": math.nan},
        {"failed": math.nan},
        {"missing": 250.0, "failed": 249.0},
    ],
    ids=str,
)
def test_a_rule_by_which_failing_would_pay_is_refused(rule):
    with pytest.raises(StudyError, match="failed at least missing"):
        ScoreRule(**rule)


@pytest.mark.parametrize(
    ("mean", "std"), [(1.0, 0.0), (1.0, -1.0), (math.nan, 1.0), (1.0, math.inf)]
)
def test_a_target_has_a_standard_deviation(mean, std):
    with pytest.raises(StudyError, match=r"Step3\.soma\.AP_height: the target is"):
        Objective("Step3", "soma", "AP_height", WINDOW, mean=mean, std=std)


def test_a_target_is_told_with_its_weight():
    assert AP_HEIGHT.target == "20 ± 4"
    assert replace(AP_HEIGHT, weight=2.5).target == "20 ± 4, weight 2.5"


@pytest.mark.parametrize("weight", [0.0, -1.0, math.nan, math.inf])
def test_a_weight_is_above_0(weight):
    with pytest.raises(StudyError, match=r"Step3\.soma\.AP_height: the weight is"):
        replace(AP_HEIGHT, weight=weight)
