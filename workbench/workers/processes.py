"""Supervised child processes: one may hang, crash or be killed, and its work is done again."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError, WorkerError
from workbench.fitting import Answer, Task

Floats = NDArray[np.float64]

ATTEMPTS = 3
_LAUNCHERS = ("PMI", "PMIX", "OMPI", "SLURM", "MPI", "HYDRA")
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class _Child:
    """One child process, what it was given and what it is doing."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.given: set[str] = set()
        self.row: int | None = None
        self.since = 0.0
        ours, theirs = socket.socketpair()
        self.log = folder / f"{name}.log"
        command = [sys.executable, "-m", "workbench.workers.child"]
        with theirs, self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, str(theirs.fileno()), str(os.getpid())],
                pass_fds=[theirs.fileno()],
                cwd=folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.pipe: Connection[Any, Any] = Connection(ours.detach())

    def begin(self, task: Task, number: int, row: Floats) -> None:
        self.row, self.since = number, time.perf_counter()
        with suppress(BrokenPipeError, ConnectionResetError):
            if task.digest not in self.given:
                self.given.add(task.digest)
                self.pipe.send(("give", task))
            self.pipe.send(("run", task.digest, number, row))

    def end(self) -> str:
        """Kill the process; return how it ended and its last words."""
        self.pipe.close()
        ended = self.process.poll()
        self.process.kill()
        self.process.wait()
        how = "was stopped" if ended is None else _ending(ended)
        words = self.log.read_text(errors="replace").strip().splitlines()
        return f"{how}: {words[-1]}" if words else how


class ProcessWorkers:
    """A fixed number of child processes, each with its own NEURON.

    Children are started when there is work and kept until `close`. A child that dies, or that
    works longer than `limit_s` on one row, is replaced and the row run again, `ATTEMPTS` times
    in all; then the row is given up with a reason. An exception in the task ends the call.
    """

    def __init__(self, count: int, limit_s: float | None = None) -> None:
        if count < 1:
            raise InputError(f"the number of workers is {count}, it must be at least 1")
        if limit_s is not None and not limit_s > 0:
            raise InputError(f"limit_s is {limit_s}, it must be above 0")
        self._count = count
        self._limit_s = limit_s
        self._children: list[_Child] = []
        self._started = 0
        self._folder = tempfile.TemporaryDirectory(prefix="workbench-")

    def __str__(self) -> str:
        return f"{self._count} child processes"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all children, whatever they are doing."""
        for child in self._children:
            child.end()
        self._children.clear()
        self._folder.cleanup()

    def run(self, task: Task, rows: Floats) -> Iterator[Answer]:
        """Yield an answer for each row of (n, d) as it ends, and one for each lost attempt.

        Raises
        ------
        WorkbenchError
            What the task raised of our own errors.
        WorkerError
            If the task raised anything else; with the child's traceback.
        """
        queue = deque(range(len(rows)))
        lost = [0] * len(rows)
        try:
            while queue or any(child.row is not None for child in self._children):
                for child in self._idle(len(queue)):
                    number = queue.popleft()
                    child.begin(task, number, rows[number])
                for answer in self._wait():
                    if answer.lost:
                        lost[answer.row] += 1
                        if answer.again and lost[answer.row] < ATTEMPTS:
                            queue.appendleft(answer.row)
                        else:
                            answer = _given_up(answer, lost[answer.row])
                    yield answer
        finally:
            self._drop([child for child in self._children if child.row is not None])

    def _idle(self, wanted: int) -> list[_Child]:
        idle = [child for child in self._children if child.row is None]
        while len(idle) < wanted and len(self._children) < self._count:
            self._started += 1
            child = _Child(f"worker-{self._started}", Path(self._folder.name))
            self._children.append(child)
            idle.append(child)
        return idle[:wanted]

    def _wait(self) -> Iterator[Answer]:
        """Sleep until a child says something, dies or is over its limit."""
        busy = {child.pipe: child for child in self._children if child.row is not None}
        for pipe in wait(list(busy), timeout=self._patience(list(busy.values()))):
            child = busy[pipe]  # type: ignore[index]
            try:
                said = child.pipe.recv()
            except (EOFError, ConnectionResetError):
                yield self._lose(child)
                continue
            if said[0] == "done":
                child.row = None
                yield Answer(said[1], child.name, said[2], said[3])
            else:
                self._drop([child])
                raise said[1] if said[0] == "refused" else WorkerError(_bug(said[1]))
        for child in busy.values():
            # Whoever listens may be slow: what waits in the pipe came in time.
            late = child in self._children and child.row is not None and self._left(child) <= 0
            if late and not child.pipe.poll():
                yield self._lose(child, f"took longer than {self._limit_s:g} s")

    def _patience(self, busy: list[_Child]) -> float | None:
        return None if self._limit_s is None else max(0.0, min(map(self._left, busy)))

    def _left(self, child: _Child) -> float:
        if self._limit_s is None:
            return float("inf")
        return child.since + self._limit_s - time.perf_counter()

    def _lose(self, child: _Child, why: str | None = None) -> Answer:
        number, seconds = child.row, time.perf_counter() - child.since
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(timeout=1.0 if why is None else 0.0)
        ended = child.end()
        self._children.remove(child)
        if number is None:
            raise WorkerError(f"{child.name} {ended}")
        return Answer(number, child.name, seconds, lost=f"{child.name} {why or ended}", again=True)

    def _drop(self, children: list[_Child]) -> None:
        for child in children:
            child.end()
            if child in self._children:
                self._children.remove(child)


def _given_up(answer: Answer, attempts: int) -> Answer:
    why = f"given up after {attempts} attempts; the last: {answer.lost}"
    return Answer(answer.row, answer.worker, answer.seconds, lost=why)


def _environment() -> dict[str, str]:
    """Return this process's environment without what a launcher left there for MPI."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_LAUNCHERS)}
    return {**kept, **_ONE_THREAD}


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    import signal

    return f"was ended by {signal.Signals(-code).name}"


def _bug(trace: str) -> str:
    return f"a worker raised an exception; this is a bug in the workbench:\n{trace}"
