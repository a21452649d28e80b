"""One individual of a run, as a user names it.

`runs/first` and `runs/first:best` are the best, `runs/first:3` is the third best, each parameter
set counted once, `runs/first:12/7` is individual 7 of generation 12, as `workbench ledger` numbers
them, and `runs/first:pareto/4` the fourth of the run's Pareto archive.
"""

import re
from pathlib import Path

from workbench.errors import AllFailed, InputError, shortened
from workbench.evaluations import Ledger, Row
from workbench.fitting import best_rows
from workbench.runs.archive import archive_of
from workbench.runs.facts import record_told_by
from workbench.runs.folder import holds_run, quoted, run_named

FORMS = "RUN:best, RUN:N for the N-th best, RUN:GENERATION/INDIVIDUAL, or RUN:pareto/N"

_NUMBER = "[0-9]{1,9}"
_ALL = 10**9


def split(given: str) -> tuple[Path, str] | None:
    """Return the folder of a run and what is named of it, or None if no run is meant.

    A colon may belong to the folder's name: a folder that is there is taken first. `a/:2` is of the
    folder `a`, whatever else is called `a:2`.
    """
    for name, which in ((given, ""), given.rpartition(":")[::2]):
        if name and holds_run(folder := run_named(name)):
            return folder, which
    return None


def values_of(folder: Path, which: str) -> dict[str, float]:
    """Return the parameters of an individual of a run by name.

    Parameters
    ----------
    which
        What stands behind the colon; nothing is the best.

    Raises
    ------
    InputError
        If it is no individual of this run.
    LedgerError
        If the run cannot be read.
    AllFailed
        If the best is asked for and no individual could be simulated.
    """
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        names = [one.name for one in record_told_by(ledger, folder).problem.parameters]
        row = individual(ledger, folder, which)
    return dict(zip(names, row.parameters.tolist(), strict=True))


def individual(ledger: Ledger, folder: Path, which: str) -> Row:
    """Return an individual of a run, as `values_of` does."""
    if which in ("", "best"):
        return _ranked(ledger, folder, 1)
    if re.fullmatch(_NUMBER, which):
        return _ranked(ledger, folder, int(which))
    if key := re.fullmatch(f"({_NUMBER})/({_NUMBER})", which):
        return _numbered(ledger, folder, int(key[1]), int(key[2]))
    if key := re.fullmatch(f"pareto/({_NUMBER})", which):
        return _compromise(ledger, folder, int(key[1]))
    raise InputError(f"{shortened(which)!r} is no individual of {folder}; write {FORMS}")


def picked(ledger: Ledger, folder: Path, pick: str | int) -> Row:
    """Return an individual that is to be looked at: a number is that of the Pareto archive.

    Parameters
    ----------
    pick
        12 is the twelfth of the archive; else what stands behind the colon, such as "2/7".

    Raises
    ------
    InputError
        If it is no individual of this run, or it failed or was beaten.
    """
    which = str(pick)
    row = individual(ledger, folder, f"pareto/{which}" if re.fullmatch(_NUMBER, which) else which)
    who = f"individual {row.individual} of generation {row.generation} of {folder}"
    if row.evaluation.failed:
        why = row.evaluation.why_failed or row.evaluation.status
        raise InputError(f"{who} failed: {why}; pick one that could be simulated")
    if not row.evaluation.whole:
        raise InputError(
            f"{who} was {row.evaluation.said}, so that not all of it is known; pick another, or "
            f"score it with --params {quoted(folder)}:{row.generation}/{row.individual}"
        )
    return row


def _ranked(ledger: Ledger, folder: Path, place: int) -> Row:
    found = best_rows(ledger.competitors(), place or _ALL)
    if not found:
        raise AllFailed(f"{folder}: no individual could be simulated; see its report")
    if not 1 <= place <= len(found):
        raise InputError(
            f"{folder} has no individual {place}: it holds {len(found)} parameter sets that could "
            f"be simulated, so give 1 (the best) to {len(found)}; RUN:GENERATION/INDIVIDUAL names "
            "one by its number"
        )
    return found[place - 1]


def _compromise(ledger: Ledger, folder: Path, place: int) -> Row:
    found = archive_of(ledger.competitors(), record_told_by(ledger, folder).problem.objectives).rows
    if not found:
        raise AllFailed(f"{folder}: no individual could be simulated; see its report")
    if not 1 <= place <= len(found):
        raise InputError(
            f"{folder} has no compromise {place}: its Pareto archive holds {len(found)}, so give 1 "
            f"(the best) to {len(found)}; workbench ledger {quoted(folder)} --archive lists them"
        )
    return found[place - 1]


def _numbered(ledger: Ledger, folder: Path, generation: int, number: int) -> Row:
    numbers = []
    for row in ledger.rows(generation):
        if row.individual == number:
            return row
        numbers.append(row.individual)
    if numbers:
        held = f"generation {generation} holds individuals {min(numbers)} to {max(numbers)}"
    elif begun := ledger.begun:
        held = f"it holds generations 0 to {begun - 1}"
    else:
        held = "it holds none yet"
    raise InputError(f"{folder} has no individual {number} of generation {generation}: {held}")
