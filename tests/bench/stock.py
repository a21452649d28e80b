"""Stock BluePyOpt on a list of individuals, with its own defaults: one side of `make bench`.

BluePyOpt's defaults are CVODE at NEURON's tolerance, a new process for each protocol and eFEL
asked once for each feature. Each individual is evaluated as it is and with every parameter times
1 + `NUDGE`: how far the scores move says how closely stock agrees with itself.

`stock` runs it as a child process, `python -m tests.bench.stock QUESTION ANSWER` (JSON files).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench.individuals import Individual
from workbench.engines import fixed_step
from workbench.exports.bluepyopt import to_bluepyopt
from workbench.fitting import Problem
from workbench.studies import load_study

ROOT = Path(__file__).parents[2]
NUDGE = 1e-12


def stock(
    study: str,
    individuals: Sequence[Individual],
    *,
    file: Path | None = None,
    nudges: Sequence[float] = (0.0, NUDGE),
    dt_ms: float | None = None,
) -> dict[str, Any]:
    """Return what stock BluePyOpt takes and finds, measured in a child process.

    Parameters
    ----------
    study
        Its problem is exported.
    individuals
        Each is evaluated once a nudge, all with one nudge before the next.
    file
        The morphology's file, for stock to read by itself in each of its processes.
    nudges
        Parameters are multiplied by 1 + nudge, within their bounds.
    dt_ms
        A fixed step in place of the study's own integrator.

    Returns
    -------
    dict
        "study", "integrator", "software", and under "runs" a table for each evaluation:
        "individual", "group", "nudge", "simulation_s", "efel_s", "wall_s" (of both), "cpu_s" (of
        all processes), "values" (mean of each feature or None), "scores" and their "sum".
    """
    question = {
        "study": study,
        "individuals": [
            {"name": i.name, "group": i.group, "values": dict(i.values)} for i in individuals
        ],
        "file": None if file is None else str(file),
        "nudges": list(nudges),
        "dt_ms": dt_ms,
    }
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder) / "question.json", Path(folder) / "answer.json"
        asked.write_text(json.dumps(question))
        command = [sys.executable, "-m", "tests.bench.stock", str(asked), str(answered)]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        found: dict[str, Any] = json.loads(answered.read_text())
    return found


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    loaded = load_study(question["study"])
    if question["dt_ms"] is not None:
        loaded = loaded.with_integrator(fixed_step(question["dt_ms"]))
    problem, file = loaded.problem, question["file"]
    evaluator = to_bluepyopt(problem, None if file is None else Path(file))
    runs = [
        {"individual": one["name"], "group": one["group"], "nudge": nudge}
        | evaluate(evaluator, nudged(problem, one["values"], nudge))
        for nudge in question["nudges"]
        for one in question["individuals"]
    ]
    packages = ("bluepyopt", "efel", "neuron")
    return {
        "study": loaded.name,
        "integrator": str(problem.integrator),
        "software": {name: version(name) for name in packages},
        "runs": runs,
    }


def evaluate(evaluator: Any, values: Mapping[str, float]) -> dict[str, Any]:
    """Do what `evaluate_with_dicts` does, with a clock between simulation and scores."""
    protocols, calculator = evaluator.fitness_protocols.values(), evaluator.fitness_calculator
    begun, cpu_s = time.perf_counter(), cpu()
    responses = evaluator.run_protocols(protocols, values)
    simulated = time.perf_counter()
    scores = calculator.calculate_scores(responses)
    scored, spent_s = time.perf_counter(), cpu() - cpu_s
    return {
        "simulation_s": simulated - begun,
        "efel_s": scored - simulated,
        "wall_s": scored - begun,
        "cpu_s": spent_s,
        "values": {
            name: None if value is None else float(value)
            for name, value in calculator.calculate_values(responses).items()
        },
        "scores": {name: float(score) for name, score in scores.items()},
        "sum": float(sum(scores.values())),
    }


def nudged(problem: Problem, values: Mapping[str, float], nudge: float) -> dict[str, float]:
    return {
        p.name: min(max(values[p.name] * (1 + nudge), p.low), p.high) for p in problem.parameters
    }


def cpu() -> float:
    """Return the processor time of this process and of its children that have ended, in s."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    asked, answered = map(Path, sys.argv[1:])
    answered.write_text(json.dumps(answer(json.loads(asked.read_text()))))
