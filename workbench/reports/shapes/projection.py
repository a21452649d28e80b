"""A cell as it is seen along an axis, with its diameters to scale."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from workbench.arrays import Floats
from workbench.morphology import REGIONS, in_space
from workbench.reports.shapes.canvas import HAIRLINE_pt, Shades, box, to_scale
from workbench.reports.shapes.look import Look
from workbench.reports.shapes.outline import caps, cut, disc, outline
from workbench.reports.shapes.subject import Subject

COLUMNS = {"xy": (0, 1), "xz": (0, 2), "zy": (2, 1)}
_BEHIND = (*REGIONS[1:], REGIONS[0])


def draw_projection(axes: Axes, subject: Subject, look: Look, shades: Shades) -> float:
    """Draw the outlines of all sections, the soma last; return the figure's height (inch)."""
    tree, plane, places = subject.morphology, COLUMNS[look.plane], in_space(subject.morphology)
    every = []
    for rank, region in enumerate(_BEHIND):
        polygons: list[Floats] = []
        colours = []
        for index in tree.indices(region):
            pieces = cut(places[index], shades.bounds(index))
            made = outline(pieces, plane)
            shown = shades.of(index, _middles(shades.bounds(index)))
            for end, polygon in caps(places[index], plane):
                made.append(polygon)
                shown.append(shown[-1] if end else shown[0])
            parent = tree.sections[index].parent
            if parent >= 0 and tree.sections[parent].region != "somatic":
                made.append(disc(places[index][0], plane))
                shown.append(shown[0])
            polygons += made
            colours += shown
        if polygons:
            axes.add_collection(
                PolyCollection(
                    polygons, facecolors=colours, edgecolors=colours,
                    linewidths=HAIRLINE_pt, zorder=2 + 0.1 * rank, gid=region,
                ),
                autolim=False,
            )  # fmt: skip
        every += polygons
    shades.explain(axes)
    return to_scale(axes, *box(every), "um")


def _middles(bounds: Floats) -> Floats:
    return np.asarray((bounds[1:] + bounds[:-1]) / 2)
