"""Whoever reads the progress of a fit may leave: a launcher that died, a terminal that is gone."""

import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.command import COMMAND
from tests.system.running import sessions, table, wait_for_rows

FIT = ["fit", "hodgkin_huxley", "--population", "10", "--generations", "12", "--workers", "1"]


@pytest.mark.parametrize("channel", [os.pipe, pty.openpty])
def test_a_fit_goes_on_when_nobody_reads_its_progress(
    tmp_path: Path, channel: Callable[[], tuple[int, int]]
) -> None:
    run = tmp_path / "run"
    reader, writer = channel()
    begun = subprocess.Popen(
        [*COMMAND, *FIT, "--out", str(run)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=writer,
    )
    os.close(writer)
    wait_for_rows(begun, run, 15)
    os.close(reader)
    assert begun.wait(timeout=120) == 0
    assert [s["reason"] for s in sessions(run)] == ["finished"]
    assert len(table(run)) == 120
