"""The verbs `runs` and `ledger`."""

import csv
import sys
from pathlib import Path
from typing import Any

from workbench.cli.printing import print_json, print_table
from workbench.errors import InputError, LedgerError
from workbench.fitting import Ledger, best_row
from workbench.studies import find_runs, study_of


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
    if out is not None and out.suffix != ".csv":
        raise InputError(f"--out {out}: the ending says the format; allowed: .csv")
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        rows = ledger.attempts() if attempts else _evaluations(folder, ledger)
    if as_json:
        print_json(rows)
    elif out is not None:
        with out.open("w", newline="") as file:
            _write_csv(file, rows)
    else:
        _write_csv(sys.stdout, rows)


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
    study, _ = study_of(folder)
    problem = study.problem
    table = []
    for row in ledger.rows():
        entry: dict[str, Any] = {
            "generation": row.generation,
            "individual": row.individual,
            "status": row.evaluation.status,
            "sum": float(row.scores.sum()),
        }
        entry |= dict(zip(problem.parameter_names, row.parameters.tolist(), strict=True))
        names = [objective.name for objective in problem.objectives]
        entry |= dict(zip(names, row.scores.tolist(), strict=True))
        table.append(entry)
    return table


def _write_csv(file: Any, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    writer = csv.DictWriter(file, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
