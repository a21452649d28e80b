"""The check before a fit: what is quick and exact enough, found in a minute on two processors."""

import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np

from workbench.arrays import Floats
from workbench.caching import keep, recall
from workbench.calibration.choosing import FINE_SPIKES
from workbench.calibration.doing import ASKED, answered
from workbench.calibration.measuring import SHARE, errors_SD
from workbench.calibration.meeting import each_in_time, examples_of, rows_of, seconds_of
from workbench.calibration.precision import Moves, in_single, moves, pays
from workbench.calibration.progress import Report, cost_of
from workbench.calibration.trying import values_under
from workbench.cells import ByRegion, DLambda, SegmentRule
from workbench.digests import digest
from workbench.engines import Integrator, adaptive_step
from workbench.engines.opening import check, compiled_for, prove
from workbench.errors import EngineError, StudyError
from workbench.fitting import Problem
from workbench.resources import cache_folder
from workbench.studies import (
    EngineChoice,
    Setting,
    Study,
    calibrated,
    exact,
    setting_of,
    with_engine,
)
from workbench.studies.setting import setting_from
from workbench.workers import ProcessWorkers
from workbench.workers.task import Workers

BUDGET_SD = 0.25
"""How far `SHARE` of the feature values may be from the converged ones."""

STEPS_mV = (0.5, 0.2, 0.1, 0.05, 0.02)

POPULATION = tuple(
    Integrator("population", atol=None, step_error_mV=error_mV) for error_mV in STEPS_mV
)
NEURON = (
    *(adaptive_step(error_mV, native=True) for error_mV in STEPS_mV),
    *(Integrator(atol=atol, native=True) for atol in (3e-3, 1e-3, 1e-4)),
)

_VERSION = 2
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
    *,
    evaluations: int,
) -> Study:
    """Return a study as a fit of so many evaluations simulates it.

    As the words say; where they say nothing of engine and steps and the study has no
    `[integrator]`, as it was calibrated or, if it was not, as a check finds. Then in single
    precision, unless the words say which, where that hardly moves values and pays.

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
    if choice.engine != "auto" and (study.says_how or not choice.unsaid):
        return with_engine(study, choice, option)
    many = {"double": 0.0, "single": math.inf}.get(choice.precision or "", evaluations)
    asked = partial(checked, workers=workers, report=report, evaluations=many)
    plain = replace(choice, precision=None)
    try:
        kept = calibrated(study)
        found = with_engine(study, replace(plain, engine="auto"), option, asked)
    except StudyError as outdated:
        if choice.engine == "auto":
            raise
        report(f"{outdated}. It is not used")
        kept, found = None, asked(with_engine(study, plain, option))
    if kept is not None:
        found = _calibrated_in_single(found, workers, report, many)
        if not _is_proven(found, report):
            setting, table = kept
            found = replace(setting.apply(study), accuracy=str(table))
    last = EngineChoice(precision=choice.precision, celsius=choice.celsius)
    return with_engine(found, last, option)


def checked(study: Study, workers: Workers, report: Report, evaluations: float) -> Study:
    """Return a study as a check finds it quick and exact enough; one is made once for a problem.

    Parameters
    ----------
    evaluations
        How many are to come: single precision costs something first.

    Raises
    ------
    StoppedEarly
        If the workers were told to stop.
    """
    single = pays(seconds_of(study.with_integrator(POPULATION[2]).problem), evaluations)
    key = _key(study, study.fit.keep_segments, *(["single"] if single else []))
    file = cache_folder() / "checks" / f"{key}.json"
    found = recall(file, _read)
    if found is None:
        report("checking what is quick and exact enough, a minute at most")
        found = _check(study, workers, report, single)
        tables = found.setting.tables()
        keep(file, {"setting": tables, "accuracy": found.accuracy, "refused": found.refused})
    for sentence in (*found.refused, found.accuracy):
        report(sentence)
    return found.apply(study)


def checked_here(study: Study) -> Study:
    """Return a study as a check by two processes of this machine finds it quick and exact enough.

    For as many evaluations as a fit of it has, so that both take the same setting. What it finds
    is said on standard error.
    """
    evaluations = study.fit.population * study.fit.generations
    with ProcessWorkers(2, study.fit.limit_s) as workers:
        return checked(study, workers, partial(print, file=sys.stderr), evaluations)


def _key(study: Study, *more: object) -> str:
    versions = tuple(version(package) for package in ("neuron", "efel", "numpy"))
    return digest((study.problem.digest, *more, _VERSION, versions))


def _calibrated_in_single(
    study: Study, workers: Workers, report: Report, evaluations: float
) -> Study:
    """Return a study in single precision where it pays, and otherwise as it was calibrated."""
    setting = in_single(setting_of(study))
    if setting is None or not pays(seconds_of(study.problem), evaluations):
        return study
    single = setting.apply(study)
    file = cache_folder() / "checks" / f"{_key(study, 'calibrated')}.json"
    found = recall(file, lambda kept: Moves(**kept))
    if found is None:
        each = each_in_time(seconds_of(study.problem) + seconds_of(single.problem))
        if not each:
            return study
        report("checking what single precision would move, a minute at most")
        rows = rows_of(study, study.problem, each, workers)
        found = moves(study.problem, single.problem, rows, workers)
        keep(file, asdict(found))
    report(str(found))
    if not found.are_small:
        return study
    if not _is_proven(single, report):
        return study
    return replace(single, accuracy=f"{study.accuracy}; {found}")


def _is_proven(study: Study, report: Report) -> bool:
    """Return whether a study's engine computes what NEURON does; say it if not."""
    try:
        prove(examples_of(study), report)
    except EngineError as error:
        report(f"{_name(study.problem.integrator)} is left out: {error}")
        return False
    return True


def _read(kept: Any) -> Checked:
    return Checked(
        setting_from(kept["setting"]), str(kept["accuracy"]), tuple(map(str, kept["refused"]))
    )


def _check(study: Study, workers: Workers, report: Report, single: bool) -> Checked:
    """Return what is chosen for the quickest engine that takes the study."""
    refused: list[str] = []
    for family in (POPULATION, NEURON):
        integrators = _integrators(study, family, report, refused)
        if not integrators:
            continue
        found, rows = _choose(study, integrators, workers)
        tried = [found]
        if single and len(rows):
            tried = [*_singly(study, found, rows, workers, refused), found]
        for one in tried:
            try:
                prove(examples_of(one.apply(study)), report)
            except EngineError as error:
                refused.append(f"{_name(one.setting.integrator)} is left out: {error}")
                continue
            return replace(one, refused=tuple(refused))
    raise EngineError("; ".join(refused))


def _singly(
    study: Study, found: Checked, rows: Floats, workers: Workers, refused: list[str]
) -> list[Checked]:
    """Return what was chosen in single precision if that hardly moves values; note if it does."""
    setting = in_single(found.setting)
    if setting is None:
        return []
    moved = moves(found.apply(study).problem, setting.apply(study).problem, rows, workers)
    if not moved.are_small:
        refused.append(str(moved))
        return []
    return [Checked(setting, f"{found.accuracy}; {moved}")]


def _choose(
    study: Study, integrators: Sequence[Integrator], workers: Workers
) -> tuple[Checked, Floats]:
    """Return what is chosen, and the individuals on which it was, (n, d); none if on none."""
    own = study.problem.recipe.segments
    rules = [own] if study.fit.keep_segments else _rules(own)
    precise = ([one for one in integrators if one.step_error_mV] or integrators)[-1]

    def problem_of(setting: Setting) -> Problem:
        return setting.apply(study).problem

    def in_time(rules: Sequence[SegmentRule]) -> list[Setting]:
        return [Setting(rule, one) for rule in rules[:2] for one in integrators if one != precise]

    first = [exact(Setting(own, precise).apply(study)), *(Setting(rule, precise) for rule in rules)]
    reckoned_s = sum(seconds_of(problem_of(one)) for one in (*first, *in_time(rules)))
    each = each_in_time(reckoned_s)
    careful = Setting(rules[min(1, len(rules) - 1)], precise)
    if not each:
        why = "it would take longer than a minute"
        return _unchecked(study, careful, why), np.zeros((0, 0))
    rows = rows_of(study, problem_of(Setting(own, integrators[0])), each, workers)
    reference, *measured = values_under([problem_of(one) for one in first], rows, workers)
    shown = answered(study.problem, reference).any(axis=0)
    if shown.mean() < ASKED:
        why = (
            f"{len(rows)} individuals show {shown.sum()} of {shown.size} features, and nothing is "
            "learnt from those that are silent"
        )
        return _unchecked(study, careful, why), np.zeros((0, 0))

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
    chosen = Checked(
        best.setting,
        f"{'' if best.keeps else 'only '}{within} are within {BUDGET_SD:g} SD of converged ones "
        f"with {best.setting}{others}{'' if best.keeps else _further(study)}",
    )
    return chosen, rows


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


def _name(integrator: Integrator) -> str:
    if integrator.precision == "single":
        return "single precision"
    if integrator.engine == "population":
        return "the population engine"
    return "CVODE" if integrator.atol else "NEURON with adaptive steps"


def _refusal(problem: Problem, integrator: Integrator, report: Report) -> str:
    try:
        for recipe, done in problem.cells(problem.recipe):
            check(recipe, done, integrator)
            compiled_for(recipe, integrator, report)
    except EngineError as error:
        return str(error)
    return ""


def _rules(own: SegmentRule) -> list[SegmentRule]:
    plain = own.rule if isinstance(own, ByRegion) else own
    fine = [
        ByRegion(DLambda(0.2), (*FINE_SPIKES, ("apical", DLambda(apical)))) for apical in (0.2, 0.1)
    ]
    return [own, ByRegion(plain, FINE_SPIKES), *fine]
