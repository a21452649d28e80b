"""docs/exporting.md, followed word for word."""

import os
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
    python, hoc, bluepyopt = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    said = workbench(*shlex.split(python)).stdout
    [shown] = re.findall(r"```console\n(protocol .*?)```", PAGE, re.DOTALL)
    assert said == shown
    workbench(*shlex.split(hoc))
    said = workbench(*shlex.split(bluepyopt)).stdout
    assert "left behind: g_pas.all: the logarithmic scale" in said
    assert "scores of known within" in said
    natively, scores = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    typed(natively, folder)
    for name in ("as_python/traces/warm.csv", "as_python/traces/driven.csv"):
        assert (folder / name).read_text().startswith("t_ms,soma.v")
    assert (folder / "as_hoc/traces/warm.csv").stat().st_size > 10_000
    last = typed(scores, folder).splitlines()[-1].split()
    assert last[0] == "sum"
    assert 0 < float(last[1]) < 100


def typed(code: str, folder: Path) -> str:
    """Return what a block of the page prints where the environment of the tests is activated."""
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-ec", code], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_all_that_is_refused_is_named_at_once(workbench: Run, folder: Path) -> None:
    cell, targets = folder / "handed" / "cell.toml", folder / "handed" / "targets.toml"
    cell.write_text(cell.read_text().replace("e_pas = -65", "e_pas = { balance_mV = -65 }"))
    more = "[warm.soma.to.dend.features]\nattenuation = [1.3, 0.2]\n"
    targets.write_text(more + targets.read_text())
    said = workbench("export", "handed", "--format", "bluepyopt", "--out", "out", code=2).stderr
    assert "e_pas.all: it balances the membrane" in said
    assert "warm.soma.to.dend.attenuation: a feature of two recordings" in said
    assert "Export a copy of the study without these" in said
    assert "Traceback" not in said
    assert not (folder / "out").exists()


def test_the_python_runs(folder: Path) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
