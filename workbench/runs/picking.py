"""The traces of individuals that are to be looked at, simulated if the run kept none."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from workbench.errors import StoppedEarly, WorkbenchError
from workbench.evaluations import Ledger, Row
from workbench.runs.archive import MOST, read_archive
from workbench.runs.facts import study_of
from workbench.runs.individuals import picked
from workbench.runs.origin import prepare
from workbench.runs.traces import has_traces, keep_picked
from workbench.search import whole
from workbench.search.pareto import spread_out
from workbench.workers import ProcessWorkers, Stop


def trace_picked(
    folder: Path,
    pick: str | int,
    stop: Stop | None = None,
    report: Callable[[str], None] | None = None,
) -> None:
    """Keep the traces of an individual of a run, which is simulated if there are none yet.

    Parameters
    ----------
    pick
        As `picked` takes it.
    report
        Told what takes long, and why there are no traces if the run's study cannot be simulated
        any more.

    Raises
    ------
    InputError
        If the run holds no such individual, or it failed.
    LedgerError
        If the run cannot be read.
    StoppedEarly
        If it was interrupted, or they cannot be written.
    """
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        row = picked(ledger, folder, pick)
    _trace(folder, [row], stop, report)


def trace_few(
    folder: Path,
    count: int,
    stop: Stop | None = None,
    report: Callable[[str], None] | None = None,
) -> None:
    """Keep the traces of a few compromises of a run that stand for all of its Pareto archive.

    Parameters
    ----------
    count
        How many, 1 to 100.
    stop, report
        As in `trace_picked`.

    Raises
    ------
    InputError
        If the count is none.
    LedgerError
        If the run cannot be read.
    StoppedEarly
        If it was interrupted, or they cannot be written.
    """
    whole("traces", count, least=1, most=MOST)
    archive = read_archive(folder)
    few = spread_out(np.log1p(archive.scores), count)
    _trace(folder, [archive.rows[place] for place in few], stop, report)


def _trace(
    folder: Path,
    rows: Sequence[Row],
    stop: Stop | None,
    report: Callable[[str], None] | None,
) -> None:
    say = report or (lambda _: None)
    untraced = [row for row in rows if not has_traces(folder, row)]
    if not untraced:
        return
    try:
        study, _ = study_of(folder)
        prepare(study, report)
        with ProcessWorkers(1, study.fit.limit_s, stop) as pool:
            for number, row in enumerate(untraced, start=1):
                if len(untraced) > 1:
                    say(f"simulating {number} of {len(untraced)} compromises")
                keep_picked(study.problem, folder, row, pool)
    except StoppedEarly:
        raise
    except WorkbenchError as error:
        say(f"traces are not drawn: {error}")
