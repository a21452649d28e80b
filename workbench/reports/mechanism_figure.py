"""The figure of one mechanism: its gates, and its current under a clamp."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from workbench.arrays import Floats
from workbench.reports.figures import (
    GRID,
    LINES,
    SHADE,
    WIDTH_in,
    figure_file,
    house_style,
    save_figure,
)

# Time constants that differ more than this are told apart on a logarithmic axis only.
_WIDE = 30.0
_ONSET_ms = 5.0
_PLAIN = FuncFormatter(lambda value, _: f"{value:g}")


class _Family(Protocol):
    """What is drawn, as plain values; `experiments.ClampFamily` says what they are."""

    @property
    def suffix(self) -> str: ...
    @property
    def celsius_degC(self) -> float: ...
    @property
    def swept(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def voltage_mV(self) -> float | None: ...
    @property
    def sweep(self) -> Floats: ...
    @property
    def gates(self) -> Sequence[str]: ...
    @property
    def steady(self) -> Floats: ...
    @property
    def tau_ms(self) -> Floats: ...
    @property
    def holding(self) -> float: ...
    @property
    def steps(self) -> Floats: ...
    @property
    def t_ms(self) -> Floats: ...
    @property
    def step_ms(self) -> float: ...
    @property
    def current_mA_per_cm2(self) -> Floats: ...


def plot_mechanism(family: _Family, file: Path | str) -> Path:
    """Draw steady states, time constants and the currents of a clamp, and write the figure.

    Parameters
    ----------
    family
        Such as `experiments.clamp_family` returns.
    file
        Where to; its ending is one of `figures.FORMATS`.

    Raises
    ------
    InputError
        If the ending is none of them, or the file cannot lie there.
    """
    path = figure_file(file)
    with house_style():
        figure = Figure(figsize=(WIDTH_in, 4.8), layout="constrained")
        panels = figure.subplot_mosaic("sw;to" if family.gates else "wo")
        if family.gates:
            _draw_gates(panels["s"], panels["t"], family)
        _draw_currents(panels["w"], panels["o"], family)
        figure.suptitle(f"{family.suffix} at {family.celsius_degC:g} °C", fontweight="bold")
        lines, names = panels["w"].get_legend_handles_labels()
        figure.legend(
            lines, names, title=f"{family.swept} ({family.unit})", loc="outside right upper"
        )
        return save_figure(figure, path, dpi=150)


def _draw_gates(steady: Axes, tau: Axes, family: _Family) -> None:
    for number, gate in enumerate(family.gates):
        color = LINES[number % len(LINES)]
        steady.plot(family.sweep, family.steady[number], color=color, label=gate)
        tau.plot(family.sweep, family.tau_ms[number], color=color)
    steady.set(ylabel="steady state", ylim=(-0.03, 1.03))
    steady.legend()
    tau.set(xlabel=f"{family.swept} ({family.unit})", ylabel="time constant (ms)")
    shown = family.tau_ms[np.isfinite(family.tau_ms) & (family.tau_ms > 0)]
    if shown.size and shown.max() > _WIDE * shown.min():
        tau.set_yscale("log")
        tau.yaxis.set_major_formatter(_PLAIN)
        tau.yaxis.set_minor_formatter(NullFormatter())
    else:
        tau.set_ylim(bottom=0)
    steady.sharex(tau)
    steady.tick_params(labelbottom=False)
    if family.swept != "v":
        tau.set_xscale("log")
        tau.xaxis.set_major_formatter(_PLAIN)
    for axes in (steady, tau):
        axes.grid(color=GRID, lw=0.8)


def _draw_currents(whole: Axes, onset: Axes, family: _Family) -> None:
    """Draw the whole clamp, and its beginning apart for fast currents."""
    shades = colormaps["viridis"](np.linspace(0.0, 0.85, len(family.steps)))
    beginning = (family.t_ms >= -0.1 * _ONSET_ms) & (family.t_ms <= _ONSET_ms)
    for axes, inside in ((whole, np.full(len(family.t_ms), True)), (onset, beginning)):
        t_ms = family.t_ms[inside]
        for step, current, shade in zip(
            family.steps, family.current_mA_per_cm2, shades, strict=True
        ):
            axes.plot(t_ms, current[inside], color=shade, lw=1.1, label=f"{step:g}")
        axes.axvspan(0, min(family.step_ms, t_ms[-1]), color=SHADE, lw=0, zorder=0)
        axes.set(ylabel="current (mA/cm2)", xlim=t_ms[[0, -1]])
        axes.grid(axis="y", color=GRID, lw=0.8)
    held = f"{family.swept} held at {family.holding:g} {family.unit} before and after"
    whole.set_xlabel("ms" if family.voltage_mV is None else f"ms, at {family.voltage_mV:g} mV")
    onset.set_xlabel(f"ms ({held})")
