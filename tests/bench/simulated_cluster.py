"""A cluster that is not there: the real loop, dealing, search and ledger under a virtual clock.

Evaluations take as long as measured ones of l5pc (`evaluation_times`), but only in virtual time.
What rank 0 computes is computed, and its time is added to the clock: while it asks, tells, commits
or reads a message, nobody gets another row. What is not simulated: MPI itself, for which there are
the constants below, and that rank 0's own child shares a node with it.
"""

import heapq
import pickle
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.evaluations import Entry, Evaluation, Ledger
from workbench.fitting import Problem, fit
from workbench.search import make_search
from workbench.workers import Stop
from workbench.workers.dealing import deal
from workbench.workers.task import Answer, Rows, Task

Floats = NDArray[np.float64]

NETWORK_s = 1e-4
"""From one rank to another; InfiniBand takes 2 us, Ethernet 50 us."""

LOOK_s = 1e-3
"""Between two looks for messages (`serving.Rhythm`): what comes waits as long, here always."""

MPI_CALL_s = 2e-5
"""What one message costs rank 0 in MPI; packing and unpacking are done and measured."""

DISK_s = 0.02
"""What a commit waits for its disk. The ledger is kept in memory here, for disks differ by far."""

SEED = 1


@dataclass(frozen=True)
class Account:
    """What came of a fit on a simulated cluster; times in s, shares from 0 to 1.

    Attributes
    ----------
    efficiency
        Time in evaluations as a share of that of all ranks, from the first row to the last commit.
    efficiency_while_dealt
        The same until the last row was dealt: without the end, when ranks have nothing left.
    computing, waiting
        Shares of the time in which rank 0 computed, and in which it waited for its disk.
    computing_ms
        What it computed for one evaluation.
    longest_s
        The longest that rank 0 did not look for messages.
    """

    algorithm: str
    ranks: int
    population: int
    evaluations: int
    elapsed_s: float
    efficiency: float
    efficiency_while_dealt: float
    computing: float
    waiting: float
    computing_ms: float
    commits: int
    longest_s: float


class _Clock:
    """Virtual time, and rank 0's part in it: processor time, and waits for the disk."""

    def __init__(self) -> None:
        self.now_s = self.computing_s = self.longest_s = 0.0
        self.commits = 0
        self._since_s = time.process_time()
        self._looked_s = 0.0

    def charge(self, calls_s: float = 0.0) -> None:
        """Add what rank 0 did since it was looked at last, and calls that it would have made."""
        spent_s = time.process_time() - self._since_s + calls_s
        self.now_s += spent_s
        self.computing_s += spent_s
        self.forget()

    def forget(self) -> None:
        """Leave out what was done since then: it belongs to no rank."""
        self._since_s = time.process_time()

    def commit(self) -> None:
        """Wait for the disk."""
        self.charge()
        self.now_s += DISK_s
        self.commits += 1

    def look(self, first_s: float) -> None:
        """Wait for the first message, if it has not come yet."""
        self.charge()
        self.longest_s = max(self.longest_s, self.now_s - self._looked_s)
        if first_s > self.now_s:
            self.now_s = first_s + LOOK_s

    def looked(self) -> None:
        """Note that all messages are read."""
        self._looked_s = self.now_s


class _Ledger(Ledger):
    clock: _Clock

    def extend(self, entries: Iterable[Entry]) -> None:
        super().extend(entries)
        self.clock.commit()

    def told(self, generation: int, state: bytes) -> None:
        super().told(generation, state)
        self.clock.commit()


class _Place:
    """A rank as rank 0 sees it, as `workers.ranks` sends to it."""

    def __init__(self, cluster: "SimulatedCluster") -> None:
        self.there = True
        self._cluster = cluster
        self._given = False

    def begin(self, task: Task, number: int, row: Floats) -> None:
        packed = None if self._given else self._cluster.packed(task)
        self._given = True
        pickle.dumps(("work", 1, task.digest, packed, number, row))
        self._cluster.begin(self, number, row)

    def drop(self) -> None:
        raise AssertionError("nobody stops here")


class SimulatedCluster:
    """So many ranks that evaluate in virtual time."""

    def __init__(self, problem: Problem, ranks: int, times_s: Floats) -> None:
        self.clock = _Clock()
        self.useful_s = self.dealt_at_s = 0.0
        self.begun = 0
        self._problem = problem
        self._draw = np.random.default_rng(SEED)
        self._times_s = times_s
        self._places = [_Place(self) for _ in range(ranks)]
        self._under_way: list[tuple[float, int, _Place, int, Floats, float]] = []
        self._packed = b""
        self.spans_s: list[tuple[float, float]] = []

    def __str__(self) -> str:
        return f"{len(self._places)} simulated ranks"

    def run(self, task: Task, rows: Rows) -> Iterator[Answer]:
        """Yield an answer for each row as it ends."""
        yield from deal(task, rows, self._places, self._listen, Stop())

    def packed(self, task: Task) -> bytes:
        """Return a task as it travels, packed once as `workers.ranks` does."""
        self._packed = self._packed or pickle.dumps(task)
        return self._packed

    def begin(self, place: _Place, number: int, row: Floats) -> None:
        """Send a row to a rank."""
        self.clock.charge(MPI_CALL_s)
        seconds = float(self._draw.choice(self._times_s))
        begun_s = self.clock.now_s + NETWORK_s + LOOK_s
        here_s = begun_s + seconds + NETWORK_s
        heapq.heappush(self._under_way, (here_s, self.begun, place, number, row, seconds))
        self.begun += 1
        self.dealt_at_s = self.clock.now_s
        self.useful_s += seconds
        self.spans_s.append((begun_s, seconds))
        self.clock.forget()

    def _listen(self) -> Iterator[tuple[_Place, Answer]]:
        clock = self.clock
        clock.look(self._under_way[0][0])
        until_s = clock.now_s
        while self._under_way and self._under_way[0][0] <= until_s:
            _, _, place, number, row, seconds = heapq.heappop(self._under_way)
            answer = Answer(number, "rank-1@node.1", seconds, evaluate(self._problem, row))
            packed = pickle.dumps(("ended", 1, answer))
            clock.forget()
            _, _, answer = pickle.loads(packed)
            clock.charge(MPI_CALL_s)
            yield place, answer
        clock.looked()


def evaluate(problem: Problem, row: Floats) -> Evaluation:
    """Return feature values like a cell's: each objective has an optimum somewhere else."""
    unit = problem.unit(row[None, :])[0]
    k, d = len(problem.objectives), len(problem.parameters)
    draw = np.random.default_rng(SEED)
    slopes, centres = draw.normal(size=(k, d)), draw.uniform(0.45, 0.55, (k, d))
    away_SD = 5 * np.sin((slopes * (unit - centres)).sum(axis=1))
    objectives = zip(problem.objectives, away_SD, strict=True)
    return Evaluation(tuple(np.full(4, o.mean + o.std * away) for o, away in objectives))


def go_on(
    problem: Problem,
    algorithm: str,
    population: int,
    generations: int,
    cluster: SimulatedCluster,
    path: Path,
) -> None:
    """Begin a fit at a path, or go on with it."""
    search = make_search(
        algorithm, len(problem.parameters), len(problem.objectives), population, SEED
    )
    opened = _Ledger.open(path, write=True) if path.exists() else _Ledger.create(path, {})
    with opened as ledger:
        ledger.clock = cluster.clock
        cluster.clock.forget()
        fit(problem, search, cluster, ledger, generations)
        cluster.clock.charge()


def simulate(
    problem: Problem, algorithm: str, ranks: int, population: int, generations: int, times_s: Floats
) -> Account:
    """Run a fit on a simulated cluster and return what it was like."""
    cluster = SimulatedCluster(problem, ranks, times_s)
    with in_memory() as folder:
        go_on(problem, algorithm, population, generations, cluster, folder / "ledger.sqlite")
    clock, count = cluster.clock, generations * population
    starts_s, seconds = np.array(cluster.spans_s).T
    while_dealt_s = np.clip(cluster.dealt_at_s - starts_s, 0.0, seconds).sum()
    return Account(
        algorithm=algorithm,
        ranks=ranks,
        population=population,
        evaluations=count,
        elapsed_s=clock.now_s,
        efficiency=cluster.useful_s / (ranks * clock.now_s),
        efficiency_while_dealt=float(while_dealt_s / (ranks * cluster.dealt_at_s)),
        computing=clock.computing_s / clock.now_s,
        waiting=clock.commits * DISK_s / clock.now_s,
        computing_ms=1e3 * clock.computing_s / count,
        commits=clock.commits,
        longest_s=clock.longest_s,
    )


@contextmanager
def in_memory() -> Iterator[Path]:
    """Make a temporary folder, in memory if there is one."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
