import random
from contextlib import suppress

import numpy as np

from workbench.search.generators import lent, seeded


def draws():
    """An odd number of normals from each, so that half of a pair stays behind."""
    return [random.random(), random.gauss(0, 1), *np.random.standard_normal(3)]  # noqa: NPY002


def test_a_loan_continues_where_the_last_one_ended():
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002
    expected = [draws() for _ in range(4)]
    memory, found = seeded(7), []
    for _ in range(4):
        with lent(memory):
            found.append(draws())
        draws()
    assert found == expected


def test_an_error_inside_a_loan_gives_the_generators_back():
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    expected = draws()
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    with suppress(RuntimeError), lent(seeded(2)):
        draws()
        raise RuntimeError
    assert draws() == expected
