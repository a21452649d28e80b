"""What the page needs to pick another compromise: the archive's scores, as data for its program."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

from workbench.reports.thinning import thin_out
from workbench.runs.archive import Archive
from workbench.runs.folder import quoted
from workbench.runs.summary import RunSummary
from workbench.runs.traces import ProtocolTraces, read_traces, traced

_LEAST, _MOST, _SAMPLES = 60, 250, 40_000


def program() -> str:
    """Return the program of the page."""
    return files("workbench.reports").joinpath("compromise.js").read_text(encoding="utf-8")


def fingerprint(script: str) -> str:
    """Return what a page says of a program so that a browser runs it and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def data_of(summary: RunSummary, archive: Archive) -> str:
    """Return the archive as JSON that may stand in a page: nothing in it ends an element."""
    traces = _traces(summary, archive)
    shown = {
        "run": quoted(summary.folder),
        "axes": archive.axes,
        "features": [{"name": one.name, "target": one.target} for one in summary.objectives],
        "parameters": [one.name for one in summary.parameters],
        "models": [
            {
                "generation": row.generation,
                "individual": row.individual,
                "sum": _short(float(row.scores.sum())),
                "axes": [_short(one) for one in scores],
                "features": [_short(one) for one in row.scores.tolist()],
                "parameters": [_short(one) for one in row.parameters.tolist()],
                "traces": traces.get((row.generation, row.individual)),
            }
            for row, scores in zip(archive.rows, archive.scores.tolist(), strict=True)
        ],
    }
    return json.dumps(shown, separators=(",", ":")).replace("<", "\\u003c")


def _traces(summary: RunSummary, archive: Archive) -> dict[tuple[int, int], list[dict[str, Any]]]:
    """Return a voltage of each protocol of the individuals whose traces are kept, by their key.

    Of one individual alone there are none here: there is nobody to compare it with.
    """
    problem = summary.record.problem
    rows = traced(summary.folder, archive.rows)
    if len(rows) < 2:
        return {}
    bins = max(_LEAST, min(_MOST, _SAMPLES // (4 * max(len(rows) * len(problem.protocols), 1))))
    found = {}
    for row in rows:
        kept = read_traces(summary.folder, problem, row)
        if kept.key == (row.generation, row.individual):
            found[kept.key] = [_line(one, bins) for one in kept.protocols]
    return found


def _line(traces: ProtocolTraces, bins: int) -> dict[str, Any]:
    first, *_ = sorted(traces.recordings, key=lambda name: not name.endswith(".v"))
    t_ms, values = thin_out(traces.t_ms, traces.recordings[first], bins)
    return {
        "name": f"{traces.protocol}: {first}",
        "t": [_short(one) for one in t_ms.tolist()],
        "v": [round(one, 2) for one in values.tolist()],
    }


def _short(value: float) -> Any:
    return float(f"{value:.5g}")
