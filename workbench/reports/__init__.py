"""Reports: one self-contained HTML file about a fit, from its run folder alone."""

from workbench.reports.page import render
from workbench.reports.summary import RunSummary, read_run
from workbench.reports.table import FeatureRow, feature_table

__all__ = ["FeatureRow", "RunSummary", "feature_table", "read_run", "render"]
