"""The process with the families, shared by all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.physics.mechanisms.families import Call, neuron_process


@pytest.fixture(scope="session")
def call() -> Iterator[Call]:
    """Yield the way to call an experiment in the process that has the families."""
    with neuron_process() as one:
        yield one
