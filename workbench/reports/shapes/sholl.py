"""Sholl's analysis: how many branches cross spheres around the soma."""

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes

from workbench.errors import InputError, MorphologyError
from workbench.morphology import REGION_COLOURS, REGIONS, shape_of, sholl_crossings
from workbench.reports.figures import GRID, INK
from workbench.reports.shapes.canvas import SMALL, Shades, WIDTH_in
from workbench.reports.shapes.look import Look
from workbench.reports.shapes.subject import Subject

MOST_SPHERES = 10_000


def draw_sholl(axes: Axes, subject: Subject, look: Look, shades: Shades) -> float:
    """Draw crossings against radii, all and by region; return the figure's height (inch)."""
    tree = subject.morphology
    regions = [region for region in REGIONS[1:] if tree.indices(region)]
    if not regions:
        raise MorphologyError(f"{tree.name} has a soma alone, and no branch that crosses a sphere")
    whole = shape_of(tree)
    farthest_um = float(whole.radial_um.max())
    if farthest_um > MOST_SPHERES * look.step_um:
        raise InputError(
            f"step_um is {look.step_um:g}, and the cell reaches {farthest_um:.0f} um: at most "
            f"{MOST_SPHERES} spheres are drawn"
        )
    for region in regions if len(regions) == 1 else ["all", *regions]:
        crossed = sholl_crossings(replace(whole, region=region), look.step_um)
        radii_um = look.step_um * np.arange(1, len(crossed) + 1)
        colour = INK if region == "all" else REGION_COLOURS[region]  # type: ignore[index]
        dots = ":" if region == "all" else "-"
        axes.plot(radii_um, crossed, label=region, color=colour, ls=dots, lw=1.2)
    axes.set(xlim=(0, None), ylim=(0, None))
    axes.set_xlabel("distance from the soma (um)")
    axes.set_ylabel(f"intersections, every {look.step_um:g} um")
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    if len(regions) > 1:
        axes.legend(fontsize=SMALL, frameon=False)
    return 0.7 * WIDTH_in
