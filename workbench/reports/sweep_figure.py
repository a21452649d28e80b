"""Features of recorded sweeps, each drawn on the sweep that it came from."""

import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.errors import InputError
from workbench.features import Missing
from workbench.recordings import Aim, Found, Group, Sweep, SweepFeatures, Targets
from workbench.reports.feature_panels import draw_marks
from workbench.reports.figures import (
    COLUMNS,
    GRID,
    INK,
    LINES,
    MUTED,
    SHADE,
    WIDTH_in,
    house_style,
    label_of,
    save_figure,
    within,
)
from workbench.reports.marks import marks_of

_LINE_in = 0.17
_WRAP = 52
_Line = tuple[str, str]


def draw_features(targets: Targets, out: str | Path) -> list[Path]:
    """Draw each sweep of the targets with all its features, a figure a sweep.

    The window of the stimulus is shaded, the threshold dashed; peaks, troughs, levels, times and
    intervals stand where they were measured, with mean ± SD of the target as a band. Beside them
    stand all values, or why there is none.

    Parameters
    ----------
    out
        A folder, which is made; the figures are `<protocol>.<sweep>.svg`.

    Returns
    -------
    The figures' files.

    Raises
    ------
    InputError
        If the folder cannot be made.
    """
    folder = Path(out).expanduser()
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder for the figures")
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for group in targets.groups:
        for sweep in group.sweeps:
            path = folder / f"{group.name}.{re.sub(r'[^-.()+ 0-9A-Za-z_]', '_', sweep.name)}.svg"
            with house_style():
                files.append(save_figure(sweep_figure(targets.features, group, sweep), path))
    return files


def sweep_figure(features: SweepFeatures, group: Group, sweep: Sweep) -> Figure:
    """Return the figure of a sweep: its voltage with its features, and its current."""
    aims = {one.feature: one for one in group.aims}
    found = features.of(sweep)
    colours = [LINES[n % (len(LINES) - 1) + 1] for n in range(len(found))]
    texts = [
        line
        for one, colour in zip(found, colours, strict=True)
        for line in _lines(one, aims.get(one.feature), colour)
    ]
    height_in = max(4.0, 0.6 + _LINE_in * len(texts))
    figure = Figure(figsize=(WIDTH_in, height_in), layout="constrained")
    axes = figure.subplot_mosaic(
        [["v", "text"], ["i", "text"]], height_ratios=(3, 1), width_ratios=(2.2, 1)
    )
    _draw_voltage(axes["v"], features, found, aims, colours)
    whole_ms = (0.0, float(sweep.t_ms[-1]))
    axes["i"].plot(*within(sweep.t_ms, sweep.i_nA, whole_ms, COLUMNS), color=INK, lw=0.9)
    axes["i"].set_xlabel("ms")
    axes["i"].set_ylabel("nA")
    axes["i"].sharex(axes["v"])
    percent = features.percent(sweep)
    share = "" if percent is None else f", {percent:.4g} % of rheobase"
    axes["v"].set_title(f"{sweep.name} of {sweep.cell}: {sweep.shape}{share}", fontsize=9)
    axes["text"].axis("off")
    for n, (text, colour) in enumerate(texts):
        place = axes["text"].transAxes
        at = 1.0 - n * _LINE_in / height_in
        axes["text"].text(0.0, at, text, color=colour, fontsize=8, va="top", transform=place)
    return figure


def _lines(one: Found, aim: Aim | None, colour: str) -> list[_Line]:
    """Return what stands beside the sweep of a feature: texts and their colours."""
    head = (label_of(one.feature, _WRAP), colour)
    if isinstance(one.measured, Missing):
        why = textwrap.wrap(label_of(one.measured.reason, 4 * _WRAP), _WRAP)
        return [head, *((f"   {line}", MUTED) for line in why)]
    several = f" (mean of {one.measured.size})" if one.measured.size > 1 else ""
    of = "" if aim is None else f"; target {aim.mean:.4g} ± {aim.sd:.3g}, n {aim.n}"
    return [head, (f"   {one.value:.5g}{several}{of}", MUTED)]


def _draw_voltage(
    axes: Axes,
    features: SweepFeatures,
    found: Sequence[Found],
    aims: dict[str, Aim],
    colours: Sequence[str],
) -> None:
    sweep = found[0].sweep
    window = features.windows[sweep.name]
    axes.axvspan(window.begin_ms, window.end_ms, color=SHADE, lw=0, zorder=0)
    whole_ms = (0.0, float(sweep.t_ms[-1]))
    axes.plot(*within(sweep.t_ms, sweep.v_mV, whole_ms, COLUMNS), color=INK, lw=0.9)
    axes.axhline(window.threshold_mV, color=MUTED, lw=0.8, ls=(0, (4, 3)), zorder=1)
    axes.autoscale(False)
    for one, colour in zip(found, colours, strict=True):
        if isinstance(one.measured, Missing) or one.feature not in aims:
            continue
        aim = aims[one.feature]
        marks = marks_of(one.feature, one.measured, sweep.t_ms, sweep.v_mV, window)
        draw_marks(axes, marks, window, colour, (aim.mean - aim.sd, aim.mean + aim.sd))
    axes.set_xlim(whole_ms)
    axes.set_ylabel("mV")
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
