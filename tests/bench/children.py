"""Processes of their own: NEURON is global to its process, which loads one mechanism library."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context


@contextlib.contextmanager
def child() -> Iterator[Executor]:
    """Start a new process that does what it is given, one after the other, until the end."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        yield executor
