"""What a run's best and its archive score on targets that its search never saw: `held_out.json`."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from workbench.evaluations import Ledger, Row
from workbench.evaluations.counting import PartDone
from workbench.fitting import best_row
from workbench.runs.archive import archive_of
from workbench.runs.facts import record_told_by
from workbench.runs.folder import write_whole, written
from workbench.runs.provenance import checksum
from workbench.runs.validation import Individual, Validation, aimed, validated
from workbench.studies import Study
from workbench.workers.task import Workers

FILE = "held_out.json"
UNDER = "on what is held out"
_VALIDATION = TypeAdapter(Validation)


def best_and_archive(ledger: Ledger, folder: Path) -> list[tuple[int, Row]]:
    """Return the best individual and the Pareto archive, with their numbers in that.

    The smallest sum first; a best that is not in an archive cut to its size has the number 0.
    """
    objectives = record_told_by(ledger, folder).problem.objectives
    found = list(enumerate(archive_of(ledger.competitors(), objectives).rows, start=1))
    best = best_row(ledger.competitors())
    if best is not None and not any(_key(row) == _key(best) for _, row in found):
        found = [(0, best), *found]
    return found


def score_held_out(
    study: Study,
    folder: Path,
    ledger: Ledger,
    workers: Workers,
    show: Callable[[PartDone], None] | None = None,
) -> None:
    """Score what is held out for a run's best and its archive, unless that was done; keep it.

    Nothing is done where nothing is held out, or no individual could be simulated.

    Raises
    ------
    StoppedEarly
        If the workers were told to stop, or it cannot be written.
    """
    problem = study.held_out_problem
    if problem is None:
        return
    names = [one.name for one in record_told_by(ledger, folder).problem.parameters]
    asked = best_and_archive(ledger, folder)
    if not asked:
        return
    kept = read_held_out(folder)
    targets = aimed(problem, study.repeats)
    known: dict[tuple[int, int], Individual] = {}
    if kept is not None and kept.problem == problem.digest and kept.targets == targets:
        known = {(one.generation, one.individual): one for one in kept.individuals}
    new = [(pick, row) for pick, row in asked if _key(row) not in known]
    found = validated(new, names, problem, study.repeats, workers, show)
    known |= {(one.generation, one.individual): one for one in found}
    individuals = tuple(replace(known[_key(row)], pick=pick) for pick, row in asked)
    whole = Validation(
        folder.absolute().name, UNDER, problem.digest, problem.integration, targets, individuals
    )
    if whole != kept:
        with written(folder):
            _write(folder, whole)


def read_held_out(folder: Path) -> Validation | None:
    """Return what a run's individuals score on what is held out.

    None if nothing was scored, or what was kept cannot be read or is not what was written.
    """
    try:
        said: dict[str, Any] = json.loads((folder / FILE).read_bytes())
        if said.pop("checksum") != checksum(said):
            return None
        found = _VALIDATION.validate_python(said)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    whole = all(len(one.met) == len(found.targets) for one in found.individuals)
    return found if whole and found.individuals else None


def _write(folder: Path, found: Validation) -> None:
    said = json.loads(json.dumps(asdict(found), allow_nan=False))
    text = json.dumps({**said, "checksum": checksum(said)}, indent=2)
    write_whole(folder / FILE, f"{text}\n")


def _key(row: Row) -> tuple[int, int]:
    return row.generation, row.individual
