"""Raw results of the benchmarks: `results/<date>-<name>.json`, with machine and versions."""

import json
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("results")
PACKAGES = ("neuron", "bluepyopt", "efel", "numpy")


def keep(name: str, result: dict[str, Any], made_by: str = "") -> Path:
    """Write a result and return its file; say which it is, and the command that makes it again."""
    made_by = made_by or command()
    FOLDER.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    record = {
        "name": name,
        "command": made_by,
        "date": now.isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {package: version(package) for package in PACKAGES},
        "commit": commit(),
        **result,
    }
    file = FOLDER / f"{now:%Y-%m-%d}-{name}.json"
    file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    busy = f"; the machine was busy: load {load:.1f} on {cores} cores" if load > cores else ""
    print(f"    {made_by}{busy}\n    raw: {file.relative_to(FOLDER.parents[2])}")
    return file


def command() -> str:
    """Return what runs the current benchmark alone."""
    test = re.split(r"[\[ ]", os.environ.get("PYTEST_CURRENT_TEST", "tests/bench"))[0]
    return f"python -m pytest {test} -s"


def machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")
    return {
        "processor": model or platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "load": os.getloadavg(),
    }


def commit() -> str:
    asked = ["git", "-C", str(FOLDER.parent), "describe", "--always", "--dirty", "--abbrev=12"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
