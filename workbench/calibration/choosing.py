"""Choose the cheapest setting within an error budget, and confirm it on unseen individuals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tomli_w

from workbench.calibration.evaluating import Team
from workbench.calibration.gathering import demand, gather
from workbench.calibration.measuring import PAIRS, SHARE, Measured, converge, ladder, measure
from workbench.calibration.mixing import mixed
from workbench.calibration.progress import Progress, Report, Step, cost_of
from workbench.calibration.sampling import Individual
from workbench.calibration.simulated import Simulations
from workbench.cells import ByRegion, DLambda, MaximalLength, SegmentRule
from workbench.digests import DIGEST_VERSION
from workbench.engines import Integrator, adaptive_step, fixed_step
from workbench.engines.opening import check
from workbench.errors import EngineError, InputError, WorkerError
from workbench.fitting import Problem
from workbench.morphology import Region
from workbench.studies import Setting, Study, setting_of

FINE_SPIKES: tuple[tuple[Region, MaximalLength], ...] = (
    ("somatic", MaximalLength(5.0)),
    ("axonal", MaximalLength(5.0)),
)
"""Soma and axon, where spikes begin, have few segments: there they may as well be short."""

DENDRITES = ((0.1, 0.2), (0.15, 0.2), (0.2, 0.2), (0.2, 0.4), (0.3, 0.6))
"""d_lambda of apical dendrites, and of the others."""

PRECISE = Integrator(atol=1e-4, native=True)
"""With which segments are compared, so that no error in time hides theirs."""

INTEGRATORS = (
    Integrator(atol=1e-3, native=True),
    Integrator(atol=3e-3, native=True),
    adaptive_step(0.0025, native=True),
    adaptive_step(0.005, native=True),
    adaptive_step(0.01, native=True),
    adaptive_step(0.02, native=True),
    adaptive_step(0.05, native=True),
    adaptive_step(0.1, native=True),
    replace(fixed_step(0.025, 2, "coreneuron"), native=True),
    replace(fixed_step(0.05, 2, "coreneuron"), native=True),
)

COARSE = (adaptive_step(0.02, native=True), Integrator(atol=1e-3, native=True))
"""With which it is seen who does what the targets ask: the first that can run the study."""


LARGEST_BUDGET_SD = 1000.0
MOST_EACH = 10_000


@dataclass(frozen=True)
class Calibration:
    """What was measured and chosen.

    Attributes
    ----------
    own
        The study's own setting on the sample.
    tried
        All settings that were tried, the study's own first.
    chosen
        The cheapest of them within the budget; the most exact one if none is, and the study's own
        if no converged value says how exact they are. None that loses individuals.
    check
        The chosen one on individuals that took no part in the choice.
    unsettled
        Pairs of individual and feature without a converged value, of `pairs`.
    """

    study: Study
    budget_SD: float
    sample: tuple[Individual, ...]
    tried: tuple[Measured, ...]
    chosen: Measured
    check: Measured
    unsettled: int
    pairs: int

    def __repr__(self) -> str:
        keeps = "keeps" if self.holds else "does not keep"
        return (
            f"<Calibration of {self.study.name}: {self.chosen.setting}, of {len(self.tried)} "
            f"tried, {keeps} {self.budget_SD:g} SD>"
        )

    @property
    def holds(self) -> bool:
        """Whether the chosen setting keeps the budget on the sample and on the unseen."""
        return self.chosen.keeps(self.budget_SD) and self.check.keeps(self.budget_SD)


def _check_protocols(study: Study) -> None:
    """Refuse protocols of which one depends on how another is integrated.

    Settings are measured and chosen protocol by protocol.
    """
    relative = [protocol.name for protocol in study.problem.protocols if protocol.sought]
    if relative:
        raise InputError(
            f"{study.name}: {', '.join(relative)} ask for currents that are found on the cell by "
            "simulations of their own, and a calibration chooses protocol by protocol; the check "
            "that `workbench fit` begins with takes them"
        )


def calibrate(
    study: Study,
    team: Team,
    report: Report,
    *,
    budget_SD: float = 0.25,
    each: int | None = None,
    seed: int = 1,
    keep_segments: bool = False,
) -> Calibration:
    """Measure settings on individuals of a study and choose one.

    `each` individuals at least do what the targets ask, of those on which a setting is chosen and
    of those on which it is checked. What was simulated is kept: after a stop, or a change of the
    targets' means and deviations, the same simulations are not run again.

    First segments, all with a precise integrator, then integrators with the segments chosen, at
    last single protocols with a cheaper one. What was chosen on a few individuals has to hold on
    others: the share of pairs beyond the budget has to be less than allowed by one standard error,
    and segments may take half of it, so that something is left for the integrator.

    Parameters
    ----------
    team
        Starts workers, anew for each setting.
    budget_SD
        How far a feature's value may be from its converged one, in standard deviations of the
        target, in `SHARE` of all pairs of individual and feature.
    each
        Individuals of each kind, see `sample`; None for `default_each`.
    keep_segments
        Whether the study's segments are the model, as in one whose paper gives compartments.

    Raises
    ------
    InputError
        If budget or number cannot be, or nothing is free.
    NotCalibrated
        If too few individuals do what the targets ask.
    StoppedEarly
        If the team was told to stop.
    WorkerError
        If no worker survives the converged values of an individual, or any setting.
    """
    each = default_each(study.problem) if each is None else each
    if not 0 < budget_SD <= LARGEST_BUDGET_SD or not 1 <= each <= MOST_EACH:
        raise InputError(
            f"the budget is {budget_SD:g} SD and {each} individuals of each kind are "
            f"asked for; both must be above 0, at most {LARGEST_BUDGET_SD:g} SD and {MOST_EACH}"
        )
    if not study.problem.parameters:
        raise InputError(
            f"{study.name}: nothing is free in its cell, and a setting is chosen on individuals "
            "that differ; give a parameter bounds in cell.toml, [low, high]"
        )
    _check_protocols(study)
    progress = Progress(report)
    simulations = Simulations(team, progress)
    own_setting = setting_of(study)
    integrators = [one for one in INTEGRATORS if _runs(study, one, report)]
    coarse = next((one for one in COARSE if one in integrators), own_setting.integrator)
    seen, unseen = gather(
        Setting(own_setting.segments, coarse).apply(study), each, seed, simulations, progress
    )
    rules = [own_setting.segments] if keep_segments else _rules(own_setting.segments)
    settings = [own_setting, *(Setting(rule, PRECISE) for rule in rules)]
    settings += [Setting(rules[0], integrator) for integrator in integrators]

    def left(some: Sequence[Setting], whose: Sequence[Individual], timed: bool) -> list[Step]:
        problems = [setting.apply(study).problem for setting in some]
        return [
            (cost_of(one, seen[0].row), simulations.unknown(one, whose, timed=timed))
            for one in problems
        ]

    measuring = left(settings, seen, True) + left([own_setting], unseen, True)
    progress.plan(left(ladder(study, keep_segments), [*seen, *unseen], False) + measuring)
    report(f"converging {len(seen) + len(unseen)} individuals")
    values = converge(study, [*seen, *unseen], simulations, keep_segments=keep_segments)
    known, held_out = np.split(values, [len(seen)])
    demand(study.problem, each, (known, held_out), progress)
    progress.plan(measuring)
    if np.isposinf(known).all():
        report(
            "no feature of any individual has a converged value: nothing says how exact a setting "
            "is, none keeps the budget, and the study's own is taken"
        )
    tried: list[Measured] = []

    def note(result: Measured) -> Measured:
        tried.append(result)
        if result.lost:
            report(f"{result.setting} is out of the choice: {'; '.join(result.lost)}")
            return result
        report(
            f"{result.setting}: {result.segments} segments, {result.seconds:.3g} s an individual, "
            f"{100 * result.beyond(budget_SD):.1f} % beyond {budget_SD:g} SD"
        )
        return result

    def measured(setting: Setting) -> Measured:
        return note(measure(study, setting, seen, known, simulations))

    own = measured(own_setting)
    in_space = [measured(Setting(rule, PRECISE)) for rule in rules]
    rule = _best(in_space, budget_SD, 0.5).setting.segments
    in_time = [measured(Setting(rule, integrator)) for integrator in integrators]
    chosen = _best([own, *in_space, *in_time], budget_SD)
    if better := mixed(study.problem, chosen, tried, budget_SD):
        chosen = note(better)
    report("checking the choice on individuals that it has not seen")
    check = measure(study, chosen.setting, unseen, held_out, simulations)
    unsettled = int(np.isposinf(values).sum())
    return Calibration(
        study, budget_SD, tuple(seen), tuple(tried), chosen, check, unsettled, values.size
    )


def default_each(problem: Problem) -> int:
    """Return how many individuals of each kind are looked at unless it is said.

    Those that do what the targets ask, and those near them, which mostly do, have `PAIRS` values.
    """
    return max(3, math.ceil(PAIRS / (2 * len(problem.objectives))))


def _rules(own: SegmentRule) -> list[SegmentRule]:
    plain = own.rule if isinstance(own, ByRegion) else own
    fine: list[SegmentRule] = [
        ByRegion(DLambda(other), (*FINE_SPIKES, ("apical", DLambda(apical))))
        for apical, other in DENDRITES
    ]
    return [own, ByRegion(plain, FINE_SPIKES), *fine]


def _runs(study: Study, integrator: Integrator, report: Report) -> bool:
    try:
        for recipe, done in study.problem.cells(study.problem.recipe):
            check(recipe, done, integrator)
    except EngineError as error:
        report(f"{integrator} is left out: {error}")
        return False
    return True


def _best(measured: Sequence[Measured], budget_SD: float, part: float = 1.0) -> Measured:
    whole = [m for m in measured if not m.lost]
    if not whole:
        [first, *_] = measured
        raise WorkerError(
            f"no worker survives any of {len(measured)} settings: {first.setting}: {first.lost[0]}"
        )
    within = [m for m in whole if m.is_safe(budget_SD, part)]
    if within:
        return min(within, key=lambda m: m.seconds)
    return min(whole, key=lambda m: m.beyond(budget_SD))


def write_calibration(calibration: Calibration, path: Path) -> None:
    """Write calibration.toml: the setting, what it costs and how exact it is."""
    budget_SD = calibration.budget_SD
    tables = {
        "digest_version": DIGEST_VERSION,
        "problem": calibration.study.problem.digest,
        "budget_SD": budget_SD,
        **calibration.chosen.setting.tables(),
        "chosen": _numbers(calibration.chosen, budget_SD),
        "check": _numbers(calibration.check, budget_SD),
        "measured": [
            {"setting": str(one.setting), **_numbers(one, budget_SD), **_lost(one)}
            for one in calibration.tried
        ],
    }
    by = f"# Written by `workbench calibrate {calibration.study.name}`; --engine auto uses it.\n"
    path.write_text(by + tomli_w.dumps(tables), encoding="utf-8")


def _numbers(measured: Measured, budget_SD: float) -> dict[str, float]:
    numbers = {
        "segments": float(measured.segments),
        "seconds": round(measured.seconds, 4),
        "quantile95_SD": round(measured.quantile_SD(SHARE), 4),
        "share_beyond": round(measured.beyond(budget_SD), 4),
        "doing": float(measured.doing.sum()),
        "quantile95_SD_doing": round(measured.of_doing.quantile_SD(SHARE), 4),
        "share_beyond_doing": round(measured.of_doing.beyond(budget_SD), 4),
    }
    return {name: number for name, number in numbers.items() if np.isfinite(number)}


def _lost(measured: Measured) -> dict[str, list[str]]:
    return {"lost": list(measured.lost)} if measured.lost else {}
