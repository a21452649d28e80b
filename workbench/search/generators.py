"""The global random generators, lent to a library for the length of a call.

DEAP and BluePyOpt draw from `random` and `numpy.random`, which every other library may seed or
draw from. Each search keeps states of its own and puts them in place only while it computes:
foreign draws never change a search, and a search never changes foreign draws. Not for threads.
"""
# ruff: noqa: NPY002 - DEAP draws from numpy's legacy generator; no other would reach it

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.arrays import Floats

Memory = dict[str, NDArray[Any]]


def seeded(seed: int) -> Memory:
    """Return both generators as `random.seed(seed)` and `numpy.random.seed(seed)` leave them."""
    python, legacy = random.Random(seed).getstate(), np.random.RandomState(seed)
    return _as_arrays(python, legacy.get_state(legacy=False))


@contextmanager
def lent(memory: Memory) -> Iterator[None]:
    """Let the global generators continue from the states in memory, and keep where they get to.

    Parameters
    ----------
    memory : dict
        Holds the arrays of `seeded`; they are replaced when the block ends.
    """
    foreign_python, foreign_numpy = random.getstate(), np.random.get_state(legacy=False)
    try:
        _install(memory)
        yield
        memory.update(_as_arrays(random.getstate(), np.random.get_state(legacy=False)))
    finally:
        random.setstate(foreign_python)
        np.random.set_state(foreign_numpy)


@contextmanager
def stream(seed: int, number: int) -> Iterator[None]:
    """Let `random` draw from a stream of its own for each number, the same whenever it is asked.

    Parameters
    ----------
    seed : int
        0 to 2**32 - 1.
    number : int
        0 or more.
    """
    foreign = random.getstate()
    random.seed(number << 32 | seed)
    try:
        yield
    finally:
        random.setstate(foreign)


def _as_arrays(python: tuple[Any, ...], legacy: Any) -> Memory:
    version, words, gauss = python
    return {
        "python_version": np.array(version),
        "python_words": np.array(words, dtype=np.uint32),
        "python_gauss": np.array([] if gauss is None else [gauss], dtype=float),
        "numpy_words": np.array(legacy["state"]["key"], dtype=np.uint32),
        "numpy_position": np.array(legacy["state"]["pos"]),
        "numpy_has_gauss": np.array(legacy["has_gauss"]),
        "numpy_gauss": np.array(legacy["gauss"], dtype=float),
    }


def _install(memory: Memory) -> None:
    gauss = memory["python_gauss"].tolist()
    words = tuple(memory["python_words"].tolist())
    random.setstate((int(memory["python_version"]), words, gauss[0] if gauss else None))
    np.random.set_state(
        {
            "bit_generator": "MT19937",
            "state": {
                "key": memory["numpy_words"],
                "pos": int(memory["numpy_position"]),
            },
            "has_gauss": int(memory["numpy_has_gauss"]),
            "gauss": float(memory["numpy_gauss"]),
        }
    )


def uniform_rows(count: int, box: Floats) -> list[list[float]]:
    """Draw rows from `random`, in the order in which BluePyOpt draws its first population.

    Parameters
    ----------
    count : int
        Number of rows.
    box : array (d, 2)
        Lower and upper bounds.
    """
    pairs = box.tolist()
    return [[random.uniform(lower, upper) for lower, upper in pairs] for _ in range(count)]
