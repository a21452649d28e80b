"""A control group's memory limit kills a worker: the run stops, and nothing is scored by it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.system.command import COMMAND, Run
from tests.system.running import children_of, sessions, table, wait_for_rows

FIT = ["fit", "hodgkin_huxley", "--population", "10", "--generations", "20"]
FOLDERS = {"memory.limit_in_bytes": "/sys/fs/cgroup/memory", "memory.max": "/sys/fs/cgroup"}
LIMIT_MB = 1500

# It takes memory until somebody is killed.
HOG = """
import sys
from pathlib import Path
kept, group = [], Path(sys.argv[1])
def killed():
    files = [group / "memory.events", group / "memory.oom_control"]
    return any("oom_kill 1" in file.read_text() for file in files if file.exists())
while not killed():
    kept.append(bytearray(b"x") * 5_000_000)
"""


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Path]:
    """A control group of our own with a limit, where this machine allows it."""
    for limit, root in FOLDERS.items():
        folder = Path(root, f"workbench-test-{os.getpid()}")
        with suppress(OSError):
            folder.mkdir()
            try:
                (folder / limit).write_text(f"{LIMIT_MB * 1_000_000}")
                (folder / "cgroup.procs").read_text()
                yield folder
                return
            finally:
                for process in (folder / "cgroup.procs").read_text().split():
                    os.kill(int(process), signal.SIGKILL)
                time.sleep(0.2)
                folder.rmdir()
    pytest.skip("needs the right to make a control group that limits memory")


def inside(group: Path, *command: object) -> list[str]:
    return ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "-", *map(str, command)]


def test_a_memory_limit_decides_no_score(workbench: Run, tmp_path: Path, group: Path) -> None:
    whole, run = tmp_path / "whole", tmp_path / "run"
    workbench(*FIT, "--workers", 1, "--out", whole)
    begun = subprocess.Popen(
        inside(group, *COMMAND, *FIT, "--workers", 2, "--out", run),
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_rows(begun, run, 25)
    [victim, _] = children_of(begun.pid)
    Path(f"/proc/{victim}/oom_score_adj").write_text("1000")
    hog = subprocess.Popen(inside(group, sys.executable, "-c", HOG, group))
    _, said = begun.communicate(timeout=120)
    hog.kill()
    hog.wait()
    assert begun.returncode == 75, said
    assert "was killed for want of memory" in said
    assert f"workbench resume {run}" in said
    assert sessions(run)[-1]["reason"].startswith("stopped: worker-")
    assert len(table(run)) < len(table(whole))
    workbench("resume", run, "--workers", 2)
    assert table(run) == table(whole)
