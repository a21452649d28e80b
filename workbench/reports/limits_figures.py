"""What limits what, as maps: correlations, and how far features move with parameters."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workbench.arrays import Floats
from workbench.reports.figures import INK, MUTED, WIDTH_in, data_uri, house_style, label_of
from workbench.runs.sensitivity import Sensitivity

_RED_TO_BLUE = ("#a32a1d", "#e0937f", "#ffffff", "#8fb6dd", "#1f5592")
_SHADES = 64
_NONE = "#d8dee5"
_WRITTEN = 16
"""Up to so many columns a map has its numbers written in."""


def correlation_map(names: Sequence[str], matrix: Floats) -> str:
    """Draw a matrix of correlations, (k, k): red below 0, blue above, and its lower half alone."""
    shown = np.where(np.tri(len(names), k=-1) > 0, matrix, np.nan)[1:, :-1]
    return _map(names[1:], names[:-1], shown, blank=np.tri(*shown.shape) > 0)


def sensitivity_map(found: Sensitivity) -> str:
    """Draw by how many SD features move for 1 % of the bounds; what is not sure has a `~`.

    Rows are scaled each by itself, to the parameter that moves it most; the numbers are SD.
    """
    slopes = found.slopes_SD.T
    largest = np.nanmax(np.abs(np.nan_to_num(slopes)), axis=1, keepdims=True)
    scaled = slopes / np.where(largest > 0, largest, 1.0)
    return _map(found.features, found.parameters, scaled, slopes, ~found.sure.T)


def _map(
    rows: Sequence[str],
    columns: Sequence[str],
    shown: Floats,
    said: Floats | None = None,
    unsure: NDArray[np.bool_] | None = None,
    blank: NDArray[np.bool_] | None = None,
) -> str:
    colours = LinearSegmentedColormap.from_list("signed", _RED_TO_BLUE, N=_SHADES)
    said = shown if said is None else said
    with house_style():
        height_in = 1.6 + 0.24 * len(rows)
        figure = Figure(figsize=(WIDTH_in, height_in), layout="constrained")
        axes = figure.subplots()
        mesh = np.ma.masked_invalid(shown)
        axes.set_facecolor("white")
        axes.pcolormesh(mesh, cmap=colours, vmin=-1, vmax=1, edgecolors="white", lw=0.6)
        for row, column in np.argwhere(~np.isfinite(shown)):
            if blank is None or blank[row, column]:
                square = [
                    (column, row),
                    (column + 1, row),
                    (column + 1, row + 1),
                    (column, row + 1),
                ]
                axes.fill(*np.array(square).T, color=_NONE, lw=0)
        if len(columns) <= _WRITTEN:
            _write(axes, shown, said, unsure)
        axes.set_xticks(
            np.arange(len(columns)) + 0.5, map(label_of, columns), rotation=35, ha="right"
        )
        axes.set_yticks(np.arange(len(rows)) + 0.5, [label_of(one, 60) for one in rows])
        axes.set(ylim=(len(rows), 0), xlim=(0, len(columns)))
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        return data_uri(figure)


def _write(axes: Axes, shown: Floats, said: Floats, unsure: NDArray[np.bool_] | None) -> None:
    for row, column in np.argwhere(np.isfinite(shown)):
        value = said[row, column]
        text = f"{value:.2f}" if abs(value) >= 0.005 or value == 0 else f"{value:.0e}"
        if unsure is not None and unsure[row, column]:
            text = f"~{text}"
        colour = "white" if abs(shown[row, column]) > 0.7 else INK
        if unsure is not None and unsure[row, column] and colour == INK:
            colour = MUTED
        place: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7}
        axes.text(column + 0.5, row + 0.5, text, color=colour, **place)
