"""Spikes that coincide with recorded ones, on trains of straight lines."""

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.features import Missing, Train, Window, likeness
from workbench.features.likeness import LIKENESS
from workbench.protocols import Trace, VoltageFile

WINDOW = Window(100.0, 1100.0)
T_ms = np.arange(0.0, 1200.0, 0.5)


def voltage(*spikes_ms):
    v_mV = np.full(T_ms.size, -70.0)
    for at in spikes_ms:
        v_mV[np.searchsorted(T_ms, at)] = 30.0
    return v_mV


def train(*spikes_ms, **given):
    recorded = VoltageFile("r.csv", T_ms, voltage(*spikes_ms))
    return Train.read(recorded, WINDOW, given.get("within_ms", 4.0), given.get("sigma_ms", 10.0))


def alike(one, *spikes_ms):
    trace = Trace("soma.v", T_ms, voltage(*spikes_ms))
    found = likeness(trace, one, LIKENESS, WINDOW, until_ms=1199.5)
    return [m if isinstance(m, Missing) else float(m[0]) for m in found.values()]


def test_a_train_is_itself_and_what_is_outside_the_window_does_not_count():
    assert len(train(50, 200, 400, 1150).times_ms) == 2
    assert alike(train(200, 400), 50, 200, 400) == pytest.approx([1.0, 1.0])


def test_the_coincidence_factor_by_hand():
    """Two of four of the data are met by five: 2 f D N = 2 (5 / 1000) 4 x 4 = 0.16."""
    by_chance = 2 * 4 * 5 / 1000
    expected = (2 - by_chance * 4) / ((4 + 5) / 2) / (1 - by_chance)
    [found, _] = alike(train(200, 400, 600, 800), 203, 397, 500, 700, 900)
    assert found == pytest.approx(expected)


def test_the_explained_variance_of_trains_far_apart_is_that_of_their_means():
    """Apart, the covariance is minus the product of the means: -1 s x 1 / (1 s) each, squared."""
    n, sigma_ms, length_ms = 1, 10.0, 1000.0
    mean = n / length_ms
    square = n / (2 * sigma_ms * np.sqrt(np.pi) * length_ms)
    variance = square - mean**2
    [_, found] = alike(train(300), 700)
    assert found == pytest.approx(-(mean**2) / variance, rel=1e-3)


def test_a_silent_cell_is_a_train_by_chance():
    assert alike(train(200, 400)) == pytest.approx([0.0, 0.0], abs=1e-12)


def test_a_cell_that_fires_so_much_that_chance_meets_all():
    """125 spikes of 8 ms each fill the window."""
    [found, _] = alike(train(200), *np.arange(101, 1100, 7.5))
    assert isinstance(found, Missing)
    assert "by chance" in found.reason


def test_a_trace_that_ends_early_has_no_value():
    trace = Trace("soma.v", T_ms[:500], voltage()[:500])
    found = likeness(trace, train(200), LIKENESS, WINDOW, until_ms=1199.5)
    assert all(isinstance(one, Missing) for one in found.values())


def test_recordings_that_say_nothing_are_refused():
    with pytest.raises(InputError, match="has no spike in the window"):
        train(50)
    with pytest.raises(InputError, match="within_ms is 600"):
        train(200, within_ms=600.0)
    with pytest.raises(InputError, match="sigma_ms is 0"):
        train(200, sigma_ms=0.0)
    short = VoltageFile("r.csv", T_ms[:500], voltage(120)[:500])
    with pytest.raises(InputError, match="reaches from 0 to"):
        Train.read(short, WINDOW, 4.0, 10.0)
