"""A run folder as a place on a disk: it may be taken, full, or away.

It holds `ledger.sqlite`, `provenance.json`, `best.json`, `traces/best.npz`, and the recordings that
targets name in `recordings`; `reports` adds `report.html`.
"""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from workbench.errors import LedgerError, StoppedEarly
from workbench.fitting import EvaluatorSource
from workbench.inputs import is_file
from workbench.studies import SearchPlan, Study


def new_folder(study: Study | EvaluatorSource, plan: SearchPlan) -> Path:
    """Return a name for a new run folder in ./runs."""
    name = study.name.replace(":", "-")
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{name}-{plan.algorithm}-seed{plan.seed}-{stamp}"


def holds_run(folder: Path) -> bool:
    """Return whether there is a ledger in a folder; what can be no path is none."""
    return is_file(folder / "ledger.sqlite")


def run_named(run: str | Path) -> Path:
    """Return the folder of a run: a path, or else a name in ./runs if there is a run there."""
    given, there = Path(run), Path("runs") / run
    return there if holds_run(there) and not holds_run(given) else given


def make_folder(folder: Path) -> None:
    """Make the folder of a new run.

    Raises
    ------
    LedgerError
        If it holds a run already, or cannot be made.
    """
    try:
        if (folder / "ledger.sqlite").exists():
            raise LedgerError(
                f"{folder} holds a run; `workbench resume {quoted(folder)}` goes on with it, "
                "--out names another folder"
            )
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"no run can be begun in {folder}: {error.strerror}; --out names another folder"
        ) from None


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Let a run whose folder cannot be written to go on later.

    Raises
    ------
    LedgerError
        If a folder stands where a file belongs, or a file where a folder does: no time mends that.
    StoppedEarly
        If what is done here meets a full disk, or one that is away.
    """
    try:
        yield
    except (IsADirectoryError, NotADirectoryError) as error:
        raise LedgerError(
            f"{error.filename2 or error.filename or folder} cannot be written: {error.strerror}; "
            f"move away what is in the way, then `workbench resume {quoted(folder)}`"
        ) from None
    except OSError as error:
        where = error.filename2 or error.filename or folder
        raise StoppedEarly(
            f"{where} cannot be written: {error.strerror or error}; see to that first"
        ) from None


def quoted(folder: Path) -> str:
    """Return a folder as it may be pasted into a shell."""
    return shlex.quote(str(folder))


def write_whole(target: Path, text: str) -> Path:
    """Write a file so that one that was there is replaced by a whole one or not at all."""
    partial = target.with_name(f"{target.stem}.{os.getpid()}.partial")
    try:
        partial.write_bytes(text.encode("utf-8", errors="replace"))
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return target
