"""The verb `bench-search`."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from workbench.calibration import fit_engine
from workbench.cli.options import count
from workbench.cli.printing import console, notes, print_json, print_table
from workbench.errors import StoppedEarly
from workbench.races import race_of, run_race, write_curves
from workbench.runs import prepare, shown
from workbench.runs.folder import quoted
from workbench.studies import EngineChoice, load_study
from workbench.workers import ProcessWorkers, Stop, walltime_s


def bench_search(
    name: str,
    searches: str | None,
    seeds: int,
    evaluations: int,
    workers: int | None,
    walltime: str | None,
    out: Path | None,
    engine: EngineChoice,
    as_json: bool,
) -> None:
    """Run searches side by side, print their table and draw their curves."""
    from workbench.reports.race_figure import write_race_figure

    with Stop(walltime_s(walltime)).on_signals() as stop:
        unbegun = "before the searches began: begin again"
        with stop.at_once(unbegun):
            study = load_study(name)
            stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
            folder = out or Path("runs") / f"searches-{study.name}-{stamp}"
            asked = None if searches is None else searches.split(",")
            race = race_of(study, asked, seeds, evaluations, folder)
            processes = count(workers)
        try:
            with ProcessWorkers(processes, stop=stop) as pool:
                with stop.at_once(unbegun):
                    every = len(race.runs) * evaluations
                    study = fit_engine(study, engine, pool, notes.print, "--", evaluations=every)
                    made_with = prepare(study, notes.print)
                if not as_json:
                    notes.print(
                        f"{len(race.plans)} searches, {seeds} seeds, {evaluations} evaluations "
                        f"each; {study.problem.integration}\nfolder: {folder}"
                    )
                with shown(not as_json) as show:
                    curves = run_race(replace(race, study=study), pool, show, made_with=made_with)
            with stop.at_once("before the table was written"):
                write_curves(curves, folder)
                picture = write_race_figure(curves, folder)
        except StoppedEarly as stopped:
            raise StoppedEarly(
                f"{stopped}; go on with the same command and --out {quoted(folder)}"
            ) from None
    rows = curves.table()
    if as_json:
        print_json({"folder": str(folder), "evaluations": curves.evaluations, "rows": rows})
        return
    columns = ["search", *(f">{column}" for column in list(rows[0])[1:])]
    cells = [["" if value is None else str(value) for value in row.values()] for row in rows]
    print_table(columns, cells, f"Best sum of scores (SD) on {study.name}")
    console.print(f"curves: {picture}")
