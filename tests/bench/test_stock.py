"""(a) Evaluations of l5pc per core-second: stock BluePyOpt with its defaults beside ours.

Both run the same .mod files. Stock takes its own default build and CVODE tolerance and the 40 um
segments of its example; ours takes the study's calibration, the same with half the step error, and
its segments in the population engine, in double and in single precision: whole fits, features and
ledger included. All are compared with the converged values, and stock also with itself when every
parameter is multiplied by 1 + 1e-12. Processor time is compared, so that other work on the machine
disturbs less; stock and ours take turns, kind by kind of individual.

BENCH_EACH=N takes the first N individuals of each kind instead of all ten.
"""

import os
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, get_args

import numpy as np

from tests.bench.children import child
from tests.bench.individuals import STUDY, Individual, read_individuals
from tests.bench.lanes import fitted
from tests.bench.results import keep
from tests.bench.stock import stock
from workbench.calibration.evaluating import evaluate, values_of
from workbench.calibration.measuring import converge, errors_SD
from workbench.calibration.progress import Progress
from workbench.calibration.sampling import Individual as Sampled
from workbench.calibration.simulated import Simulations
from workbench.engines import Integrator, Precision
from workbench.morphology import resolve
from workbench.runs import prepare
from workbench.studies import Setting, calibrated, load_study
from workbench.workers import ProcessWorkers

BUDGET_SD = 0.25


def test_evaluations_per_core_second() -> None:
    study = load_study(STUDY)
    found = calibrated(study)
    assert found is not None, f"workbench calibrate {STUDY} comes first"
    settings = [found[0], halved(found[0])]
    lanes = Integrator("population", atol=None, step_error_mV=0.02)
    in_lanes = [
        Setting(found[0].segments, replace(lanes, precision=precision))
        for precision in get_args(Precision)
    ]
    problems = [setting.apply(study).problem for setting in settings]
    for setting in (*settings, *in_lanes):
        prepare(setting.apply(study))
    individuals, runs = chosen(), []
    ours: list[list[Any]] = [[] for _ in settings]
    for _, group in groupby(individuals, key=lambda one: one.group):
        members = list(group)
        runs += stock(STUDY, members, file=resolve("C060114A7"))["runs"]
        # The first evaluation of a child builds its cell and imports its packages.
        rows = np.array([study.problem.row(one.values) for one in [members[0], *members]])
        for problem, answers in zip(problems, ours, strict=True):
            answers += evaluate(problem, rows, partial(ProcessWorkers, 1))[1:]
    # All of the list whoever is chosen: what one costs in lanes depends on how many there are.
    everybody = read_individuals()
    rows = np.array([study.problem.row(one.values) for one in everybody])
    for setting in in_lanes:
        problem = setting.apply(study).problem
        with child() as process:
            evaluations, spent_s = process.submit(fitted, problem, rows).result()
        each_s = np.array([spent_s / len(rows)])
        print(f"{setting}: {spent_s:.2f} s for {len(rows)}")
        answered = dict(zip((one.name for one in everybody), evaluations, strict=True))
        settings.append(setting)
        problems.append(problem)
        ours.append([(answered[one.name], each_s) for one in individuals])
    sample = [Sampled(one.name, study.problem.row(one.values)) for one in individuals]
    values = converge(
        study,
        sample,
        Simulations(partial(ProcessWorkers, os.cpu_count() or 1), Progress(print)),
        keep_segments=False,
    )
    results = {
        str(setting): report(individuals, problem, runs, answers, values, str(setting))
        for setting, problem, answers in zip(settings, problems, ours, strict=True)
    }
    keep(
        "stock",
        {
            "individuals": [one.name for one in individuals],
            "features": [objective.name for objective in study.problem.objectives],
            "efel_s": [run["efel_s"] for run in runs if run["nudge"] == 0],
            "settings": results,
        },
    )


def halved(setting: Setting) -> Setting:
    """Return the setting with half the step error, of each protocol; it has to have one."""

    def half(integrator: Integrator) -> Integrator:
        error_mV = integrator.step_error_mV
        assert error_mV is not None, f"{setting} has no adaptive step"
        return replace(integrator, step_error_mV=error_mV / 2)

    own = tuple((name, half(integrator)) for name, integrator in setting.own_integrators)
    return replace(setting, integrator=half(setting.integrator), own_integrators=own)


def chosen() -> list[Individual]:
    each = int(os.environ.get("BENCH_EACH", "10"))
    grouped = groupby(read_individuals(), key=lambda one: one.group)
    return [one for _, group in grouped for one in list(group)[:each]]


def report(
    individuals: list[Individual],
    problem: Any,
    runs: list[dict[str, Any]],
    ours: list[Any],
    converged: Any,
    setting: str,
) -> dict[str, Any]:
    names = [objective.name for objective in problem.objectives]
    table = {(run["individual"], run["nudge"]): run for run in runs}
    plain = [table[one.name, 0.0] for one in individuals]
    nudged = [table[one.name, 1e-12] for one in individuals]
    stock_values, again = (np.array([in_order(r, names) for r in x]) for x in (plain, nudged))
    our_values = np.array([values_of(evaluation) for evaluation, _ in ours])
    errors = {
        "ours": errors_SD(problem, our_values, converged),
        "stock": errors_SD(problem, stock_values, converged),
        "stock against itself": errors_SD(problem, again, stock_values),
    }
    cost = {
        "stock": np.array(
            [(a["cpu_s"] + b["cpu_s"]) / 2 for a, b in zip(plain, nudged, strict=True)]
        ),
        "ours": np.array([seconds.sum() for _, seconds in ours]),
    }
    print(f"\n{setting}")
    for group in dict.fromkeys(one.group for one in individuals):
        members = [one.group == group for one in individuals]
        stock_s, our_s = cost["stock"][members].mean(), cost["ours"][members].mean()
        print(f"{group}: {stock_s:.2f} s and {our_s:.2f} s, {stock_s / our_s:.1f} times")
    ratio = cost["stock"].sum() / cost["ours"].sum()
    print(f"all: {ratio:.2f} times the evaluations of stock per core-second")
    for name, error in errors.items():
        known = error[~np.isnan(error)]
        print(f"{name}: {100 * np.mean(known <= BUDGET_SD):.1f} % within {BUDGET_SD} SD")
    for i, k in zip(*np.where(errors["ours"] > BUDGET_SD), strict=True):
        each = ", ".join(f"{name} {error[i, k]:.2f}" for name, error in errors.items())
        print(f"  {individuals[i].name}, {names[k]}: {each}")
    return {
        "ratio": ratio,
        "cpu_s": {name: values.tolist() for name, values in cost.items()},
        "errors_SD": {name: as_lists(error) for name, error in errors.items()},
    }


def in_order(run: dict[str, Any], names: list[str]) -> list[float]:
    values = run["values"]
    return [float("nan") if values[name] is None else values[name] for name in names]


def as_lists(errors: Any) -> list[list[float | str]]:
    """Return the errors, with words for what JSON has no numbers for."""
    words = {"nan": "not converged", "inf": "missing on one side"}
    return [[words.get(str(float(x)), round(float(x), 5)) for x in row] for row in errors]
