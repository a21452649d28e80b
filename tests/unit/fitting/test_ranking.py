import numpy as np
import pytest

from workbench.evaluations import Evaluation, Row
from workbench.features import Missing
from workbench.fitting import best_row

MISSING = Missing("it failed")


def row(generation, individual, scores, status="OK"):
    measured = (MISSING,) * len(scores) if status != "OK" else (np.zeros(1),) * len(scores)
    parameters = np.zeros(1)
    return Row(
        generation, individual, parameters, Evaluation(measured, status), np.array(scores, float)
    )


def test_the_smallest_sum_is_the_best():
    rows = [row(0, 0, [3, 3]), row(0, 1, [0, 5]), row(1, 0, [1, 4.5])]
    assert best_row(rows) is rows[1]


@pytest.mark.parametrize("status", ["ABSURD", "WORKER_DIED", "TOO_MANY_STEPS"])
def test_a_failed_individual_never_wins(status):
    """Not even where the failed score is small, or all the others are worse."""
    failed, sound = row(0, 0, [0, 0], status), row(0, 1, [1000, 1000])
    assert best_row([failed, sound]) is sound
    assert best_row([failed]) is None


def test_of_equals_the_first_wins_in_any_order():
    first, second, third = row(0, 3, [1, 2]), row(1, 0, [2, 1]), row(1, 1, [1.5, 1.5])
    assert best_row([third, second, first]) is first
    assert best_row([third, second]) is second


def test_nobody_is_the_best_of_none():
    assert best_row(iter([])) is None
