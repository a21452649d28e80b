"""What the page needs to pick another compromise: the archive's scores, as data for its program."""

import base64
import hashlib
import json
from importlib.resources import files
from typing import Any

from workbench.runs.archive import Archive
from workbench.runs.folder import quoted
from workbench.runs.summary import RunSummary


def program() -> str:
    """Return the program of the page."""
    return files("workbench.reports").joinpath("compromise.js").read_text(encoding="utf-8")


def fingerprint(script: str) -> str:
    """Return what a page says of a program so that a browser runs it and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def data_of(summary: RunSummary, archive: Archive) -> str:
    """Return the archive as JSON that may stand in a page: nothing in it ends an element."""
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
            }
            for row, scores in zip(archive.rows, archive.scores.tolist(), strict=True)
        ],
    }
    return json.dumps(shown, separators=(",", ":")).replace("<", "\\u003c")


def _short(value: float) -> Any:
    return float(f"{value:.5g}")
