"""Figures of cells: projections, dendrograms, Sholl, electrotonic transforms, pages that turn."""

from workbench.reports.shapes.look import ALONGS, KINDS, PLANES, Along, Kind, Look, Plane
from workbench.reports.shapes.page import Page
from workbench.reports.shapes.plot import FIGURES, Draw, Drawn, plot_cell
from workbench.reports.shapes.subject import Plottable, Subject
from workbench.reports.shapes.values import VALUES, Values, value, values_of

__all__ = [
    "ALONGS",
    "FIGURES",
    "KINDS",
    "PLANES",
    "VALUES",
    "Along",
    "Draw",
    "Drawn",
    "Kind",
    "Look",
    "Page",
    "Plane",
    "Plottable",
    "Subject",
    "Values",
    "plot_cell",
    "value",
    "values_of",
]
