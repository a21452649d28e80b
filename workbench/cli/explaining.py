"""The verbs `limits`, `sensitivity` and `currents`: why a model does what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.calibration import checked_here
from workbench.cli.options import count, two
from workbench.cli.printing import console, notes, print_json, print_table
from workbench.cli.tables import writer_for
from workbench.errors import InputError, unknown
from workbench.runs import (
    Currents,
    Limits,
    Sensitivity,
    currents_of,
    prepare,
    read_limits,
    sensitivity_of,
    shown,
    write_currents,
    write_sensitivity,
)
from workbench.runs.folder import written
from workbench.runs.models import model_named, run_meant
from workbench.studies import EngineChoice, with_engine
from workbench.workers import ProcessWorkers, Stop

_STRONG = 0.5
_MOST = 20


def limits(folder: Path, as_json: bool) -> None:
    """Print what limits what in a run."""
    found = read_limits(folder)
    if as_json:
        print_json(_as_json(found))
        return
    rows = [
        [one.first, one.second, f"{one.rho:.2f}", _SD(one.first_SD), _SD(one.second_SD)]
        for one in found.conflicts[:_MOST]
    ]
    columns = ["feature", "competes with", ">correlation", ">least", ">least of the other"]
    print_table(columns, rows, f"Features that compete, over {found.compared} compromises")
    console.print("least: the smallest score (SD) that one had where the other was within 2 SD\n")
    pairs = _strong(found)[:_MOST]
    print_table(
        ["parameter", "goes with", ">correlation"],
        [[one, other, f"{r:.2f}"] for one, other, r in pairs],
        f"Parameters that go together, over {found.good} good models",
    )
    console.print("")
    clusters = [
        [one.name, f"{one.best.scores.sum():.3f}", str(one.count), *map(_range, one.ranges)]
        for one in found.clusters
    ]
    columns = ["best", ">sum", ">models", *(f">{name}" for name in found.parameters)]
    print_table(columns, clusters, "Good models that are alike")


def sensitivity(
    given: str,
    pick: str | None,
    params: str | None,
    step: float,
    workers: int | None,
    out: Path | None,
    engine: EngineChoice,
    as_json: bool,
) -> None:
    """Measure how far each feature moves as each parameter does, and print or write it."""
    write = writer_for(out)
    study, values, _ = model_named(given, pick, params)
    folder = run_meant(given)
    study = with_engine(study, engine, "--", checked_here)
    prepare(study, notes.print)
    with (
        Stop().on_signals() as stop,
        ProcessWorkers(count(workers), study.fit.limit_s, stop) as pool,
        shown(not as_json) as show,
    ):
        found = sensitivity_of(study, values, pool, step, show)
    if folder is not None:
        with written(folder):
            write_sensitivity(folder, found)
    if out is not None:
        write(out, found.rows())
    if as_json:
        print_json({"study": study.name, "step": found.step, "rows": found.rows()})
    elif out is None:
        _print(found)


@dataclass(frozen=True)
class Asked:
    """Whose currents are asked for, under which protocol and where."""

    study: str
    pick: str | None
    params: str | None
    protocol: str
    site: str
    morphology: str | None


def currents(
    asked: Asked, window: str | None, out: Path | None, engine: EngineChoice, as_json: bool
) -> None:
    """Print which currents make each spike, and write their figure or their table."""
    window_ms = None if window is None else two(window, "--window", "BEGIN,END")
    write = _writer(out, window_ms)
    study, values, _ = model_named(asked.study, asked.pick, asked.params)
    study = with_engine(study, engine, "--", checked_here).on_morphology(asked.morphology)
    with Stop().on_signals() as stop:
        found = currents_of(study, values, asked.protocol, asked.site, notes.print, stop)
    if (folder := run_meant(asked.study)) is not None:
        with written(folder):
            write_currents(folder, found)
    write(found)
    if as_json:
        print_json({"study": study.name, "integrator": found.integrator, "spikes": found.spikes()})
    else:
        _print_spikes(found)


def _writer(
    out: Path | None, window_ms: tuple[float, float] | None
) -> Callable[[Currents], object]:
    """Return what writes the figure or the table of currents that a file's ending asks for."""
    if out is None:
        return lambda _: None
    if out.suffix not in (".csv", ".parquet"):
        from workbench.reports.currents_figure import draw_currents
        from workbench.reports.figures import FORMATS

        if out.suffix not in FORMATS:
            allowed = (*FORMATS, ".csv", ".parquet")
            raise InputError(f"--out {out}: {unknown('ending', out.suffix, allowed)}")
        return lambda found: draw_currents(found, window_ms, out)
    write = writer_for(out)
    return lambda found: write(out, found.rows())


def _print_spikes(found: Currents) -> None:
    """Print a row a spike, and for each current its shares of the charge of its rise and fall."""
    by_spike: dict[tuple[int, float, float], list[str]] = {}
    for row in found.spikes():
        shares = f"{100 * row['rise']:.0f} / {100 * row['fall']:.0f}"
        by_spike.setdefault((row["spike"], row["peak_ms"], row["peak_mV"]), []).append(shares)
    rows = [[str(n), f"{t:.2f}", f"{v:.1f}", *shares] for (n, t, v), shares in by_spike.items()]
    columns = [">spike", ">peak (ms)", ">mV", *(f">{name}" for name in found.names)]
    title = (
        f"{found.protocol}, {found.site}: % of the inward charge that raises each spike / of the "
    )
    print_table(columns, rows, f"{title}outward charge that ends it")
    if not rows:
        console.print("no spike crosses -20 mV there")
    if found.left_out:
        console.print(f"without the currents of point processes: {', '.join(found.left_out)}")


def _print(found: Sensitivity) -> None:
    """Print a row a feature: by how many SD it moves for 1 % of the bounds of each parameter."""
    slopes, sure = found.slopes_SD, found.sure
    rows = [
        [feature, *(_slope(slopes[i, k], sure[i, k]) for i in range(len(found.parameters)))]
        for k, feature in enumerate(found.features)
    ]
    columns = ["feature", *(f">{name}" for name in found.parameters)]
    print_table(columns, rows, "SD for each 1 % of a parameter's bounds")
    if not sure.all():
        console.print("~ half of the step gives another slope: the feature jumps or bends there")


def _slope(slope: float, sure: bool) -> str:
    return "none" if np.isnan(slope) else f"{'' if sure else '~'}{slope:.3g}"


def _SD(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f}"


def _range(ends: tuple[float, float]) -> str:
    low, high = ends
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def _strong(found: Limits) -> list[tuple[str, str, float]]:
    """Return the pairs of parameters that are correlated by 0.5 or more, the strongest first."""
    names, r = found.parameters, found.between_parameters
    pairs = [
        (names[i], names[j], float(r[i, j]))
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if abs(r[i, j]) >= _STRONG
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))


def _as_json(found: Limits) -> dict[str, Any]:
    return {
        "compared": found.compared,
        "conflicts": [vars(one) for one in found.conflicts],
        "features": found.features,
        "between_features": found.between_features.tolist(),
        "good": found.good,
        "parameters": found.parameters,
        "between_parameters": found.between_parameters.tolist(),
        "clusters": [
            {
                "best": one.name,
                "sum": float(one.best.scores.sum()),
                "models": one.count,
                "low": one.low.tolist(),
                "high": one.high.tolist(),
            }
            for one in found.clusters
        ],
    }
