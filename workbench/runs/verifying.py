"""What becomes of a run's best individual when nothing of it is approximated: `exact.json`.

Runs whose engine, segments and tolerance were chosen for them tell it: how exact that choice is was
learnt from other individuals.
"""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.engines import Failure, Integrator
from workbench.engines.opening import check
from workbench.engines.tasks import simulate
from workbench.errors import EngineError
from workbench.evaluations import Evaluation, Row, in_rounds
from workbench.features import Missing
from workbench.fitting import Problem, counts
from workbench.runs.folder import write_whole, written
from workbench.studies import Study, exact
from workbench.workers.task import Workers

FILE = "exact.json"


@dataclass(frozen=True)
class Verified:
    """The best individual computed anew.

    Attributes
    ----------
    setting
        With which segments and steps.
    sum_SD
        The sum of its scores then.
    moves_SD
        By objective, how far its mean value moves, in SD; None where it has a value in one of the
        two alone.
    refusal
        Why it could not be computed so; "" if it was.
    """

    setting: str
    sum_SD: float = 0.0
    moves_SD: dict[str, float | None] = dataclasses.field(default_factory=dict)
    refusal: str = ""

    def __str__(self) -> str:
        if self.refusal:
            return f"the best individual was not computed with {self.setting}: {self.refusal}"
        moves = {name: move for name, move in self.moves_SD.items() if move is not None}
        largest = max(moves, key=lambda name: moves[name], default=None)
        said = f"the best individual computed without approximation ({self.setting}): "
        if largest is not None:
            said += f"features move by at most {moves[largest]:.2g} SD ({largest}), "
        if alone := [name for name, move in self.moves_SD.items() if move is None]:
            said += f"{', '.join(alone)} with a value in one of the two alone, "
        return f"{said}the sum is {self.sum_SD:.3f}"


def verify_best(study: Study, folder: Path, best: Row | None, workers: Workers) -> None:
    """Compute the best individual without approximation, unless that was done, and write it down.

    NEURON does it, whoever computed the run.

    Raises
    ------
    StoppedEarly
        If the workers were told to stop, or it cannot be written.
    """
    if best is None or verified(folder, best) is not None:
        return
    native = study.problem.integrator.native
    setting = exact(study.with_integrator(Integrator(native=native)))
    found = _computed(study.problem, setting.apply(study).problem, best, workers)
    found = dataclasses.replace(found, setting=str(setting))
    said = {"generation": best.generation, "individual": best.individual}
    with written(folder):
        write_whole(folder / FILE, json.dumps(said | dataclasses.asdict(found), indent=2) + "\n")


def verified(folder: Path, best: Row | None) -> Verified | None:
    """Return what was found of this individual; None if nothing was, or it cannot be read."""
    try:
        said: dict[str, Any] = json.loads((folder / FILE).read_bytes())
        key = said.pop("generation"), said.pop("individual")
        found = Verified(**said)
        str(found)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return found if best is not None and key == (best.generation, best.individual) else None


def _computed(own: Problem, problem: Problem, best: Row, workers: Workers) -> Verified:
    try:
        for recipe, done in problem.cells(problem.recipe):
            check(recipe, done, problem.integrator)
        if problem.block is not None:
            check(problem.recipe, [problem.block.protocol], problem.integrator)
    except EngineError as error:
        return Verified("", refusal=str(error))
    recipe = problem.cell(best.parameters)
    [found] = in_rounds([problem.simulating(recipe)], lambda jobs: simulate(jobs, workers))
    failed = [f"{name}: {one}" for name, one in found.outcomes.items() if isinstance(one, Failure)]
    if failed:
        return Verified("", refusal=failed[0])
    judging = problem.judging(recipe, found)
    [evaluation] = in_rounds([judging], lambda jobs: simulate(jobs, workers))
    moves = _moves_SD(own, best.evaluation, evaluation)
    scores = problem.score(evaluation)[[counts(one) for one in best.evaluation.measured]]
    return Verified("", float(scores.sum()), moves)


def _moves_SD(problem: Problem, before: Evaluation, now: Evaluation) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    measured = zip(problem.objectives, before.measured, now.measured, strict=True)
    for objective, one, other in measured:
        if not counts(one):
            continue
        if isinstance(one, Missing) or isinstance(other, Missing):
            both = isinstance(one, Missing) and isinstance(other, Missing)
            found[objective.name] = 0.0 if both else None
        else:
            found[objective.name] = abs(objective.said(one) - objective.said(other)) / objective.std
    return found
