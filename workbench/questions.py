"""Questions to a child process, which may load NEURON or crash, so that this process need not.

The child starts in an empty folder, because `import neuron` loads ./x86_64 (or ./arm64) of the
current folder unasked. The answer travels in a file: NEURON and the libraries it loads write to
both output streams.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.scratch import scratch_folder

_ANSWER = "answer.json"
_NO_ROOM = os.EX_IOERR
_FROM_OUTSIDE = {_NO_ROOM, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}


class ChildFailed(Exception):  # noqa: N818 - said to the caller, who knows what it means
    """The child ended without an answer; the message is what it wrote to its error stream.

    `from_outside` says that the question was not the reason: somebody killed it, or its answer
    found no room.
    """

    def __init__(self, said: str, from_outside: bool = False) -> None:
        super().__init__(said)
        self.from_outside = from_outside


def ask(module: str, question: object, limit_s: float | None = None) -> Any:
    """Run `python -m module` in an empty folder and return its answer.

    Raises
    ------
    ChildFailed
        If the child ended without an answer, or gave none within the limit.
    """
    with scratch_folder() as folder:
        code, said = _run(module, json.dumps(question), folder, limit_s)
        answer = Path(folder) / _ANSWER
        if code != 0 or not answer.exists():
            raise ChildFailed(said.strip() or f"exit status {code}", code in _FROM_OUTSIDE)
        return json.loads(answer.read_text(encoding="utf-8"))


def _run(module: str, question: str, folder: str, limit_s: float | None) -> tuple[int, str]:
    """Return the child's exit status and what it wrote to its error stream."""
    with subprocess.Popen(
        # Its package has imported the module that is run: no news for who asked.
        [sys.executable, "-W", "ignore::RuntimeWarning:runpy", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=_environment(),
        text=True,
        errors="replace",
        process_group=0,
    ) as child:
        try:
            _, said = child.communicate(question, timeout=limit_s)
        except BaseException as error:
            # Nobody waits any more: what it started itself ends with it.
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise ChildFailed(f"no answer within {limit_s:g} s") from None
            raise
    return child.returncode, said


def answer(reply: Callable[[Any], object]) -> None:
    """Be that child: hand the question to `reply` and write its answer."""
    # Foreign code may leave the folder in which it began.
    file = Path(_ANSWER).absolute()
    found = json.dumps(reply(json.load(sys.stdin)))
    try:
        file.write_text(found, encoding="utf-8")
    except OSError as error:
        print(f"the answer could not be written: {error}", file=sys.stderr)
        sys.exit(_NO_ROOM)


def _environment() -> dict[str, str]:
    environment = dict(os.environ, NEURON_MODULE_OPTIONS="-nogui")
    # Under a launcher the child would join, and wait for, the ranks of its parent.
    environment.pop("NEURON_INIT_MPI", None)
    return environment
