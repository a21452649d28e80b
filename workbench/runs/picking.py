"""The traces of an individual that is to be looked at, simulated if the run kept none."""

from collections.abc import Callable
from pathlib import Path

from workbench.errors import StoppedEarly, WorkbenchError
from workbench.evaluations import Ledger
from workbench.runs.facts import study_of
from workbench.runs.individuals import picked
from workbench.runs.origin import prepare
from workbench.runs.traces import has_traces, keep_picked
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
    if has_traces(folder, row):
        return
    try:
        study, _ = study_of(folder)
        prepare(study, report)
        with ProcessWorkers(1, study.fit.limit_s, stop) as pool:
            keep_picked(study.problem, folder, row, pool)
    except StoppedEarly:
        raise
    except WorkbenchError as error:
        if report is not None:
            report(f"its traces are not drawn: {error}")
