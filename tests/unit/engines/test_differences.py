"""How far runs are from each other, where it is known by construction."""

import numpy as np
import pytest

from workbench.engines.population.differences import compare, worst
from workbench.protocols import Traces

T_ms = np.arange(0, 100, 0.05)


def spiking(*at_ms, height_mV=30.0, rest_mV=-70.0):
    """Return a membrane at rest with spikes of a millisecond."""
    pulses = [np.exp(-(((T_ms - at) / 0.5) ** 2)) for at in at_ms]
    return rest_mV + (height_mV - rest_mV) * np.sum([0 * T_ms, *pulses], axis=0)


def between(one, other, name="soma.v"):
    each = compare(*(Traces("test", T_ms, {name: values}) for values in (one, other)))
    return worst(each.values())


def test_equal_runs_do_not_differ():
    found = between(spiking(20, 60), spiking(20, 60))
    assert found.is_within()
    assert (found.mV, found.later_mV, found.ms, found.spikes) == (0, 0, 0, (2, 2))


def test_a_quiet_shift_of_voltage_is_seen():
    found = between(spiking(), spiking(rest_mV=-69.85))
    assert found.mV == pytest.approx(0.15)
    assert not found.is_within()
    assert str(found).startswith("0.15 mV at soma.v, ")


def test_a_shift_of_a_spike_is_one_of_time():
    """On the slope 0.05 ms is tens of mV, and no difference of voltage."""
    near, far = between(spiking(20), spiking(20.05)), between(spiking(20), spiking(20.25))
    assert near.ms == pytest.approx(0.05, abs=2e-3)
    assert near.is_within()
    assert far.ms == pytest.approx(0.25, abs=2e-3)
    assert not far.is_within()


def test_a_spike_that_is_missing_is_counted():
    found = between(spiking(20, 60), spiking(20))
    assert found.spikes == (2, 1)
    assert str(found).startswith("1 spikes in place of 2 at soma.v, 59")


def test_a_spike_at_the_end_of_one_run_is_none():
    end_ms = T_ms[-1]
    found = between(spiking(20, end_ms + 0.4), spiking(20, end_ms + 0.45))
    assert found.spikes == (1, 1)
    assert found.ms == 0


def test_a_lower_spike_is_seen():
    found = between(spiking(20), spiking(20, height_mV=27))
    assert found.later_mV > 2
    assert not found.is_within()


def test_other_variables_are_compared_by_their_range():
    current = np.sin(T_ms / 10)
    assert between(current, current + 0.01, "soma.ina").is_within()
    found = between(current, current + 0.1, "soma.ina")
    assert found.share == pytest.approx(0.05, abs=0.01)
    assert not found.is_within()
