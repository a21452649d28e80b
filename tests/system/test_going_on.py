"""docs/runs.md, followed; and what is lengthened, begun from and scored anew, killed on its way."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.system.command import COMMAND, REPOSITORY, Run
from tests.system.running import MPIRUN, sessions, table, wait_for_rows
from tests.system.test_steady_fit import tellings
from workbench.runs import archive_table

PAGE = (REPOSITORY / "docs" / "runs.md").read_text(encoding="utf-8")
FIT = ["fit", "hodgkin_huxley", "--population", "6", "--seed", "3"]


def test_the_page(workbench: Run, tmp_path: Path) -> None:
    [(name, text)] = re.findall(r"```toml\n# (\w+\.toml)\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / name).write_text(text)
    commands = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    assert len(commands) == 18
    for command in commands:
        workbench(*shlex.split(command))
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    more = "assert len(longer.evaluations()) == 90\nassert stricter.score < 1e3\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{more}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def killed(tmp_path: Path, count: int, run: Path, *command: object) -> None:
    """Begin a command and kill it when a run has so many evaluations."""
    words = [*COMMAND, *map(str, command)]
    begun = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE)
    wait_for_rows(begun, run, count)
    os.kill(begun.pid, signal.SIGKILL)
    begun.communicate()


def test_twenty_and_twenty_more_are_forty(workbench: Run, tmp_path: Path) -> None:
    """Killed among the twenty more, and ended by ranks."""
    workbench(*FIT, "--generations", 40, "--out", "whole")
    workbench(*FIT, "--generations", 20, "--out", "run")
    run = tmp_path / "run"
    killed(tmp_path, 140, run, "resume", run, "--generations", 40)
    assert 140 <= len(table(run)) < 240
    assert "/40" in workbench("runs", tmp_path, "--json").stdout
    ranks = [MPIRUN, "-n", "2", *COMMAND, "resume", str(run)]
    subprocess.run(ranks, cwd=tmp_path, check=True, timeout=300)
    assert table(run) == table(tmp_path / "whole")
    assert archive_table(run) == archive_table(tmp_path / "whole")
    assert [one["generations"] for one in sessions(run)] == [20, 40, 40]
    assert "40 of 40 generations" in (run / "report.html").read_text()
    assert (
        "has begun 40 generations" in workbench("resume", run, "--generations", 30, code=2).stderr
    )


def test_a_fit_that_waits_for_nobody_is_given_more(workbench: Run, tmp_path: Path) -> None:
    fit = [*FIT, "--algorithm", "steady-ibea", "--workers", 1]
    workbench(*fit, "--generations", 2, "--out", "run")
    before = tellings(tmp_path / "run")
    workbench("resume", "run", "--generations", 4, "--workers", 1)
    found = tellings(tmp_path / "run")
    assert found[:12] == before
    assert sorted(key[:2] for key in found) == [(g, i) for g in range(4) for i in range(6)]


def test_a_fit_from_another_run_that_is_gone(workbench: Run, tmp_path: Path) -> None:
    workbench(*FIT, "--generations", 3, "--out", "runs/first")
    begin = [*FIT[:-1], 4, "--generations", 10, "--from", "first"]
    said = workbench(*begin, "--out", "whole").stderr
    assert "begins with 6 individuals of " in said
    run = tmp_path / "run"
    killed(tmp_path, 3, run, *begin, "--out", run)
    assert len(table(run)) < 60
    shutil.rmtree(tmp_path / "runs" / "first")
    workbench("resume", "run", "--workers", 2)
    assert table(run) == table(tmp_path / "whole")
    assert "<dt>Begun with</dt><dd>6 individuals of" in (run / "report.html").read_text()
    refused = workbench(*begin, "--out", "other", code=2).stderr
    assert "there is no run 'first' to begin from" in refused


def test_scores_of_other_targets_are_those_of_a_simulation(workbench: Run, tmp_path: Path) -> None:
    """The best under the new targets is simulated by a study that has them."""
    study = Path(shutil.copytree(REPOSITORY / "optimizations" / "hodgkin_huxley", tmp_path / "hh"))
    workbench("fit", study, *FIT[2:], "--generations", 3, "--out", "run")
    targets = study / "targets.toml"
    text = targets.read_text().replace("[41.77, 2.1]", "[30, 0.5]")
    targets.write_text(text.replace("spike_intervals = [14.67, 0.73]\n", ""))
    done = json.loads(workbench("rescore", "run", "--out", "new", "--json").stdout)
    best: dict[str, Any] = json.loads((tmp_path / "new" / "best.json").read_text())
    assert done["best"]["sum"] == best["sum_SD"]
    found = json.loads(workbench("score", study, "--params", "new", "--json").stdout)
    assert found["scores"] == {name: one["score_SD"] for name, one in best["features"].items()}
    assert len(found["scores"]) == 3
    refused = workbench("resume", "new", code=2).stderr
    assert "scored anew" in refused
    targets.write_text(text.replace("window_ms = [10, 40]", "window_ms = [10, 30]"))
    refused = workbench("rescore", "run", "--out", "other", code=2).stderr
    assert "pulse.soma.maximum was measured in [10, 40] ms" in refused
    assert "Traceback" not in refused
    assert not (tmp_path / "other").exists()
