"""Hand a study on to BluePyOpt, and compare the scores that it finds with ours."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from workbench.arrays import Floats
from workbench.errors import NotTheSame
from workbench.exports.bluepyopt.export import write_folder
from workbench.exports.bluepyopt.limits import NEURONS_ATOL
from workbench.exports.exported import Exported, Scored, unverified
from workbench.exports.model import FIXED
from workbench.exports.running import Environment
from workbench.fitting import FitTask, Problem
from workbench.studies import Study
from workbench.workers import ProcessWorkers

MOST_SD = 1.0
"""Under CVODE a score may be so far from ours."""

ALIKE_SD = 1e-5
"""With a fixed step: it is printed with six digits."""


def hand_to_bluepyopt(
    study: Study,
    values: Mapping[str, float],
    label: str,
    out: Path,
    file: Path | None,
    say: Callable[[str], None],
    where: Environment,
) -> Exported:
    """Write a study's problem as a folder for BluePyOpt, with all of its parameter sets.

    The scores of one of them, `values` or else the first, are compared with ours.

    Raises
    ------
    InputError
        With everything that BluePyOpt cannot express, or if the folder is there already.
    NotTheSame
        If a score differs.
    """
    problem = _as_theirs(study.problem)
    sets = {name: one for name, one in study.published.items() if name not in study.cells}
    name = re.sub(r"\W", "_", label)
    if values:
        sets = {**sets, name: {**sets.get(name, {}), **values}}
    else:
        name = next(iter(sets), "")
    where.check("bluepyopt", "bluepyopt")
    folder = unverified(out)
    left = write_folder(problem, sets, folder, file)
    left += tuple(f"{one.name}: it is held out" for one in study.held_out)
    scored = None
    if name:
        scored = _scored(study.problem, problem, sets[name], name, folder, say, where)
    folder.rename(out)
    return Exported(out, "bluepyopt", {}, left, scored)


def _as_theirs(problem: Problem) -> Problem:
    """Return the problem in steps that BluePyOpt has, the same for all protocols."""
    each = {problem.integrator_of(one.name) for one in problem.protocols}
    steps = problem.integrator
    known = steps.engine == "neuron" and (steps.dt_ms is not None or steps.atol == NEURONS_ATOL)
    if each == {steps} and known:
        return problem
    return replace(problem, integrator=FIXED, own_integrators=())


def _scored(
    own: Problem,
    problem: Problem,
    values: Mapping[str, float],
    name: str,
    folder: Path,
    say: Callable[[str], None],
    where: Environment,
) -> Scored:
    names = [objective.name for objective in problem.objectives]
    say("scoring here")
    ours, costly = _scores(problem, values), _scores(own, values) if own != problem else None
    command = where.script("evaluator.py", f"parameters/{name}.json")
    with where.copy(folder, "mechanisms", say) as copy:
        say("scoring in BluePyOpt")
        said = [line.rsplit(maxsplit=1) for line in where.run(command, copy).splitlines()]
    found = {line[0].strip(): line[1] for line in said if len(line) == 2}
    theirs = np.array([float(found[one]) for one in names])
    apart = np.abs(theirs - ours)
    fixed = problem.integrator.dt_ms is not None
    if apart.max() > (ALIKE_SD if fixed else MOST_SD):
        worst = int(apart.argmax())
        raise NotTheSame(
            f"{folder} does not score as {problem.name} does: {names[worst]} is "
            f"{theirs[worst]:.6g}, ours {ours[worst]:.6g}"
        )
    cost = None if costly is None else float(np.abs(theirs - costly).max())
    return Scored(name, problem.integrator, float(apart.max()), cost)


def _scores(problem: Problem, values: Mapping[str, float]) -> Floats:
    with ProcessWorkers(1) as pool:
        [answer] = pool.run(FitTask(problem), np.array([problem.row(values)]))
    return problem.score(answer.value)
