"""One door to all figures of a cell: drawn on axes, written to a file, or a page that turns."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.errors import InputError
from workbench.reports.figures import FORMATS, figure_file, house_style, save_figure
from workbench.reports.shapes.canvas import Shades, WIDTH_in
from workbench.reports.shapes.dendrogram import draw_dendrogram
from workbench.reports.shapes.look import Look
from workbench.reports.shapes.page import Page, page_of
from workbench.reports.shapes.projection import draw_projection
from workbench.reports.shapes.sholl import draw_sholl
from workbench.reports.shapes.subject import Plottable, Subject
from workbench.reports.shapes.transform import draw_transform
from workbench.reports.shapes.values import values_of

Drawn = Axes | Page
"""What a figure is drawn on: axes, or a page that turns."""

Draw = Callable[[Axes, Subject, Look, Shades], float]
"""Draws a cell on axes, and returns the height (inch) of a figure of one column."""

FIGURES: dict[str, Draw] = {
    "projection": draw_projection,
    "dendrogram": draw_dendrogram,
    "sholl": draw_sholl,
    "electrotonic": draw_transform,
}
"""What is drawn on axes, by kind; "3d" is a page."""

PAGES = (".html",)
_COLUMN: dict[str, Any] = {
    "font.size": 8.0,
    "axes.titlesize": 8.0,
    "axes.labelsize": 8.0,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "figure.dpi": 150,
}


def plot_cell(
    cell: Plottable, look: Look, ax: Axes | None = None, out: str | Path | None = None
) -> Drawn:
    """Draw a cell.

    Parameters
    ----------
    cell
        A shape, a cell with what is painted on it, or its cable measures.
    look
        What is shown, and how.
    ax
        Where to; without, a figure of one column is made.
    out
        A file to write: .pdf, .png or .svg, of kind "3d" .html.

    Returns
    -------
    The axes; of kind "3d" the page.

    Raises
    ------
    InputError
        If the file's ending is none of these or it cannot be written, or the cell lacks what the
        figure is of.
    """
    path = None if out is None else figure_file(out, PAGES if look.kind == "3d" else FORMATS)
    subject = Subject(cell, look.gates)
    values = values_of(subject, look)
    if look.kind == "3d":
        if ax is not None:
            raise InputError("a page that turns has no place on axes; leave ax out")
        page = page_of(subject, look, values)
        if path is not None:
            page.write(path)
        return page
    with house_style(_COLUMN) if ax is None else nullcontext():
        axes = _new_axes(shown=path is None) if ax is None else ax
        height_in = FIGURES[look.kind](
            axes, subject, look, Shades(subject.morphology, values, look)
        )
        if not axes.get_title():
            axes.set_title(subject.morphology.name, parse_math=False)
        figure = axes.get_figure(root=True)
        if ax is None and figure is not None:
            figure.set_size_inches(WIDTH_in, height_in)
        if path is not None and isinstance(figure, Figure):
            save_figure(figure, path, dpi=300, bbox_inches="tight", pad_inches=0.04)
    return axes


def _new_axes(*, shown: bool) -> Axes:
    """Return axes of a figure, of pyplot's where a notebook is to show it."""
    if not shown:
        return Figure(layout="constrained").subplots()
    from matplotlib import pyplot

    return pyplot.subplots(layout="constrained")[1]
