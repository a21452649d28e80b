"""What cannot be right is refused before a child is started, and what is odd is a warning."""

from dataclasses import replace

import numpy as np
import pytest

from workbench import api
from workbench.api import simulations
from workbench.errors import MorphologyError
from workbench.morphology import Morphology, Section
from workbench.protocols import Traces

NOTHING = Traces("pulse", np.arange(2.0), {})
SOMA = Section("somatic", -1, 0, np.array([[0, 0, 0, 20.0], [20, 0, 0, 20]]))


@pytest.fixture
def cell():
    return api.load_cell("hodgkin_huxley", params="published")


def with_dendrite(cell, x_um, *diameters_um):
    places = [[x_um + 20 * i, 0, 0, d] for i, d in enumerate(diameters_um)]
    dendrite = Section("basal", 0, 0.5, np.array(places, dtype=float))
    return cell.with_morphology(Morphology("drawn", (SOMA, dendrite)))


def test_a_shape_that_cannot_be_simulated(cell):
    with pytest.raises(MorphologyError, match=r"drawn: dend\[0\] has a diameter of 0 um at point"):
        api.simulate(with_dendrite(cell, 20, 1, 0, 1), "pulse")
    nm = replace(SOMA, points=SOMA.points * 1000)
    with pytest.raises(MorphologyError, match="the soma is 20000 um wide"):
        api.simulate(cell.with_morphology(Morphology("nm", (nm,))), "pulse")


def test_a_shape_that_is_odd(cell, monkeypatch):
    monkeypatch.setattr(simulations, "run_jobs", lambda jobs, pool: [NOTHING] * len(jobs))
    odd = with_dendrite(cell, 70, 1, 1)
    with pytest.warns(UserWarning, match=r"dend\[0\] was drawn 40\.0 um away from soma\[0\]"):
        api.simulate([odd, odd], "pulse")
