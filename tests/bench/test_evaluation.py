"""(c) Time outside simulation as a share of a whole fit of l5pc, part by part.

The whole is a fit of three random, three early and three good individuals, see `individuals`, from
asking the search to the ledger; the baseline is the simulation in it. It is done with the study's
own CVODE, with the native build, with the study's calibration if it has one, and with the
population engine: the quicker the simulation, the more the rest counts.

And features of the traces of these individuals: in one pass over a trace, beside eFEL in one call
for a trace. They take turns on the same traces; values that are not those of eFEL, asked for each
alone, are counted.
"""

import time
from dataclasses import replace
from itertools import groupby
from unittest.mock import patch

import numpy as np

from tests.bench.accounting import SIMULATION, Account, account
from tests.bench.children import child
from tests.bench.individuals import STUDY, Individual, read_individuals
from tests.bench.results import keep
from workbench.engines import Integrator
from workbench.engines.opening import engine_for
from workbench.evaluations import Measure, evaluation_of
from workbench.features import Missing, common, measure
from workbench.fitting import Problem
from workbench.protocols import Trace, Traces
from workbench.studies import calibrated, load_study

EACH = 3
TURNS = 5
LANES = Integrator("population", atol=None, step_error_mV=0.02)


def test_time_outside_simulation() -> None:
    study = load_study(STUDY)
    native = replace(study.problem.integrator, native=True)
    problems = {"own": study.problem, "native": study.with_integrator(native).problem}
    if found := calibrated(study):
        problems["calibrated"] = found[0].apply(study).problem
    problems["population"] = study.with_integrator(LANES).problem
    chosen = some()
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


def some() -> list[Individual]:
    """Return some individuals of each group."""
    grouped = groupby(read_individuals(), key=lambda one: one.group)
    return [one for _, each in grouped for one in list(each)[:EACH]]


def test_features_beside_efel() -> None:
    problem = load_study(STUDY).with_integrator(LANES).problem
    chosen, engine = some(), engine_for(problem.recipe, LANES)
    individuals = []
    for one in chosen:
        jobs = problem.jobs(problem.row(one.values))
        individuals.append(dict(zip((j.protocol.name for j in jobs), engine(jobs), strict=True)))

    def seconds() -> float:
        begun = time.process_time()
        for outcomes in individuals:
            evaluation_of(problem.objectives, problem.protocols, outcomes)
        return time.process_time() - begun

    spent: dict[str, list[float]] = {"eFEL": [], "one pass": []}
    for _ in range(TURNS):
        with patch.object(common, "COMMON", {}):
            spent["eFEL"].append(seconds())
        spent["one pass"].append(seconds())
    ms = {name: 1e3 * min(turns) / len(chosen) for name, turns in spent.items()}
    pairs = [
        differs(one, outcomes[one.protocol])
        for outcomes in individuals
        for one in problem.objectives
        if isinstance(outcomes[one.protocol], Traces)
    ]
    print(
        f"\n(c) features of {STUDY}, ms an individual: eFEL {ms['eFEL']:.2f}, one pass "
        f"{ms['one pass']:.2f}, {ms['eFEL'] / ms['one pass']:.1f} times as fast; {sum(pairs)} of "
        f"{len(pairs)} values are not eFEL's"
    )
    keep("features", {"individuals": [one.name for one in chosen], "ms_an_individual": ms})


def differs(one: Measure, traces: Traces) -> bool:
    """Return whether a value is not that of eFEL, asked for it alone."""
    trace: Trace = traces[one.recording]
    found = measure(trace, [one.feature], one.window)[one.feature]
    with patch.object(common, "COMMON", {}):
        theirs = measure(trace, [one.feature], one.window)[one.feature]
    if isinstance(found, Missing) or isinstance(theirs, Missing):
        return type(found) is not type(theirs)
    return found.tobytes() != theirs.tobytes()


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
