"""NEURON with the shipped L5b mechanisms, loaded once in the process of the physics tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from workbench.builds import Build, build
from workbench.engines.neuron.door import open_neuron
from workbench.mechanisms import read_mechanisms


@pytest.fixture(scope="session")
def hay_build() -> Build:
    """The compiled hay_l5b mechanisms, for NEURON and CoreNEURON."""
    return build([read_mechanisms("hay_l5b")])


@pytest.fixture
def neuron_with_hay(hay_build: Build) -> Iterator[Any]:
    """NEURON's `h` with these mechanisms; settings and sections are put back afterwards."""
    h = open_neuron(hay_build)
    kept = h.celsius, h.dt, h.secondorder
    alive = {section.name() for section in h.allsec()}
    yield h
    # A failed test's traceback would keep its sections alive, and the next test would run them.
    for section in [s for s in h.allsec() if s.name() not in alive]:
        h.delete_section(sec=section)
    h.CVode().active(False)
    h.celsius, h.dt, h.secondorder = kept
