"""A distribution gives the same numbers in BluePyOpt's own scaler as here."""

import math

import numpy as np
import pytest
from bluepyopt.ephys.parameterscalers import NrnSegmentSomaDistanceScaler
from hypothesis import given
from hypothesis import strategies as st

from workbench.cells import Distribution
from workbench.exports.bluepyopt.expressions import stock_expression

EXPRESSIONS = [
    "(-0.8696 + 2.087 * exp(0.0031 * distance_um)) * value",
    "value ** 2 - distance_um",
    "-value * distance_um / max_distance_um",
    "value if 100 < distance_um <= max_distance_um / 2 else 0",
    "minimum(value, sqrt(distance_um)) + maximum(abs(value), 1) * (distance_um > 50)",
    "log(1 + distance_um) * value",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@given(
    value=st.floats(-100, 100), distance_um=st.floats(0, 1000), farthest_um=st.floats(1000, 2000)
)
def test_same_numbers(expression, value, distance_um, farthest_um) -> None:
    distribution = Distribution("d", expression)
    [ours] = distribution.evaluate(value, np.array([distance_um]), farthest_um)
    scaler = NrnSegmentSomaDistanceScaler(distribution=stock_expression(distribution, farthest_um))
    text = scaler.eval_dist({"value": value}, distance_um)
    stocks = eval(text, {"math": math})
    assert stocks == pytest.approx(ours, rel=1e-12, abs=1e-12)
