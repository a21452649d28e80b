"""docs/exporting.md, followed word for word."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import REPOSITORY, Run

PAGE = (REPOSITORY / "docs" / "exporting.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in re.findall(r"```toml\n# (\S+/\w+\.toml)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_what_is_typed_runs(workbench: Run, folder: Path) -> None:
    [typed] = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    said = workbench(*shlex.split(typed)).stdout
    assert "left behind: g_pas.all: the logarithmic scale" in said
    [code] = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    code = code.replace("python ", f"{shlex.quote(sys.executable)} ")
    done = subprocess.run(["bash", "-ec", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    last = done.stdout.splitlines()[-1].split()
    assert last[0] == "sum"
    assert 0 < float(last[1]) < 100


def test_the_python_runs(folder: Path) -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
