"""docs/validation.md, followed: what is held out never moves the search, and is scored after it."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import REPOSITORY, Refused, Run
from tests.system.running import table

PAGE = (REPOSITORY / "docs" / "validation.md").read_text(encoding="utf-8")
[PYTHON] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
# One cylinder with the area of the patch, 1e4 um2, and twice as long as wide.
SHAPE = "1 1 0 0 0 19.947 -1\n2 1 0 79.788 0 19.947 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in re.findall(r"```toml\n# ([\w/]+\.toml)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "single_compartment.swc").write_text(SHAPE)
    return tmp_path


def test_the_page(workbench: Run, refused: Refused, folder: Path) -> None:
    fit, *validations = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    said = json.loads(workbench(*shlex.split(fit), "--json").stdout)
    held_out = said["held_out"]
    names = [row["feature"] for row in held_out["targets"]]
    assert names == ["step.soma.spike_intervals", "pulse.soma.maximum", "pulse.soma.minimum"]
    best = held_out["individuals"][0]
    assert (best["generation"], best["individual"]) == (
        said["best"]["generation"],
        said["best"]["individual"],
    )
    run = folder / "runs" / "trial"
    rows = table(run)
    kept = (run / "held_out.json").read_text()
    report = (run / "report.html").read_text()
    assert "What the search did not see" in report
    assert "They are not those" not in report

    # Other held-out targets, and the same search, bit for bit.
    targets = folder / "trial" / "targets.toml"
    text = targets.read_text()
    targets.write_text(text.replace("[41.77, 2.1]", "[41.77, 1.1]"))
    workbench(*shlex.split(fit)[:-1], "runs/moved")
    assert table(folder / "runs" / "moved") == rows
    targets.write_text(text)

    # What was scored is what a study that asks for nothing else scores.
    score = ("score", "trial", "--params", "runs/trial", "--json")
    targets.write_text(
        text.replace("held_out = true\n", "").replace('["spike_intervals"]', "false")
    )
    alone = json.loads(workbench(*score).stdout)["scores"]
    targets.write_text(text)
    assert {r["feature"]: r["score"] for r in held_out["targets"]} == {n: alone[n] for n in names}
    for row in held_out["targets"][1:]:
        assert row["score_low"] <= row["score"] <= row["score_high"]
    assert held_out["targets"][0]["score_low"] is None

    # It is simulated again where it is damaged, and only then.
    workbench("validate", "runs/trial")
    assert (run / "held_out.json").read_text() == kept
    (run / "held_out.json").write_text(kept.replace('"sum"', '"Sum"', 1))
    workbench("resume", "runs/trial")
    assert (run / "held_out.json").read_text() == kept

    for command in validations:
        workbench(*shlex.split(command))
    lines = (folder / "archive.csv").read_text().splitlines()
    assert len(lines) == 1 + len(held_out["individuals"])
    other = ("validate", "runs/trial", "--study", "other", "--json")
    found = json.loads(workbench(*other).stdout)
    assert [row["feature"] for row in found["targets"]] == ["strong.soma.spike_count"]
    # A space-clamped patch of the same area does the same, whatever its shape.
    both = ("--targets", "later.toml", "--json")
    own = json.loads(workbench("validate", "runs/trial", *both).stdout)["targets"]
    shape = ("--morphology", "single_compartment.swc", *both)
    [shaped] = json.loads(workbench("validate", "runs/trial", *shape).stdout)["targets"]
    assert shaped["value"] == pytest.approx(own[0]["value"], abs=0.05)
    assert "has the free parameters" in refused("validate", "runs/trial", "--study", "l5pc_quick")
    assert "nowhere.swc" in refused("validate", "runs/trial", "--morphology", "nowhere.swc")


def test_the_page_in_python(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PYTHON], cwd=folder, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stderr
    assert "pulse.soma.maximum" in done.stdout
    assert "score_high" in done.stdout
