"""What is told of a minimum: errors and the ends of intervals."""

import numpy as np
import pytest

from workbench.evaluations import Evaluation, Row
from workbench.fitting import Parameter, judged
from workbench.fitting.least_squares import around

WIDE = Parameter("g.all", 1e-7, 1e-1, "log")


def test_an_end_of_what_is_hardly_told_may_be_infinity() -> None:
    """A slope of 1e-9 SD a range tells a conductance within a factor of exp(1e9)."""
    unit = around(np.array([0.5]))
    rows = [
        Row(0, place, WIDE.to_physical(one), Evaluation((np.zeros(1),)), np.zeros(1))
        for place, one in enumerate(unit)
    ]
    noise = np.random.default_rng(1).normal(size=50)
    residuals = [[noise + 1e-9 * one[0]] for one in unit]
    found = judged([WIDE], [0], rows, residuals)
    assert (found.lows, found.highs) == ((0.0,), (np.inf,))
    assert found.values == (pytest.approx(1e-4),)
