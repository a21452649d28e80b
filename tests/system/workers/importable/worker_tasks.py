"""Tasks for workers: a child process imports this module, so it is no test and no conftest."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from workbench.errors import BuildError, MorphologyError


@dataclass(frozen=True)
class Task:
    """A function of a row as a task; `note` makes equal functions different tasks."""

    call: Callable[..., Any]
    note: str = ""
    loads: str = ""
    opened: ClassVar[list[str]] = []

    @property
    def digest(self) -> str:
        return f"{self.call.__name__} {self.note}"

    def open(self) -> Callable[..., Any]:
        self.opened.append(self.digest)
        return lambda row: self.call(row, self.note)


@dataclass(frozen=True)
class Together(Task):
    """The same for several rows at once; an answer tells how many there were."""

    together: int = 4

    def open_many(self) -> Callable[..., Any]:
        return lambda rows: [(self.call(row, self.note), len(rows)) for row in rows]

    def open(self) -> Callable[..., Any]:
        return lambda row: (self.call(row, self.note), 1)


@dataclass(frozen=True)
class Unopenable:
    """A task that cannot be begun."""

    digest: str = "unopenable"
    loads: str = ""

    def open(self) -> Callable[..., Any]:
        raise MorphologyError("there is no apic[99]")


def doubled(row: Any, note: str) -> Any:
    return 2 * row


def slowly_doubled(row: Any, note: str) -> Any:
    time.sleep(float(row[0]))
    return 2 * row


def opened_here(row: Any, note: str) -> tuple[int, int]:
    """Return the process and how often this task was opened in it."""
    return os.getpid(), Task.opened.count(f"opened_here {note}")


def surroundings(row: Any, note: str) -> dict[str, Any]:
    return {
        "folder": os.getcwd(),
        "files": sorted(os.listdir()),
        "environment": dict(os.environ),
        "pid": os.getpid(),
        "arguments": sys.argv,
        "modules": sorted(sys.modules),
    }


def refused(row: Any, note: str) -> None:
    raise MorphologyError(f"row {int(row[0])}: there is no apic[99]")


def buggy(row: Any, note: str) -> None:
    raise ZeroDivisionError("a bug in the task")


def unpicklable(row: Any, note: str) -> Any:
    return lambda: None


def killed_at_first(row: Any, note: str) -> Any:
    if _first(note, row):
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * row


def killed_at_7(row: Any, note: str) -> Any:
    if row[0] == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * row


def always_dies(row: Any, note: str) -> None:
    if _count(note, row) < 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    print("out of memory, said the library", file=sys.stderr, flush=True)
    os._exit(7)


def hangs(row: Any, note: str) -> Any:
    """Hang on rows above 0."""
    if row[0] > 0:
        _count(note, row)
        Path(note, "pid").write_text(str(os.getpid()))
        time.sleep(600)
    return 2 * row


def eats(row: Any, note: str) -> Any:
    """Take as many MB as the row says, the first time for long."""
    eaten = bytearray(b"x") * int(row[0] * 1e6)
    if note and _first(note, row):
        time.sleep(600)
    return 2 * row * (eaten[0] == ord("x"))


kept: list[bytearray] = []


def leaks(row: Any, note: str) -> Any:
    kept.append(bytearray(b"x") * int(row[0] * 1e6))
    return 2 * row


def hangs_at_first(row: Any, note: str) -> Any:
    if _first(note, row):
        time.sleep(600)
    return 2 * row


def _first(folder: str, row: Any) -> bool:
    return _count(folder, row) == 1


def _count(folder: str, row: Any) -> int:
    mark = Path(folder, f"{float(row[0])}")
    with mark.open("a") as file:
        file.write("x")
    return mark.stat().st_size


def facts(case: str) -> dict[str, str]:
    """Answer as a rank; asked of all, rank 0 too."""
    rank = os.environ["PMI_RANK"]
    if (case, rank) == ("bug", "1"):
        raise ZeroDivisionError("a bug on rank 1")
    if (case, rank) == ("no compiler", "1"):
        raise BuildError("there is no compiler")
    return {"colour": "green" if case == f"rank {rank}" else "red"}


def processor_time() -> dict[str, str]:
    """Rank 1 tells what it spent while rank 0 let it wait."""
    if os.environ["PMI_RANK"] == "0":
        time.sleep(3)
        return {}
    used = time.process_time()
    print("waited", used, time.clock_gettime(time.CLOCK_BOOTTIME) - _started(), file=sys.stderr)
    return {}


def _started() -> float:
    ticks = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    return int(ticks) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class SlowToOpen:
    """A task that takes longer to begin than a row may take."""

    digest: str = "slow to open"
    loads: str = ""

    def open(self) -> Callable[..., Any]:
        time.sleep(1.0)
        return self._answer

    def _answer(self, row: Any) -> Any:
        time.sleep(0.2)
        return 2 * row


def halt_launcher() -> None:
    """Stop the process that reads what this rank prints, for a second."""
    launcher = os.getppid()
    os.kill(launcher, signal.SIGSTOP)
    again = f"sleep 1; kill -CONT {launcher}"
    subprocess.Popen(["sh", "-c", again], start_new_session=True, stderr=subprocess.DEVNULL)
