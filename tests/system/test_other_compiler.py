"""A run that would go on with other digits says so, and goes on where that is accepted."""

import signal
import subprocess
from pathlib import Path

from tests.system.command import COMMAND, Run
from tests.system.running import sessions, table, wait_for_rows

FIT = ["fit", "hodgkin_huxley", "--population", "10", "--generations", "40", "--adaptive", "0.02"]
OTHER = "g++ -O1"


def test_another_compiler_is_noticed(workbench: Run, tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = [*COMMAND, *FIT, "--workers", "1", "--out", str(run)]
    begun = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_for_rows(begun, run, 15)
    begun.send_signal(signal.SIGTERM)
    begun.communicate(timeout=60)
    assert begun.returncode == 75
    before = table(run)
    said = workbench("resume", run, "--workers", "1", code=2, CXX=OTHER).stderr
    assert "the build of the adaptive steps changed" in said
    assert f"workbench resume {run} --accept-changes" in " ".join(said.split())
    assert table(run) == before
    workbench("resume", run, "--workers", "1", "--accept-changes", CXX=OTHER)
    assert table(run)[: len(before)] == before
    assert len(table(run)) == 400
    [change] = sessions(run)[-1]["changes"]
    assert "another compiler" in change
    assert change in (run / "report.html").read_text()
