"""Random trees with places in space, as tracers draw them."""

import numpy as np
from hypothesis import strategies as st

from workbench.morphology import Cylinder, Morphology, Section, cylinder_tree
from workbench.morphology.section import REGIONS

SIZES = st.floats(0.5, 300)
WIDTHS = st.floats(0.125, 20, width=32)
STEPS = st.tuples(*[st.floats(-50, 50, width=16)] * 3).filter(lambda step: max(map(abs, step)) > 1)


@st.composite
def cylinder_trees(draw):
    """Return a tree of cylinders that hang anywhere on their parents."""
    rows = [Cylinder("somatic", draw(SIZES), draw(SIZES))]
    for index in range(1, draw(st.integers(1, 12))):
        place = draw(st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0.01, 0.99))
        region = draw(st.sampled_from(REGIONS[1:]))
        size = draw(SIZES), draw(SIZES)
        rows.append(Cylinder(region, *size, draw(st.integers(0, index - 1)), place))
    return cylinder_tree("random", rows)


@st.composite
def forked_trees(draw):
    """Return a tree of points whose sections end, or fork into two or more."""
    sections = [Section("somatic", -1, 0.0, draw(points(np.zeros(3), 3)))]
    ends = []
    for _ in range(draw(st.integers(0, 3))):
        x = draw(st.sampled_from([0.0, 0.5, 1.0]))
        start = sections[0].points[{0.0: 0, 0.5: 1, 1.0: -1}[x], :3]
        ends.append(len(sections))
        region = draw(st.sampled_from(REGIONS[1:]))
        sections.append(Section(region, 0, x, draw(points(start))))
    for _ in range(draw(st.integers(0, 3)) if ends else 0):
        parent = ends.pop(draw(st.integers(0, len(ends) - 1)))
        for _ in range(draw(st.integers(2, 3))):
            ends.append(len(sections))
            start = sections[parent].points[-1, :3]
            region = sections[parent].region
            sections.append(Section(region, parent, 1.0, draw(points(start))))
    return Morphology("random", tuple(sections))


@st.composite
def points(draw, start, count=None):
    steps = [draw(STEPS) for _ in range((count or draw(st.integers(2, 5))) - 1)]
    places = start + np.vstack([np.zeros(3), np.cumsum(steps, axis=0)])
    return np.column_stack([places, [draw(WIDTHS) for _ in places]])
