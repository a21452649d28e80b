"""How far and how quickly a recording rises, on traces of straight lines."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.features import Missing, Window, measure
from workbench.protocols import Trace

WHOLE = Window(0, 100)
NAMES = ["peak_amplitude", "time_to_peak", "time_to_half", "width_at_half"]


def shape(t_ms, values_mV, window=WHOLE):
    trace = Trace("soma.v", np.array(t_ms, dtype=float), np.array(values_mV, dtype=float))
    return {
        name: one.reason if isinstance(one, Missing) else float(one[0])
        for name, one in measure(trace, NAMES, window).items()
    }


def test_a_triangle():
    """From -70 at 10 ms up by 20 mV in 4 ms and down in 16: at half of it at 12 and 22 ms."""
    found = shape([0, 10, 14, 30, 100], [-70, -70, -50, -70, -70], Window(10, 100))
    assert found == pytest.approx(dict(zip(NAMES, [20, 4, 2, 10], strict=True)))


def test_it_counts_from_where_the_window_begins_between_two_samples():
    """At 12 ms the triangle is at -60 mV: 10 mV to go, half of them at 13 and 18 ms."""
    found = shape([0, 10, 14, 30, 100], [-70, -70, -50, -70, -70], Window(12, 100))
    assert found == pytest.approx(dict(zip(NAMES, [10, 2, 1, 5], strict=True)))


def test_of_two_humps_the_width_is_that_of_both():
    found = shape([0, 2, 4, 6, 8, 100], [0, 10, 0, 8, 0, 0])
    assert found == pytest.approx(dict(zip(NAMES, [10, 2, 1, 6.75 - 1], strict=True)))


def test_what_has_not_fallen_has_no_width_and_what_never_rises_no_shape():
    found = shape([0, 10, 20], [-70, -60, -64], Window(0, 20))
    assert found.pop("width_at_half") == "it is still above half of its peak at 20 ms"
    assert found == pytest.approx(dict(zip(NAMES[:3], [10, 10, 5], strict=True)))
    still = shape([0, 10, 20], [-70, -75, -70], Window(0, 20))
    assert set(still.values()) == {"it never rises above its value at 0 ms"}
    late = shape([0, 10, 20], [-70, -60, -70], Window(30, 40))
    assert all("nothing in the window" in reason for reason in late.values())


@given(st.floats(0.01, 100), st.floats(-90, 0), st.floats(0, 50))
def test_neither_size_nor_level_nor_delay_change_the_shape(size_mV, level_mV, delay_ms):
    """The alpha function, whose width at half its peak is 2.4464 times its time to peak.

    x exp(1 - x) = 1/2 at x = 0.23196 and 2.67835 (Lambert's W).
    """
    t_ms = np.arange(0, 40, 0.01)
    values = level_mV + size_mV * t_ms / 2 * np.exp(1 - t_ms / 2)
    found = shape(delay_ms + t_ms, values, Window(delay_ms, delay_ms + 39))
    expected = [size_mV, 2, 2 * 0.231961, 2 * (2.678347 - 0.231961)]
    assert found == pytest.approx(dict(zip(NAMES, expected, strict=True)), rel=1e-4)
