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
    Analysis,
    Described,
    Experiment,
    ExperimentWatch,
    described,
    do,
    find_experiment,
    identity,
    known,
    prepare,
    standing,
    table,
)
from workbench.experiments.converging import FOLDER as CONVERGED
from workbench.experiments.converging import budget, refinements
from workbench.runs import shown, with_params
from workbench.runs.folder import quoted
from workbench.studies import cell_notes
from workbench.workers.task import Workers

Rows = list[dict[str, Any]]


def experiment(
    name: str,
    workers: int | None,
    walltime: str | None,
    out: Path | None,
    trusted: bool,
    converged: bool,
    as_json: bool,
) -> None:
    """Do an experiment, or go on with it, print its table and write it into its folder.

    With `converged` it is then known what segments and steps have to do with it.
    """
    file = find_experiment(name)
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    trust = " --trust-python" * trusted
    with begun(walltime) as (crew, stop):
        with stop.at_once("before the experiment began: begin it again"):
            found = read(file, trusted)
            asked = found.experiment
            folder = out or Path("runs") / f"{found.name}-{stamp}"
            again = f"workbench experiment {quoted(Path(name))}{trust} --out {quoted(folder)}"
            made_with = prepare(asked, notes.print)
            agree(crew, workers, partial(identity, asked))
            before = known(folder)
        planned = len(asked.conditions)
        if not as_json:
            notes.print(f"{planned} simulations, {before} of them known; run folder: {folder}")
        with pool_of(found.limit_s, crew, workers, stop) as pool, shown(not as_json) as show:
            watch = ExperimentWatch(planned, before, show)
            try:
                done = do(asked, pool, folder, [watch], made_with=made_with)
                rows = table(asked, done)
                made = _budget(asked, rows, pool, folder, made_with) if converged else {}
            except StoppedEarly as stopped:
                raise StoppedEarly(f"{stopped}; go on with: {again}") from None
        with stop.at_once(f"before the table was written; write it with: {again}"):
            made, written = _written(found.analysis, rows, made, folder)
            placing.write_beside(folder / "placements.csv", standing(asked))
            if as_json:
                _print_json(folder, table(asked, done, values=True), made)
            else:
                _print(asked, rows)
                for title, more in made.items():
                    _print_made(title, more)
                for path in written:
                    console.print(f"{path.stem}: {path}")


def read(file: Path, trusted: bool) -> Described:
    """Return the experiment of a file; what is odd about its cells is said."""
    found = described(file, with_params, trusted)
    for name, one in found.samples.items():
        for note in cell_notes(one.recipe, [one.study.problem.integrator]):
            notes.print(f"note: {name}: {note}")
    return found


def _budget(
    asked: Experiment, rows: Rows, pool: Workers, folder: Path, made_with: Mapping[str, str]
) -> dict[str, Rows]:
    refined = {
        way: table(one, do(one, pool, folder / CONVERGED / way, made_with=made_with))
        for way, one in refinements(asked).items()
    }
    return {"budget": budget(asked, rows, refined)}


def _written(
    analysis: Analysis | None, rows: Rows, more: dict[str, Rows], folder: Path
) -> tuple[dict[str, Rows], list[Path]]:
    """Write the table, what is made of it, and the figure; return the tables that were made."""
    made = (analysis.tables(rows) if analysis else {}) | more
    paths = []
    for name, one in {"table": rows, **made}.items():
        paths.append(folder / f"{name}.csv")
        writer_for(None)(paths[-1], one)
    if analysis and analysis.draws:
        from workbench.reports.experiment_figure import write_experiment_figure

        paths += write_experiment_figure(analysis, rows, made, folder)
    return made, paths


def _print_json(
    folder: Path, rows: Sequence[Mapping[str, Any]], made: Mapping[str, Sequence[Any]]
) -> None:
    plain = [{n: v.tolist() if hasattr(v, "tolist") else v for n, v in r.items()} for r in rows]
    print_json({"run": str(folder), "rows": plain, **({"tables": made} if made else {})})


def _print(asked: Experiment, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = [f">{name}" if name in asked.numbers else name for name in rows[0]]
    print_table(columns, [[_cell(value) for value in row.values()] for row in rows])


def _print_made(title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        heads = [key if isinstance(value, str) else f">{key}" for key, value in rows[0].items()]
        print_table(heads, [[_cell(value) for value in row.values()] for row in rows], title)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
