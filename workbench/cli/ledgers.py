"""The verbs `runs` and `ledger`."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import runs
from workbench.cli.printing import console, print_json, print_table
from workbench.cli.tables import write_csv, writer_for
from workbench.errors import InputError


def list_runs(root: Path, as_json: bool) -> None:
    """List the runs below a folder, with how far each is."""
    found = [runs.state_of(folder) for folder in runs.find_runs(root)]
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


@dataclass(frozen=True)
class Shown:
    """What of a run is shown: all evaluations, attempts, generations, or the Pareto archive."""

    attempts: bool
    generations: bool
    archive: bool
    by: str | None

    def of(self, folder: Path) -> list[dict[str, Any]]:
        """Return it as rows of a table.

        Raises
        ------
        InputError
            If two of these are asked for at once.
        """
        if self.attempts + self.generations + self.archive > 1:
            raise InputError("--attempts, --generations and --archive are tables; give one of them")
        if self.by is not None and not self.archive:
            raise InputError("--by says how the archive is made; give --archive as well")
        if self.archive:
            return runs.archive_table(folder, self.by)
        if self.generations:
            return runs.generations(folder)
        return runs.attempts(folder) if self.attempts else runs.evaluations(folder)


def show(folder: Path, out: Path | None, shown: Shown, as_json: bool) -> None:
    """Print or write the evaluations of a run, or another table of it."""
    write = writer_for(out)
    rows = shown.of(folder)
    if as_json:
        print_json(rows)
    elif out is not None:
        write(out, rows)
    else:
        write_csv(sys.stdout, rows)


def salvage(folder: Path, out: Path, as_json: bool) -> None:
    """Copy what is sound in a damaged run into a new folder."""
    run = runs.salvage_run(folder, out)
    if as_json:
        print_json({"run": str(out), "kept": run.kept, "gone": run.gone})
        return
    console.print(
        f"{run.kept} evaluations are sound and were copied. {run.gone} are known to be gone; they, "
        "and what nothing tells of any more, are simulated again by\n"
        f"  workbench resume {shlex.quote(str(out))}",
    )
