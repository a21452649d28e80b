"""docs/editing.md, followed word for word on a small cell."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import REPOSITORY, Run
from tests.system.test_edit import SWC
from workbench.morphology import EDITS, load_morphology

PAGE = (REPOSITORY / "docs" / "editing.md").read_text(encoding="utf-8")


def test_the_commands_write_cells(workbench: Run, tmp_path: Path) -> None:
    (tmp_path / "cell.swc").write_text(SWC)
    commands = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 5
    for command in commands:
        workbench(*shlex.split(command))
    before, after = (load_morphology(tmp_path / name) for name in ("cell.swc", "longer.swc"))
    ratio = after.length_um("apical") / before.length_um("apical")
    assert ratio == pytest.approx(1.2, rel=1e-6)
    assert load_morphology(tmp_path / "tree23.swc").length_um() > 1750


def test_the_tables_are_edits() -> None:
    types = re.findall(r'^type = "(.*)"$', PAGE, re.MULTILINE)
    assert types == ["scale-lengths", "prune-order"]
    assert set(types) <= EDITS.keys()


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_the_python_runs(code: str, tmp_path: Path) -> None:
    (tmp_path / "cell.swc").write_text(SWC)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
