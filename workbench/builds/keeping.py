"""A command that ends with whoever runs it: with all that it started, and with its folder.

A compile is a tree of processes (nrnivmodl, make, the compiler and its parts), and who is killed
cannot end them. So a keeper stands between, this file run as a program. It holds one end of a pipe
whose other end the system closes however we end; then it kills the command's group of processes
and removes the folder.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


def run_kept(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], output: IO[str]
) -> int:
    """Run a command in a folder and return its exit code, 128 + N if signal N ended it.

    Parameters
    ----------
    folder
        Holds the command's temporary files too. If this process ends before the command does, it
        is removed.
    output
        Where both its output streams go.
    """
    keeper = [sys.executable, "-IS", __file__, str(folder), *command]
    with subprocess.Popen(
        keeper,
        env={**environment, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        # A terminal tells a whole group of processes that somebody typed Ctrl-C.
        start_new_session=True,
    ) as process:
        try:
            return process.wait()
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def main() -> None:
    """Be the keeper: arguments are the folder and the command, standard input is the pipe."""
    folder, *command = sys.argv[1:]
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    kept = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, process_group=0)
    # Who signals all processes of a job means the command; somebody has to tidy up.
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    while (code := kept.poll()) is None:
        # Nothing is ever written to the pipe: it is readable when it is closed.
        if sys.stdin in select.select([sys.stdin, wake], [], [])[0]:
            _end(kept, Path(folder))
            return
        os.read(wake, 4096)
    sys.exit(code if code >= 0 else 128 - code)


def _end(kept: "subprocess.Popen[bytes]", folder: Path) -> None:
    with suppress(ProcessLookupError):
        os.killpg(kept.pid, signal.SIGKILL)
    kept.wait()
    # The last of the group may still be writing a file.
    for _ in range(100):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


if __name__ == "__main__":
    main()
