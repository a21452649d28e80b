"""The seat of one worker: a child process that works there, is watched, and is replaced."""

import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Thread
from typing import Any

from workbench.arrays import Floats
from workbench.errors import InputError, WorkbenchError, WorkerError
from workbench.workers.launch import without_launcher
from workbench.workers.memory import killed_for_memory, memory_MB
from workbench.workers.task import Answer, Task

LOOK_s = 0.25
"""How often a child at work is looked at; what happens to it is noticed within this time."""

START_s = 600.0
"""How long a child may take to start and to open a task; a file system may be slow, not dead."""

_GROWN = 1.2
"""How many times what it had after its first row a child has when it has grown."""

_MORE_MEMORY = "use fewer workers, or ask for more memory (SLURM's --mem, a container's limit)"

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class MachineError(WorkerError):
    """The machine refuses what a child needs, or has taken it back. Later it may be otherwise."""


class StartError(MachineError):
    """A child could not be started: no room in TMPDIR, no more processes."""


class OutOfMemoryError(MachineError):
    """A child was killed for want of memory, or found none."""


@contextmanager
def starting(what: str) -> Iterator[None]:
    """Say that something could not be started where the system refused what it needs.

    Raises
    ------
    StartError
        With the system's reason.
    """
    try:
        yield
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise StartError(
            f"{what} could not be started: {error.strerror or error}{where}; see to room in "
            "TMPDIR, to the number of processes (ulimit -u) and to memory"
        ) from None


@dataclass(frozen=True)
class Limits:
    """What a child may cost before another one takes its seat.

    Attributes
    ----------
    seconds
        On one row, from when its task is open; beyond it the child is taken for hung and the
        attempt is lost.
    memory_MB
        Resident and its own; beyond it the attempt is lost, and a child that has grown beyond
        half of it is replaced before the next row: simulators leak a little.
    rows
        After so many answers the next row goes to a new child.
    """

    seconds: float | None = None
    memory_MB: float | None = None
    rows: int = 10_000

    def __post_init__(self) -> None:
        for name, value in (("limit_s", self.seconds), ("memory_MB", self.memory_MB)):
            if value is not None and not value > 0:
                raise InputError(f"{name} is {value}, it must be above 0")
        if self.rows < 1:
            raise InputError(f"rows is {self.rows}, it must be at least 1")


def share_of_memory_MB(children: int) -> float | None:
    """Return what each of so many children may have of this machine's memory, or this job's."""
    total_MB = memory_MB()
    return None if total_MB is None else 0.9 * total_MB / children


class _Child:
    """One child process, what it was given and what it is doing."""

    def __init__(self, name: str, folder: Path, loads: str) -> None:
        self.name = name
        self.loads = loads
        self.given: set[str] = set()
        self.answers = 0
        self.row: int | None = None
        self.ready = True
        self.at_first_MB = 0.0
        self.killed_before = killed_for_memory()
        self.since = self.looked = 0.0
        ours, theirs = socket.socketpair()
        self.log = folder / f"{name}.log"
        command = [sys.executable, "-m", "workbench.workers.child"]
        with ours, theirs, self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, str(theirs.fileno()), str(os.getpid())],
                pass_fds=[theirs.fileno()],
                cwd=folder,
                env={**without_launcher(os.environ), **_ONE_THREAD},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            self.pipe: Connection[Any, Any] = Connection(ours.detach())
        self._saying: Thread | None = None

    def begin(self, task: Task, number: int, row: Floats) -> None:
        self.row = number
        self.since = self.looked = time.perf_counter()
        work = pickle.dumps(("run", task.digest, number, row))
        if task.digest in self.given:
            self._say(work)
            return
        self.given.add(task.digest)
        self.ready = False
        # A task fills the pipe until the child reads it, which one that hangs never does.
        messages = (pickle.dumps(("give", task)), work)
        self._saying = Thread(target=self._say, args=messages, daemon=True)
        self._saying.start()

    def _say(self, *messages: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            for message in messages:
                self.pipe.send_bytes(message)

    def memory_MB(self) -> float:
        """Return what is resident and its own, or 0 where nobody can tell.

        Libraries are there once for all children.
        """
        try:
            statm = Path(f"/proc/{self.process.pid}/statm").read_text().split()
            resident, shared = map(int, statm[1:3])
        except (OSError, ValueError):
            return 0.0
        return (resident - shared) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def end(self) -> str:
        """Kill the process; return how it ended and its last words."""
        ended = self.process.poll()
        self.process.kill()
        self.process.wait()
        if self._saying is not None:
            self._saying.join()
        self.pipe.close()
        how = "was stopped" if ended is None else _ending(ended)
        words = self.log.read_text(errors="replace").strip().splitlines()
        return f"{how}: {words[-1]}" if words else how

    def was_killed_for_memory(self) -> bool:
        """Return whether the kernel, and nobody else, has ended it."""
        killed = self.process.returncode == -signal.SIGKILL
        return killed and killed_for_memory() > self.killed_before


class Seat:
    """Works on one row at a time in a child of its own.

    The child is started when there is work and kept. One that dies, or that goes beyond its
    limits, costs an attempt; the next row is begun by a new child. So is one of a task for which
    other things have to be loaded.
    """

    def __init__(self, name: str, folder: Path, limits: Limits) -> None:
        self.name = name
        self.there = True
        self.limits = limits
        self._folder = folder
        self._started = 0
        self._child: _Child | None = None

    @property
    def busy(self) -> bool:
        """Whether a row is worked on."""
        return self._child is not None and self._child.row is not None

    @property
    def pid(self) -> int | None:
        """The child's process, if there is one."""
        return None if self._child is None else self._child.process.pid

    def begin(self, task: Task, number: int, row: Floats) -> None:
        """Begin to work on a row, (d,).

        Raises
        ------
        StartError
            If there is no child yet, and none can be started now.
        """
        if self._child is not None and self._child.loads != task.loads:
            self.close()
        if self._child is None:
            self._started += 1
            name = f"{self.name}.{self._started}"
            with starting(name):
                self._child = _Child(name, self._folder, task.loads)
        self._child.begin(task, number, row)

    def look(self) -> Answer | None:
        """Return what became of the row, once; None while it is worked on.

        Raises
        ------
        WorkbenchError
            What the task raised of our own errors.
        WorkerError
            If the task raised anything else; with the child's traceback.
        OutOfMemoryError
            If the child was killed for want of memory, or found none.
        """
        child = self._child
        if child is None or child.row is None:
            return None
        # What waits in the pipe came in time, however late it is read.
        if not child.pipe.poll():
            why = self._exceeded(child)
            return self._lose(child, why) if why else None
        try:
            said = child.pipe.recv()
        except (EOFError, OSError):
            return self._lose(child)
        if said[0] == "ready":
            child.ready, child.since = True, time.perf_counter()
            return None
        if said[0] != "done":
            self.drop()
            raise _error(child.name, *said)
        child.row = None
        child.answers += 1
        if self._spent(child):
            self.close()
        return Answer(said[1], child.name, said[2], said[3])

    def drop(self) -> None:
        """Give up the row that is worked on."""
        if self.busy:
            self.close()

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def left_s(self) -> float:
        """Return how long the child may go on until it is taken for hung."""
        child = self._child
        if child is None or child.row is None:
            return float("inf")
        limit_s = self.limits.seconds if child.ready else START_s
        return float("inf") if limit_s is None else child.since + limit_s - time.perf_counter()

    def _exceeded(self, child: _Child) -> str:
        now, limits = time.perf_counter(), self.limits
        if self.left_s() <= 0:
            limit_s = limits.seconds if child.ready else START_s
            return f"took longer than {limit_s:g} s" + ("" if child.ready else " to start")
        if limits.memory_MB is not None and now - child.looked >= LOOK_s:
            child.looked = now
            if (memory_MB := child.memory_MB()) > limits.memory_MB:
                why = f"took {memory_MB:.0f} MB of memory, {limits.memory_MB:.0f} are its share"
                if not child.answers:
                    # A new child would take as much again, and the machine would decide a score.
                    self.close()
                    raise OutOfMemoryError(
                        f"{child.name} {why} of this machine's or this job's; {_MORE_MEMORY}"
                    )
                return why
        return ""

    def _spent(self, child: _Child) -> bool:
        limit_MB = self.limits.memory_MB
        now_MB = 0.0 if limit_MB is None else child.memory_MB()
        child.at_first_MB = child.at_first_MB or now_MB
        # One that is large from the first row on would be followed by others like it.
        grown = limit_MB is not None and now_MB > max(limit_MB / 2, _GROWN * child.at_first_MB)
        return grown or child.answers >= self.limits.rows

    def _lose(self, child: _Child, why: str = "") -> Answer:
        assert child.row is not None
        number, seconds = child.row, time.perf_counter() - child.since
        with suppress(subprocess.TimeoutExpired):
            # It closed its pipe: give it the moment that it needs to tell how it ended.
            child.process.wait(timeout=0.0 if why else 1.0)
        self._child = None
        ended = child.end()
        if not why and child.was_killed_for_memory():
            raise OutOfMemoryError(f"{child.name} was killed for want of memory; {_MORE_MEMORY}")
        return Answer(number, child.name, seconds, lost=f"{child.name} {why or ended}", again=True)


def watch(seats: Sequence[Seat], longest_s: float = LOOK_s) -> None:
    """Sleep until a child says something, dies or is over its limit, but not for long."""
    busy = [seat for seat in seats if seat.busy]
    if not busy:
        time.sleep(longest_s)
        return
    left_s = min(seat.left_s() for seat in busy)
    wait([seat._child.pipe for seat in busy if seat._child], max(0.0, min(longest_s, left_s)))


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {signal.Signals(-code).name}"


def _error(name: str, kind: str, said: Any) -> Exception:
    """Return what a child that could not answer has to say."""
    if kind == "refused":
        error: WorkbenchError = said
        return error
    if kind == "short":
        return OutOfMemoryError(f"{name} found no memory ({said}); {_MORE_MEMORY}")
    return WorkerError(f"a worker raised an exception; this is a bug in the workbench:\n{said}")
