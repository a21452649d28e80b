"""Individuals of a run under targets that its search did not see: scores with their intervals."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.errors import StudyError
from workbench.evaluations import Evaluation, Row
from workbench.evaluations.answered import evaluation_from_answer
from workbench.evaluations.counting import PartDone
from workbench.features import Missing
from workbench.fitting import (
    FitTask,
    Interval,
    Problem,
    Repeats,
    score_intervals,
    target_interval,
)
from workbench.runs.table import spread
from workbench.workers.task import Workers
from workbench.workers.together import run_together


@dataclass(frozen=True)
class Aimed:
    """A target of a validation.

    Attributes
    ----------
    target
        In words: `20 ± 4`.
    mean, std
        In the feature's own unit.
    interval
        Of the mean, 95 %, where the target tells the values that it comes from.
    """

    name: str
    protocol: str
    target: str
    mean: float
    std: float
    interval: Interval | None


@dataclass(frozen=True)
class Met:
    """What an individual has where a target is.

    Attributes
    ----------
    value
        Mean over its values; None if there is none.
    values
        Their number and range, where there are several that differ.
    reason
        Why there is no value, or "".
    score
        In SD, times weight.
    interval
        Of the score, 95 %, over the values of the target.
    """

    value: float | None
    values: str
    reason: str
    score: float
    interval: Interval | None


@dataclass(frozen=True)
class Individual:
    """An individual of a run, validated.

    Attributes
    ----------
    pick
        Its number in the run's Pareto archive; 0 if it is not in it.
    fitted_sum
        The sum of the scores that the search was told.
    sum, interval
        The sum of the scores here, in SD, and its 95 % interval.
    met
        By target.
    """

    generation: int
    individual: int
    pick: int
    fitted_sum: float
    status: str
    sum: float
    interval: Interval | None
    met: tuple[Met, ...]

    @property
    def name(self) -> str:
        """What `--pick` takes for it: `2/7`."""
        return f"{self.generation}/{self.individual}"


@dataclass(frozen=True)
class Validation:
    """Individuals of a run under a problem that its search did not solve.

    Attributes
    ----------
    run
        The name of its folder.
    under
        In words, what is other than in the fit.
    problem
        The digest of what was simulated and scored.
    integrator
        How, in words.
    individuals
        The best of the run first, or whom was picked.
    """

    run: str
    under: str
    problem: str
    integrator: str
    targets: tuple[Aimed, ...]
    individuals: tuple[Individual, ...]

    def __repr__(self) -> str:
        first = self.individuals[0]
        return (
            f"<Validation of {self.run}, {self.under}: {len(self.targets)} targets, "
            f"{len(self.individuals)} individuals; the first sums to {first.sum:.2f} SD>"
        )

    def table(self, place: int = 0) -> list[dict[str, Any]]:
        """Return a row a target, of an individual by its place."""
        found = self.individuals[place]
        return [
            {"feature": aimed.name, "protocol": aimed.protocol, "target": aimed.target}
            | {"mean": aimed.mean, "std": aimed.std, **_ends("mean", aimed.interval)}
            | {"value": met.value, "values": met.values, "reason": met.reason}
            | {"score": met.score, **_ends("score", met.interval)}
            for aimed, met in zip(self.targets, found.met, strict=True)
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row an individual: sums with the interval, then each target's value and SD."""
        return [self._row(one) for one in self.individuals]

    def _row(self, one: Individual) -> dict[str, Any]:
        row: dict[str, Any] = {"pick": one.pick, "generation": one.generation}
        row |= {"individual": one.individual, "status": one.status, "fitted_sum": one.fitted_sum}
        row |= {"sum": one.sum, **_ends("sum", one.interval)}
        pairs = list(zip(self.targets, one.met, strict=True))
        row |= {aimed.name: met.value for aimed, met in pairs}
        return row | {f"{aimed.name} [SD]": met.score for aimed, met in pairs}


def validated(
    asked: Sequence[tuple[int, Row]],
    names: Sequence[str],
    problem: Problem,
    repeats: Mapping[str, Repeats],
    workers: Workers,
    show: Callable[[PartDone], None] | None = None,
) -> list[Individual]:
    """Return individuals of a run, simulated and scored under another problem.

    Parameters
    ----------
    asked
        With the number of each in the run's archive, or 0.
    names
        Of the run's parameters, in the order of its rows.
    repeats
        By a target's name, the values that it comes from.
    show
        Told how far it is.

    Raises
    ------
    StudyError
        If the problem is not of these parameters.
    """
    _check_names(names, problem)
    if not asked:
        return []
    values = [dict(zip(names, row.parameters.tolist(), strict=True)) for _, row in asked]
    rows = np.array([problem.row(one) for one in values]).reshape(len(asked), len(names))
    found: dict[int, Evaluation] = {}
    for answer in run_together(workers, FitTask(problem), rows):
        if not answer.again:
            found[answer.row] = evaluation_from_answer(answer, len(problem.objectives))
            if show is not None:
                show(PartDone(len(found), len(asked), "individuals"))
    return [
        _individual(pick, row, found[place], problem, repeats)
        for place, (pick, row) in enumerate(asked)
    ]


def aimed(problem: Problem, repeats: Mapping[str, Repeats]) -> tuple[Aimed, ...]:
    """Return the targets of a problem, with the intervals of their means."""
    return tuple(
        Aimed(
            one.name,
            one.protocol,
            one.target,
            one.mean,
            one.std,
            target_interval(one, repeats),
        )
        for one in problem.objectives
    )


def _check_names(names: Sequence[str], problem: Problem) -> None:
    """Refuse a study whose free parameters are not those of the run."""
    own = problem.parameter_names
    if sorted(names) != sorted(own):
        raise StudyError(
            f"the run has the free parameters {', '.join(names)}, and {problem.name} has "
            f"{', '.join(own) or 'none'}; validate it on a study that frees the same, such as one "
            "whose base is the study of the run"
        )


def _individual(
    pick: int, row: Row, evaluation: Evaluation, problem: Problem, repeats: Mapping[str, Repeats]
) -> Individual:
    scores = problem.score(evaluation)
    known = {} if evaluation.failed else repeats
    ends = score_intervals(problem.objectives, problem.rule, evaluation.measured, scores, known)
    met = []
    for objective, measured, score, interval in zip(
        problem.objectives, evaluation.measured, scores.tolist(), ends.scores, strict=True
    ):
        if isinstance(measured, Missing):
            met.append(Met(None, "", measured.reason, score, None))
        else:
            several = "" if objective.against is not None else spread(measured)
            met.append(Met(objective.said(measured), several, "", score, interval))
    return Individual(
        row.generation,
        row.individual,
        pick,
        float(row.scores.sum()),
        evaluation.status,
        float(scores.sum()),
        ends.sum,
        tuple(met),
    )


def _ends(name: str, interval: Interval | None) -> dict[str, Any]:
    low, high = (None, None) if interval is None else interval
    return {f"{name}_low": low, f"{name}_high": high}
