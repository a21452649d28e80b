"""How near two runs are, on traces of which that is known."""

import numpy as np
import pytest

from workbench.exports.comparing import nearness
from workbench.protocols import Traces

T_ms = np.arange(0.0, 100.0, 0.025)


def spikes(shift_ms: float = 0.0, offset_mV: float = 0.0) -> np.ndarray:
    """Return triangles of 100 mV and 2 ms, every 20 ms."""
    since_ms = (T_ms - shift_ms - 10.0) % 20.0
    return -70.0 + offset_mV + 100.0 * np.clip(1.0 - np.abs(since_ms - 1.0), 0.0, None)


def test_the_same_numbers_are_exact() -> None:
    near = nearness(Traces("p", T_ms, {"soma.v": spikes()}), {"t_ms": T_ms, "soma.v": spikes()})
    assert near.exact
    assert str(near) == "exact"


def test_a_shift_is_told_in_ms_and_what_is_left_in_mV() -> None:
    other = {"t_ms": T_ms, "soma.v": spikes(0.3, 0.5)}
    near = nearness(Traces("p", T_ms, {"soma.v": spikes()}), other)
    # An offset of 0.5 mV on a flank of 100 mV/ms is a crossing 0.005 ms earlier.
    assert near.shift_ms == pytest.approx(0.295, abs=1e-9)
    assert near.apart_mV == pytest.approx(0.5, abs=1e-9)
    assert str(near) == "within 0.5 mV and 0.3 ms"


def test_the_first_place_of_all_recordings_is_named() -> None:
    changed, late = spikes(), spikes()
    changed[100] += 1e-12
    late[200] += 1.0
    ours = Traces("p", T_ms, {"dend.v": spikes(), "soma.v": spikes()})
    near = nearness(ours, {"t_ms": T_ms, "dend.v": late, "soma.v": changed})
    assert near.parting is not None
    assert (near.parting.recording, near.parting.t_ms) == ("soma.v", pytest.approx(2.5))
    assert near.parting.theirs == changed[100]


def test_one_spike_more_is_no_nearness() -> None:
    more = spikes()
    more[:100] = 0.0
    near = nearness(Traces("p", T_ms, {"soma.v": spikes()}), {"t_ms": T_ms, "soma.v": more})
    assert near.shift_ms == np.inf or near.apart_mV > 50
    fewer = spikes()
    fewer[T_ms > 80] = -70.0
    near = nearness(Traces("p", T_ms, {"soma.v": spikes()}), {"t_ms": T_ms, "soma.v": fewer})
    assert str(near) == "other spikes"


def test_a_run_that_ends_earlier_is_not_exact() -> None:
    other = {"t_ms": T_ms[:-1], "soma.v": spikes()[:-1]}
    near = nearness(Traces("p", T_ms, {"soma.v": spikes()}), other)
    assert near.parting is not None
    assert near.parting.recording == "number of steps"


def test_other_recordings_are_near_in_parts_of_their_range() -> None:
    """A ramp over 8 that is 0.2 too high is off by 2.5 %, whatever its unit."""
    ramp = np.linspace(1.0, 9.0, T_ms.size)
    near = nearness(Traces("p", T_ms, {"soma.cai": ramp}), {"t_ms": T_ms, "soma.cai": ramp + 0.2})
    assert near.others == pytest.approx(0.025)
    assert str(near) == "within 0 mV and 0 ms, others within 2.5 %"
