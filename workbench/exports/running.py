"""Run what was exported as its next user does: compiled there, and without the workbench."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workbench.builds import find_toolchain
from workbench.errors import InputError, NotTheSame
from workbench.inputs import is_file
from workbench.scratch import scratch_folder

_WITHOUT = (
    "import runpy, sys; sys.modules['workbench'] = None; sys.argv = sys.argv[1:]; "
    "sys.path.insert(0, '.'); runpy.run_path(sys.argv[0], run_name='__main__')"
)

_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Environment:
    """The Python environment in which an export is run.

    Attributes
    ----------
    python
        Its Python; nrnivmodl and nrniv are those beside it.
    """

    python: str = sys.executable

    def check(self, module: str, package: str) -> None:
        """Refuse an environment without the tool of a format.

        Raises
        ------
        InputError
            If there is no such Python, or it cannot import the module.
        """
        if not is_file(Path(self.python)):
            raise InputError(f"--python {self.python}: there is no such file")
        if self._said(f"import {module}") is None:
            raise InputError(
                f"{self.python} cannot import {module}, in which the export is to be run; make an "
                f"environment with it (python -m venv other; other/bin/pip install {package}) and "
                "name its Python (--python other/bin/python)"
            )

    def pinned(self, package: str) -> str:
        """Return packages, as pip is told of them, with the versions that are installed."""
        asked = f"from importlib.metadata import version; print(*map(version, {package.split()!r}))"
        said = self._said(asked)
        if said is None:
            return package
        pairs = zip(package.split(), said.split(), strict=True)
        return " ".join(f"{name}=={version}" for name, version in pairs)

    def _said(self, program: str) -> str | None:
        """Return what a line of Python prints there, None if it fails."""
        done = subprocess.run(
            [self.python, "-c", program], capture_output=True, text=True, check=False
        )
        return None if done.returncode else done.stdout

    def script(self, name: str, *arguments: str) -> list[str]:
        """Return how a script is run that cannot import the workbench."""
        return [self.python, "-c", _WITHOUT, name, *arguments]

    def run(self, command: Sequence[str], folder: Path) -> str:
        """Run a command in a folder, with little of this process's environment; return its output.

        Raises
        ------
        NotTheSame
            If it fails.
        """
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        scripts = str(Path(self.python).parent)
        kept["PATH"] = os.pathsep.join([scripts, kept.get("PATH", os.defpath)])
        kept |= {"LC_ALL": "C.UTF-8", "CXX": find_toolchain().cxx}
        # nrnivmodl is found on the PATH of the export's user.
        program = shutil.which(command[0], path=kept["PATH"]) or command[0]
        ended = subprocess.run(
            [program, *command[1:]],
            cwd=folder,
            env=kept,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if ended.returncode:
            said = "\n".join((ended.stderr or ended.stdout).strip().splitlines()[-8:])
            raise NotTheSame(f"the export does not run ({' '.join(command[-2:])}):\n{said}")
        return ended.stdout

    @contextmanager
    def copy(self, folder: Path, mechanisms: str, say: Callable[[str], None]) -> Iterator[Path]:
        """Return a copy of an exported folder, the mechanisms of its folder of these compiled.

        Raises
        ------
        NotTheSame
            If they cannot be compiled.
        """
        with scratch_folder() as scratch:
            copy = Path(scratch) / "export"
            shutil.copytree(folder, copy)
            if mechanisms and (copy / mechanisms).is_dir():
                say(f"nrnivmodl {mechanisms}")
                sources = copy / mechanisms
                self.run(["nrnivmodl", sources.name], sources.parent)
            yield copy
