import random
from contextlib import suppress

import numpy as np

from workbench.search.generators import lent, seeded, stream


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


def test_a_stream_is_the_same_whenever_it_is_asked():
    def draw(seed, number):
        with stream(seed, number):
            return random.random()

    first = {(s, n): draw(s, n) for s in (0, 1, 2**32 - 1) for n in (0, 1, 2**33)}
    assert len(set(first.values())) == 9
    assert {key: draw(*key) for key in reversed(first)} == first


def test_a_stream_gives_the_generator_back():
    random.seed(1)
    expected = [random.random() for _ in range(2)]
    random.seed(1)
    found = [random.random()]
    with suppress(RuntimeError), stream(2, 3):
        random.random()
        raise RuntimeError
    assert [*found, random.random()] == expected
