"""Reports: self-contained HTML files about a fit, from its run folder alone, and about numbers."""

from workbench.reports.page import render
from workbench.reports.reproduction import Number, number_of, render_reproduction
from workbench.reports.summary import RunSummary, read_run
from workbench.reports.table import FeatureRow, feature_table

__all__ = [
    "FeatureRow",
    "Number",
    "RunSummary",
    "feature_table",
    "number_of",
    "read_run",
    "render",
    "render_reproduction",
]
