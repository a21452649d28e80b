"""The verb `experiment`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from workbench.cli import placing
from workbench.cli.printing import console, notes, print_json, print_table
from workbench.cli.tables import writer_for
from workbench.cli.working import agree, begun, pool_of
from workbench.errors import StoppedEarly
from workbench.experiments import (
    Experiment,
    ExperimentWatch,
    Sample,
    design,
    do,
    identity,
    known,
    prepare,
    table,
)
from workbench.experiments.file import CellOfTable, flattened, read_experiment
from workbench.morphology import load_morphology
from workbench.runs import shown, with_params
from workbench.runs.folder import quoted
from workbench.studies import EngineChoice, cell_notes, cell_with_engine, load_study
from workbench.studies.files import at


def experiment(
    file: Path, workers: int | None, walltime: str | None, out: Path | None, as_json: bool
) -> None:
    """Do an experiment, or go on with it, print its table and write it into its folder."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    folder = out or Path("runs") / f"{file.stem}-{stamp}"
    again = f"workbench experiment {quoted(file)} --out {quoted(folder)}"
    with begun(walltime) as (crew, stop):
        with stop.at_once("before the experiment began: begin it again"):
            asked, limit_s = _asked(file)
            made_with = prepare(asked, notes.print)
            agree(crew, workers, partial(identity, asked))
            before = known(folder)
        planned = len(asked.conditions)
        if not as_json:
            notes.print(f"{planned} simulations, {before} of them known; run folder: {folder}")
        with pool_of(limit_s, crew, workers, stop) as pool, shown(not as_json) as show:
            watch = ExperimentWatch(planned, before, show)
            try:
                found = do(asked, pool, folder, [watch], made_with=made_with)
            except StoppedEarly as stopped:
                raise StoppedEarly(f"{stopped}; go on with: {again}") from None
        with stop.at_once(f"before the table was written; write it with: {again}"):
            rows = table(asked, found)
            writer_for(None)(folder / "table.csv", rows)
            placing.write_beside(folder / "placements.csv", placing.of_experiment(asked))
            if as_json:
                _print_json(folder, table(asked, found, values=True))
            else:
                _print(asked, rows)
                console.print(f"table: {folder / 'table.csv'}")


def _asked(file: Path) -> tuple[Experiment, float]:
    """Return the experiment of a file, and how long a worker may take for a simulation, in s."""
    said = read_experiment(file)
    with at(str(file)):
        engine = said.choice()
        cells = {name: _sample(one, engine) for name, one in said.each_cell().items()}
        factors = None if said.rows is not None and not said.factors else said.levels()
        found = design(cells, said.protocols, said.wanted(), factors, said.table())
    for name, one in cells.items():
        for note in cell_notes(one.recipe, [one.study.problem.integrator]):
            notes.print(f"note: {name}: {note}")
    return found, max(one.study.fit.limit_s for one in cells.values())


def _sample(said: CellOfTable, engine: EngineChoice) -> Sample:
    assert said.study is not None, "which `read_experiment` has seen to"
    study, values = with_params(load_study(said.study), said.params)
    recipe = study.problem.recipe.with_values(values)
    if said.morphology is not None:
        recipe = recipe.with_morphology(load_morphology(said.morphology))
    recipe = recipe.with_values(flattened(said.values))
    return Sample(*cell_with_engine(recipe, study, engine))


def _print_json(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    plain = [{n: v.tolist() if hasattr(v, "tolist") else v for n, v in r.items()} for r in rows]
    print_json({"run": str(folder), "rows": plain})


def _print(asked: Experiment, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = [f">{name}" if name in asked.measures else name for name in rows[0]]
    print_table(columns, [[_cell(value) for value in row.values()] for row in rows])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
