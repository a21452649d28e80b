"""The individuals on which speed is compared: random ones, early ones of a search, good ones.

What a simulation costs depends on what the cell does in it, so that a list of one kind would
flatter one engine or another. The list is `individuals_l5pc.json`; it was made, and can be made
again, by `python -m tests.bench.individuals FOLDER`, FOLDER for the run that gives the early ones.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.api import fit
from workbench.evaluations import Ledger
from workbench.fitting import FitTask, Problem
from workbench.runs import prepare
from workbench.studies import Study, load_study
from workbench.workers import ProcessWorkers

FILE = Path(__file__).with_name("individuals_l5pc.json")
STUDY = "l5pc"
EACH = 10
SEED = 1
POPULATION, GENERATIONS = 10, 3
JITTER, GOOD = 0.05, 150.0
TRIES = 60

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Individual:
    """A parameter set and the sum of scores that it had when the list was made, if it was."""

    name: str
    group: str
    values: Mapping[str, float]
    sum: float | None


def read_individuals(file: Path = FILE) -> tuple[Individual, ...]:
    """Return the list, group by group."""
    groups = json.loads(file.read_text())["groups"]
    return tuple(
        Individual(entry["name"], group, entry["values"], entry["sum"])
        for group, table in groups.items()
        for entry in table["individuals"]
    )


def random(problem: Problem) -> Iterator[tuple[Floats, None]]:
    unit = np.random.default_rng(SEED).random((EACH, len(problem.parameters)))
    yield from ((row, None) for row in problem.physical(unit))


def early(study: Study, folder: Path) -> Iterator[tuple[Floats, float]]:
    fit(
        study,
        algorithm="ibea",
        population=POPULATION,
        generations=GENERATIONS,
        seed=SEED,
        out=folder,
    )
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        for row in ledger.rows(GENERATIONS - 1):
            yield row.parameters, float(row.scores.sum())


def good(study: Study) -> Iterator[tuple[Floats, float]]:
    """Yield points around the release set until enough of them have low scores."""
    problem, rng = study.problem, np.random.default_rng(SEED)
    release = problem.unit(problem.row(study.values("release"))[None, :])
    away = rng.uniform(-JITTER, JITTER, (TRIES, release.size))
    rows = problem.physical(np.clip(release + away, 0, 1))
    found = 0
    with ProcessWorkers(1) as workers:
        for row in rows:
            [answer] = [a for a in workers.run(FitTask(problem), row[None, :]) if not a.again]
            total = float(problem.score(answer.value).sum())
            if total < GOOD:
                found += 1
                yield row, total
            if found == EACH:
                return


def make(folder: Path) -> dict[str, Any]:
    """Return the list as it is written, with how each group was made."""
    study = load_study(STUDY)
    prepare(study)
    problem, seeded = study.problem, f"numpy's default_rng({SEED})"
    groups = {
        "random": (f"uniform within the bounds, {seeded}", random(problem)),
        "early": (
            f"the third generation of: workbench fit {STUDY} --algorithm ibea --population "
            f"{POPULATION} --generations {GENERATIONS} --seed {SEED} (CVODE)",
            early(study, folder),
        ),
        "good": (
            f"uniform within {100 * JITTER:g} % of the bounds' range around the set 'release', "
            f"clipped to the bounds, {seeded}; the first {EACH} whose scores sum to less than "
            f"{GOOD:g} SD under CVODE",
            good(study),
        ),
    }
    return {
        "study": STUDY,
        "groups": {
            group: {"how": how, "individuals": _entries(problem, group, rows)}
            for group, (how, rows) in groups.items()
        },
    }


def _entries(
    problem: Problem, group: str, rows: Iterator[tuple[Floats, float | None]]
) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{group} {number}",
            "sum": total,
            "values": dict(zip(problem.parameter_names, row.tolist(), strict=True)),
        }
        for number, (row, total) in enumerate(rows)
    ]


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(Path(sys.argv[1])), indent=1) + "\n")
