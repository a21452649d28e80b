"""docs/regions.md, followed word for word."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.system.command import REPOSITORY, Run
from workbench.morphology import load_morphology
from workbench.morphology.regions.expressions import CALLS, NUMBERS

PAGE = (REPOSITORY / "docs" / "regions.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tufted").mkdir()
    files = re.findall(r"```toml\n# (tufted/\w+\.toml)\n(.*?)```", PAGE, re.DOTALL)
    assert len(files) == 5
    for name, text in files:
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_study_is_simulated(workbench: Run, folder: Path) -> None:
    simulate, *_ = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    workbench(*shlex.split(simulate))
    head, *rows = (folder / "pulse.csv").read_text().splitlines()
    assert head == "t_ms,soma.v,tuft.v,end.v"
    volts = np.array([[float(one) for one in row.split(",")] for row in rows])
    # The channels of Hodgkin and Huxley are in the tuft alone, and fire there.
    assert volts[:, 2].max() > 0 > volts[:, 1].max()


def test_shapes_are_checked_measured_and_edited(workbench: Run, folder: Path) -> None:
    _, check, measure, edit = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    told = workbench(*shlex.split(check)).stdout
    assert re.search(r"^  tuft +3 +460.00 +[\d.]+$", told, re.MULTILINE), told
    assert "tuft" in workbench(*shlex.split(measure)).stdout.splitlines()[0]
    workbench(*shlex.split(edit))
    longer = load_morphology(folder / "longer.swc").length_um("apical")
    assert longer == pytest.approx(300 + 100 + 500 + 200 + 150 + 0.2 * 460, rel=1e-5)


def test_a_file_without_regions_is_refused(workbench: Run, folder: Path) -> None:
    shape = "tufted/shape.toml"
    args = ["morphology", "measure", shape, "--by", "region", "--regions", shape]
    assert f"{shape}: it has no table [regions]" in workbench(*args, code=2).stderr
    (folder / "near.toml").write_text('[regions]\nnear = "distance_um < 50"\n')
    args[-1] = "near.toml"
    told = " ".join(workbench(*args, code=2).stderr.split())
    assert "region 'near' of 'shape' ends inside of apic[0], at 0.1333" in told


def test_the_python_runs(folder: Path) -> None:
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    # From 700 um on: 110 um of apic[2], and the two sections that it ends in.
    assert float(done.stdout.split()[0]) == pytest.approx(110 + 200 + 150)


def test_all_words_are_on_the_page() -> None:
    told = set(re.findall(r"`([^`]+)`", PAGE.partition("## Expressions")[2].partition("\n## ")[0]))
    assert {*NUMBERS, "tips"} <= told
    for word in CALLS:
        assert any(one.startswith(f"{word}('") for one in told)
