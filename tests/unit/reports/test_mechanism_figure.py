"""The figure of a mechanism, from plain arrays."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from workbench.errors import InputError
from workbench.reports import mechanism_figure
from workbench.reports.mechanism_figure import plot_mechanism


def family(**changes: Any) -> Any:
    sweep = np.arange(-100.0, 51.0)
    t_ms = np.arange(-5.0, 120.0, 0.5)
    plain = {
        "suffix": "chan",
        "celsius_degC": 34.0,
        "swept": "v",
        "unit": "mV",
        "voltage_mV": None,
        "sweep": sweep,
        "gates": ("m", "h"),
        "steady": np.array([1 / (1 + np.exp(-sweep / 9)), 1 / (1 + np.exp(sweep / 9))]),
        "tau_ms": np.array([np.full(151, 0.1), np.full(151, 50.0)]),
        "holding": -80.0,
        "steps": np.array([-40.0, 0.0]),
        "t_ms": t_ms,
        "step_ms": 100.0,
        "current_mA_per_cm2": np.array([0.1 * t_ms, 0.2 * t_ms]),
    }
    return SimpleNamespace(**plain | changes)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Figures that would have been written; writing them takes longest."""
    figures: list[Figure] = []

    class Watched(Figure):
        def savefig(self, *given: Any, **named: Any) -> None:
            figures.append(self)

    monkeypatch.setattr(mechanism_figure, "Figure", Watched)
    return figures


@pytest.mark.parametrize(
    ("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_files(tmp_path: Path, ending: str, begins: bytes) -> None:
    path = plot_mechanism(family(), tmp_path / f"chan.{ending}")
    assert path == tmp_path / f"chan.{ending}"
    assert path.read_bytes().startswith(begins)


def test_the_same_arrays_give_the_same_svg(tmp_path: Path) -> None:
    files = [plot_mechanism(family(), tmp_path / f"{name}.svg") for name in "ab"]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_what_is_drawn(tmp_path: Path, drawn: list[Figure]) -> None:
    given = family()
    plot_mechanism(given, tmp_path / "chan.png")
    steady, whole, tau, onset = drawn[0].axes
    for axes, rows in ((steady, given.steady), (tau, given.tau_ms)):
        for line, row in zip(axes.lines, rows, strict=True):
            np.testing.assert_array_equal(line.get_xdata(), given.sweep)
            np.testing.assert_array_equal(line.get_ydata(), row)
    assert [line.get_label() for line in steady.lines] == ["m", "h"]
    assert tau.get_yscale() == "log"
    for line, row in zip(whole.lines, given.current_mA_per_cm2, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), row)
    assert [line.get_label() for line in whole.lines] == ["-40", "0"]
    shown = np.asarray(onset.lines[0].get_xdata())
    assert (shown[0], shown[-1]) == (-0.5, 5.0)


def test_a_mechanism_without_gates(tmp_path: Path, drawn: list[Figure]) -> None:
    none = np.empty((0, 151))
    plot_mechanism(family(gates=(), steady=none, tau_ms=none), tmp_path / "leak.png")
    assert len(drawn[0].axes) == 2


def test_a_concentration_is_on_a_logarithmic_axis(tmp_path: Path, drawn: list[Figure]) -> None:
    sweep = np.logspace(-5, -1, 151)
    plot_mechanism(
        family(swept="cai", unit="mM", voltage_mV=0.0, sweep=sweep), tmp_path / "chan.png"
    )
    steady, whole, tau, _ = drawn[0].axes
    assert steady.get_xscale() == tau.get_xscale() == "log"
    assert whole.get_xlabel() == "ms, at 0 mV"


def test_rates_without_a_value_are_left_out(tmp_path: Path) -> None:
    tau_ms = np.full((2, 151), np.nan)
    tau_ms[0, :9] = np.inf
    plot_mechanism(family(tau_ms=tau_ms), tmp_path / "chan.png")


def test_an_ending_that_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown figure format '\.csv'"):
        plot_mechanism(family(), tmp_path / "chan.csv")
