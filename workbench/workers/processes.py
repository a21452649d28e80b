"""Supervised child processes of this one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from workbench.errors import InputError
from workbench.scratch import scratch_folder
from workbench.workers.dealing import deal
from workbench.workers.seat import Limits, Seat, share_of_memory_MB, starting, watch
from workbench.workers.stopping import Stop
from workbench.workers.task import Answer, Rows, Task

MOST_PROCESSES = 1024
LEAST_MB = 32.0
"""Below it no child could even load NEURON, and each would be ended as soon as it begins."""


def check_count(count: int) -> None:
    """Refuse a number of workers that this machine could never hold.

    Raises
    ------
    InputError
        With what would do.
    """
    if not isinstance(count, int) or count < 1:
        raise InputError(f"the number of workers is {count!r}, it must be at least 1")
    share_MB = share_of_memory_MB(count)
    most = MOST_PROCESSES
    if share_MB is not None:
        most = max(1, min(most, int(share_MB * count / LEAST_MB)))
    if count > most:
        raise InputError(
            f"the number of workers is {count}; this machine holds {most} at most, and more than "
            "processors make nothing quicker"
        )


class ProcessWorkers:
    """A fixed number of child processes, each with its own NEURON.

    Children are started when there is work and kept until `close`. A child that dies, or that
    works longer than `limit_s` on one row, or takes more than its share of the memory, is
    replaced and the row run again a few times; then the row is given up with a reason.
    """

    def __init__(self, count: int, limit_s: float | None = None, stop: Stop | None = None) -> None:
        check_count(count)
        limits = Limits(limit_s, share_of_memory_MB(count))
        self._stop = stop or Stop()
        with starting("child processes"):
            self._folder = scratch_folder()
        folder = Path(self._folder.name)
        self._seats = [Seat(f"worker-{n + 1}", folder, limits) for n in range(count)]

    def __str__(self) -> str:
        return f"{len(self._seats)} child processes"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all children, whatever they are doing."""
        for seat in self._seats:
            seat.close()
        self._folder.cleanup()

    @property
    def places(self) -> int:
        """The number of children."""
        return len(self._seats)

    def run(self, task: Task, rows: Rows) -> Iterator[Answer]:
        """Yield an answer for each row as it ends, and one for each lost attempt.

        Raises
        ------
        WorkbenchError
            What the task raised of our own errors.
        WorkerError
            If the task raised anything else, with the child's traceback; or a child could not be
            started.
        StoppedEarly
            If a stop was asked for.
        """
        yield from deal(task, rows, self._seats, self._listen, self._stop)

    def _listen(self) -> Iterator[tuple[Seat, Answer]]:
        watch(self._seats)
        for seat in self._seats:
            if answer := seat.look():
                yield seat, answer
