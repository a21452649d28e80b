"""Run what was exported as its next user does: compiled there, and without the workbench."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workbench.builds import find_toolchain, nrnivmodl
from workbench.errors import NotTheSame
from workbench.scratch import scratch_folder

_WITHOUT = (
    "import runpy, sys; sys.modules['workbench'] = None; sys.argv = sys.argv[1:]; "
    "sys.path.insert(0, '.'); runpy.run_path(sys.argv[0], run_name='__main__')"
)

_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH")


def python(script: str) -> list[str]:
    """Return how a script is run by a Python that cannot import the workbench."""
    return [sys.executable, "-c", _WITHOUT, script]


@contextmanager
def without_workbench(folder: Path, say: Callable[[str], None]) -> Iterator[Path]:
    """Return a copy of an exported folder, its mechanisms compiled.

    Raises
    ------
    NotTheSame
        If they cannot be compiled.
    """
    with scratch_folder() as scratch:
        copy = Path(scratch) / "export"
        shutil.copytree(folder, copy)
        if (copy / "mechanisms").is_dir():
            say("nrnivmodl mechanisms")
            run_alone([str(nrnivmodl()), "mechanisms"], copy)
        yield copy


def run_alone(command: Sequence[str], folder: Path) -> str:
    """Run a command in the folder, with little of this process's environment; return its output.

    Raises
    ------
    NotTheSame
        If it fails.
    """
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    scripts = str(Path(sys.executable).parent)
    environment["PATH"] = os.pathsep.join([scripts, environment.get("PATH", os.defpath)])
    environment |= {"LC_ALL": "C.UTF-8", "CXX": find_toolchain().cxx}
    ended = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if ended.returncode:
        said = "\n".join((ended.stderr or ended.stdout).strip().splitlines()[-8:])
        raise NotTheSame(f"the export does not run ({' '.join(command[-2:])}):\n{said}")
    return ended.stdout
