"""Unit tests never load NEURON into their own process; children may."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def no_test_loads_neuron():
    before = "neuron" in sys.modules
    yield
    assert before or "neuron" not in sys.modules, "this test loaded NEURON; use a child process"


@pytest.fixture(autouse=True, scope="session")
def nothing_loads_neuron(request):
    yield
    only_unit = all(HERE in item.path.parents for item in request.session.items)
    assert not only_unit or "neuron" not in sys.modules, "a test module imports NEURON at its top"
