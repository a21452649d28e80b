"""MPI ranks as workers: each owns a child that evaluates; rank 0 deals, the others supervise.

A rank that stands still (its process was stopped, its node hangs) is given no more work, and what
it had is done elsewhere; it may come back. MPI itself would wait for it for ever, so that the job
is aborted when all is done, with the exit code that it would have had.
"""

import logging
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

from workbench.arrays import Floats
from workbench.errors import LaunchError, StoppedEarly, WorkbenchError
from workbench.scratch import scratch_folder
from workbench.workers.dealing import deal
from workbench.workers.launch import Launch
from workbench.workers.muster import code_facts, compare
from workbench.workers.seat import Limits, Seat, share_of_memory_MB, starting, watch
from workbench.workers.serving import Rhythm, seat_name, serve
from workbench.workers.stopping import Stop
from workbench.workers.task import Answer, Rows, Task
from workbench.workers.world import FAREWELL_s, World, join

Question = Callable[[], Mapping[str, str]]
"""Asked of every rank, so it has to travel: a module's function or a `partial` of one."""

START_s = 300.0
"""How long rank 0 waits for the others to begin."""


AGREE_s = 1800.0
"""How long rank 0 waits for the others to answer a question: some compile first."""

SILENT_s = 120.0
"""A rank of which nothing was heard for so long stands still."""

_LONGEST_LOOK_s = 1.0
"""Rank 0 may be away for longer, and nobody else is silent then."""


class Crew:
    """All ranks, as rank 0 leads them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hosts = {0: platform.node()}
        self.turns = count(1)
        """Numbers every row that is sent: an answer that comes after a drop is nobody's."""
        self._packed: tuple[str, bytes] = ("", b"")

    def muster(self) -> None:
        """Wait for all ranks and compare their code.

        Raises
        ------
        LaunchError
            If a rank does not come, or runs other code.
        StoppedEarly
            If a rank was told to stop.
        """
        facts = {0: code_facts()}
        for rank, (_, host, theirs) in self._gather("hello", START_s):
            self.hosts[rank], facts[rank] = host, theirs
        compare(facts, self.hosts)

    def agree(self, question: Question) -> None:
        """Ask every rank the same, and compare the answers with rank 0's.

        Raises
        ------
        StoppedEarly
            If a rank was told to stop.
        LaunchError
            If they differ.
        WorkbenchError
            What a rank raised instead of an answer.
        """
        facts = {0: dict(question())}
        self.world.tell_all("ask", question)
        for rank, (_, theirs) in self._gather("fact", AGREE_s):
            if isinstance(theirs, WorkbenchError):
                raise type(theirs)(f"rank {rank} ({self.hosts[rank]}): {theirs}")
            facts[rank] = theirs
        compare(facts, self.hosts)

    def packed(self, task: Task) -> bytes:
        """Return a task as it travels; it is packed once for all ranks."""
        if self._packed[0] != task.digest:
            self._packed = task.digest, self.world.pack(task)
        return self._packed[1]

    def _gather(self, kind: str, within_s: float) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Yield one message of a kind from each other rank."""
        missing, rhythm = set(range(1, self.world.size)), Rhythm()
        until = time.monotonic() + within_s
        while missing:
            for rank, message in self.world.receive():
                if message[0] == "stop":
                    raise StoppedEarly(f"{message[1]} on rank {rank}, before anything was begun")
                if message[0] == kind:
                    missing.discard(rank)
                    yield rank, message
            if time.monotonic() > until:
                raise LaunchError(
                    f"{len(missing)} of {self.world.size} ranks said nothing within "
                    f"{within_s:.0f} s, the first of them rank {min(missing)}"
                )
            time.sleep(rhythm.pause_s)


@contextmanager
def enlist(launch: Launch | None) -> Iterator[Crew | None]:
    """Join the ranks that were started together; None if this process was started alone.

    Only rank 0 comes past this line. The others serve it, and leave with its exit code.

    Raises
    ------
    LaunchError
        If the ranks cannot work together.
    """
    if launch is None:
        yield None
        return
    world = join(launch)
    code = 1
    try:
        if world.rank:
            raise SystemExit(serve(world))
        crew = Crew(world)
        crew.muster()
        yield crew
        code = 0
    except WorkbenchError as error:
        code = error.exit_code
        raise
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
        raise
    except BaseException:
        world.abort(1)
    finally:
        if world.rank == 0:
            _dismiss(world, code)


def _dismiss(world: World, code: int) -> None:
    """Tell all ranks to leave, and take what they still have to say."""
    world.tell_all("end", code)
    staying = set(range(1, world.size))
    rhythm, until = Rhythm(), time.monotonic() + FAREWELL_s
    while staying and time.monotonic() < until:
        staying -= {rank for rank, (kind, *_) in world.receive() if kind == "bye"}
        time.sleep(rhythm.pause_s)
    world.leave()
    if staying:
        world.abort_at_exit(code)


class _Remote:
    """Another rank's seat, as rank 0 sees it."""

    def __init__(self, crew: Crew, rank: int) -> None:
        self.rank = rank
        self.turn = 0
        self.row: int | None = None
        self.there = True
        self.heard_s = 0.0
        self._crew = crew
        self._given: set[str] = set()

    def begin(self, task: Task, number: int, row: Floats) -> None:
        self.turn = next(self._crew.turns)
        self.row = number
        self._begun = time.monotonic()
        packed = None if task.digest in self._given else self._crew.packed(task)
        self._given.add(task.digest)
        self._crew.world.send(self.rank, "work", self.turn, task.digest, packed, number, row)

    def drop(self) -> None:
        self.turn, self.row = 0, None
        self._crew.world.send(self.rank, "drop")

    def give_up(self) -> Answer | None:
        """Give it nothing more until it is heard again; return what becomes of its row."""
        self.there = False
        said = f"rank {self.rank} on {self._crew.hosts[self.rank]} was silent for {SILENT_s:g} s"
        logging.getLogger(__name__).warning(f"{said}; its work is done elsewhere")
        if self.row is None:
            return None
        name = f"rank-{self.rank}@{self._crew.hosts[self.rank]}"
        seconds = time.monotonic() - self._begun
        lost = Answer(self.row, name, seconds, lost=said, again=True, excused=True)
        self.drop()
        return lost


class RankWorkers:
    """A child at every rank, rank 0 included; rows are dealt by rank 0.

    Rank 0 searches and keeps the ledger while its own child works.
    """

    def __init__(self, crew: Crew, limit_s: float | None = None, stop: Stop | None = None) -> None:
        self._world = crew.world
        self._rhythm = Rhythm()
        self._listened_s = 0.0
        self._looked = self._judged = time.monotonic()
        self._stop = stop or Stop()
        with starting("rank 0's child"):
            self._folder = scratch_folder()
        neighbours = Counter(crew.hosts.values())
        for rank in range(1, self._world.size):
            self._world.send(rank, "limits", limit_s, neighbours[crew.hosts[rank]])
        limits = Limits(limit_s, share_of_memory_MB(neighbours[crew.hosts[0]]))
        self._own = Seat(seat_name(0), Path(self._folder.name), limits)
        self._others = {r: _Remote(crew, r) for r in range(1, self._world.size)}

    def __str__(self) -> str:
        return f"{self._world.size} MPI ranks"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End rank 0's child; the other ranks end theirs when they are told to leave."""
        self._own.close()
        self._folder.cleanup()

    @property
    def places(self) -> int:
        """The number of ranks."""
        return 1 + len(self._others)

    def run(self, task: Task, rows: Rows) -> Iterator[Answer]:
        """Yield an answer for each row as it ends, and one for each lost attempt.

        Raises
        ------
        WorkbenchError
            What the task raised of our own errors, on any rank.
        WorkerError
            If the task raised anything else, with the child's traceback; or a child could not be
            started.
        StoppedEarly
            If a stop was asked for, here or on any rank.
        """
        places: list[Seat | _Remote] = [self._own, *self._others.values()]
        yield from deal(task, rows, places, self._listen, self._stop)

    def _listen(self) -> Iterator[tuple[Seat | _Remote, Answer]]:
        watch([self._own], self._rhythm.pause_s)
        if answer := self._own.look():
            self._rhythm.heard()
            yield self._own, answer
        for rank, (kind, *rest) in self._world.receive():
            other = self._others[rank]
            other.heard_s, other.there = self._listened_s, True
            if kind == "alive":
                continue
            self._rhythm.heard()
            if kind == "stop":
                self._stop.ask(*rest)
            elif kind == "ended" and rest[0] == other.turn:
                if isinstance(rest[1], WorkbenchError):
                    raise rest[1]
                other.row = None
                yield other, rest[1]
        yield from self._silent()

    def _silent(self) -> Iterator[tuple[_Remote, Answer]]:
        """Give up those of which nothing was heard for long, while somebody listened."""
        now = time.monotonic()
        self._listened_s += min(now - self._looked, _LONGEST_LOOK_s)
        self._looked = now
        if now - self._judged < _LONGEST_LOOK_s:
            return
        self._judged = now
        for other in self._others.values():
            silent = self._listened_s - other.heard_s > SILENT_s
            if silent and other.there and (lost := other.give_up()) is not None:
                yield other, lost
