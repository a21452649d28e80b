"""The figures of a report, each as an SVG in a data URI; and what all figures share."""

import base64
import io
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from workbench.arrays import Floats
from workbench.errors import InputError, shortened, unknown
from workbench.protocols import STIMULI
from workbench.reports.diagnosis import FAR_SD, at_bounds, grade, positions
from workbench.reports.thinning import thin_out
from workbench.runs.summary import RunSummary
from workbench.runs.table import NEAR_SD, FeatureRow
from workbench.runs.tally import Generation
from workbench.runs.traces import ProtocolTraces

FORMATS = (".pdf", ".png", ".svg")
"""Of files of figures, by their endings."""

WIDTH_in = 10.4
INK, MUTED, GRID, SHADE = "#1d2733", "#66717f", "#e3e8ee", "#e9eef5"
BLUE, AMBER, RED = "#2463a8", "#d08c1d", "#bf3b2b"
GRADES = {"near": BLUE, "off": AMBER, "far": RED}
LINES = (INK, BLUE, "#c2571a", "#2e8555", "#7b4fa3", "#9a6b2f")
RECORDED = "#9dc1ea"
LONGEST_BAR_SD = 10.0
LONGEST_LABEL = 64
COLUMNS = 1000
SAMPLES = 60_000
"""Of all traces of a report together: it stays below 3 MB up to 30 protocols of 3 recordings."""

_UNITS = {"v": "mV"} | dict.fromkeys(("cai", "cao", "nai", "nao", "ki", "ko"), "mM")
_UNITS |= dict.fromkeys(("ina", "ik", "ica"), "mA/cm2")
_UNITS |= {name: own.unit for kind in STIMULI for name, own in kind.recorded.items()}
_NOTE: dict[str, Any] = {"va": "center", "fontsize": 8, "color": MUTED}
_BLANK = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
_STYLE: Any = {
    "font.size": 9.0,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "hatch.linewidth": 0.8,
    "hatch.color": MUTED,
    "svg.fonttype": "path",
    "svg.hashsalt": "report",
}


def progress(generations: Sequence[Generation]) -> str:
    """Draw the best so far over the generations, and the best and median of each."""
    numbers = [g.number for g in generations]
    best_so_far = _floats(g.best_so_far for g in generations)
    best, median = (_floats(getattr(g, n) for g in generations) for n in ("best", "median"))
    with house_style():
        figure = Figure(figsize=(WIDTH_in, 3.4), layout="constrained")
        axes = figure.subplots()
        axes.plot(numbers, median, "-", color="#a9b4c0", lw=1.5, label="median of each generation")
        axes.plot(numbers, best, "o", color="#7fa6d1", ms=3.5, label="best of each generation")
        axes.step(
            numbers, best_so_far, where="post", color=BLUE, lw=2.2, label="best so far in the run"
        )
        axes.plot(numbers[-1:], best_so_far[-1:], "o", color=BLUE, ms=6)
        _sum_axis(axes, np.concatenate([best_so_far, best, median]))
        axes.set_xlabel("generation")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(color=GRID, lw=0.8)
        axes.set_axisbelow(True)
        figure.legend(loc="outside upper left", ncols=3)
        return data_uri(figure)


def feature_bars(table: Sequence[FeatureRow]) -> str:
    """Draw the distance of each feature in SD by protocol, the worst first."""
    protocols = list(dict.fromkeys(row.protocol for row in table))
    present = [row.distance_SD for row in table if row.distance_SD is not None]
    end = min(max([*present, FAR_SD + 1]), LONGEST_BAR_SD) * 1.08
    ticks: list[str] = []
    headings: list[int] = []
    height_in = 0.9 + 0.235 * (len(table) + len(protocols))
    with house_style():
        figure = Figure(figsize=(WIDTH_in, height_in), layout="constrained")
        axes = figure.subplots()
        for protocol in protocols:
            headings.append(len(ticks))
            ticks.append(label_of(protocol))
            for row in sorted((r for r in table if r.protocol == protocol), key=_badness):
                _bar(axes, len(ticks), row, end)
                ticks.append(label_of(row.label, LONGEST_LABEL))
        axes.set_yticks(range(len(ticks)), ticks)
        _embolden(axes, headings)
        axes.set(ylim=(len(ticks) - 0.4, -0.6), xlim=(0, end))
        axes.set_xlabel("distance from the target (SD)")
        axes.tick_params(axis="y", length=0)
        for at, color in ((NEAR_SD, AMBER), (FAR_SD, RED)):
            axes.axvline(at, color=color, lw=1.2, ls=(0, (4, 3)), zorder=0)
            axes.text(at, -0.62, f"{at:g} SD", color=color, ha="center", va="bottom", fontsize=8)
        return data_uri(figure)


def parameter_boxes(summary: RunSummary) -> str:
    """Draw the best and the ten best individuals within the bounds, all boxes equally wide."""
    flagged = {b.parameter.name for b in at_bounds(summary)}
    places = np.array([positions(summary.parameters, row.parameters) for row in summary.elite])
    rows = np.arange(len(summary.parameters))
    with house_style():
        figure = Figure(figsize=(WIDTH_in, 0.8 + 0.27 * len(rows)), layout="constrained")
        axes = figure.subplots()
        axes.barh(rows, 1, 0.55, color="#f1f4f8", edgecolor="#c9d2dc", lw=0.8)
        axes.plot(places[1:].T, rows, "o", color=BLUE, alpha=0.25, ms=5, mew=0, clip_on=False)
        axes.plot(places[0], rows, "D", color=BLUE, ms=6, mec="white", mew=0.8, clip_on=False)
        for row, parameter in enumerate(summary.parameters):
            axes.text(-0.012, row, f"{parameter.low:.4g}", ha="right", **_NOTE)
            axes.text(1.012, row, f"{parameter.high:.4g}", ha="left", **_NOTE)
        logarithmic = {"linear": "", "log": " (log)"}
        names = [label_of(p.name) + logarithmic[p.scale] for p in summary.parameters]
        axes.set_yticks(rows, names)
        _embolden(axes, [i for i, p in enumerate(summary.parameters) if p.name in flagged], RED)
        axes.set(xlim=(-0.08, 1.1), ylim=(len(rows) - 0.4, -0.6), xticks=[])
        axes.tick_params(axis="y", length=0)
        axes.spines[:].set_visible(False)
        return data_uri(figure)


def trace_panels(traces: ProtocolTraces, columns: int) -> str:
    """Draw all recordings of a protocol: the whole run, and its first spike beside it.

    Under those that are to follow a recorded voltage, that is drawn too.

    Parameters
    ----------
    traces
        One row of panels for each recorded variable.
    columns
        How many columns of pixels a panel has; samples are thinned out to them.
    """
    variables = list(dict.fromkeys(name.rpartition(".")[2] for name in traces.recordings))
    event_ms = traces.first_event_ms()
    windows_ms = [
        (float(traces.t_ms[0]), float(traces.t_ms[-1])),
        (max(event_ms - 5.0, 0.0), min(event_ms + 20.0, float(traces.t_ms[-1]))),
    ]
    with house_style():
        figure = Figure(figsize=(WIDTH_in, 0.5 + 2.3 * len(variables)), layout="constrained")
        panels = figure.subplots(
            len(variables), 2, squeeze=False, sharey="row", width_ratios=(3, 1)
        )
        for variable, row in zip(variables, panels, strict=True):
            unit = _UNITS.get(variable)
            row[0].set_ylabel(
                "mV" if variable == "v" else variable + (f" ({unit})" if unit else "")
            )
            for axes, window_ms in zip(row, windows_ms, strict=True):
                _draw_traces(axes, traces, variable, window_ms, columns)
        panels[-1, 0].set_xlabel("ms")
        panels[-1, 1].set_xlabel("ms")
        shown = [row[0].get_legend_handles_labels() for row in panels]
        handles, names = ([one for pair in shown for one in pair[part]] for part in (0, 1))
        figure.legend(handles, names, loc="outside upper left", ncols=6)
        return data_uri(figure)


def columns_for(traces: Sequence[ProtocolTraces]) -> int:
    """Return how many columns each panel may have so that all stay within `SAMPLES`."""
    panels = 2 * sum(len(t.recordings) + len(t.recorded) for t in traces)
    return max(50, min(COLUMNS, SAMPLES // (4 * max(panels, 1))))


def _bar(axes: Axes, at: int, row: FeatureRow, end: float) -> None:
    if row.distance_SD is None:
        stub = 0.03 * end
        axes.barh(at, stub, 0.62, color="white", edgecolor=MUTED, hatch="//////", lw=0.8)
        axes.text(stub * 1.3, at, "no value", style="italic", **_NOTE)
        return
    color, outside = GRADES[grade(row)], row.distance_SD > end
    axes.barh(at, min(row.distance_SD, end), 0.62, color=color)
    if outside:
        note = {**_NOTE, "color": "white", "fontweight": "bold"}
        axes.text(0.995 * end, at, f"{row.distance_SD:,.3g} ▸", ha="right", **note)
    else:
        axes.text(row.distance_SD + 0.006 * end, at, f"{row.distance_SD:.1f}", bbox=_BLANK, **_NOTE)


def _badness(row: FeatureRow) -> float:
    """Sort the missing first, then the farthest."""
    return -np.inf if row.distance_SD is None else -row.distance_SD


def _draw_traces(
    axes: Axes, traces: ProtocolTraces, variable: str, window_ms: tuple[float, float], columns: int
) -> None:
    begin_ms, end_ms = window_ms
    for step in traces.steps:
        if step.begin_ms < end_ms and step.end_ms > begin_ms:
            axes.axvspan(
                max(step.begin_ms, begin_ms), min(step.end_ms, end_ms), color=SHADE, lw=0, zorder=0
            )
    named = [(n, v) for n, v in traces.recordings.items() if n.rpartition(".")[2] == variable]
    for name, one in traces.recorded.items():
        if name in dict(named):
            t_ms, thinned = within(one.t_ms, one.v_mV, window_ms, columns)
            label = label_of(f"{name}, {one.name}")
            axes.plot(t_ms, thinned, color=RECORDED, lw=3, label=label)
    for i, (name, values) in enumerate(named):
        t_ms, thinned = within(traces.t_ms, values, window_ms, columns)
        axes.plot(t_ms, thinned, color=LINES[i % len(LINES)], lw=1.1, label=label_of(name))
    axes.set_xlim(window_ms)
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.set_axisbelow(True)


def within(
    t_ms: Floats, values: Floats, window_ms: tuple[float, float], columns: int
) -> tuple[Floats, Floats]:
    """Return the samples of a window and one on either side, thinned out to columns of pixels."""
    first, last = np.searchsorted(t_ms, window_ms)
    inside = slice(max(int(first) - 1, 0), int(last) + 1)
    return thin_out(t_ms[inside], values[inside], columns)


def _sum_axis(axes: Axes, sums: Floats) -> None:
    """Make the axis of sums logarithmic, with plain numbers and enough of them."""
    shown = sums[np.isfinite(sums)]
    axes.set_ylabel("sum of scores (SD)")
    if shown.size == 0 or shown.min() <= 0:
        return
    axes.set_yscale("log")
    narrow = shown.max() < 4 * shown.min()
    axes.yaxis.set_major_locator(MaxNLocator(6) if narrow else LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _embolden(axes: Axes, rows: Iterable[int], color: str = INK) -> None:
    labels = axes.get_yticklabels()
    for row in rows:
        labels[row].set(fontweight="bold", color=color)


def label_of(text: str, longest: int = 44) -> str:
    """Return a user's text so that it can neither break the SVG nor push the axes away."""
    plain = "".join(c if c.isprintable() else "?" for c in text)
    # matplotlib leaves labels with a leading underscore out of a legend.
    plain = plain if len(plain) <= longest else plain[: longest - 1] + "…"
    return " " + plain if plain.startswith("_") else plain


def _floats(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


@contextmanager
def house_style(changes: Mapping[str, Any] = MappingProxyType({})) -> Iterator[None]:
    """Draw with the report's style whatever the user's matplotlibrc says, and restore that."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE | changes)
        yield


def figure_file(file: Path | str, formats: Sequence[str] = FORMATS) -> Path:
    """Return the path of a figure that is to be written.

    Raises
    ------
    InputError
        If its ending is none of the formats, or it cannot lie there.
    """
    path = Path(file)
    if path.suffix not in formats:
        raise InputError(unknown("figure format", path.suffix, formats))
    try:
        refused = path.is_dir() or not (path.parent.is_dir() and os.access(path.parent, os.W_OK))
    except (OSError, ValueError):
        refused = True
    if refused or "\0" in path.name:
        raise InputError(
            f"{shortened(str(path))} cannot be written; name a file in a folder of yours"
        )
    return path


def save_figure(figure: Figure, path: Path, **options: Any) -> Path:
    """Write a figure in the format that its file's ending says; the same one is the same file."""
    metadata = {"Date": None} if path.suffix == ".svg" else None
    figure.savefig(path, metadata=metadata, **options)
    return path


def data_uri(figure: Figure) -> str:
    """Return a figure as an address that holds it, an SVG."""
    svg = io.BytesIO()
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(svg.getvalue()).decode()
