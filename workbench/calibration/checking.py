"""The check before a fit: what is quick and exact enough, found in a minute on two processors."""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.caching import keep, recall
from workbench.calibration.choosing import FINE_SPIKES
from workbench.calibration.doing import ASKED, answered
from workbench.calibration.finding import scores_of
from workbench.calibration.measuring import SHARE, errors_SD
from workbench.calibration.progress import Report, cost_of
from workbench.calibration.sampling import NEAR, published, sample
from workbench.calibration.trying import values_under
from workbench.cells import ByRegion, DLambda, SegmentRule
from workbench.digests import digest
from workbench.engines import Integrator, Job, adaptive_step
from workbench.engines.opening import check, compiled_for, prove
from workbench.errors import EngineError, StudyError
from workbench.fitting import Problem
from workbench.resources import cache_folder
from workbench.studies import EngineChoice, Setting, Study, exact, with_engine
from workbench.studies.setting import setting_from
from workbench.workers import ProcessWorkers
from workbench.workers.task import Workers

BUDGET_SD = 0.25
"""How far `SHARE` of the feature values may be from the converged ones."""

STEPS_mV = (0.1, 0.05, 0.02, 0.01, 0.005)

POPULATION = tuple(
    Integrator("population", atol=None, step_error_mV=error_mV) for error_mV in STEPS_mV
)
NEURON = (
    *(adaptive_step(error_mV, native=True) for error_mV in STEPS_mV),
    *(Integrator(atol=atol, native=True) for atol in (3e-3, 1e-3, 1e-4)),
)

LONGEST_s = 100.0
"""Processor time that a check may take, as it is reckoned beforehand: the same on all machines."""

SECONDS = {"population": 5e-7, "neuron": 1.2e-6}
"""Of a segment and ms under CVODE at 1e-3, or what stands for it in `cost_of`; on one of today's
processors."""

EACH = (3, 2, 1)
"""Individuals of each kind, as many as the time allows."""

ROUNDS, ROUND = 6, 16
"""How often, and by how many, individuals are sought where none is published."""

_VERSION = 1
"""Of the rule by which a check chooses; a verdict of another one is not taken from the cache."""


@dataclass(frozen=True)
class Checked:
    """What a check chose: the setting, in a sentence how exact it is, and who was refused."""

    setting: Setting
    accuracy: str
    refused: tuple[str, ...] = ()

    def apply(self, study: Study) -> Study:
        """Return the study simulated so."""
        return replace(self.setting.apply(study), accuracy=self.accuracy)


def fit_engine(
    study: Study,
    engine: str | EngineChoice | None,
    workers: Workers,
    report: Report,
    option: str = "",
) -> Study:
    """Return a study as a fit simulates it.

    As the words say; where they say nothing and the study has no `[integrator]`, as it was
    calibrated or, if it was not, as a check finds.

    Parameters
    ----------
    report
        Is told of a check what it does and finds.

    Raises
    ------
    InputError
        As in `with_engine`.
    """
    choice = engine if isinstance(engine, EngineChoice) else EngineChoice(engine)
    asked = partial(checked, workers=workers, report=report)
    if study.says_how or not choice.unsaid:
        return with_engine(study, choice, option, asked)
    try:
        return with_engine(study, replace(choice, engine="auto"), option, asked)
    except StudyError as outdated:
        report(f"{outdated}. It is not used")
        return asked(with_engine(study, choice, option))


def checked(study: Study, workers: Workers, report: Report) -> Study:
    """Return a study as a check finds it quick and exact enough; one is made once for a problem.

    Raises
    ------
    StoppedEarly
        If the workers were told to stop.
    """
    versions = tuple(version(package) for package in ("neuron", "efel", "numpy"))
    key = digest((study.problem.digest, study.fit.keep_segments, _VERSION, versions))
    file = cache_folder() / "checks" / f"{key}.json"
    found = recall(file, _read)
    if found is None:
        report("checking what is quick and exact enough, a minute at most")
        found = _check(study, workers, report)
        tables = found.setting.tables()
        keep(file, {"setting": tables, "accuracy": found.accuracy, "refused": found.refused})
    for sentence in (*found.refused, found.accuracy):
        report(sentence)
    return found.apply(study)


def checked_here(study: Study) -> Study:
    """Return a study as a check by two processes of this machine finds it quick and exact enough.

    What it finds is said on standard error.
    """
    with ProcessWorkers(2, study.fit.limit_s) as workers:
        return checked(study, workers, partial(print, file=sys.stderr))


def _read(kept: Any) -> Checked:
    return Checked(
        setting_from(kept["setting"]), str(kept["accuracy"]), tuple(map(str, kept["refused"]))
    )


def _check(study: Study, workers: Workers, report: Report) -> Checked:
    """Return what is chosen for the quickest engine that takes the study."""
    refused: list[str] = []
    for family in (POPULATION, NEURON):
        integrators = _integrators(study, family, report, refused)
        if not integrators:
            continue
        found = _choose(study, integrators, workers)
        try:
            prove(_examples(found.apply(study)), report)
        except EngineError as error:
            refused.append(f"{_name(found.setting.integrator)} is left out: {error}")
            continue
        return replace(found, refused=tuple(refused))
    raise EngineError("; ".join(refused))


def _choose(study: Study, integrators: Sequence[Integrator], workers: Workers) -> Checked:
    own = study.problem.recipe.segments
    rules = [own] if study.fit.keep_segments else _rules(own)
    precise = ([one for one in integrators if one.step_error_mV] or integrators)[-1]

    def problem_of(setting: Setting) -> Problem:
        return setting.apply(study).problem

    def in_time(rules: Sequence[SegmentRule]) -> list[Setting]:
        return [Setting(rule, one) for rule in rules[:2] for one in integrators if one != precise]

    first = [exact(Setting(own, precise).apply(study)), *(Setting(rule, precise) for rule in rules)]
    reckoned_s = sum(_seconds(problem_of(one)) for one in (*first, *in_time(rules)))
    each = next((n for n in EACH if (3 * n + 1) * reckoned_s <= LONGEST_s), 0)
    careful = Setting(rules[min(1, len(rules) - 1)], precise)
    if not each:
        why = "it would take longer than a minute"
        return _unchecked(study, careful, why)
    rows = _rows(study, problem_of(Setting(own, integrators[0])), each, workers)
    reference, *measured = values_under([problem_of(one) for one in first], rows, workers)
    shown = answered(study.problem, reference).any(axis=0)
    if shown.mean() < ASKED:
        why = (
            f"{len(rows)} individuals show {shown.sum()} of {shown.size} features, and nothing is "
            "learnt from those that are silent"
        )
        return _unchecked(study, careful, why)

    def worth_of(settings: Sequence[Setting], values: Sequence[Floats]) -> list[_Worth]:
        return [
            _Worth(setting, *_errors(study.problem, one, reference))
            for setting, one in zip(settings, values, strict=True)
        ]

    worth = worth_of(first[1:], measured)
    with_own = worth[0]
    kept = [one.setting.segments for one in worth if one.beyond <= 1 - SHARE]
    kept = kept or [min(worth, key=lambda one: one.beyond).setting.segments]
    kept.sort(key=lambda rule: cost_of(problem_of(Setting(rule, precise)), rows[0]))
    later = in_time(kept)
    worth += worth_of(later, list(values_under([problem_of(one) for one in later], rows, workers)))
    best = _best(worth, study, rows[0])
    others = "" if best.setting.segments == own else f" ({with_own.percent} % with its own {own})"
    within = f"{best.percent} % of {best.pairs} feature values of {len(rows)} individuals"
    return Checked(
        best.setting,
        f"{'' if best.keeps else 'only '}{within} are within {BUDGET_SD:g} SD of converged ones "
        f"with {best.setting}{others}{'' if best.keeps else _further(study)}",
    )


@dataclass(frozen=True)
class _Worth:
    """A setting, the share of its values beyond the budget, and of how many.

    Only pairs of individual and feature count where there is a value that answers the target: one
    that is rightly missing says nothing.
    """

    setting: Setting
    beyond: float
    pairs: int

    @property
    def keeps(self) -> bool:
        return self.beyond <= 1 - SHARE

    @property
    def is_safe(self) -> bool:
        """Whether one standard error of such a share is left."""
        return self.beyond <= 1 - SHARE - math.sqrt(SHARE * (1 - SHARE) / self.pairs)

    @property
    def percent(self) -> int:
        return int(100 * (1 - self.beyond) + 1e-9)


def _errors(problem: Problem, values: Floats, reference: Floats) -> tuple[float, int]:
    counted = answered(problem, values) | answered(problem, reference)
    errors = errors_SD(problem, values, reference)[counted]
    return float(np.mean(errors > BUDGET_SD)), errors.size


def _best(worth: Sequence[_Worth], study: Study, row: Floats) -> _Worth:
    """Return the cheapest that is safe, or else the most exact."""
    if safe := [one for one in worth if one.is_safe]:
        return min(safe, key=lambda one: cost_of(one.setting.apply(study).problem, row))
    return min(worth, key=lambda one: one.beyond)


def _unchecked(study: Study, careful: Setting, why: str) -> Checked:
    sentence = f"how exact is not known, for {why}; with care, {careful}{_further(study)}"
    return Checked(careful, sentence)


def _further(study: Study) -> str:
    return f"; `workbench calibrate {study.name}` looks further"


def _integrators(
    study: Study, family: Sequence[Integrator], report: Report, refused: list[str]
) -> list[Integrator]:
    """Return those that take the study, with what they need compiled; note why others do not."""
    found = []
    for one in family:
        integrator = replace(one, steps_per_ms=study.problem.integrator.steps_per_ms)
        why = _refusal(study.problem, integrator, report)
        sentence = f"{_name(integrator)} is left out: {why}"
        if not why:
            found.append(integrator)
        elif sentence not in refused:
            refused.append(sentence)
    return found


def _examples(study: Study) -> list[tuple[str, Job]]:
    """Return simulations of the study with names."""
    drawn = sample(study.problem, 3, 1, published(study), known_too=True)
    return [(one.name, job) for one in drawn for job in study.problem.jobs(one.row)]


def _name(integrator: Integrator) -> str:
    if integrator.engine == "population":
        return "the population engine"
    return "CVODE" if integrator.atol else "NEURON with adaptive steps"


def _refusal(problem: Problem, integrator: Integrator, report: Report) -> str:
    try:
        check(problem.recipe, problem.protocols, integrator)
        compiled_for(problem.recipe, integrator, report)
    except EngineError as error:
        return str(error)
    return ""


def _rules(own: SegmentRule) -> list[SegmentRule]:
    plain = own.rule if isinstance(own, ByRegion) else own
    fine = [
        ByRegion(DLambda(0.2), (*FINE_SPIKES, ("apical", DLambda(apical)))) for apical in (0.2, 0.1)
    ]
    return [own, ByRegion(plain, FINE_SPIKES), *fine]


def _seconds(problem: Problem) -> float:
    """Return the processor time of an individual, as it is reckoned."""
    row = problem.physical(np.full((1, len(problem.parameters)), 0.5))[0]
    until_ms = sum(protocol.duration_ms for protocol in problem.protocols)
    return cost_of(problem, row) * until_ms * SECONDS[problem.integrator.engine]


def _rows(study: Study, coarse: Problem, each: int, workers: Workers) -> Floats:
    """Return individuals as a search meets them, (n, d)."""
    known = published(study)
    if not known:
        found = _found(coarse, workers)
        known = {f"found {i}": row for i, row in enumerate(found)}
    drawn = sample(study.problem, each, 1, known, known_too=True)
    return np.array([one.row for one in drawn])


def _found(coarse: Problem, workers: Workers) -> Floats:
    """Return two individuals that answer more of the targets than others that were tried, (2, d).

    The first are drawn; then half are near the best four, and half are crossed from them.
    """
    generator, dimension = np.random.default_rng(1), len(coarse.parameters)
    rounds = int(np.clip(LONGEST_s / 4 / (ROUND * _seconds(coarse)), 1, ROUNDS))
    unit = generator.random((ROUND, dimension))
    tried, order = np.zeros((0, dimension)), np.zeros(0, dtype=int)
    values = np.zeros((0, len(coarse.objectives)))
    for _ in range(rounds):
        tried = np.concatenate([tried, unit])
        [now] = values_under([coarse], coarse.physical(unit), workers)
        values = np.concatenate([values, now])
        scores = scores_of(coarse, values).sum(axis=1)
        order = np.lexsort((scores, -answered(coarse, values).sum(axis=1)))
        best = tried[order[:4]]
        parents = best[generator.integers(len(best), size=(2, ROUND))]
        theirs = generator.random((ROUND, dimension)) < 0.5
        unit = np.where(theirs, parents[0], parents[1])
        unit[::2] = parents[0, ::2] + generator.uniform(-2 * NEAR, 2 * NEAR, unit[::2].shape)
        unit = np.clip(unit, 0.0, 1.0)
    return coarse.physical(tried[order[:2]])
