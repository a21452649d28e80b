"""The simplest worker: this process."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.fitting import Answer, Task

Floats = NDArray[np.float64]


class SerialWorkers:
    """Runs every row here, one after the other.

    A crash of the simulator is a crash of this process: for tests, and for ranks whose crash
    somebody else watches.
    """

    def __init__(self) -> None:
        self._sessions: dict[str, Callable[[Floats], Any]] = {}

    def __str__(self) -> str:
        return "this process"

    def run(self, task: Task, rows: Floats) -> Iterator[Answer]:
        """Yield an answer for each row of (n, d)."""
        if len(rows) == 0:
            return
        if task.digest not in self._sessions:
            self._sessions[task.digest] = task.open()
        session = self._sessions[task.digest]
        for number, row in enumerate(rows):
            begun = time.perf_counter()
            value = session(row)
            yield Answer(number, "serial", time.perf_counter() - begun, value)
