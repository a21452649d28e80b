"""The figure of a race: best sum against evaluations, median and range over the seeds."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from workbench.races import Curves
from workbench.reports.figures import GRID, LINES, WIDTH_in, _sum_axis, house_style, save_figure

_DPI = 150
_STYLES = ("-", "--", ":")


def race_figure(curves: Curves) -> Figure:
    """Return the figure: of each search the median, and a band from the least to the largest."""
    with house_style():
        figure = Figure(figsize=(WIDTH_in, 4.6), layout="constrained")
        axes = figure.subplots()
        at = np.arange(1, curves.evaluations + 1)
        medians = []
        for number, (entrant, best) in enumerate(curves.best.items()):
            colour = LINES[number % len(LINES)]
            style = _STYLES[number // len(LINES) % len(_STYLES)]
            seen = np.where(np.isfinite(best), best, np.nan)
            median = np.where(np.isnan(seen).any(axis=0), np.nan, np.median(best, axis=0))
            medians.append(median)
            axes.fill_between(
                at, best.min(axis=0), seen.max(axis=0), color=colour, alpha=0.12, lw=0
            )
            axes.step(at, median, style, where="post", color=colour, lw=2, label=entrant.name)
        _sum_axis(axes, np.concatenate(medians))
        axes.set_xlim(1, curves.evaluations)
        axes.set_xlabel(
            f"evaluations of {curves.study}; line: median of {len(curves.seeds)} seeds, band: all"
        )
        axes.grid(color=GRID, lw=0.8)
        axes.set_axisbelow(True)
        figure.legend(loc="outside upper left", ncols=4)
    return figure


def write_race_figure(curves: Curves, folder: Path) -> Path:
    """Write `curves.svg` and `curves.png` into a folder and return the path of the second."""
    with house_style():
        figure = race_figure(curves)
        save_figure(figure, folder / "curves.svg")
        return save_figure(figure, folder / "curves.png", dpi=_DPI)
