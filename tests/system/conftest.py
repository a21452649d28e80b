"""The command line as a user types it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.system.command import COMMAND, Run


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
