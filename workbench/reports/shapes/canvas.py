"""What the figures of cells share: colours, their legends, and scale bars."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Colormap, LogNorm, Normalize
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, NullFormatter

from workbench.arrays import Floats
from workbench.errors import InputError
from workbench.morphology import REGION_COLOURS, REGIONS, Morphology
from workbench.reports.figures import INK
from workbench.reports.shapes.look import Look
from workbench.reports.shapes.values import Values

WIDTH_in = 3.5
"""Of a column."""

SMALL = 7.0
HAIRLINE_pt = 0.3
"""What is thinner to scale is drawn so that it can be seen."""

NO_VALUE = "#c3c9d0"
MAP = "viridis"
"""Even to the eye, in grey and to the colour-blind."""


class Shades:
    """The colours of a figure: of the regions, or of values."""

    def __init__(self, morphology: Morphology, values: Values | None, look: Look) -> None:
        self.values = values
        self._morphology = morphology
        self._scale = None if values is None else scale_of(values, look)

    def bounds(self, section: int) -> Floats:
        """Return where a section changes its colour, (k + 1,)."""
        return np.array([0.0, 1.0]) if self.values is None else self.values.bounds[section]

    def of(self, section: int, x: Floats) -> list[Any]:
        """Return the colours at places of a section."""
        if self.values is None or self._scale is None:
            return [REGION_COLOURS[self._morphology.sections[section].region]] * len(x)
        return list(self._scale.to_rgba(self.values.at(section, x)))

    def explain(self, axes: Axes) -> None:
        """Put a legend of the regions, or a colour bar, beside the axes."""
        if self.values is None or self._scale is None:
            _legend(axes, [(r, REGION_COLOURS[r]) for r in REGIONS if self._morphology.indices(r)])
            return
        figure = axes.figure
        bar = figure.colorbar(self._scale, ax=axes, shrink=0.7, aspect=22, pad=0.02)
        bar.set_label(self.values.label, parse_math=False)
        bar.outline.set_visible(False)
        if isinstance(self._scale.norm, LogNorm):
            bar.ax.yaxis.set_major_formatter(lambda number, _: f"{number:g}")
            bar.ax.yaxis.set_minor_formatter(NullFormatter())
        shown = np.concatenate(self.values.values)
        if not np.isfinite(shown).all():
            bar.ax.set_title("grey: no value", fontsize=SMALL, loc="left")
        if np.all(shown[np.isfinite(shown)] % 1 == 0) and np.nanmax(shown) < 50:
            bar.ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))


def scale_of(values: Values, look: Look) -> ScalarMappable:
    """Return what makes colours of numbers, with limits that fit them all or were given.

    Raises
    ------
    InputError
        If no number can be shown, or limits do not suit a logarithmic bar.
    """
    numbers = np.concatenate(values.values)
    shown = numbers[np.isfinite(numbers) & ((numbers > 0) | (not look.log))]
    if not len(shown):
        raise InputError(
            f"colour: {values.label}: there is no {'positive ' * look.log}number to be shown"
        )
    low, high = look.limits or (float(shown.min()), float(shown.max()))
    if look.log and low <= 0:
        raise InputError(f"limits is ({low:g}, {high:g}); with log both are above 0")
    if low == high:
        low, high = low - 0.1 * abs(low), high + 0.1 * abs(high) or 1.0
    return ScalarMappable((LogNorm if look.log else Normalize)(low, high), colour_map())


def colour_map() -> Colormap:
    """Return the colours of values, with that of none."""
    return colormaps[MAP].with_extremes(bad=NO_VALUE)


def _legend(axes: Axes, entries: Iterable[tuple[str, str]]) -> None:
    axes.legend(
        handles=[Patch(color=colour, label=label) for label, colour in entries],
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        fontsize=SMALL,
        frameon=False,
        handlelength=0.9,
        handleheight=0.9,
        borderaxespad=0.0,
    )


def to_scale(axes: Axes, low: Floats, high: Floats, unit: str, *, bar: bool = True) -> float:
    """Show a rectangle without axes, equally scaled both ways, with a scale bar below.

    Returns
    -------
    The height (inch) that a figure should have.
    """
    extent = np.maximum(high - low, 1e-9)
    size = float(extent.max())
    axes.set_aspect("equal")
    axes.set_axis_off()
    margin = 0.02 * size
    bottom = low[1] - 0.07 * size
    if bar:
        length = nice(size / 4)
        left = low[0] + (extent[0] - length) / 2 if extent[0] < length else low[0]
        axes.plot([left, left + length], [bottom, bottom], color=INK, lw=1.6, solid_capstyle="butt")
        axes.text(
            left + length / 2, bottom - 0.012 * size, f"{length:g} {unit}".strip(),
            ha="center", va="top", fontsize=SMALL,
        )  # fmt: skip
        low = np.array([min(low[0], left), bottom - 0.05 * size])
        high = np.array([max(high[0], left + length), high[1]])
    axes.set_xlim(low[0] - margin, high[0] + margin)
    axes.set_ylim(low[1] - margin, high[1] + margin)
    width, height = high - low
    return float(np.clip(0.75 * WIDTH_in * height / width, 1.2, 4.6)) + 0.3


def nice(length: float) -> float:
    """Return the largest 1, 2 or 5 with zeros that is not longer."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(max(step * power for step in (1, 2, 5) if step * power <= length * (1 + 1e-9)))


def box(shapes: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return the lowest and highest coordinates of polygons or lines, (2,) each."""
    every = np.vstack(shapes)
    return every.min(axis=0), every.max(axis=0)
