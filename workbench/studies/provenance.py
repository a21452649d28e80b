"""Where a run came from: problem, search, software, machine, as plain JSON."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from workbench.fitting import Problem
from workbench.protocols import Stimulus
from workbench.studies.study import Study

PACKAGES = (
    "neuron-workbench",
    "neuron",
    "neurom",
    "morphio",
    "efel",
    "bluepyopt",
    "deap",
    "numpy",
)


def provenance(study: Study, search: dict[str, Any]) -> dict[str, Any]:
    """Return everything that a reader needs to run it again, or to see why it differs."""
    return {
        "schema_version": 1,
        "study": {
            "name": study.name,
            "folder": str(study.folder),
            "title": study.title,
            "description": study.description,
            "accuracy": study.accuracy,
        },
        "created": now(),
        "command": sys.argv,
        "problem": describe(study.problem),
        "search": search,
        "software": {"python": platform.python_version(), **_versions()},
        "machine": {
            "host": platform.node(),
            "system": platform.platform(),
            "processor": _processor(),
            "cores": os.cpu_count(),
        },
        "git": _git(),
        "sessions": [],
    }


def now() -> str:
    """Return the time as ISO text in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def describe(problem: Problem) -> dict[str, Any]:
    """Return a problem as plain tables."""
    recipe = problem.recipe
    return {
        "digest": problem.digest,
        "parts": dict(problem.parts),
        "parameters": [
            {"name": p.name, "low": p.low, "high": p.high, "scale": p.scale}
            for p in problem.parameters
        ],
        "objectives": [
            {
                "name": o.name,
                "protocol": o.protocol,
                "location": o.location,
                "recording": o.recording,
                "feature": o.feature,
                "mean": o.mean,
                "std": o.std,
                "window_ms": [o.window.begin_ms, o.window.end_ms],
                "threshold_mV": o.window.threshold_mV,
            }
            for o in problem.objectives
        ],
        "protocols": [
            {
                "name": p.name,
                "duration_ms": p.duration_ms,
                "stimuli": [_stimulus(s, p.duration_ms) for s in p.bound().stimuli],
                "recordings": [r.name for r in p.recordings],
            }
            for p in problem.protocols
        ],
        "integrator": problem.integration,
        "rule": {
            "missing": problem.rule.missing,
            "cap": problem.rule.cap,
            "failed": problem.rule.failed,
        },
        "cell": {
            "morphology": recipe.morphology.name,
            "morphology_digest": recipe.morphology.digest,
            "sections": len(recipe.morphology.sections),
            "segments": sum(recipe.segment_counts),
            "celsius_degC": recipe.celsius_degC,
            "v_init_mV": recipe.v_init_mV,
        },
        "mechanisms": [{"name": m.name, "digest": m.digest} for m in recipe.mechanisms],
    }


def _stimulus(stimulus: Stimulus, until_ms: float) -> dict[str, Any]:
    begin_ms, end_ms = stimulus.window_ms(until_ms)
    return {
        "site": str(stimulus.site),
        "delay_ms": begin_ms,
        "duration_ms": end_ms - begin_ms,
        "amplitude_nA": stimulus.amplitude_nA,
    }


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _git() -> dict[str, Any] | None:
    """Return the commit of the clone that the workbench runs from, or None in a wheel."""
    here = Path(__file__).parent
    try:
        command = ["git", "-C", str(here), "describe", "--always", "--abbrev=40", "--dirty"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    commit = said.stdout.strip()
    return {"commit": commit.removesuffix("-dirty"), "dirty": commit.endswith("-dirty")}
