"""docs/bluepyopt.md, followed: scores are BluePyOpt's own, killed or not."""

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
from tests.system.running import sessions, table, wait_for_rows

PAGE = (REPOSITORY / "docs" / "bluepyopt.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ workbench (.*)$", PAGE, re.MULTILINE)
MODEL, CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "simple.swc").write_text(re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)[0])
    (tmp_path / "simple.py").write_text(MODEL)
    return tmp_path


def python(code: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_page_and_a_run_that_is_killed(workbench: Run, folder: Path) -> None:
    fit, resume = COMMANDS
    workbench(*shlex.split(fit))
    workbench(*shlex.split(resume))
    run = folder / "runs" / "simple"
    straight = table(run)
    assert len(straight) == 32
    assert "which the evaluator computes" in (run / "report.html").read_text()

    python(CODE, folder)
    assert table(folder / "runs" / "again") == straight

    killed = folder / "runs" / "killed"
    begun = subprocess.Popen(
        [*COMMAND, *shlex.split(fit)[:-1], str(killed), "--generations", "4"],
        cwd=folder,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_for_rows(begun, killed, 12)
    os.killpg(begun.pid, signal.SIGKILL)
    begun.wait()
    assert len(table(killed)) < 32
    workbench("resume", str(killed))
    assert [one["reason"] for one in sessions(killed)] == ["killed", "finished"]
    assert table(killed) == straight

    # Columns: generation, individual, parameters, status, counts, values, reasons, scores.
    rows = [np.frombuffer(row[2]).tolist() for row in straight]
    code = (
        "import json\nfrom simple import evaluator\nstock = evaluator()\n"
        f"rows = {rows}\n"
        "print(json.dumps([[float(s).hex() for s in stock.evaluate_with_lists(r)] for r in rows]))"
    )
    stock = json.loads(python(code, folder).splitlines()[-1])
    ours = [[score.hex() for score in np.frombuffer(row[7]).tolist()] for row in straight]
    assert ours == stock
    assert len({tuple(scores) for scores in ours}) > 5


def test_an_object_goes_on_where_it_is_given_again(refused: Refused, folder: Path) -> None:
    code = """
import workbench as wb
from simple import evaluator

for _ in range(2):
    wb.fit_evaluator(evaluator(), population=4, generations=1, out="runs/object", progress=False)
"""
    python(code, folder)
    said = refused("resume", "runs/object")
    assert "wb.fit_evaluator(evaluator, out='runs/object')" in said
