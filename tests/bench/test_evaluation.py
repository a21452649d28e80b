"""Where the time of one l5pc evaluation goes, beside the bare simulation of the same jobs."""

import time

from workbench.engines.neuron import engine_for
from workbench.fitting import Evaluator
from workbench.studies import load_study, prepare


def test_evaluation() -> None:
    study = load_study("l5pc_quick")
    prepare(study)
    problem = study.problem
    row = problem.row(study.values("release"))
    engine = engine_for(problem.recipe, problem.integrator)
    jobs = problem.jobs(row)
    evaluate = Evaluator(problem, engine)
    evaluate(row)

    begun = time.perf_counter()
    engine(jobs)
    simulation_s = time.perf_counter() - begun
    begun = time.perf_counter()
    evaluate(row)
    whole_s = time.perf_counter() - begun
    print(
        f"\nl5pc_quick: simulation {simulation_s:.2f} s, whole evaluation {whole_s:.2f} s: "
        f"{whole_s / simulation_s:.2f} times"
    )
