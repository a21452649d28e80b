"""Each feature of an individual drawn on the trace of which it is measured."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.evaluations import Row
from workbench.features import Measured, Missing, Window
from workbench.fitting import Objective
from workbench.reports.diagnosis import grade
from workbench.reports.figures import (
    GRADES,
    GRID,
    LINES,
    MUTED,
    RECORDED,
    SHADE,
    WIDTH_in,
    data_uri,
    house_style,
    label_of,
    within,
)
from workbench.reports.marks import Marks, marks_of
from workbench.runs.table import FeatureRow
from workbench.runs.traces import ProtocolTraces

_LINE_in = 0.17
_WRAP = 50
_MARGIN = 0.06


@dataclass(frozen=True)
class Panel:
    """The features of one recording in one window, as one picture with its title, and in words."""

    title: str
    words: str
    picture: str


@dataclass(frozen=True)
class _Shown:
    objective: Objective
    measured: Measured
    row: FeatureRow
    colour: str

    def lines(self) -> list[tuple[str, str]]:
        """Return what stands beside the trace: texts and their colours."""
        row, name = self.row, label_of(self.row.label, _WRAP)
        if row.distance_SD is None or row.value is None:
            why = textwrap.wrap(label_of(row.reason or "no value", 5 * _WRAP), _WRAP)
            return [(name, self.colour), *((f"   {line}", MUTED) for line in why)]
        several = f" (mean of {row.count})" if row.count > 1 else ""
        said = f"   {row.value:.4g}{several} against {row.target}"
        far = f"   {row.distance_SD:.2f} SD"
        return [
            (name, self.colour),
            *((line, MUTED) for line in textwrap.wrap(label_of(said, 3 * _WRAP), _WRAP + 6)),
            (far, GRADES[grade(row)]),
        ]


def feature_panels(
    best: Row,
    objectives: Sequence[Objective],
    table: Sequence[FeatureRow],
    traces: Sequence[ProtocolTraces],
    columns: int,
) -> list[Panel]:
    """Draw each feature on the trace of which it is measured, a panel a recording and window.

    Parameters
    ----------
    best
        The individual whose traces these are.
    objectives, table
        What is asked of it, and what it has of all that counts there.
    columns
        How many columns of pixels a panel has; samples are thinned out to them.
    """
    by_protocol = {one.protocol: one for one in traces}
    rows = {row.name: row for row in table}
    groups: dict[tuple[str, str, str], list[int]] = {}
    for place, one in enumerate(objectives):
        there = by_protocol.get(one.protocol)
        if one.name in rows and there is not None and one.recording in there.recordings:
            groups.setdefault((one.protocol, one.recording, str(one.window)), []).append(place)
    panels = []
    for (protocol, recording, window), places in groups.items():
        shown = [
            _Shown(
                objectives[i],
                best.evaluation.measured[i],
                rows[objectives[i].name],
                LINES[n % (len(LINES) - 1) + 1],
            )
            for n, i in enumerate(places)
        ]
        title = f"{protocol}: {recording} in {window} ms"
        words = "; ".join(" ".join(text.strip() for text, _ in one.lines()) for one in shown)
        panels.append(Panel(title, words, _picture(shown, by_protocol[protocol], columns)))
    return panels


def _picture(shown: Sequence[_Shown], traces: ProtocolTraces, columns: int) -> str:
    texts = [line for one in shown for line in one.lines()]
    first = shown[0].objective
    window = first.window
    begin_ms, end_ms = float(traces.t_ms[0]), float(traces.t_ms[-1])
    margin_ms = _MARGIN * (window.end_ms - window.begin_ms)
    seen_ms = max(window.begin_ms - margin_ms, begin_ms), min(window.end_ms + margin_ms, end_ms)
    with house_style():
        height_in = max(2.3, 0.5 + _LINE_in * len(texts))
        figure = Figure(figsize=(WIDTH_in, height_in), layout="constrained")
        axes, beside = figure.subplots(1, 2, width_ratios=(2.2, 1))
        axes.axvspan(window.begin_ms, window.end_ms, color=SHADE, lw=0, zorder=0)
        _draw_voltages(axes, first, traces, seen_ms, columns)
        if first.variable == "v":
            axes.axhline(window.threshold_mV, color=MUTED, lw=0.8, ls=(0, (4, 3)), zorder=1)
        axes.autoscale(False)
        values = traces.recordings[first.recording]
        for one in shown:
            if not (isinstance(one.measured, Missing) or len(one.objective.operands) > 1):
                feature, measured = one.objective.feature, one.measured
                marks = marks_of(feature, measured, traces.t_ms, values, window)
                mean, sd = one.objective.mean, one.objective.std
                draw_marks(axes, marks, window, one.colour, (mean - sd, mean + sd))
        axes.set_xlim(seen_ms)
        axes.set_xlabel("ms")
        axes.set_ylabel("mV" if first.variable == "v" else first.variable)
        axes.grid(axis="y", color=GRID, lw=0.8)
        axes.set_axisbelow(True)
        beside.axis("off")
        for n, (text, colour) in enumerate(texts):
            at = 1.0 - n * _LINE_in / height_in
            beside.text(
                0.0, at, text, color=colour, fontsize=8, va="top", transform=beside.transAxes
            )
        return data_uri(figure)


def _draw_voltages(
    axes: Axes,
    first: Objective,
    traces: ProtocolTraces,
    seen_ms: tuple[float, float],
    columns: int,
) -> None:
    """Draw the recorded voltage, if there is one, and the trace over it."""
    recorded = traces.recorded.get(first.recording)
    if recorded is not None:
        axes.plot(*within(recorded.t_ms, recorded.v_mV, seen_ms, columns), color=RECORDED, lw=3)
    for name in (*first.recordings[1:], first.recording):
        if name in traces.recordings:
            line = within(traces.t_ms, traces.recordings[name], seen_ms, columns)
            axes.plot(*line, color=LINES[0] if name == first.recording else MUTED, lw=0.9)


def draw_marks(
    axes: Axes, marks: Marks, window: Window, colour: str, target: tuple[float, float]
) -> None:
    """Draw where a feature is measured, and from where to where its target reaches."""
    low, high = target
    if marks.target == "level":
        axes.fill_between(
            (window.begin_ms, window.end_ms), low, high, color=colour, alpha=0.15, lw=0
        )
    elif marks.target == "time":
        axes.axvspan(marks.origin_ms + low, marks.origin_ms + high, color=colour, alpha=0.2, lw=0)
    if marks.points:
        axes.plot(*np.array(marks.points).T, "o", ms=3.5, color=colour, zorder=3)
    for level in marks.levels:
        axes.plot((window.begin_ms, window.end_ms), (level, level), color=colour, lw=1.4)
    for time_ms in marks.times_ms:
        axes.axvline(time_ms, color=colour, lw=1.2)
    if marks.spans_ms:
        ends = np.array(marks.spans_ms)
        height = np.full(len(ends), window.threshold_mV)
        axes.hlines(height, ends[:, 0], ends[:, 1], color=colour, lw=2.2, zorder=2)
        axes.plot(ends.ravel(), np.repeat(height, 2), "|", ms=7, color=colour, zorder=3)
