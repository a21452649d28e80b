"""The figure of an experiment, drawn by the analysis.py beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from workbench.experiments import Analysis
from workbench.reports.figures import WIDTH_in, data_uri, house_style

Rows = list[dict[str, Any]]

DPI = 150


def experiment_figure(analysis: Analysis, rows: Rows, tables: Mapping[str, Rows]) -> Figure:
    """Return the figure that an analysis draws of an experiment's table, in the house's style.

    Raises
    ------
    InputError
        If it cannot draw it.
    """
    with house_style():
        figure = Figure(figsize=(WIDTH_in, 4.2), layout="constrained")
        analysis.draw(figure, rows, tables)
    return figure


def write_experiment_figure(
    analysis: Analysis, rows: Rows, tables: Mapping[str, Rows], folder: Path
) -> list[Path]:
    """Write `figure.svg` and `figure.png` into a folder and return their paths."""
    with house_style():
        figure = experiment_figure(analysis, rows, tables)
        paths = [folder / "figure.svg", folder / "figure.png"]
        figure.savefig(paths[0], metadata={"Date": None, "Creator": None})
        figure.savefig(paths[1], dpi=DPI, metadata={"Software": None})
    return paths


def experiment_picture(analysis: Analysis, rows: Rows, tables: Mapping[str, Rows]) -> str:
    """Return the figure as a data URI."""
    with house_style():
        return data_uri(experiment_figure(analysis, rows, tables))
