"""Reports: self-contained HTML files about a fit, from its run folder alone, and about numbers."""

from workbench.reports.numbers import Entry, Number, entry_of, number_of, refused
from workbench.reports.page import render
from workbench.reports.reproducing import Reproduction, Way, reproduction_of
from workbench.reports.reproduction import render_reproduction

__all__ = [
    "Entry",
    "Number",
    "Reproduction",
    "Way",
    "entry_of",
    "number_of",
    "refused",
    "render",
    "render_reproduction",
    "reproduction_of",
]
