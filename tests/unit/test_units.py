import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.units import amount, quantity


@pytest.mark.parametrize(
    ("written", "unit", "expected"),
    [
        ("1900 pA", "nA", 1.9),
        ("1.9nA", "nA", 1.9),
        ("-0.126 nA", "nA", -0.126),
        ("+.5 uA", "nA", 500.0),
        ("2 s", "ms", 2000.0),
        ("25 us", "ms", 0.025),
        ("-0.065 V", "mV", -65.0),
        ("0.62 mm", "um", 620.0),
        ("1e3 um", "um", 1000.0),
        ("34 degC", "degC", 34.0),
        # 1 pS/um2 is 1e-12 S on 1e-8 cm2.
        ("300 pS/um2", "S_per_cm2", 0.03),
        ("30 uS/cm2", "S_per_cm2", 3e-5),
        ("1 uF/cm2", "uF_per_cm2", 1.0),
        ("100 ohm cm", "ohm_cm", 100.0),
        ("100 nM", "mM", 1e-4),
    ],
)
def test_a_text_with_a_unit_is_the_number_in_the_wanted_unit(written, unit, expected):
    assert quantity(written, unit) == expected


@given(st.integers(-(10**6), 10**6))
def test_picoampere_give_the_same_bits_as_the_number_in_nanoampere(amplitude):
    """Otherwise the spelling of a study would change its digest."""
    assert quantity(f"{amplitude} pA", "nA") == amplitude / 1000


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_taken_as_it_is(number):
    assert quantity(number, "mV") == number
    assert quantity(f"{number!r} mV", "mV") == number


def test_an_integer_becomes_a_float():
    assert isinstance(quantity(34, "degC"), float)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("1.9 mV", "allowed units: nA, pA, uA"),
        ("40 µm", "allowed units: nA"),
        ("1.9", "has no unit"),
        ("nA", "is not a quantity"),
        ("1.9.1 nA", "is not a quantity"),
        ("", "is not a quantity"),
        ("one nA", "is not a quantity"),
        ("1,9 nA", "is not a quantity"),
        (True, "is not a quantity"),
        (None, "is not a quantity"),
        ([1.0], "is not a quantity"),
        ("nan nA", "is not a quantity"),
        ("1e999 nA", "is not a finite number"),
        (math.inf, "is not a finite number"),
        (math.nan, "is not a finite number"),
    ],
)
def test_what_is_no_current_is_refused(given, says):
    with pytest.raises(InputError, match=says):
        quantity(given, "nA")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("celsius_degC", 3400, "celsius_degC is 3400, it must lie between -50 and 100 degC"),
        ("v_init_mV", -0.065e6, "between -200 and 200 mV"),
        ("amplitude_nA", 1e9, "between -1e+06 and 1e+06 nA"),
        ("frequency_Hz", -1.0, "between 0 and 1e+06 Hz"),
        ("g_pas.all", 1e31, "between -1e+30 and 1e+30"),
        ("count", float("nan"), "count is nan, it must be a finite number"),
        ("count", "1e5", "count is '1e5', it must be a finite number"),
        ("count", True, "finite"),
        ("count", None, "finite"),
        ("count", [1], "finite"),
        ("count", "9" * 1000, "…"),
    ],
)
def test_no_quantity_is_beyond_reason(name, value, words):
    with pytest.raises(InputError) as caught:
        amount(name, value)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 200


def test_numbers_of_any_kind_are_amounts():
    assert amount("delay_ms", np.float32(1.5)) == 1.5
    assert amount("count", np.int64(3)) == 3.0
