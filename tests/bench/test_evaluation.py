"""(c) Time outside simulation as a share of a whole fit of l5pc, part by part.

The whole is a fit of three random, three early and three good individuals, see `individuals`, from
asking the search to the ledger; the baseline is the simulation in it. It is done with the study's
own CVODE, with the native build, and with the study's calibration if it has one: the quicker the
simulation, the more the rest counts.
"""

from dataclasses import replace
from itertools import groupby

import numpy as np

from tests.bench.accounting import SIMULATION, Account, account
from tests.bench.children import child
from tests.bench.individuals import STUDY, read_individuals
from tests.bench.results import keep
from workbench.fitting import Problem
from workbench.studies import calibrated, load_study

EACH = 3


def test_time_outside_simulation() -> None:
    study = load_study(STUDY)
    native = replace(study.problem.integrator, native=True)
    problems = {"own": study.problem, "native": study.with_integrator(native).problem}
    if found := calibrated(study):
        problems["calibrated"] = found[0].apply(study).problem
    grouped = groupby(read_individuals(), key=lambda one: one.group)
    chosen = [one for _, each in grouped for one in list(each)[:EACH]]
    kept = {}
    for name, problem in problems.items():
        rows = np.array([problem.row(one.values) for one in chosen])
        with child() as process:
            spent = process.submit(account, problem, rows).result()
        report(name, problem, spent, len(rows))
        kept[name] = {
            "integrator": str(problem.integrator),
            "segments": str(problem.recipe.segments),
            "cpu_s": spent.cpu_s,
            "wall_s": spent.wall_s,
            "share_outside_simulation": outside(spent.cpu_s),
        }
    keep("evaluation", {"individuals": [one.name for one in chosen], "problems": kept})


def outside(seconds: dict[str, float]) -> float:
    """Return the share of all that is not simulation."""
    return 1 - seconds[SIMULATION] / sum(seconds.values())


def report(name: str, problem: Problem, spent: Account, count: int) -> None:
    whole_s, simulation_s = sum(spent.cpu_s.values()), spent.cpu_s[SIMULATION]
    print(
        f"\n(c) {STUDY}, {name}: {problem.recipe.segments}; {problem.integrator}\n"
        f"    {whole_s / count:.2f} s an evaluation, {simulation_s / count:.2f} s of it simulated: "
        f"{whole_s / simulation_s:.3f} times, {100 * outside(spent.cpu_s):.1f} % outside "
        f"({100 * outside(spent.wall_s):.1f} % by the wall clock)"
    )
    for part in sorted(spent.cpu_s.keys() - {SIMULATION}, key=lambda p: -spent.cpu_s[p]):
        cpu_s, wall_s = spent.cpu_s[part], spent.wall_s[part]
        print(
            f"    {part:28}{1e3 * cpu_s / count:7.1f} ms {100 * cpu_s / whole_s:5.2f} % "
            f"({1e3 * wall_s / count:.1f} ms by the wall clock)"
        )
