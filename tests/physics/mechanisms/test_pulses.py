"""Pulses of conductance against what they are by definition."""

import numpy as np
import pytest

from tests.physics.mechanisms import experiments
from tests.physics.mechanisms.families import Call, check_engines, unit_complaints


@pytest.mark.parametrize("dt_ms", [None, 0.025], ids=["CVODE", "fixed step"])
def test_pulses_open_close_and_add_up(call: Call, dt_ms: float | None) -> None:
    """2 nS from 1 to 3 ms and 1 nS from 2.5 to 4.5 ms, on -50 mV with a reversal at -70 mV."""
    times_ms = np.array([0.9, 1.1, 2.4, 2.6, 2.9, 3.1, 4.4, 4.6, 9.0])
    g_uS = 1e-3 * np.array([0, 2, 2, 3, 3, 1, 1, 0, 0])
    found = call(
        experiments.synapse_after_events,
        "ConductancePulse", {"duration": 2.0, "erev": -70.0}, [(1.0, 0.002), (2.5, 0.001)],
        -50.0, ["g", "i"], times_ms, 0.0, dt_ms,
    )  # fmt: skip
    np.testing.assert_allclose(found["g"], g_uS, rtol=0, atol=1e-15)
    np.testing.assert_allclose(found["i"], 20 * g_uS, rtol=0, atol=1e-12)


def test_both_engines_give_the_same_voltage(call: Call) -> None:
    pulses = {"ConductancePulse": ({"duration": 4.0}, 0.002)}
    check_engines(call, ["hh"], {}, pulses, 0.3, -65.0, ["v"], 6.3)


def test_units_agree() -> None:
    assert unit_complaints("pulses") == []
