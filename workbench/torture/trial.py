"""The ordeal itself: run a fit in peace, then run it again and kill it whenever it moves."""

import dataclasses
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from workbench.errors import InputError, WorkbenchError
from workbench.evaluations import Ledger
from workbench.runs.facts import told_plan
from workbench.search import GENERATIONAL, STEADY
from workbench.studies import SearchPlan, Study
from workbench.torture.account import (
    Account,
    Key,
    compare,
    failed,
    pace_s,
    repetitions,
    table_of,
)
from workbench.torture.faults import Fault, Faults, key_of, read_marks

Report = Callable[[str], None]
GRACE_s = 2.0
"""How much longer than the slowest evaluation a worker may take until it counts as hung."""


@dataclass(frozen=True)
class Ordeal:
    """How a fit is tortured: how often it is killed, and which shares of its evaluations fail."""

    worker_kills: int = 20
    job_kills: int = 10
    hangs: float = 0.05
    segfaults: float = 0.01
    nan: float = 0.05

    def __post_init__(self) -> None:
        for name in ("worker_kills", "job_kills"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} is {getattr(self, name)}, it must be at least 0")
        for name in ("hangs", "segfaults", "nan"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} is {getattr(self, name)}, it must be a share, 0 to 1")


def torture(
    study: Study, plan: SearchPlan, ordeal: Ordeal, out: Path, workers: int, report: Report
) -> Account:
    """Run a fit undisturbed and tortured, in two folders below `out` that stay, and compare.

    Raises
    ------
    InputError
        If `out` is there already, if the fit is asynchronous, or too small for so many kills.
    WorkbenchError
        If the job ends by itself with an error.
    """
    if out.exists():
        raise InputError(f"{out} exists; name a new folder with --out")
    if plan.algorithm in STEADY:
        raise InputError(
            f"{plan.algorithm} finds something else each time, also in peace, so there is nothing "
            f"to compare; choose an algorithm that is the same for any workers: "
            f"{', '.join(GENERATIONAL)}"
        )
    peace, war, marks = (out / name for name in ("undisturbed", "tortured", "marks"))
    marks.mkdir(parents=True)
    order = {"study": str(study.folder), "plan": told_plan(plan), "workers": workers}
    faults = Faults(nan=ordeal.nan)
    given = {"folder": str(peace), "faults": faults, "limit_s": study.fit.limit_s}
    with _Job(out / "undisturbed.json", order | given) as undisturbed:
        undisturbed.watch()
    count, seconds = len(undisturbed.told), undisturbed.seconds
    report(f"undisturbed: {count} evaluations in {seconds:.1f} s")

    draw = random.Random(plan.seed)
    median_s, slowest_s = pace_s(peace)
    chosen = _choose(peace, ordeal, draw)
    faults = Faults(ordeal.nan, chosen, str(marks), moment_s=median_s)
    limit_s = undisturbed.start_s + slowest_s + GRACE_s
    given = {"folder": str(war), "faults": faults, "limit_s": limit_s}
    moments = sorted(draw.randrange(int(0.9 * count) + 1) for _ in range(ordeal.job_kills))
    pauses_s = [
        (draw.uniform(0, undisturbed.start_s), draw.uniform(0, 4 * median_s)) for _ in moments
    ]
    begun = time.perf_counter()
    kills, lost = _kill(out / "tortured.json", order | given, war, moments, pauses_s, report)
    tortured_s = time.perf_counter() - begun

    said = read_marks(marks)
    befell = [mark for row in said.values() for mark in row]
    repeated, twice = repetitions(war, said)
    return Account(
        evaluations=count,
        nan=failed(peace),
        worker_kills=befell.count("worker kill"),
        hangs=befell.count("hang"),
        segfaults=befell.count("segfault"),
        job_kills=kills,
        different=compare(peace, war),
        lost=lost,
        repeated=repeated,
        twice=twice,
        in_flight=2 * workers * kills,
        undisturbed_s=seconds,
        tortured_s=tortured_s,
    )


def _kill(
    path: Path,
    order: dict[str, Any],
    run: Path,
    moments: Sequence[int],
    pauses_s: Sequence[tuple[float, float]],
    report: Report,
) -> tuple[int, int]:
    """Begin a run again and again, kill it each time, and let it end at last.

    It is killed a pause after its ledger holds as many evaluations as a moment says: the second
    pause if they come while one waits, else the first, which falls into its start.

    Returns
    -------
    How often it was killed, and how many evaluations a kill has cost that had been written.
    """
    kills = lost = 0
    there: set[Key] = set()
    for moment, (starting_s, running_s) in zip(moments, pauses_s, strict=True):
        with _Job(path, order, there) as job:
            if not job.kill_after(moment, starting_s if len(there) >= moment else running_s):
                break
        kills += 1
        there = set(table_of(run))
        lost += len(job.told - there)
        report(f"job killed {kills} of {len(moments)}: the ledger holds {len(there)} evaluations")
    with _Job(path, order, there) as job:
        job.watch()
    return kills, lost


def _choose(run: Path, ordeal: Ordeal, draw: random.Random) -> dict[str, Fault]:
    """Return for some rows of a run what happens to the first attempt at them."""
    with Ledger.open(run / "ledger.sqlite") as ledger:
        rows = [key_of(row.parameters) for row in ledger.rows()]
    distinct = sorted(set(rows))
    faults: list[Fault] = ["worker kill"] * ordeal.worker_kills
    faults += ["hang"] * round(ordeal.hangs * len(rows))
    faults += ["segfault"] * round(ordeal.segfaults * len(rows))
    if len(faults) > len(distinct):
        raise InputError(
            f"{len(faults)} faults do not find room in {len(distinct)} evaluations; give more "
            "--generations or fewer faults"
        )
    return dict(zip(draw.sample(distinct, len(faults)), faults, strict=True))


class _Job:
    """A fit in a process group of its own, which says what it has written; `told` adds it up."""

    def __init__(self, path: Path, order: dict[str, Any], known: Iterable[Key] = ()) -> None:
        self.told = set(known)
        self.start_s = self.seconds = 0.0
        self._begun = time.perf_counter()
        self._log = path.with_suffix(".log")
        path.write_text(json.dumps({**order, "faults": dataclasses.asdict(order["faults"])}))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "workbench.torture.job", str(path)],
                bufsize=0,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def watch(self) -> None:
        """Wait until the job ends.

        Raises
        ------
        WorkbenchError
            If it fails, with its own words.
        """
        self._listen(None, None)
        self._process.wait()
        self.seconds = time.perf_counter() - self._begun
        if self._process.returncode != 0:
            words = self._log.read_text(errors="replace").strip() or "it said nothing"
            raise WorkbenchError(
                f"the fit ended by itself with exit code {self._process.returncode}; {self._log}: "
                f"{words[-2000:]}"
            )

    def kill_after(self, evaluations: int, pause_s: float) -> bool:
        """Kill the whole job a pause after the ledger holds so many; return if it was alive."""
        alive = self._listen(evaluations, None)
        alive = alive and self._listen(None, time.perf_counter() + pause_s)
        if not alive:
            self.watch()
            return False
        self._kill()
        # What it had said before it was killed is to be kept, too.
        self._listen(None, None)
        return self._process.wait() == -signal.SIGKILL

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _listen(self, evaluations: int | None, until: float | None) -> bool:
        """Take what the job says, until it is enough, time is up (True) or it ends (False)."""
        pipe = self._process.stdout
        assert pipe is not None
        while evaluations is None or len(self.told) < evaluations:
            if until is not None:
                left_s = max(0.0, until - time.perf_counter())
                if not select.select([pipe], [], [], left_s)[0]:
                    return True
            line = pipe.readline()
            if not line.endswith(b"\n"):
                return False
            self.start_s = self.start_s or time.perf_counter() - self._begun
            generation, individual = map(int, line.split())
            self.told.add((generation, individual))
        return True
