"""The figure of a study's numbers: how far each is from the published one."""

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.reports.figures import (
    _NOTE,
    BLUE,
    MUTED,
    RED,
    SHADE,
    WIDTH_in,
    data_uri,
    house_style,
    label_of,
)
from workbench.reports.numbers import Number

LONGEST_BAR = 3.0
"""In units of the tolerance; a number farther away is written into its bar."""

SHORTEST_BAR = 0.02
"""A number that is nearer has a dot, so that it is not overlooked."""

_ROW_in = 0.235


def difference_bars(numbers: Sequence[Number]) -> str:
    """Draw the largest difference of each number in units of its tolerance, as a data URI."""
    end = LONGEST_BAR if any(not number.holds for number in numbers) else 1.25
    with house_style():
        figure = Figure(figsize=(WIDTH_in, 0.8 + _ROW_in * len(numbers)), layout="constrained")
        axes = figure.subplots()
        axes.axvspan(-1, 1, color=SHADE, lw=0, zorder=0)
        axes.axvline(0, color=MUTED, lw=0.8, zorder=1)
        for row, number in enumerate(numbers):
            _bar(axes, row, number, end)
        axes.set_yticks(range(len(numbers)), [label_of(number.name, 60) for number in numbers])
        axes.set(ylim=(len(numbers) - 0.4, -0.6), xlim=(-end, end))
        axes.set_xlabel("ours − published, in units of the tolerance")
        axes.tick_params(axis="y", length=0)
        return data_uri(figure)


def _bar(axes: Axes, row: int, number: Number, end: float) -> None:
    color = BLUE if number.holds else RED
    if number.worst is None:
        why = label_of(number.complaint, 60)
        axes.text(0.02 * end, row, why, **{**_NOTE, "color": RED, "style": "italic"})
        return
    distance = number.distances[number.worst]
    shown = math.copysign(min(abs(distance), end), distance)
    axes.barh(row, shown, 0.62, color=color)
    if abs(distance) < SHORTEST_BAR:
        axes.plot(shown, row, "o", color=color, ms=4, mew=0)
    if abs(distance) <= end:
        return
    far = f"{abs(distance):,.3g}" if math.isfinite(distance) else "none allowed"
    text, side = (f"{far} ▸", "right") if distance > 0 else (f"◂ {far}", "left")
    note = {**_NOTE, "color": "white", "fontweight": "bold"}
    axes.text(shown * 0.99, row, text, ha=side, **note)
