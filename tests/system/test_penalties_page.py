"""docs/penalties.md, followed: what is penalised has its reason and its score."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.system.command import COMMAND, REPOSITORY, Refused, Run
from tests.system.running import table, wait_for_rows
from workbench.evaluations import Ledger
from workbench.features import Missing, Penalised

PAGE = (REPOSITORY / "docs" / "penalties.md").read_text(encoding="utf-8")


@pytest.fixture
def firing(tmp_path: Path) -> Path:
    """Return the first study of the page; `blocked` lies beside it."""
    for name, text in re.findall(r"```toml\n# (\w+/\w+\.toml)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "firing"


@pytest.fixture
def blocked(firing: Path) -> Path:
    """Return the study with a block check."""
    return firing.with_name("blocked")


def test_who_is_blocked_is_told_and_the_same_for_any_workers(
    workbench: Run, refused: Refused, blocked: Path
) -> None:
    """The same bits from one worker, from two, from lanes, and from one that was killed."""
    one, two, run = (blocked.parent / name for name in ("one", "two", "run"))
    workbench("fit", blocked, "--out", one, "--workers", 1)
    workbench("fit", blocked, "--out", two, "--workers", 2)
    assert table(two) == table(one)
    with Ledger.open(one / "ledger.sqlite") as ledger:
        rows = list(ledger.rows())
    reasons = {row.evaluation.reasons[0].partition(" for ")[0] for row in rows}
    assert "depolarisation block: above -55 mV" in reasons
    for row in rows:
        if row.evaluation.reasons[0].startswith("depolarisation block"):
            assert row.scores.tolist() == [75.0, 75.0]
    words = [*COMMAND, "fit", str(blocked), "--out", str(run), "--workers", "1"]
    begun = subprocess.Popen(words, cwd=blocked.parent, stderr=subprocess.PIPE)
    wait_for_rows(begun, run, 4)
    os.kill(begun.pid, signal.SIGKILL)
    begun.communicate()
    workbench("resume", run)
    assert table(run) == table(one)
    assert "cannot be scored anew with strongest.soma.block" in refused("rescore", one)


def test_lanes_check_for_blocks_too(workbench: Run, blocked: Path) -> None:
    one, two = blocked.parent / "one", blocked.parent / "two"
    workbench("fit", blocked, "--engine", "population", "--out", one, "--workers", 1)
    workbench("fit", blocked, "--engine", "population", "--out", two, "--workers", 2)
    assert table(one) == table(two)


def test_the_page(workbench: Run, firing: Path) -> None:
    score, fit, _ = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
    said = json.loads(workbench(*shlex.split(score), "--json").stdout)
    workbench(*shlex.split(fit))
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=firing.parent, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    run = firing.parent / "runs" / "firing"
    with Ledger.open(run / "ledger.sqlite") as ledger:
        rows = list(ledger.rows())
    found = [row for row in rows if isinstance(row.evaluation.measured[0], Penalised)]
    sound = [row for row in rows if not isinstance(row.evaluation.measured[0], Missing)]
    assert found
    assert sound
    for row in found:
        reasons = set(row.evaluation.reasons)
        assert len(reasons) == 1
        assert reasons.pop().startswith("penalty: ")
        assert len(set(row.scores.tolist())) == 1
        assert 75 <= row.scores[0] <= 250
    one = found[0]
    words = ("--params", f"{run}:{one.generation}/{one.individual}")
    traces = firing.parent / "one.csv"
    workbench("simulate", firing, *words, "--protocol", "long", "--out", traces)
    t_ms, v_mV = np.loadtxt(traces, delimiter=",", skiprows=1, usecols=(0, 1)).T
    grid = np.interp(np.linspace(0, 220, 400_001), t_ms, v_mV)
    assert one.scores[0] == pytest.approx(max(250 - 0.1 * grid.var(), 75), abs=0.01)
    # The same individual, scored alone.
    alone = json.loads(workbench("score", firing, *words, "--json").stdout)
    assert list(alone["scores"].values()) == one.scores.tolist()
    assert "scores" in said


def test_what_does_not_go_together_is_refused(
    workbench: Run, refused: Refused, firing: Path
) -> None:
    workbench("fit", firing, "--out", "run", "--generations", 1)
    workbench("rescore", "run", "--study", firing, "--out", "same")
    targets = firing / "targets.toml"
    text = targets.read_text()
    targets.write_text(text.replace("fewer_spikes_than = 2", "fewer_spikes_than = 3"))
    assert "long.soma.penalties are others now" in refused("rescore", "run", "--out", "other")
    words = ("--format", "bluepyopt", "--params", "published")
    assert "long.soma.penalties: its scores are" in refused("export", firing, *words)
