import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbench.errors import StudyError
from workbench.fitting import Parameter
from workbench.fitting.parameters import to_physical, to_unit

units = st.floats(0.0, 1.0)
linear_bounds = st.tuples(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6)).map(
    lambda p: (p[0], p[0] + p[1])
)
log_bounds = st.tuples(st.floats(1e-9, 1e3), st.floats(1.001, 1e6)).map(
    lambda p: (p[0], p[0] * p[1])
)
parameters = st.one_of(
    linear_bounds.map(lambda b: Parameter("p", *b)),
    log_bounds.map(lambda b: Parameter("p", *b, "log")),
)


@given(parameters, units)
def test_unit_to_physical_and_back(parameter, unit):
    value = parameter.to_physical(np.array([unit]))
    # A bound far from 0 leaves fewer digits for what lies between the bounds.
    digits = 4e-16 * max(abs(parameter.low), abs(parameter.high)) / (parameter.high - parameter.low)
    assert parameter.to_unit(value) == pytest.approx([unit], abs=1e-12 + 4 * digits)


@given(parameters, units)
def test_no_value_leaves_the_bounds(parameter, unit):
    [value] = parameter.to_physical(np.array([unit]))
    assert parameter.low <= value <= parameter.high


@given(parameters)
def test_the_bounds_are_inclusive(parameter):
    low, high = parameter.to_physical(np.array([0.0, 1.0]))
    assert low == parameter.low
    assert high == pytest.approx(parameter.high, rel=1e-13, abs=1e-9 * abs(parameter.low))


@given(parameters, units, units)
def test_more_is_more(parameter, one, other):
    assume(one <= other)
    low, high = parameter.to_physical(np.array([one, other]))
    assert low <= high


def test_by_hand():
    linear = Parameter("gNaTa_tbar_NaTa_t.axonal", 0.0, 4.0)
    assert linear.to_physical(np.array([0.25, 0.5])).tolist() == [1.0, 2.0]
    decades = Parameter("decay", 1e-5, 1e-1, "log")
    assert decades.to_physical(np.array([0.0, 0.25, 0.5, 1.0])) == pytest.approx(
        [1e-5, 1e-4, 1e-3, 1e-1]
    )
    assert decades.to_unit(np.array([1e-2])) == pytest.approx([0.75])


def test_rows_keep_the_order_of_the_parameters():
    both = (Parameter("a", 0.0, 4.0), Parameter("b", 1.0, 100.0, "log"))
    unit = np.array([[0.25, 0.5], [1.0, 0.0], [0.0, 1.0]])
    values = to_physical(both, unit)
    assert values == pytest.approx(np.array([[1.0, 10.0], [4.0, 1.0], [0.0, 100.0]]))
    assert to_unit(both, values) == pytest.approx(unit)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((1.0, 0.0), r"bounds \[1, 0\]; the lower bound comes first"),
        ((1.0, 1.0), "the lower bound comes first"),
        ((math.nan, 1.0), "the lower bound comes first"),
        ((0.0, math.inf), "the lower bound comes first"),
        ((0.0, 1.0, "log"), "on a log scale both must be above 0"),
        ((-1.0, 1.0, "log"), "on a log scale both must be above 0"),
        ((0.0, 1.0, "lgo"), "unknown scale 'lgo'; did you mean 'log'"),
    ],
)
def test_bounds_that_bound_nothing_are_refused(arguments, says):
    with pytest.raises(StudyError, match=rf"g_pas\.all.*{says}"):
        Parameter("g_pas.all", *arguments)


def test_no_parameters_are_rows_without_columns():
    """A study may have nothing to fit, and be scored."""
    rows = np.zeros((3, 0))
    assert to_physical([], rows).shape == to_unit([], rows).shape == (3, 0)
