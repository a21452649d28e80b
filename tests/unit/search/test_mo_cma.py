import numpy as np
import pytest

from workbench.search import make_search


@pytest.mark.parametrize("score", [lambda x: 1.0 + 0.0 * x, lambda x: np.exp(-((x - 0.3) ** 2))])
def test_endless_successes_or_failures_stay_finite(score):
    """Among equal scores every child is a success, which multiplies the step by up to 2 each time:
    without a limit it overflows after 600 generations, and numpy's warning is an error here."""
    search = make_search("mo-cma", 1, 2, 4, seed=3, samples=10)
    for _ in range(800):
        rows = search.ask()
        search.tell(rows, np.repeat(score(rows), 2, axis=1))
    assert np.isfinite(rows).all()
    assert (search.state()["sigmas"] >= 1e-12).all()
    assert (search.state()["sigmas"] <= 10.0).all()
