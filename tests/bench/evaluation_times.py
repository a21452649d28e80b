"""How long evaluations of l5pc take: what the simulated cluster draws from.

Individuals as a fit meets them: the first generation of an IBEA fit, and the `early` and `good`
ones of `individuals`, with the study's own CVODE. `python -m tests.bench.evaluation_times`
measures them one after the other in one process (ten minutes) and keeps them in `results`.
"""

import json
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tests.bench.accounting import warm
from tests.bench.individuals import STUDY, read_individuals
from tests.bench.results import FOLDER, keep
from workbench.fitting import FitTask
from workbench.runs import prepare
from workbench.studies import Study, load_study, plan_of

NAME = "evaluation-times"
FIRST = 40
GROUPS = ("early", "good")

Floats = NDArray[np.float64]


def individuals(study: Study) -> Iterator[tuple[str, Floats]]:
    """Yield the group of each individual and its row of parameters."""
    problem = study.problem
    plan = plan_of(study, algorithm="ibea", population=FIRST, generations=1, seed=1)
    for row in problem.physical(plan.search(problem).ask()):
        yield "first generation", row
    for one in read_individuals():
        if one.group in GROUPS:
            yield one.group, problem.row(one.values)


def measure() -> None:
    """Evaluate them all; the processor time does not depend on what else the machine does."""
    study = load_study(STUDY)
    prepare(study)
    rows = list(individuals(study))
    evaluate = FitTask(study.problem).open()
    warm(evaluate, rows[0][1])
    found = []
    for group, row in rows:
        begun, cpu_s = time.perf_counter(), time.process_time()
        evaluation = evaluate(row)
        cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - begun
        found.append(
            {"group": group, "status": evaluation.status, "cpu_s": cpu_s, "wall_s": wall_s}
        )
    said = {"command": "python -m tests.bench.evaluation_times", "study": STUDY}
    keep(NAME, {**said, "integrator": str(study.problem.integrator), "evaluations": found})


def read_times_s() -> Floats:
    """Return the processor time of each evaluation, as it was last measured."""
    file = max(FOLDER.glob(f"*-{NAME}.json"))
    return np.array([one["cpu_s"] for one in json.loads(file.read_text())["evaluations"]])


if __name__ == "__main__":
    measure()
