"""From a run folder to `report.html`: one file with one program, nothing fetched from anywhere."""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from workbench.reports.compromise import data_of, fingerprint, program
from workbench.reports.diagnosis import (
    Grade,
    at_bounds,
    findings,
    grade,
    headline,
    word_for,
)
from workbench.runs.archive import read_archive
from workbench.runs.best import write_best
from workbench.runs.currents import Currents, read_currents
from workbench.runs.folder import write_whole
from workbench.runs.held_out import read_held_out
from workbench.runs.limits import Limits, read_limits
from workbench.runs.sensitivity import Sensitivity, read_sensitivity
from workbench.runs.summary import RunSummary, read_run
from workbench.runs.table import NEAR_SD, FeatureRow, feature_table
from workbench.runs.traces import KeptTraces, read_traces


def render(folder: str | Path, pick: str | int | None = None) -> Path:
    """Write `report.html` into a run folder, and `best.json` anew; return the report's path.

    The same folder gives the same file, byte for byte; a report that was there is replaced
    only by a whole one.

    Parameters
    ----------
    pick
        An individual in the place of the best: 4 is the fourth of the Pareto archive, "2/7"
        individual 7 of generation 2, of which `report-2-7.html` is written and nothing else.

    Raises
    ------
    InputError
        If the run holds no such individual, or it failed.
    LedgerError
        If there is no run in the folder, or what is there is damaged.
    """
    folder = Path(folder)
    summary = read_run(folder, pick)
    name = "report.html"
    if pick is None:
        write_best(folder, summary.record, summary.best)
    elif summary.best is not None:
        name = f"report-{summary.best.generation}-{summary.best.individual}.html"
    html = fill_in("report.html.jinja", _content(summary))
    return write_whole(folder / name, html)


def fill_in(template: str, content: Mapping[str, Any]) -> str:
    """Return a template of this package with its content and the style of all reports."""
    import jinja2

    packaged = files("workbench.reports")
    style = packaged.joinpath("report.css").read_text(encoding="utf-8")
    text = packaged.joinpath(template).read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"number": _number, "duration": _duration}
    return environment.from_string(text).render(content, style=style)


def _content(summary: RunSummary) -> dict[str, Any]:
    """Return everything that the template shows, by name."""
    table = feature_table(summary)
    picked = summary.best if summary.picked else None
    traces = read_traces(summary.folder, summary.record.problem, picked)
    archive, script = read_archive(summary.folder), program()
    limits = read_limits(summary.folder)
    values = summary.best_values() if summary.best else {}
    sensitivity = read_sensitivity(summary.folder, values)
    currents = read_currents(summary.folder, values)
    features: dict[str, list[tuple[FeatureRow, Grade]]] = {}
    for row in table:
        features.setdefault(row.protocol, []).append((row, grade(row)))
    grades = [grade(row) for row in table]
    return {
        "summary": summary,
        "run": summary.record,
        "word": word_for(summary),
        "near_SD": NEAR_SD,
        "archive": archive,
        "archive_json": data_of(summary, archive),
        "program": script,
        "program_hash": fingerprint(script),
        "headline": headline(table, summary),
        "findings": findings(summary, table),
        "counts": {name: grades.count(name) for name in ("near", "missing")} | {"all": len(table)},
        "features": features,
        "parameters": _parameters(summary),
        "parameters_json": _parameters_json(summary),
        "traces_note": _traces_note(summary, traces),
        "figures": _figures(summary, table, traces) | _maps(limits, sensitivity, currents),
        "limits": limits,
        "sensitivity": sensitivity,
        "currents": currents,
        "held_out": read_held_out(summary.folder),
    }


def _figures(
    summary: RunSummary, table: Sequence[FeatureRow], traces: KeptTraces
) -> dict[str, Any]:
    from workbench.reports import figures
    from workbench.reports.feature_panels import feature_panels
    from workbench.reports.history_figure import history

    found: dict[str, Any] = dict.fromkeys(("progress", "history", "features", "parameters"))
    found["panels"] = []
    if summary.generations:
        found["progress"] = figures.progress(summary.generations)
        found["history"] = history(summary.generations, summary.objectives)
    if summary.best is not None:
        found["features"] = figures.feature_bars(table)
        found["parameters"] = figures.parameter_boxes(summary)
    columns = figures.columns_for(traces.protocols)
    best = summary.best
    if best is not None and traces.key == (best.generation, best.individual):
        found["panels"] = feature_panels(best, summary.objectives, table, traces.protocols, columns)
    found["traces"] = [(p, figures.trace_panels(p, columns)) for p in traces.protocols]
    return found


def _maps(
    limits: Limits, sensitivity: Sensitivity | None, currents: Currents | None
) -> dict[str, str | None]:
    from workbench.reports.currents_figure import currents_uri
    from workbench.reports.limits_figures import correlation_map, sensitivity_map

    pairs = (
        ("between_features", limits.features, limits.between_features),
        ("between_parameters", limits.parameters, limits.between_parameters),
    )
    maps: dict[str, str | None] = {
        key: correlation_map(names, matrix)
        if len(names) > 1 and np.isfinite(matrix).any()
        else None
        for key, names, matrix in pairs
    }
    maps["sensitivity"] = None if sensitivity is None else sensitivity_map(sensitivity)
    maps["currents"] = None if currents is None else currents_uri(currents)
    return maps


def _parameters(summary: RunSummary) -> list[tuple[Any, float, str]]:
    """Return each parameter with its best value and the bound that it sits on, if any."""
    if summary.best is None:
        return []
    sides = {bound.parameter.name: bound.side for bound in at_bounds(summary)}
    values = summary.best.parameters.tolist()
    pairs = zip(summary.parameters, values, strict=True)
    return [(p, value, sides.get(p.name, "")) for p, value in pairs]


def _parameters_json(summary: RunSummary) -> str:
    """Return the best parameter set as `--params` reads it, with all its digits."""
    return json.dumps({p.name: value for p, value, _ in _parameters(summary)}, indent=2)


def _traces_note(summary: RunSummary, traces: KeptTraces) -> str:
    best = summary.best
    if summary.record.problem.cell is None:
        return "The evaluator alone knows the cell: it gives scores and no traces."
    if summary.picked and not traces.protocols:
        return "No traces of this individual were kept: the run's study could not be simulated."
    if summary.record.rescored and best is not None and not traces.protocols:
        return (
            "Nothing was simulated when this run was scored anew, and its best individual was not "
            "the best before: workbench simulate STUDY --params RUN shows it."
        )
    if traces.note or best is None or traces.key is None:
        return traces.note
    if traces.key != (best.generation, best.individual):
        generation, individual = traces.key
        return (
            f"These are the traces of individual {individual} of generation {generation}, the best "
            "when the run last ended; a better one was found since and is not shown here."
        )
    drawn = {p.protocol for p in traces.protocols}
    absent = [protocol.name for protocol in summary.record.problem.protocols]
    absent = [name for name in absent if name not in drawn]
    return f"No traces were kept of {', '.join(absent)}." if absent else ""


def _number(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}g}"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
