"""What the README shows works as it is written."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import REPOSITORY, Run

README = (REPOSITORY / "README.md").read_text()


def test_the_python_examples_run_as_a_script_without_a_main_guard(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    script = tmp_path / "example.py"
    script.write_text("\n".join(blocks))
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr


def test_the_commands_run(workbench: Run, tmp_path: Path) -> None:
    lines = re.findall(r"^\$ workbench (.*)$", README, re.MULTILINE)
    assert len(lines) == 10
    for line in lines:
        workbench(*shlex.split(line))
    rows = (tmp_path / "step1.csv").read_text().splitlines()
    assert rows[0] == "t_ms,soma.v"
    assert float(rows[-1].split(",")[0]) == pytest.approx(3000, abs=1e-6)
    assert len((tmp_path / "evaluations.csv").read_text().splitlines()) == 17
    assert (tmp_path / "NaTa_t.png").is_file()
    assert (tmp_path / "runs" / "first" / "report.html").is_file()
