"""Cells for figures: a small one with places, and a passive one with channels of no kind."""

import numpy as np

from workbench.cells import CellRecipe, MaximalLength, Paint
from workbench.morphology import Morphology, Section


def section(region, parent, parent_x, points):
    return Section(region, parent, parent_x, np.array(points, dtype=float))


# A soma of 20 x 20 um, a stem of 100 um upwards that forks, a branch from its middle, an axon.
SMALL = Morphology(
    "small",
    (
        section("somatic", -1, 0.0, [(0, -10, 0, 20), (0, 10, 0, 20)]),
        section("axonal", 0, 0.0, [(0, -10, 0, 1), (0, -60, 0, 1)]),
        section("apical", 0, 1.0, [(0, 10, 0, 4), (0, 60, 0, 3), (0, 110, 0, 2)]),
        section("apical", 2, 1.0, [(0, 110, 0, 1), (-30, 150, 0, 1)]),
        section("apical", 2, 1.0, [(0, 110, 0, 1), (30, 150, 5, 0.5)]),
        section("apical", 2, 0.5, [(0, 60, 0, 1), (40, 60, 0, 1)]),
    ),
)


def passive(morphology=SMALL, length_um=10.0):
    values = {"g_pas": 1e-4, "cm": 1.0, "Ra": 150.0}
    return CellRecipe(
        "passive",
        morphology,
        inserted=(("all", "pas"),),
        paint=tuple(Paint(name, "all", value) for name, value in values.items()),
        segments=MaximalLength(length_um),
    )
