"""Questions to a child process that may load NEURON, so that this process need not.

The child starts in an empty folder, because `import neuron` loads ./x86_64 (or ./arm64) of the
current folder unasked. The answer travels in a file: NEURON and the libraries it loads write to
both output streams.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

_ANSWER = "answer.json"


class ChildFailed(Exception):  # noqa: N818 - said to the caller, who knows what it means
    """The child ended without an answer; the message is what it wrote to its error stream."""


def ask(module: str, question: object) -> Any:
    """Run `python -m module` in an empty folder and return its answer.

    Raises
    ------
    ChildFailed
        If the child ended without an answer.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        ended = subprocess.run(
            [sys.executable, "-m", module],
            input=json.dumps(question),
            cwd=folder,
            env=_environment(),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        answer = Path(folder) / _ANSWER
        if ended.returncode != 0 or not answer.exists():
            raise ChildFailed(ended.stderr.strip() or f"exit status {ended.returncode}")
        return json.loads(answer.read_text(encoding="utf-8"))


def answer(reply: Callable[[Any], object]) -> None:
    """Be that child: hand the question to `reply` and write its answer."""
    found = json.dumps(reply(json.load(sys.stdin)))
    Path(_ANSWER).write_text(found, encoding="utf-8")


def _environment() -> dict[str, str]:
    environment = dict(os.environ, NEURON_MODULE_OPTIONS="-nogui")
    # Under a launcher the child would join, and wait for, the ranks of its parent.
    environment.pop("NEURON_INIT_MPI", None)
    return environment
