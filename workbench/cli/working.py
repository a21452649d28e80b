"""Who does the work of a verb: processes here, or the ranks of an MPI job; and when it stops."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from workbench.cli.options import count
from workbench.errors import InputError
from workbench.workers import (
    Crew,
    ProcessWorkers,
    RankWorkers,
    Stop,
    enlist,
    find_launch,
    walltime_s,
)


@contextmanager
def begun(walltime: str | None) -> Iterator[tuple[Crew | None, Stop]]:
    """Join the ranks, if there are any, and heed signals and the walltime."""
    with (
        enlist(find_launch(os.environ)) as crew,
        Stop(walltime_s(walltime)).on_signals() as stop,
    ):
        yield crew, stop


def agree(
    crew: Crew | None, workers: int | None, identity: Callable[[], Mapping[str, str]]
) -> None:
    """Let every rank find the same builds and the same work.

    Raises
    ------
    InputError
        If a number of workers is given besides.
    LaunchError
        If a rank finds others.
    """
    if crew is not None and workers is not None:
        raise InputError("--workers is for one machine without MPI: every rank has one; leave it")
    if crew is not None:
        crew.agree(identity)


def pool_of(
    limit_s: float, crew: Crew | None, workers: int | None, stop: Stop
) -> ProcessWorkers | RankWorkers:
    """Return the workers: the ranks, or so many processes."""
    if crew is not None:
        return RankWorkers(crew, limit_s, stop)
    return ProcessWorkers(count(workers), limit_s, stop)
