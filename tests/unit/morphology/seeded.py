"""Any tree of sections with places."""

import numpy as np
from hypothesis import strategies as st

from workbench.morphology import Morphology, Section
from workbench.morphology.edits.trees import place_um

NEURITES = ("axonal", "basal", "apical")


def shape(seed, count):
    """Return a soma with `count` sections, at least one of each region, from a seed.

    Nothing grows from an axon.
    """
    generator = np.random.default_rng(seed)
    sections = [Section("somatic", -1, 0.0, [[0, 0, 0, 12], [8, 0, 0, 16], [16, 0, 0, 12]])]
    for index in range(1, count + 1):
        parent = 0 if index <= 3 else int(generator.integers(0, index))
        if sections[parent].region == "axonal":
            parent = 0
        on = sections[parent]
        region = NEURITES[index % 3] if parent == 0 else on.region
        parent_x = float(generator.choice([0.0, 0.5, 1.0] if parent == 0 else [0.5, 1.0, 1.0]))
        steps = generator.normal(scale=15, size=(generator.integers(1, 5), 3))
        steps += np.where(steps < 0, -1, 1)  # of 1 um at least
        places = place_um(on, parent_x) + np.cumsum([np.zeros(3), *steps], axis=0)
        diameters = generator.uniform(0.25, 8, size=(len(places), 1))
        points = np.hstack([places, diameters])
        sections.append(Section(region, parent, parent_x, points))
    return Morphology("drawn", tuple(sections))


def shapes(most=12):
    """A soma, and up to `most` sections that grow from it, some of each region."""
    return st.builds(shape, st.integers(0, 2**32 - 1), st.integers(3, most))
