"""One input in a process of its own: it may end as it likes, or not at all."""

import contextlib
import io
import os
import re
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_HEAD = "Traceback (most recent call last)"
_UNFORESEEN = re.compile(r"\b(?!OSError)[A-Z]\w*(?:Error|Exception|Warning): ?")


@dataclass(frozen=True)
class Ended:
    """How a trial ended: the exit code, None if it had to be killed; minus a signal's number."""

    code: int | None
    out: str
    err: str
    seconds: float

    def fault(self, allowed: frozenset[int], same_as: str = "") -> str:
        """Return what is wrong with how it ended, or an empty text."""
        said = self.out + self.err
        if self.code is None:
            return "hang"
        if self.code < 0:
            return f"killed by signal {-self.code}"
        if _HEAD in said:
            return "traceback"
        if _UNFORESEEN.search(self.err):
            return "an exception's name in the message"
        if self.code not in allowed:
            return f"exit code {self.code}"
        if same_as and self.out != same_as:
            return "another answer"
        if self.code == 2 and not self.err.strip():
            return "refused without a word"
        return ""


def tried(act: Callable[[], None], folder: Path, limit_s: float, notes: Path) -> Ended:
    """Run `act` in a forked child, in a folder, and return how it ended.

    The child leads a group of its own, so that nothing that it started stays behind.
    """
    out, err = notes / "out.txt", notes / "err.txt"
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        _be_the_child(act, folder, out, err)
    fd = os.pidfd_open(child)
    try:
        ended = bool(select.select([fd], [], [], limit_s)[0])
        if not ended:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
    finally:
        os.close(fd)
    said = [p.read_text(encoding="utf-8", errors="replace") for p in (out, err)]
    return Ended(status if ended else None, said[0], said[1], time.monotonic() - begun)


def _be_the_child(act: Callable[[], None], folder: Path, out: Path, err: Path) -> None:
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        try:
            act()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            code = 1
            traceback.print_exc()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
                stream.flush()
    finally:
        os._exit(code)


def verb(*args: object) -> Callable[[], None]:
    """Return what runs the command line with these arguments."""

    def act() -> None:
        from workbench.cli import main

        sys.argv = ["workbench", *map(str, args)]
        main()

    return act


def call(function: Callable[[], object]) -> Callable[[], None]:
    """Return what calls the Python API, and ends as the command line would."""

    def act() -> None:
        from workbench.errors import WorkbenchError

        try:
            function()
        except WorkbenchError as error:
            print(error, file=sys.stderr)
            sys.exit(error.exit_code)

    return act
