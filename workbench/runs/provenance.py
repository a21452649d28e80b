"""Where a run came from: problem, search, software, machine, as plain JSON.

The ledger is the only checkpoint: a record that is lost is made anew from it and the study.
"""

import hashlib
import json
import logging
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from workbench.errors import LedgerError
from workbench.evaluations import Ledger
from workbench.fitting import Problem
from workbench.inputs import content, parsing
from workbench.protocols import Stimulus
from workbench.studies.notes import notes_of
from workbench.studies.study import Study

FILE = "provenance.json"
DAMAGED = "provenance.damaged.json"
SCHEMA_VERSION = 1
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


class ProvenanceLostError(LedgerError):
    """The record is missing or damaged; `restore` makes another."""


def read_provenance(folder: Path) -> dict[str, Any]:
    """Return the record of a run.

    Raises
    ------
    ProvenanceLostError
        If it is missing or damaged.
    LedgerError
        If it is of another version, or may not be read.
    """
    path = folder / FILE
    mend = "`workbench resume` makes it anew from the study and the ledger"
    if not path.exists():
        raise ProvenanceLostError(
            f"{path} is missing, so nothing tells what the numbers of the ledger mean; {mend}"
        )
    written = content(path, LedgerError)
    try:
        with parsing(path, "a record of a run", ProvenanceLostError):
            record = json.loads(written)
            if not isinstance(record, dict) or record.get("checksum") != _checksum(record):
                raise ValueError("it is not what was written")
    except ProvenanceLostError as error:
        words = str(error).removeprefix(f"{path}: ")
        raise ProvenanceLostError(f"{path} is damaged: {words}; {mend}") from None
    if (version := record["schema_version"]) != SCHEMA_VERSION:
        raise LedgerError(f"{path} is of version {version}, this workbench reads {SCHEMA_VERSION}")
    return record


def _checksum(record: Mapping[str, Any]) -> str:
    """Return the sha256 of all that a record says but for its checksum."""
    said = {name: value for name, value in record.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def write_provenance(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the record of a run; one that was there is replaced by a whole one or not at all."""
    path = folder / FILE
    partial = path.with_suffix(".partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(json.dumps({**record, "checksum": _checksum(record)}, indent=2))
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def restore(folder: Path, study: Study, search: dict[str, Any], ledger: Ledger) -> None:
    """Make a lost record anew, and say so.

    Command, software and machine are those of now. Of its sessions only the time from the first
    attempt to the last is known.
    """
    facts = {name: value for name, value in ledger.facts().items() if name != "schema_version"}
    record = {**provenance(study, search), "facts": facts, "restored": now()}
    if (folder / FILE).exists():
        # Somebody may still read in it what nothing else tells.
        os.replace(folder / FILE, folder / DAMAGED)
    spans = [(a["ended_at"] - a["seconds"], a["ended_at"]) for a in ledger.attempts()]
    # A salvaged row may have lost the attempt that it came from; its time is 0.
    if spans := [span for span in spans if span[0] > 0]:
        begun, ended = (_iso(s) for s in (min(spans)[0], max(end for _, end in spans)))
        record["created"] = begun
        known = {"started": begun, "ended": ended, "workers": "unknown"}
        record["sessions"] = [{**known, "reason": "told by the ledger alone"}]
    write_provenance(folder, record)
    logging.getLogger(__name__).warning(
        f"{folder / FILE} was lost and is made anew from {study.folder} and the ledger; command, "
        "software and machine in it are those of now"
    )


def provenance(study: Study, search: dict[str, Any]) -> dict[str, Any]:
    """Return everything that a reader needs to run it again, or to see why it differs."""
    return {
        "schema_version": SCHEMA_VERSION,
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
    return _iso(time.time())


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


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
        "notes": list(notes_of(problem)),
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
