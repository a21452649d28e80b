"""The electrotonic transform: a cell redrawn with log-attenuations for lengths.

Carnevale, Tsai, Claiborne & Brown 1995 (J Neurophysiol 74:2703). Each step between the places where
a voltage is known keeps its direction in the picture and has the log-attenuation between its ends
for a length, so that ways along the drawn tree are those of `Electrotonic.log_attenuations`.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from workbench.arrays import Floats
from workbench.morphology import REGION_COLOURS, in_space
from workbench.reports.shapes.canvas import Shades, box, to_scale
from workbench.reports.shapes.look import Look
from workbench.reports.shapes.outline import directions
from workbench.reports.shapes.projection import COLUMNS
from workbench.reports.shapes.subject import Subject

LINE_pt = 0.8


def draw_transform(axes: Axes, subject: Subject, look: Look, shades: Shades) -> float:
    """Draw the cell as attenuations see it; return the figure's height (inch)."""
    drawn = transformed(subject, look)
    lines: list[Floats] = []
    colours = []
    for index, places in enumerate(drawn):
        x = places_of(len(places))
        lines += list(np.stack([places[:-1], places[1:]], axis=1))
        colours += shades.of(index, (x[1:] + x[:-1]) / 2)
    axes.add_collection(
        LineCollection(lines, colors=colours, linewidths=LINE_pt, capstyle="round"), autolim=False
    )
    axes.plot(0, 0, "o", color=REGION_COLOURS["somatic"], ms=3.5, zorder=4)
    shades.explain(axes)
    height_in = to_scale(axes, *box(drawn), "")
    way = "out of" if look.direction == "out" else "into"
    at = f", {look.frequency_Hz:g} Hz" if look.frequency_Hz else ""
    name = subject.morphology.name
    axes.set_title(f"{name}\nln attenuation {way} {look.site}{at}", parse_math=False)
    return height_in


def transformed(subject: Subject, look: Look) -> list[Floats]:
    """Return where the places of each section are drawn, (nseg + 2, 2); the site is the origin."""
    tree, cable = subject.morphology, subject.cable
    along = cable.log_attenuations(look.site, look.direction, look.frequency_Hz)
    plane = list(COLUMNS[look.plane])
    drawn: list[Floats] = []
    for index, (points, section) in enumerate(zip(in_space(tree), tree.sections, strict=True)):
        at = places_of(len(along[index])) * section.arcs_um[-1]
        seen = np.column_stack([np.interp(at, section.arcs_um, points[:, one]) for one in plane])
        lengths = np.abs(np.diff(along[index]))
        steps = directions(np.diff(seen, axis=0)) * lengths[:, None]
        parent = section.parent
        start = np.zeros(2) if parent < 0 else _place(drawn[parent], section.parent_x)
        drawn.append(start + np.vstack([np.zeros(2), np.cumsum(steps, axis=0)]))
    on, x = cable.place(look.site)
    origin = _place(drawn[on], x)
    return [places - origin for places in drawn]


def places_of(count: int) -> Floats:
    """Return the places of a section that `count` values are of: ends and segments' middles."""
    segments = count - 2
    return np.concatenate([[0.0], (np.arange(segments) + 0.5) / segments, [1.0]])


def _place(drawn: Floats, x: float) -> Floats:
    """Return where a place is drawn: an end, or the middle of the segment that it is in."""
    segments = len(drawn) - 2
    row = 0 if x <= 0 else segments + 1 if x >= 1 else 1 + min(int(x * segments), segments - 1)
    return np.asarray(drawn[row])
