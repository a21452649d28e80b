"""The compiler and the tools that nrnivmodl needs on this machine."""

import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BuildError


@dataclass(frozen=True)
class Toolchain:
    """The compiler of mechanisms, which is part of a build's key.

    Attributes
    ----------
    cxx
        The C++ compiler's command, its program as an absolute path.
    cxx_version
        First line of what `--version` prints.
    """

    cxx: str
    cxx_version: str


def find_toolchain() -> Toolchain:
    """Return the compiler of this machine: $CXX, or the one that Python names, or g++.

    Raises
    ------
    BuildError
        If there is none, or it does not run.
    """
    cxx = _compiler()
    try:
        shown = subprocess.run(
            [*cxx, "--version"], capture_output=True, text=True, errors="replace", check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise BuildError(f"the C++ compiler {shlex.join(cxx)} does not run: {error}") from error
    return Toolchain(shlex.join(cxx), shown.stdout.partition("\n")[0])


def processor_features(flags: str) -> str:
    """Return this processor's features if the flags make the code depend on them, else ""."""
    if "native" not in flags:
        return ""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    named = ("model name", "flags", "CPU part", "Features")
    first: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() in named:
            first.setdefault(name.strip(), " ".join(sorted(value.split())))
    return repr(sorted(first.items()))


def nrnivmodl() -> Path:
    """Return NEURON's compile script, once everything that it needs has been found.

    Raises
    ------
    BuildError
        If it, make, perl or Python's shared library is missing; the message says which
        package brings it.
    """
    for tool, package in (("make", "make"), ("perl", "perl")):
        if shutil.which(tool) is None:
            raise _missing(tool, package)
    if not _has_libpython():
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise _missing(f"Python's shared library libpython{version}.so", f"libpython{version}")
    # PATH holds the environment's scripts only where somebody activated it.
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        script = folder / "nrnivmodl"
        if script.exists():
            return script
    raise BuildError(
        f"nrnivmodl is not beside {sys.executable}; install NEURON there: pip install neuron"
    )


def _compiler() -> list[str]:
    named = os.environ.get("CXX")
    if named:
        command = shlex.split(named)
        program = shutil.which(command[0])
        if program is None:
            raise BuildError(f"$CXX names the C++ compiler {named!r}, which is not to be found")
        return [program, *command[1:]]
    of_python = shlex.split(sysconfig.get_config_var("CXX") or "")[:1]
    for name in (*of_python, "g++", "c++"):
        program = shutil.which(name)
        if program is not None:
            return [program]
    raise _missing("a C++ compiler (g++)", "g++")


def _has_libpython() -> bool:
    if os.environ.get("NMODL_PYLIB"):
        return True
    # The finder that NEURON's own scripts use; NEURON depends on it.
    from find_libpython import find_libpython

    return find_libpython() is not None


def _missing(what: str, package: str) -> BuildError:
    return BuildError(
        f"{what} is missing, nrnivmodl needs it to compile mechanisms. "
        f"On Debian and Ubuntu: sudo apt-get install {package}"
    )
