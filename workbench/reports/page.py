"""From a run folder to `report.html`: one file, no scripts, nothing fetched from anywhere."""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from workbench.reports.diagnosis import NEAR_SD, Grade, at_bounds, findings, grade, headline
from workbench.runs.best import write_best
from workbench.runs.folder import write_whole
from workbench.runs.summary import RunSummary, read_run
from workbench.runs.table import FeatureRow, feature_table
from workbench.runs.traces import KeptTraces, read_traces


def render(folder: str | Path) -> Path:
    """Write `report.html` into a run folder, and `best.json` anew; return the report's path.

    The same folder gives the same file, byte for byte; a report that was there is replaced
    only by a whole one.

    Raises
    ------
    LedgerError
        If there is no run in the folder, or what is there is damaged.
    """
    folder = Path(folder)
    summary = read_run(folder)
    write_best(folder, summary.record, summary.best)
    html = fill_in("report.html.jinja", _content(summary))
    return write_whole(folder / "report.html", html)


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
    traces = read_traces(summary.folder, summary.record.problem)
    features: dict[str, list[tuple[FeatureRow, Grade]]] = {}
    for row in table:
        features.setdefault(row.protocol, []).append((row, grade(row)))
    grades = [grade(row) for row in table]
    return {
        "summary": summary,
        "run": summary.record,
        "near_SD": NEAR_SD,
        "headline": headline(table, summary),
        "findings": findings(summary, table),
        "counts": {name: grades.count(name) for name in ("near", "missing")},
        "features": features,
        "parameters": _parameters(summary),
        "parameters_json": _parameters_json(summary),
        "traces_note": _traces_note(summary, traces),
        "figures": _figures(summary, table, traces),
    }


def _figures(
    summary: RunSummary, table: Sequence[FeatureRow], traces: KeptTraces
) -> dict[str, Any]:
    from workbench.reports import figures

    found: dict[str, Any] = {"progress": None, "features": None, "parameters": None}
    if summary.generations:
        found["progress"] = figures.progress(summary.generations)
    if summary.best is not None:
        found["features"] = figures.feature_bars(table)
        found["parameters"] = figures.parameter_boxes(summary)
    columns = figures.columns_for(traces.protocols)
    found["traces"] = [(p, figures.trace_panels(p, columns)) for p in traces.protocols]
    return found


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
