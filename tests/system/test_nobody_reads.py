"""Whoever reads what is printed may leave: a launcher that died, a terminal that is gone, `head`.

What a command does and its exit code are the same; a full disk under its results is an error.
"""

import json
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


VERBS = {
    "doctor": 0,
    "mechanisms list": 0,
    "morphology list": 0,
    "mechanisms lint hay_l5b": 0,
    "simulate hodgkin_huxley --params axon --json": 0,
    "score hodgkin_huxley --params axon": 0,
    "--help": 0,
    "nonsense": 2,
    "simulate hodgkin_huxley": 2,
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_reader_that_leaves_changes_no_exit_code(verb: str) -> None:
    def code(redirected: str) -> int:
        command = f'"$@" {verb} {redirected}'
        return subprocess.run(["bash", "-c", command, "-", *COMMAND], timeout=120).returncode

    assert code(">/dev/null 2>&1") == VERBS[verb]
    assert code("2>/dev/null | true; exit ${PIPESTATUS[0]}") == VERBS[verb]
    assert code("2>&1 >/dev/null | true; exit ${PIPESTATUS[0]}") == VERBS[verb]
    assert code("<&- >&- 2>&-") == VERBS[verb]
    assert code(">/dev/null 2>/dev/full") == VERBS[verb]


@pytest.mark.parametrize("verb", ["mechanisms list", "mechanisms list --json"])
def test_results_that_the_disk_does_not_take_are_an_error(verb: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, *verb.split()], stdout=full, stderr=subprocess.PIPE, text=True, timeout=120
        )
    assert done.returncode == 1
    assert done.stderr == "workbench: standard output: No space left on device\n"


def test_files_do_not_take_the_numbers_of_closed_streams(tmp_path: Path) -> None:
    """A ledger on descriptor 1 would be written into by whatever prints."""
    run = tmp_path / "run"
    short = ["fit", "hodgkin_huxley", "--population", "4", "--generations", "1", "--workers", "1"]
    command = ["bash", "-c", '"$@" <&- >&- 2>&-', "-", *COMMAND, *short, "--out", str(run)]
    assert subprocess.run(command, timeout=120).returncode == 0
    read = subprocess.run([*COMMAND, "ledger", str(run), "--json"], capture_output=True)
    assert len(json.loads(read.stdout)) == 4
