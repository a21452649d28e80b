"""A compile ends with whoever asked for it, however that ends, and leaves nothing behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.system.command import COMMAND


def compiling(folder: Path) -> list[str]:
    """Return the command lines of processes that keep their temporary files below a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"TMPDIR={folder}/".encode() in environment:
            found.append(line)
    return found


def wait_until(condition: Callable[[], bool], begun: subprocess.Popen[str] | None = None) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        assert begun is None or begun.poll() is None, begun.communicate()
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_compile_ends_with_whoever_asked_for_it(tmp_path: Path, number: signal.Signals) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    begun = subprocess.Popen(
        [*COMMAND, "mechanisms", "build", "hay_l5b"],
        env={**os.environ, "TMPDIR": str(temporary), "WORKBENCH_CACHE": str(tmp_path / "cache")},
        stderr=subprocess.PIPE,
        text=True,
        # Who runs the tests in the background of a shell has it ignored, and so have its children.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    try:
        wait_until(lambda: any("cc1plus" in line for line in compiling(temporary)), begun)
        begun.send_signal(number)
        # To compile them all takes longer than this.
        begun.communicate(timeout=4)
        assert begun.returncode != 0
        wait_until(lambda: compiling(temporary) == [])
        wait_until(lambda: list(temporary.iterdir()) == [])
    finally:
        begun.kill()
        begun.communicate()
