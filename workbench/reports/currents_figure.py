"""The currents that make a response: absolute and as shares, stacked over time.

The form is that of the currentscape (Alonso & Marder 2019, eLife 8:e42722): how much flows in and
out in all, and which part of it each current is.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.reports.figures import (
    GRID,
    INK,
    WIDTH_in,
    data_uri,
    figure_file,
    house_style,
    label_of,
    save_figure,
)
from workbench.reports.thinning import thin_out
from workbench.runs.currents import Currents

_BINS = 100
_ROWS = ("v", "absolute", "inward", "outward")
_COLOURS = (
    *("#2463a8", "#d0692e", "#2e8555", "#7b4fa3", "#c9a227", "#4fa6a6", "#bf3b2b", "#8a8f98"),
    *("#8fb6dd", "#e8b48f", "#93c7a8", "#c3abdb", "#e6d38a", "#a9d6d6", "#e0a097", "#c6cad0"),
)


def draw_currents(
    found: Currents, window_ms: tuple[float, float] | None = None, out: str | Path | None = None
) -> Figure:
    """Return the figure of currents, and write it if a file is named.

    Raises
    ------
    InputError
        If the file cannot be written, or nothing lies in the window.
    """
    path = None if out is None else figure_file(out)
    if window_ms is None:
        windows_ms = found.windows_ms()
    else:
        begin_ms, end_ms = found.t_ms[0], found.t_ms[-1]
        if not (begin_ms <= window_ms[0] < window_ms[1] <= end_ms):
            raise InputError(
                f"the window is [{window_ms[0]:g}, {window_ms[1]:g}] ms; it must begin and end "
                f"within [{begin_ms:g}, {end_ms:g}] ms"
            )
        windows_ms = (window_ms,)
    with house_style():
        figure = currents_figure(found, windows_ms)
        if path is not None:
            save_figure(figure, path)
    return figure


def currents_uri(found: Currents) -> str:
    """Return the figure of currents as an address that holds it, an SVG."""
    with house_style():
        return data_uri(currents_figure(found, found.windows_ms()))


def currents_figure(found: Currents, windows_ms: Sequence[tuple[float, float]]) -> Figure:
    """Draw the voltage, all currents stacked, and the shares of the inward and the outward ones.

    Parameters
    ----------
    found
        The currents.
    windows_ms
        Times to show, side by side.
    """
    figure = Figure(figsize=(WIDTH_in, 7.4), layout="constrained")
    panels = figure.subplots(
        len(_ROWS),
        len(windows_ms),
        squeeze=False,
        sharex="col",
        sharey="row",
        height_ratios=(1.1, 1.5, 1, 1),
    )
    for column, window_ms in enumerate(windows_ms):
        _draw(panels[:, column].tolist(), found, window_ms)
    for axes, said in zip(
        panels[:, 0], ("mV", "mA/cm2\nin ◂ ▸ out", "share inward", "share outward"), strict=True
    ):
        axes.set_ylabel(said)
    for axes in panels[-1]:
        axes.set_xlabel("ms")
    handles, names = panels[2, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=5)
    return figure


def _draw(panels: Sequence[Axes], found: Currents, window_ms: tuple[float, float]) -> None:
    places = _places(found, window_ms)
    t_ms = found.t_ms[places]
    voltage, absolute, inward, outward = panels
    voltage.plot(t_ms, found.v_mV[places], color=INK, lw=1.0)
    voltage.grid(axis="y", color=GRID, lw=0.8)
    colours = [_COLOURS[i % len(_COLOURS)] for i in range(len(found.names))]
    flow = found.densities[:, places]
    for part in (np.maximum(flow, 0.0), np.minimum(flow, 0.0)):
        absolute.stackplot(t_ms, part, colors=colours, lw=0)
    absolute.axhline(0.0, color=INK, lw=0.8)
    for axes, way in ((inward, True), (outward, False)):
        labels = [label_of(name) for name in found.names]
        axes.stackplot(t_ms, found.shares(way)[:, places], colors=colours, labels=labels, lw=0)
        axes.set_ylim(0, 1)
    voltage.set_xlim(t_ms[0], t_ms[-1])


def _places(found: Currents, window_ms: tuple[float, float]) -> NDArray[np.intp]:
    """Return which samples draw a window: those that draw its voltage and its two totals."""
    inside = np.flatnonzero((found.t_ms >= window_ms[0]) & (found.t_ms <= window_ms[1]))
    if inside.size < 2:
        inside = np.arange(found.t_ms.size)
    number = np.arange(inside.size, dtype=float)
    kept = [
        thin_out(number, line[inside], _BINS)[0]
        for line in (found.v_mV, found.total(inward=True), found.total(inward=False))
    ]
    places: NDArray[np.intp] = inside[np.unique(np.concatenate(kept)).astype(int)]
    return places
