"""Intervals over sweeps, against closed forms and scipy's own bootstrap."""

import math

import numpy as np
import pytest
from scipy import stats

from workbench.features import Missing, Window
from workbench.fitting import Objective, Repeats, ScoreRule, interval_of, score_intervals
from workbench.fitting.bootstrap import RESAMPLES, target_interval

VALUES = tuple(np.random.default_rng(3).normal(20, 4, 30).tolist())
MEAN, STD = float(np.mean(VALUES)), float(np.std(VALUES))


def objective(feature="AP_height", mean=MEAN, std=STD, weight=1.0):
    window = Window(0, 100)
    return Objective("step", "soma", feature, window, mean=mean, std=std, weight=weight)


ONE = objective()
REPEATS = {ONE.name: Repeats(VALUES, ("a", "b"))}


def intervals(measured, objectives=(ONE,), repeats=REPEATS, rule=None):
    rule = rule or ScoreRule()
    pairs = zip(objectives, measured, strict=True)
    scores = np.array([one.weight * rule.score(one, values) for one, values in pairs])
    return score_intervals(objectives, rule, measured, scores, repeats)


def test_of_many_values_it_is_that_of_the_normal_mean():
    low, high = target_interval(ONE, REPEATS)
    error = STD / math.sqrt(30)
    assert low == pytest.approx(MEAN - 1.96 * error, abs=0.15 * error)
    assert high == pytest.approx(MEAN + 1.96 * error, abs=0.15 * error)


def test_it_is_scipys_percentile_interval():
    theirs = stats.bootstrap((VALUES,), np.mean, n_resamples=20_000, method="percentile")
    error = STD / math.sqrt(30)
    ends = theirs.confidence_interval
    assert target_interval(ONE, REPEATS) == pytest.approx((ends.low, ends.high), abs=0.15 * error)


def test_of_two_values_each_is_the_mean_in_a_quarter_of_the_resamples():
    means = Repeats((1.0, 3.0)).means("x")
    assert means.size == RESAMPLES
    shares = [np.count_nonzero(means == one) / RESAMPLES for one in (1.0, 2.0, 3.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.04)
    assert interval_of(means) == (1.0, 3.0)


def test_one_value_says_nothing_of_how_sure_it_is():
    alone = {ONE.name: Repeats((MEAN,))}
    assert target_interval(ONE, alone) is None
    assert target_interval(ONE, {}) is None
    found = intervals([np.array([MEAN])], repeats=alone)
    assert (found.scores, found.sum) == ((None,), None)


def test_a_score_moves_with_the_mean_of_its_target():
    far = MEAN + 10 * STD
    low, high = target_interval(ONE, REPEATS)
    [found] = intervals([np.array([far, far])]).scores
    assert found == pytest.approx(((far - high) / STD, (far - low) / STD))


def test_at_its_target_a_score_is_never_below_nought():
    low, high = intervals([np.array([MEAN])]).scores[0]
    assert 0 <= low < 0.05
    assert high == pytest.approx(2.24 / math.sqrt(30), rel=0.15)  # 97.5 % of |normal|


def test_weight_and_cap_count_as_in_the_score():
    heavy = objective(weight=3.0)
    far = [np.array([MEAN + 10 * STD])]
    [plain], [found] = intervals(far).scores, intervals(far, (heavy,)).scores
    assert found == pytest.approx((3 * plain[0], 3 * plain[1]))
    [capped] = intervals(far, (heavy,), rule=ScoreRule(cap=1.0, missing=2.0, failed=3.0)).scores
    assert capped == (3.0, 3.0)


def test_targets_of_the_same_sweeps_are_resampled_together():
    """The same values above and below: what one target gains by a resample the other loses."""
    other = objective("AP_width")
    both = [np.array([MEAN + 9 * STD]), np.array([MEAN - 9 * STD])]
    together = {o.name: Repeats(VALUES, ("a", "b")) for o in (ONE, other)}
    low, high = intervals(both, (ONE, other), together).sum
    assert low == pytest.approx(18)
    assert high == pytest.approx(18)
    apart = {o.name: Repeats(VALUES, (o.name,)) for o in (ONE, other)}
    low, high = intervals(both, (ONE, other), apart).sum
    assert high - low == pytest.approx(2 * 1.96 * math.sqrt(2 / 30), rel=0.1)


def test_what_has_no_value_keeps_its_score():
    other = objective("AP_width")
    found = intervals([np.array([MEAN + 9 * STD]), Missing("no spike")], (ONE, other))
    assert found.scores[1] is None
    assert found.sum == pytest.approx([250 + end for end in found.scores[0]])


def test_the_same_values_give_the_same_interval_wherever():
    assert target_interval(ONE, REPEATS) == target_interval(objective(), dict(REPEATS))
