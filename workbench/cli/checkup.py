"""The verb `doctor`: what this machine has, what it lacks, and how to get it."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

from workbench.builds import find_toolchain, is_built, nrnivmodl
from workbench.builds.native import native_flags
from workbench.cli.printing import console, notes, print_json
from workbench.cli.trying import try_ways
from workbench.errors import InputError, WorkbenchError
from workbench.mechanisms import read_mechanisms, shipped_mechanisms
from workbench.morphology import known_cells, resolve
from workbench.resources import cache_folder
from workbench.runs.provenance import PACKAGES

SMALLEST_FREE_MB = 500


@dataclass(frozen=True)
class Check:
    """One finding: `state` is ok, note or missing; what is missing stops a fit that asks for it."""

    name: str
    state: str
    found: str


def doctor(as_json: bool) -> None:
    """Print every check; the exit code is 2 if something is missing that a fit needs."""
    checks = [
        Check("python", "ok", sys.version.split()[0]),
        *_packages(),
        _tried("C++ compiler", lambda: find_toolchain().cxx_version),
        Check("flags for this processor", "ok", native_flags()),
        _tried("nrnivmodl, make, perl, libpython", lambda: str(nrnivmodl())),
        _cache(),
        *_builds(),
        *_morphologies(),
        _mpi(),
        *_ways(),
    ]
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        colours = {"ok": "green", "note": "yellow", "missing": "red"}
        for check in checks:
            console.print(f"{check.state:8}", end="", style=colours[check.state])
            console.print(f"{check.name}: {check.found}")
    if any(check.state == "missing" for check in checks):
        raise InputError("something is missing; the lines above say how to get it")


def _tried(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", look())
    except WorkbenchError as error:
        return Check(name, "missing", str(error))


def _packages() -> list[Check]:
    checks = []
    for package in PACKAGES:
        try:
            checks.append(Check(package, "ok", version(package)))
        except PackageNotFoundError:
            checks.append(Check(package, "missing", f"pip install {package}"))
    return checks


def _cache() -> Check:
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / "probe"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        advice = "name a folder that can be written in WORKBENCH_CACHE"
        return Check("cache", "missing", f"{folder}: {error.strerror}; {advice}")
    free_MB = shutil.disk_usage(folder).free // 2**20
    state = "ok" if free_MB >= SMALLEST_FREE_MB else "note"
    return Check("cache", state, f"{folder}, {free_MB} MB free")


def _builds() -> list[Check]:
    checks = []
    for name in shipped_mechanisms():
        try:
            built = is_built([read_mechanisms(name)])
        except WorkbenchError as error:
            checks.append(Check(f"mechanisms {name}", "missing", str(error)))
            continue
        advice = f"not compiled yet; at first use, or: workbench mechanisms build {name}"
        checks.append(Check(f"mechanisms {name}", "ok", "compiled" if built else advice))
    return checks


def _ways() -> list[Check]:
    return [
        Check(f"computes: {trial.way}", "ok" if trial.works else "missing", trial.found)
        for trial in try_ways(notes.print)
    ]


def _morphologies() -> list[Check]:
    checks = []
    for entry in known_cells():
        try:
            checks.append(Check(f"morphology {entry.name}", "ok", str(resolve(entry.name))))
        except WorkbenchError as error:
            first = str(error).partition(". Sought")[0]
            advice = "workbench morphology list says how to get it"
            checks.append(Check(f"morphology {entry.name}", "note", f"{first}; {advice}"))
    return checks


def _mpi() -> Check:
    try:
        return Check("mpi4py", "ok", version("mpi4py"))
    except PackageNotFoundError:
        return Check("mpi4py", "note", "not needed here; for clusters: pip install mpi4py")
