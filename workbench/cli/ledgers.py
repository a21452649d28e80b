"""The verbs `runs` and `ledger`."""

import shlex
import sys
from pathlib import Path
from typing import Any

from workbench.cli.printing import console, print_json, print_table
from workbench.cli.tables import write_csv, writer_for
from workbench.errors import LedgerError
from workbench.evaluations import Ledger, flat
from workbench.fitting import best_row
from workbench.runs import find_runs, read_run, salvage_run


def list_runs(root: Path, as_json: bool) -> None:
    """List the runs below a folder, with how far each is."""
    found = [_describe(folder) for folder in find_runs(root)]
    if as_json:
        print_json(found)
        return
    columns = [
        "run",
        "study",
        "algorithm",
        ">seed",
        ">generations",
        ">evaluations",
        ">best",
        "state",
    ]
    keys = ("run", "study", "algorithm", "seed", "generations", "evaluations", "best", "state")
    print_table(columns, [[str(entry.get(key, "")) for key in keys] for entry in found])


def show(folder: Path, out: Path | None, attempts: bool, as_json: bool) -> None:
    """Print or write the evaluations (or attempts) of a run."""
    write = writer_for(out)
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        rows = ledger.attempts() if attempts else _evaluations(folder, ledger)
    if as_json:
        print_json(rows)
    elif out is not None:
        write(out, rows)
    else:
        write_csv(sys.stdout, rows)


def salvage(folder: Path, out: Path, as_json: bool) -> None:
    """Copy what is sound in a damaged run into a new folder."""
    run = salvage_run(folder, out)
    if as_json:
        print_json({"run": str(out), "kept": run.kept, "gone": run.gone})
        return
    console.print(
        f"{run.kept} evaluations are sound and were copied. {run.gone} are known to be gone; they, "
        "and what nothing tells of any more, are simulated again by\n"
        f"  workbench resume {shlex.quote(str(out))}",
    )


def _describe(folder: Path) -> dict[str, Any]:
    try:
        with Ledger.open(folder / "ledger.sqlite") as ledger:
            facts, rows, told = ledger.facts(), list(ledger.rows()), ledger.told_at()
    except LedgerError as error:
        return {"run": str(folder), "state": str(error)}
    plan, best = facts["plan"], best_row(rows)
    return {
        "run": str(folder),
        "study": Path(facts["study"]).name,
        "algorithm": plan["algorithm"],
        "seed": plan["seed"],
        "generations": f"{len(told)}/{plan['generations']}",
        "evaluations": len(rows),
        "best": None if best is None else round(float(best.scores.sum()), 3),
        "state": "finished" if len(told) == plan["generations"] else "can be resumed",
    }


def _evaluations(folder: Path, ledger: Ledger) -> list[dict[str, Any]]:
    summary = read_run(folder)
    parameters = [parameter.name for parameter in summary.parameters]
    objectives = [objective.name for objective in summary.objectives]
    return [flat(row, parameters, objectives) for row in ledger.rows()]
