"""What a rank other than 0 does: it watches over its child and answers rank 0."""

import platform
import time
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.scratch import scratch_folder
from workbench.workers.muster import code_facts
from workbench.workers.seat import Limits, Seat, StartError, share_of_memory_MB, watch
from workbench.workers.stopping import Stop
from workbench.workers.task import Task
from workbench.workers.world import World

BEAT_s = 10.0
"""How often a rank lets rank 0 hear of it."""

_SHORTEST_s, _LONGEST_s = 0.001, 0.05


class Rhythm:
    """How long to sleep between two looks for messages: a hundredth of the silence so far.

    So a message waits for at most 1 % of the time that was spent on it, and who waits long
    costs next to nothing.
    """

    def __init__(self) -> None:
        self._heard = time.monotonic()

    def heard(self) -> None:
        """Note that a message came."""
        self._heard = time.monotonic()

    @property
    def pause_s(self) -> float:
        """How long to sleep now."""
        return min(max((time.monotonic() - self._heard) / 100, _SHORTEST_s), _LONGEST_s)


def serve(world: World) -> int:
    """Serve rank 0 until it says that all is over; return the exit code that it says."""
    world.send(0, "hello", platform.node(), code_facts())
    with (
        scratch_folder() as folder,
        Stop().on_signals() as stop,
    ):
        rank = _Rank(world, Seat(seat_name(world.rank), Path(folder), Limits()), stop)
        try:
            while rank.code is None:
                rank.listen()
                rank.report()
                rank.beat()
                watch([rank.seat], rank.rhythm.pause_s)
            # The launcher's signal may reach this rank after rank 0 has done what it asks for.
            stop.ask("rank 0 has ended the run")
        finally:
            rank.seat.close()
    world.send(0, "bye")
    world.leave()
    return rank.code


def seat_name(rank: int) -> str:
    """Return the name under which a rank's work stands in the ledger."""
    return f"rank-{rank}@{platform.node()}"


class _Rank:
    def __init__(self, world: World, seat: Seat, stop: Stop) -> None:
        self.seat = seat
        self.code: int | None = None
        self.rhythm = Rhythm()
        self._world = world
        self._stop = stop
        self._stop_told = False
        self._tasks: dict[str, Task] = {}
        self._turn = 0
        self._beaten = time.monotonic()

    def listen(self) -> None:
        """Do what rank 0 has said."""
        for _, (kind, *rest) in self._world.receive():
            self.rhythm.heard()
            if kind == "work":
                self._work(*rest)
            elif kind == "drop":
                self.seat.drop()
            elif kind == "limits":
                limit_s, neighbours = rest
                self.seat.limits = Limits(limit_s, share_of_memory_MB(neighbours))
            elif kind == "ask":
                self._world.send(0, "fact", _answer(*rest))
            elif kind == "end":
                [self.code] = rest

    def beat(self) -> None:
        """Let rank 0 hear now and then that this rank is there, whatever its child does."""
        if time.monotonic() - self._beaten >= BEAT_s:
            self._beaten = time.monotonic()
            self._world.send(0, "alive")

    def report(self) -> None:
        """Tell rank 0 what has ended here, and that somebody wants this rank to stop."""
        try:
            ended = self.seat.look()
        except WorkbenchError as error:
            self.rhythm.heard()
            self._world.send(0, "ended", self._turn, error)
            return
        if ended is not None:
            self.rhythm.heard()
            self._world.send(0, "ended", self._turn, ended)
        if self._stop.asked and not self._stop_told:
            self._stop_told = True
            self._world.send(0, "stop", self._stop.reason)

    def _work(self, turn: int, digest: str, packed: bytes | None, number: int, row: Any) -> None:
        self._turn = turn
        if packed is not None:
            self._tasks[digest] = self._world.unpack(packed)
        try:
            self.seat.begin(self._tasks[digest], number, row)
        except StartError as error:
            self._world.send(0, "ended", turn, error)


def _answer(question: Any) -> Any:
    try:
        return dict(question())
    except WorkbenchError as error:
        return error
