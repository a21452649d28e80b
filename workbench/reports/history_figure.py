"""The scores of all features and protocols of the best so far, over the generations."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import FuncNorm, LinearSegmentedColormap
from matplotlib.figure import Figure

from workbench.arrays import Floats
from workbench.fitting import Objective
from workbench.reports.diagnosis import FAR_SD
from workbench.reports.figures import (
    INK,
    MUTED,
    WIDTH_in,
    data_uri,
    house_style,
    label_of,
)
from workbench.runs.table import NEAR_SD
from workbench.runs.tally import Generation

_COLOURS = ((0.0, "#ffffff"), (NEAR_SD, "#8fb6dd"), (FAR_SD, "#e3b868"), (10.0, "#bf3b2b"))
_DARKEST = "#6d1a10"
_TICKS = (0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
_STEPS = 200
_SHADES = 64


def history(generations: Sequence[Generation], objectives: Sequence[Objective]) -> str | None:
    """Draw a row a feature and, in bold, a row a protocol; None if all individuals failed.

    A column begins where a better individual was found, and shows its scores.
    """
    found = [one for one in generations if one.scores is not None]
    if not found:
        return None
    begins, columns = _changes(found)
    edges = np.array([*begins, generations[-1].number + 1.0])
    rows = _rows(objectives)
    shown = np.array([columns[:, places].sum(axis=1) for *_, places in rows])
    largest = max(float(shown.max()), 20.0)
    with house_style():
        figure = Figure(figsize=(WIDTH_in, 1.1 + 0.2 * len(rows)), layout="constrained")
        axes = figure.subplots()
        mesh = axes.pcolormesh(
            edges,
            np.arange(len(rows) + 1),
            shown,
            cmap=_colours(largest),
            norm=FuncNorm((np.log1p, np.expm1), vmin=0, vmax=largest),
        )
        names = [name for name, *_ in rows]
        axes.set_yticks(np.arange(len(rows)) + 0.5, names)
        for label, (_, whole, _) in zip(axes.get_yticklabels(), rows, strict=True):
            label.set(fontweight="bold" if whole else "normal", color=INK)
        axes.set(ylim=(len(rows), 0), xlim=(edges[0], edges[-1]))
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("generation")
        for row, score in enumerate(shown[:, -1]):
            text = f" {score:.2f}" if score < 100 else f" {score:.0f}"
            axes.text(edges[-1], row + 0.5, text, va="center", fontsize=8, color=MUTED)
        bar = figure.colorbar(mesh, ax=axes, pad=0.06, aspect=30)
        if bar.solids is not None:
            bar.solids.set_rasterized(False)
        bar.set_ticks([tick for tick in _TICKS if tick <= largest])
        bar.ax.set_yticklabels([f"{tick}" for tick in _TICKS if tick <= largest])
        bar.set_label("score of the best so far (SD)")
        return data_uri(figure)


def _colours(largest: float) -> LinearSegmentedColormap:
    """Return white to blue for what is near, amber at what is far, and red beyond."""
    steps = [*_COLOURS, (largest, _DARKEST)]
    places = [(float(np.log1p(at) / np.log1p(largest)), colour) for at, colour in steps]
    return LinearSegmentedColormap.from_list("scores", places, N=_SHADES)


def _changes(found: Sequence[Generation]) -> tuple[list[float], Floats]:
    """Return when the best so far was another one, and its scores, (n, k)."""
    begins: list[float] = []
    columns: list[tuple[float, ...]] = []
    for one in found:
        if one.scores is not None and (not columns or columns[-1] != one.scores):
            begins.append(float(one.number))
            columns.append(one.scores)
    if len(begins) > _STEPS:
        kept = np.unique(np.linspace(0, len(begins) - 1, _STEPS).round().astype(int)).tolist()
        begins, columns = [begins[i] for i in kept], [columns[i] for i in kept]
    return begins, np.array(columns)


def _rows(objectives: Sequence[Objective]) -> list[tuple[str, bool, list[int]]]:
    """Return each row's name, whether it is a protocol's, and its objectives by place."""
    rows: list[tuple[str, bool, list[int]]] = []
    for protocol in dict.fromkeys(one.protocol for one in objectives):
        places = [i for i, one in enumerate(objectives) if one.protocol == protocol]
        rows.append((label_of(protocol), True, places))
        for i in places:
            name = objectives[i].name
            short = name if " " in name else name.removeprefix(f"{protocol}.")
            rows.append((label_of(short, 60), False, [i]))
    return rows
