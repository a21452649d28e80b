"""Experiments from Python: cells, protocols and factors in, a table out."""

import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.cells import Cell
from workbench.errors import InputError
from workbench.evaluations import Evaluation
from workbench.experiments import (
    Described,
    Experiment,
    ExperimentProgress,
    ExperimentWatch,
    Sample,
    Wanted,
    described,
    design,
    do,
    find_experiment,
    given_function,
    known,
    prepare,
    standing,
    table,
)
from workbench.experiments.converging import FOLDER as CONVERGED
from workbench.experiments.converging import budget, refinements
from workbench.protocols import Protocol, Traces
from workbench.runs import shown, with_params
from workbench.studies import EngineChoice, cell_notes
from workbench.workers import ProcessWorkers, Stop, check_count, walltime_s

if TYPE_CHECKING:
    import pandas as pd


def experiment(
    cells: Cell | Sequence[Cell] | Mapping[str, Cell],
    protocols: str | Protocol | Sequence[str | Protocol],
    measures: Sequence[str | Callable[[Traces], float]],
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
        Features of recordings, as `soma.v.AP_height`: eFEL's or the workbench's own. Of maps what
        they keep over the segments, as `map.maximum.mean`: `maximum`, `minimum` or `mean`. Of the
        shape, as `morphology.area_um2` or `morphology.max_strahler_order.apical`: a measure of
        `measure`, `area_um2`, `length_um`, or the text `morphology.topology`. Of the cell as a
        cable, as `cell.frozen.input_MOhm(apical@400um)`, with the gates of `electrotonic`. A
        function from the traces by name to a number, which runs in the workers: they are given the
        text of its module, or its own if it was defined in a script or a notebook, where it has to
        import what it needs itself.
    factors
        Levels by name, all of which are combined. `gnabar_hh.all` is a value of the cells, painted
        or placed; `step.amplitude_nA` a parameter of the protocol `step`, a number, a quantity
        or a site, `step.duration_ms` how long it runs; `morphology.length_um` an argument of the
        generator that made a cell's tree, `edit.scale-lengths.factor` one of an edit that was done
        to it; `engine` the words of `simulate`, or `EngineChoice` values by names.
    rows
        In place of factors, a table of which each row gives levels by name; `cell` and `protocol`
        may be among its columns. What is empty stays as it is.
    window_ms, threshold_mV
        Where it is measured, by default within the first stimulus, and what is a spike.
    values
        Whether a column `<measure> values` holds all values of each feature beside their mean.
    out
        A folder in which every evaluation is kept as it ends: the same experiment with the same
        folder goes on where it was stopped or killed. `placements.csv` there says where synapses
        stand.
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
        _wanted(measures, window_ms, threshold_mV),
        factors,
        rows.to_dict("records") if isinstance(rows, pd.DataFrame) else rows,
    )
    for sample in samples.values():
        for note in cell_notes(sample.recipe, [sample.study.problem.integrator]):
            warnings.warn(note, stacklevel=2)
    limit_s = max(sample.study.fit.limit_s for sample in samples.values())
    folder = None if out is None else Path(out)
    done = _done(asked, limit_s, folder, workers, stop, progress)
    _write_placements(asked, folder)
    return _frame(asked, done, values)


def named_experiment(
    name: str | Path,
    *,
    trust_python: bool = False,
    converged: bool = False,
    values: bool = False,
    out: str | Path | None = None,
    workers: int = 1,
    walltime: str | None = None,
    progress: bool | Callable[[ExperimentProgress], None] = True,
) -> "ExperimentResult":
    """Do an experiment that ships, or that a file describes, as `workbench experiment` does.

    Parameters
    ----------
    name
        Its name, its folder or its TOML file.
    trust_python
        Whether Python beside the file may run; what ships always may.
    converged
        Whether a few rows, drawn with a seed, are simulated again with segments of a third and with
        steps or tolerances of a tenth: `tables["budget"]` says by how much each measure moves.
    values, out, workers, walltime, progress
        As in `experiment`.

    Returns
    -------
    Its table, the tables that are made of it, and its figure.

    Raises
    ------
    InputError
        If it cannot be found, its file has mistakes, or it has Python that is not trusted.
    EngineError, LedgerError, AllFailed, StoppedEarly
        As in `experiment`.
    """
    import pandas as pd

    check_count(workers)
    stop = Stop(walltime_s(walltime))
    found = described(find_experiment(name), with_params, trust_python)
    asked = found.experiment
    for sample in found.samples.values():
        for note in cell_notes(sample.recipe, [sample.study.problem.integrator]):
            warnings.warn(note, stacklevel=2)
    folder = None if out is None else Path(out)

    def done(one: Experiment, beside: str = "") -> list[Evaluation]:
        own = None if folder is None else folder / beside
        return _done(one, found.limit_s, own, workers, stop, progress)

    evaluations = done(asked)
    _write_placements(asked, folder)
    rows = table(asked, evaluations)
    tables = found.analysis.tables(rows) if found.analysis else {}
    if converged:
        refined = {
            way: table(one, done(one, f"{CONVERGED}/{way}"))
            for way, one in refinements(asked).items()
        }
        tables["budget"] = budget(asked, rows, refined)
    frames = {name: pd.DataFrame(one) for name, one in tables.items()}
    return ExperimentResult(found, _frame(asked, evaluations, values), frames, (rows, tables))


@dataclass(frozen=True, eq=False)
class ExperimentResult:
    """What came of an experiment by name.

    Attributes
    ----------
    experiment
        The experiment, with its title and folder.
    table
        As `experiment` returns it.
    tables
        Those that its analysis makes, by name.
    """

    experiment: Described
    table: "pd.DataFrame"
    tables: "Mapping[str, pd.DataFrame]"
    _rows: Any = field(repr=False)

    def __repr__(self) -> str:
        made = f"; tables {', '.join(self.tables)}" if self.tables else ""
        return f"<ExperimentResult {self.experiment.name}: {len(self.table)} simulations{made}>"

    def figure(self) -> Any:
        """Return its figure, a `Figure` of matplotlib.

        Raises
        ------
        InputError
            If it has none.
        """
        analysis = self.experiment.analysis
        if analysis is None or not analysis.draws:
            raise InputError(f"{self.experiment.name} has no figure: no analysis.py draws one")
        from workbench.reports.experiment_figure import experiment_figure

        return experiment_figure(analysis, *self._rows)


def _done(
    asked: Experiment,
    limit_s: float,
    folder: Path | None,
    workers: int,
    stop: Stop,
    progress: bool | Callable[[ExperimentProgress], None],
) -> list[Evaluation]:
    made_with = prepare(asked, _say if progress is True else None)
    planned = len(asked.conditions)
    with shown(progress) as show, ProcessWorkers(min(workers, planned), limit_s, stop) as pool:
        watch = ExperimentWatch(planned, known(folder), show)
        return do(asked, pool, folder, [watch], made_with=made_with)


def _write_placements(asked: Experiment, folder: Path | None) -> None:
    import pandas as pd

    if folder is not None and (rows := standing(asked)):
        pd.DataFrame(rows).to_csv(folder / "placements.csv", index=False)


def _frame(asked: Experiment, done: Sequence[Evaluation], values: bool) -> "pd.DataFrame":
    import pandas as pd

    frame = pd.DataFrame(table(asked, done, values=values))
    return frame.astype(dict.fromkeys(asked.numbers, float))


def _wanted(
    measures: Sequence[str | Callable[[Traces], float]],
    window_ms: tuple[float, float] | None,
    threshold_mV: float,
) -> Wanted:
    if isinstance(measures, str) or callable(measures):
        raise InputError(f"measures are a list; write [{measures!r}]")
    functions = {one: given_function(one) for one in measures if not isinstance(one, str)}
    names = tuple(one if isinstance(one, str) else functions[one].column for one in measures)
    by_name = {one.column: one for one in functions.values()}
    return Wanted(names, window_ms, threshold_mV, by_name)


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
