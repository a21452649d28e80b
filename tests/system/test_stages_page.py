"""docs/stages.md, followed: the truth is found, and a run that is killed in a stage goes on."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.command import COMMAND, REPOSITORY, Refused, Run
from tests.system.running import sessions, table, wait_for_rows

PAGE = (REPOSITORY / "docs" / "stages.md").read_text(encoding="utf-8")
RECORD, READ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
TRUTH = {"g_pas.all": 1e-4, "cm.all": 1.2, "Ra.all": 140.0}


def python(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in re.findall(r"```toml\n# (\w+/\w+\.toml)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    python(RECORD, tmp_path)
    return tmp_path


def test_the_page_and_a_run_that_is_killed(workbench: Run, refused: Refused, folder: Path) -> None:
    [fit] = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    said = json.loads(workbench(*shlex.split(fit), "--json").stdout)
    for row in said["errors"]:
        assert row["low_90"] < row["value"] < row["high_90"]
        assert abs(row["value"] - TRUTH[row["parameter"]]) < 3 * row["error"]
    assert [row["evaluations"] for row in said["stages"]][1] == 60
    assert said["best"]["generation"] >= 50
    run = folder / "runs" / "staged"
    straight = table(run)
    report = (run / "report.html").read_text()
    assert "passive: errors of its parameters" in report
    assert "no target of this stage" not in report

    shown = python(f"import workbench as wb\n{READ}", folder)
    assert "least-squares" in shown
    assert table(run) == straight

    begun = [*COMMAND, *shlex.split(fit)[:-1]]
    for name, rows in (("first", 10), ("second", len(straight) - 40)):
        killed = folder / "runs" / name
        child = subprocess.Popen(
            [*begun, str(killed)], cwd=folder, stderr=subprocess.DEVNULL, start_new_session=True
        )
        wait_for_rows(child, killed, rows)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        assert len(table(killed)) < len(straight)
        workbench("resume", str(killed))
        assert [one["reason"] for one in sessions(killed)] == ["killed", "finished"]
        assert table(killed) == straight

    best = json.loads((run / "best.json").read_text())
    assert best["generation"] >= 50
    assert best["features"]["blocked.soma.trace"]["reason"] == "no target of this stage"
    assert "each as long as it was planned" in refused("resume", run, "--generations", 99)
    assert "cannot be scored anew" in refused("rescore", run)
    assert "say their population themselves" in refused("fit", "staged", "--population", 3)


def test_several_seeds_are_one_run(workbench: Run, tmp_path: Path) -> None:
    """The first of them is the run of that seed alone, and the next that of the next."""
    fit = ("fit", "hodgkin_huxley", "--population", 4, "--generations", 2, "--workers", 1)
    workbench(*fit, "--seed", 3, "--seeds", 2, "--out", "both")
    both = table(tmp_path / "both")
    for number, seed in enumerate((3, 4)):
        workbench(*fit, "--seed", seed, "--out", f"one{seed}")
        alone = table(tmp_path / f"one{seed}")
        part = [row for row in both if row[0] in (2 * number, 2 * number + 1)]
        assert [row[1:8] for row in part] == [row[1:8] for row in alone]
