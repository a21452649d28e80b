"""Reports: self-contained HTML files about a fit, from its run folder alone, and about numbers."""

from workbench.reports.numbers import Number, entry_of, number_of
from workbench.reports.page import render
from workbench.reports.reproduction import render_reproduction

__all__ = [
    "Number",
    "entry_of",
    "number_of",
    "render",
    "render_reproduction",
]
