"""docs/morphologies.md: what it says of checks and mends is done word for word on small cells."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cells import known_cell
from tests.system.command import REPOSITORY, Run
from tests.system.test_edit import SWC

PAGE = (REPOSITORY / "docs" / "morphologies.md").read_text(encoding="utf-8")
CHECKS = re.findall(r"^workbench (morphology check .*)$", PAGE, re.MULTILINE)
CODE = [
    code for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "_cell(" not in code
]


def test_the_commands_check_and_mend(workbench: Run, tmp_path: Path) -> None:
    (tmp_path / "cells").mkdir()
    for name in ("cell.swc", "cells/a.swc", "cells/b.swc"):
        (tmp_path / name).write_text(SWC + "99 3 0 90 0 0.5 1\n98 3 0 95 0 0.5 99\n")
    assert len(CHECKS) == 3
    for command in CHECKS:
        files = [str(one.relative_to(tmp_path)) for one in tmp_path.glob("cells/*.swc")]
        words = [word for given in shlex.split(command) for word in
                 (files if "*" in given else [given])]  # fmt: skip
        workbench(*words)
    assert (tmp_path / "mended.swc").exists()


@pytest.mark.parametrize("code", CODE)
def test_the_python_runs(code: str, tmp_path: Path) -> None:
    known_cell("hay_cell1")
    for name in ("a.swc", "b.swc"):
        (tmp_path / name).write_text(SWC)
    code = code if "import workbench" in code else f"import workbench as wb\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
