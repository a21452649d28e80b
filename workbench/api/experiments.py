"""Experiments from Python: cells, protocols and factors in, a table out."""

import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.cells import Cell
from workbench.errors import InputError
from workbench.experiments import (
    ExperimentProgress,
    ExperimentWatch,
    Sample,
    Wanted,
    design,
    do,
    known,
    prepare,
    table,
)
from workbench.protocols import Protocol
from workbench.runs import shown
from workbench.studies import EngineChoice, cell_notes
from workbench.workers import ProcessWorkers, Stop, check_count, walltime_s

if TYPE_CHECKING:
    import pandas as pd


def experiment(
    cells: Cell | Sequence[Cell] | Mapping[str, Cell],
    protocols: str | Protocol | Sequence[str | Protocol],
    measures: Sequence[str],
    *,
    factors: Mapping[str, Sequence[float | str] | Mapping[str, EngineChoice]] | None = None,
    rows: "Iterable[Mapping[str, Any]] | pd.DataFrame | None" = None,
    window_ms: tuple[float, float] | None = None,
    threshold_mV: float = -20.0,
    values: bool = False,
    out: str | Path | None = None,
    workers: int = 1,
    walltime: str | None = None,
    engine: str | EngineChoice | None = None,
    progress: bool | Callable[[ExperimentProgress], None] = True,
) -> "pd.DataFrame":
    """Simulate cells under protocols at all combinations of factors, and measure them.

    Parameters
    ----------
    cells
        One cell or several, by their own names or by those that are given: edited and generated
        morphologies are cells `with_morphology`.
    protocols
        Protocols, or names in the cells' studies.
    measures
        Features of recordings, as `soma.v.AP_height`: eFEL's or the workbench's own.
    factors
        Levels by name, all of which are combined. `gnabar_hh.all` is a value of the cells, painted
        or placed; `step.amplitude_nA` a parameter of the protocol `step`, a number, a quantity
        or a site, `step.duration_ms` how long it runs; `engine` the words of `simulate`, or
        `EngineChoice` values by names.
    rows
        In place of factors, a table of which each row gives levels by name; `cell` and `protocol`
        may be among its columns. What is empty stays as it is.
    window_ms, threshold_mV
        Where it is measured, by default within the first stimulus, and what is a spike.
    values
        Whether a column `<measure> values` holds all values of each feature beside their mean.
    out
        A folder in which every evaluation is kept as it ends: the same experiment with the same
        folder goes on where it was stopped or killed.
    workers
        Number of child processes.
    walltime
        As in `fit`.
    engine
        As in `fit`; by default as each cell says.
    progress
        As in `fit`; a function is given an `ExperimentProgress` after each simulation.

    Returns
    -------
    pandas.DataFrame
        A row for each simulation: `cell`, `protocol` and the factors; the mean of each measure in
        the feature's unit, NaN if it has no value; `status`, OK or how the simulation failed; and
        the `reason` of what has no value. Cells and protocols change slowest, the last factor
        fastest. A parameter of a protocol is empty in the rows of other protocols.

    Raises
    ------
    InputError
        If a name is unknown, a level cannot be, or nothing of a simulation is measured.
    EngineError
        If an engine cannot run a cell.
    LedgerError
        If the folder holds another experiment.
    AllFailed
        If no worker survived any of the simulations.
    StoppedEarly
        If it was interrupted, or its walltime is nearly over.

    Examples
    --------
    Half a millisecond of 1 or 10 nA into the squid's axon:

    >>> import workbench as wb
    >>> cell = wb.load_cell("hodgkin_huxley", params="published")
    >>> table = wb.experiment(
    ...     cell,
    ...     "pulse",
    ...     ["soma.v.Spikecount"],
    ...     factors={"pulse.amplitude_nA": [1, 10]},
    ...     progress=False,
    ... )
    >>> table["soma.v.Spikecount"].tolist()
    [0.0, 1.0]
    """
    import pandas as pd

    check_count(workers)
    stop = Stop(walltime_s(walltime))
    samples = {
        name: Sample(cell.recipe, cell.study) for name, cell in _named(cells, engine).items()
    }
    asked = design(
        samples,
        [protocols] if isinstance(protocols, str | Protocol) else protocols,
        Wanted(_names(measures), window_ms, threshold_mV),
        factors,
        rows.to_dict("records") if isinstance(rows, pd.DataFrame) else rows,
    )
    for sample in samples.values():
        for note in cell_notes(sample.recipe, [sample.study.problem.integrator]):
            warnings.warn(note, stacklevel=2)
    folder = None if out is None else Path(out)
    made_with = prepare(asked, _say if progress is True else None)
    planned = len(asked.conditions)
    limit_s = max(sample.study.fit.limit_s for sample in samples.values())
    with shown(progress) as show, ProcessWorkers(min(workers, planned), limit_s, stop) as pool:
        watch = ExperimentWatch(planned, known(folder), show)
        found = do(asked, pool, folder, [watch], made_with=made_with)
    frame = pd.DataFrame(table(asked, found, values=values))
    return frame.astype(dict.fromkeys(asked.measures, float))


def _names(measures: Sequence[str]) -> tuple[str, ...]:
    if isinstance(measures, str):
        raise InputError(f"measures are a list of names; write [{measures!r}]")
    return tuple(measures)


def _named(
    cells: Cell | Sequence[Cell] | Mapping[str, Cell], engine: str | EngineChoice | None
) -> dict[str, Cell]:
    """Return cells by the names that they have in the table, simulated as `engine` says."""
    if isinstance(cells, Mapping):
        named = dict(cells)
    else:
        several = [cells] if isinstance(cells, Cell) else list(cells)
        named = {cell.name: cell for cell in several}
        if len(named) < len(several):
            raise InputError(
                f"{len(several)} cells have {len(named)} names between them "
                f"({', '.join(named)}); give a dict of cells by other names"
            )
    if not named:
        raise InputError("an experiment without cells; give at least one")
    return named if engine is None else {n: c.with_engine(engine) for n, c in named.items()}


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
