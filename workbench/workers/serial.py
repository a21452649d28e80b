"""The simplest worker: this process."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from workbench.arrays import Floats
from workbench.workers.task import Answer, Rows, Task


class SerialWorkers:
    """Runs every row here, one after the other.

    What the others are compared with, and the place for a debugger or a profiler. A crash of the
    simulator is a crash of this process.
    """

    def __init__(self) -> None:
        self._sessions: dict[str, Callable[[Floats], Any]] = {}

    def __str__(self) -> str:
        return "this process"

    @property
    def places(self) -> int:
        """One."""
        return 1

    def run(self, task: Task, rows: Rows) -> Iterator[Answer]:
        """Yield an answer for each row."""
        for number, row in enumerate(rows):
            if task.digest not in self._sessions:
                self._sessions[task.digest] = task.open()
            begun = time.perf_counter()
            value = self._sessions[task.digest](row)
            yield Answer(number, "serial", time.perf_counter() - begun, value)
