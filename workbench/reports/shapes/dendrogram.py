"""A cell as a dendrogram: its tips below one another, and how far each place is to the right."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from workbench.arrays import Floats
from workbench.errors import MorphologyError
from workbench.morphology import REGION_COLOURS, REGIONS, Morphology
from workbench.reports.shapes.canvas import Shades, WIDTH_in
from workbench.reports.shapes.look import Along, Look
from workbench.reports.shapes.subject import Subject

LABELS = {
    "path": "path distance from the soma (um)",
    "area": "membrane area (um2)",
    "electrotonic": "electrotonic length (space constants)",
}
LINE_pt = 1.0
Advance = Callable[[int, Floats], Floats]
"""How far places of a section are from its 0 end; the places increase, and the first is 0."""


def draw_dendrogram(axes: Axes, subject: Subject, look: Look, shades: Shades) -> float:
    """Draw a line for each section, joined at forks; return the figure's height (inch)."""
    tree = subject.morphology
    rows = rows_of(tree)
    if not rows:
        raise MorphologyError(f"{tree.name} has a soma alone, and no branch for a dendrogram")
    advance = advance_of(subject, look.along)
    starts = starts_of(tree, advance, look.along)
    lines: list[list[tuple[float, float]]] = []
    colours = []
    for index, row in rows.items():
        bounds, start = shades.bounds(index), starts[index]
        ends = start + advance(index, bounds)
        lines += [[(a, row), (b, row)] for a, b in pairwise(ends.tolist())]
        shown = shades.of(index, (bounds[1:] + bounds[:-1]) / 2)
        colours += shown
        parent = tree.sections[index].parent
        if parent in rows and rows[parent] != row:
            lines.append([(start, rows[parent]), (start, row)])
            colours.append(shown[0])
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=LINE_pt, capstyle="butt"))
    stems = [index for index in rows if tree.sections[index].parent not in rows]
    heights = [rows[index] for index in stems]
    if tree.indices("somatic"):
        soma: dict[str, Any] = {
            "color": REGION_COLOURS["somatic"],
            "zorder": 3,
            "solid_capstyle": "butt",
        }
        axes.plot([0, 0], [min(heights) - 0.5, max(heights) + 0.5], lw=2.5, **soma)
        for index in stems:
            axes.plot([0, starts[index]], [rows[index]] * 2, lw=LINE_pt, **soma)
    shades.explain(axes)
    last = max(rows.values())
    axes.set(xlabel=LABELS[look.along], ylim=(last + 1, -1), yticks=[])
    axes.autoscale(axis="x")
    axes.set_xlim(left=-0.02 * axes.get_xlim()[1])
    axes.spines[["left", "top", "right"]].set_visible(False)
    return float(np.clip(0.7 + 0.045 * last, 1.6, 6.0)) * WIDTH_in / 3.5


def advance_of(subject: Subject, along: Along) -> Advance:
    """Return what is counted along sections."""
    sections = subject.morphology.sections

    def path(index: int, x: Floats) -> Floats:
        return np.asarray(x * sections[index].length_um)

    def area(index: int, x: Floats) -> Floats:
        return np.concatenate([[0.0], np.cumsum(sections[index].areas_um2(x))])

    def electrotonic(index: int, x: Floats) -> Floats:
        lengths = subject.cable.segment_lengths[index]
        ends = np.linspace(0, 1, len(lengths) + 1)
        return np.asarray(np.interp(x, ends, np.concatenate([[0.0], np.cumsum(lengths)])))

    return {"path": path, "area": area, "electrotonic": electrotonic}[along]


def starts_of(tree: Morphology, advance: Advance, along: Along) -> list[float]:
    """Return where each section begins: path distances from soma(0.5), else 0 at the soma."""
    starts: list[float] = []
    for index, section in enumerate(tree.sections):
        parent, x = section.parent, section.parent_x
        if parent < 0:
            starts.append(0.0)
        elif tree.sections[parent].region == "somatic":
            starts.append(float(tree.path_distance_um(index, 0.0)) if along == "path" else 0.0)
        else:
            walked = float(advance(parent, np.array([0.0, x]))[1]) if x > 0 else 0.0
            starts.append(starts[parent] + walked)
    return starts


def rows_of(tree: Morphology) -> dict[int, float]:
    """Return the row of each section but the soma's; tips have whole numbers, forks lie between."""
    outside = {i for i, section in enumerate(tree.sections) if section.region != "somatic"}
    stems = [index for index in outside if tree.sections[index].parent not in outside]
    stems.sort(key=lambda index: (REGIONS.index(tree.sections[index].region), index))
    rows: dict[int, float] = {}
    seen: list[int] = []
    row = -1.0
    for stem in stems:
        left = [stem]
        while left:
            index = left.pop()
            seen.append(index)
            if not _goes_on(tree, index):
                row += 1
                rows[index] = row
            left += reversed([child for child in tree.children[index] if child in outside])
        row += 1
    for index in reversed(seen):
        if index not in rows:
            ends = [rows[child] for child in _goes_on(tree, index)]
            rows[index] = (min(ends) + max(ends)) / 2
    return rows


def _goes_on(tree: Morphology, index: int) -> list[int]:
    """Return what grows from a section's end."""
    return [child for child in tree.children[index] if tree.sections[child].parent_x == 1]
