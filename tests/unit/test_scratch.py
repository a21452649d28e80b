"""Temporary folders of killed processes are removed, and nobody else's."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from workbench import scratch

pytestmark = pytest.mark.skipif(not scratch._machine(), reason="needs Linux's /proc")

PROGRAM = """
import sys, time
from workbench.scratch import scratch_folder
with scratch_folder() as folder:
    open(f"{folder}/file", "w").close()
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    scratch._sweep_once.cache_clear()
    return tmp_path


def begin(temporary):
    environment = {**os.environ, "TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environment, stdout=subprocess.PIPE, text=True
    )
    return process, Path(process.stdout.readline().strip())


def test_the_folder_of_a_killed_process_goes_and_that_of_a_living_one_stays(temporary):
    killed, left = begin(temporary)
    living, kept = begin(temporary)
    try:
        killed.kill()
        killed.wait()
        assert (left / "file").exists()
        with scratch.scratch_folder() as own:
            assert not left.exists()
            assert (kept / "file").exists()
            scratch.sweep(temporary)
            assert Path(own).is_dir()
    finally:
        living.send_signal(signal.SIGKILL)
        living.wait()
        for process in (killed, living):
            process.stdout.close()


def test_what_is_not_surely_ours_stays(temporary):
    gone, machine = 2**22 + 1, scratch._machine()
    others = [
        "workbench-abc",
        f"workbench-0123456789ab-{gone}-1-x",
        f"workbench-{machine}-number-1-x",
        f"other-{machine}-{gone}-1-x",
    ]
    for name in others:
        (temporary / name).mkdir()
    (temporary / f"workbench-{machine}-{gone}-1-link").symlink_to(temporary / others[0])
    ours = temporary / f"workbench-{machine}-{gone}-1-x"
    ours.mkdir()
    reborn = temporary / f"workbench-{machine}-{os.getpid()}-1-x"
    reborn.mkdir()
    scratch.sweep(temporary)
    assert not ours.exists()
    assert not reborn.exists(), "another process has its number now"
    left = {path.name for path in temporary.iterdir()}
    assert left == {*others, f"workbench-{machine}-{gone}-1-link"}


def test_without_proc_nothing_is_swept(temporary, monkeypatch):
    monkeypatch.setattr(scratch, "_machine", lambda: "")
    (temporary / "workbench--1-1-x").mkdir()
    with scratch.scratch_folder() as folder:
        assert Path(folder).name.startswith("workbench-")
    assert [path.name for path in temporary.iterdir()] == ["workbench--1-1-x"]
