"""The command line as a user types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import COMMAND, Refused, Run
from workbench.cli import main


@pytest.fixture
def workbench(tmp_path: Path) -> Run:
    """Run `workbench ARGS` in an empty folder; expect the exit code `code`."""

    def run(*args: object, code: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*COMMAND, *map(str, args)],
            cwd=tmp_path,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=540,
        )
        assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture
def refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Refused:
    """Return what `workbench ARGS` says when it ends with exit code 2, in an empty folder.

    It is called in this process: a new one spends a second on imports, and a message none.
    """
    monkeypatch.chdir(tmp_path)
    loaded = "neuron" in sys.modules

    def run(*args: object) -> str:
        monkeypatch.setattr(sys, "argv", ["workbench", *map(str, args)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        assert ended.value.code == 2, f"{said.out}\n{said.err}"
        assert loaded or "neuron" not in sys.modules, "NEURON was loaded; use a child process"
        return said.err

    return run
