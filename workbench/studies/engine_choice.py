"""How a study is to be simulated, in the words of the command line and of Python."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from workbench.cells import CellRecipe
from workbench.engines import EngineName, Integrator, Precision
from workbench.engines.opening import check as check_engine
from workbench.errors import EngineError, InputError, unknown
from workbench.studies.setting import calibrated
from workbench.studies.study import Study

FIELDS_STEP_ms = 0.025
"""The fixed step that the field uses; taken where a fixed step is asked for unsaid."""

ADAPTIVE_mV = 0.02
"""The error of adaptive steps where they are asked for unsaid."""

NUMBERS_mV = 1e-5
"""Likewise where published numbers are to come out."""

MOST_STEPS_per_ms = 2000
"""A budget of steps for those."""


@dataclass(frozen=True)
class EngineChoice:
    """The words with which an engine is chosen; None is the study's own choice.

    Attributes
    ----------
    engine
        `neuron`, `coreneuron`, `population`, or `auto` for segments and integrators as the study
        was calibrated or, where it was not, as a check finds them.
    dt
        A fixed step in ms.
    order
        Of a fixed step: 1 is backward Euler, 2 Crank-Nicolson.
    cvode
        CVODE with this absolute tolerance.
    adaptive
        Adaptive steps of this local error in mV.
    precision
        With `population`: `double`, or `single`, which is quicker. Of a fit that chooses its engine
        itself, the precision alone.
    celsius
        Temperature in degC.
    gpu
        With `coreneuron` or `population`: on a GPU.
    """

    engine: str | None = None
    dt: float | None = None
    order: int | None = None
    cvode: float | None = None
    adaptive: float | None = None
    celsius: float | None = None
    gpu: bool = False
    precision: str | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        """The words given that say how steps are chosen."""
        words = ("dt", "cvode", "adaptive")
        return tuple(word for word in words if getattr(self, word) is not None)

    @property
    def unsaid(self) -> bool:
        """Whether nothing is said of engine and steps."""
        given = (self.engine, *self.steps, self.order)
        return not self.gpu and all(word is None for word in given)


Check = Callable[[Study], Study]
"""Finds how a study is simulated quickly and exactly enough, and returns it so."""


def with_engine(
    study: Study,
    engine: str | EngineChoice | None,
    option: str = "",
    check: Check | None = None,
) -> Study:
    """Return the study simulated as these words say.

    Parameters
    ----------
    study
        As it was loaded.
    engine
        The engine alone, or with the words that go with it.
    option
        What stands before a word in messages: `--` on the command line.
    check
        What `auto` asks where the study was not calibrated.

    Raises
    ------
    InputError
        If there is no such engine, the words exclude one another, or `auto` is asked for and there
        is neither a calibration nor a check.
    EngineError
        If the engine cannot do what they ask.
    StudyError
        If the study was changed since it was calibrated.
    """
    choice = engine if isinstance(engine, EngineChoice) else EngineChoice(engine)
    allowed = ("auto", *get_args(EngineName))
    if choice.engine not in (None, *allowed):
        raise InputError(unknown("engine", choice.engine, allowed))
    if choice.engine == "auto":
        study = _calibrated(study, choice, option, check)
    integrator = _integrator(study.problem.integrator, choice, option)
    if integrator != study.problem.integrator:
        study = study.with_integrator(integrator, _own(study, choice, integrator))
    return study if choice.celsius is None else study.with_celsius(choice.celsius)


def integrator_under(
    own: Integrator, engine: str | EngineChoice | None, option: str = ""
) -> Integrator:
    """Return an integrator with these words in its place, for a number that has to come out.

    Raises
    ------
    InputError
        If there is no such engine, the words exclude one another, or they ask for another cell.
    EngineError
        If the engine cannot do what they ask.
    """
    choice = engine if isinstance(engine, EngineChoice) else EngineChoice(engine)
    allowed = get_args(EngineName)
    if choice.engine not in (None, *allowed):
        raise InputError(unknown("engine", choice.engine, allowed))
    if choice.celsius is not None:
        raise InputError(
            f"{option}celsius: a published number has a temperature of its own; leave it out"
        )
    if choice.engine == "population" and not choice.steps and own.step_error_mV is None:
        choice = replace(choice, adaptive=NUMBERS_mV)
    found = _integrator(own, choice, option)
    if found == own or found.dt_ms is not None:
        return found
    return replace(found, steps_per_ms=max(found.steps_per_ms, MOST_STEPS_per_ms))


def cell_with_engine(
    recipe: CellRecipe,
    study: Study,
    engine: str | EngineChoice | None,
    check: Check | None = None,
) -> tuple[CellRecipe, Study]:
    """Return a cell and its study simulated as these words say.

    Parameters
    ----------
    recipe
        The study's cell, or what has become of it.
    check
        As in `with_engine`.

    Raises
    ------
    InputError
        If there is no such engine, the words exclude one another, or `auto` is asked for with
        another shape than the study's, which is not the one that was calibrated.
    EngineError
        If the engine cannot do what the words ask.
    """
    choice = engine if isinstance(engine, EngineChoice) else EngineChoice(engine)
    chosen = with_engine(study, choice, check=check)
    own, new = study.problem.recipe, chosen.problem.recipe
    if choice.engine == "auto":
        if recipe.morphology != own.morphology:
            raise InputError(
                f"{recipe.name}: auto is chosen for {own.morphology.name}, this cell is "
                f"{recipe.morphology.name}; choose another engine than auto"
            )
        recipe = replace(recipe, segments=new.segments)
    if new.celsius_degC != own.celsius_degC:
        recipe = replace(recipe, celsius_degC=new.celsius_degC)
    return recipe, chosen


def _own(
    study: Study, choice: EngineChoice, integrator: Integrator
) -> tuple[tuple[str, Integrator], ...]:
    """Return the integrators of single protocols, which words of engine and steps supersede."""
    if choice.engine not in (None, "auto") or choice.steps or choice.order is not None:
        return ()
    gpu, precision = integrator.gpu, integrator.precision
    own = study.problem.own_integrators
    return tuple((name, replace(one, gpu=gpu, precision=precision)) for name, one in own)


def _integrator(own: Integrator, choice: EngineChoice, option: str) -> Integrator:
    """Return the study's own integrator with the words that were given in its place."""
    engine = own.engine if choice.engine in (None, "auto") else choice.engine
    if len(choice.steps) > 1:
        given = " and ".join(f"{option}{word}" for word in choice.steps)
        raise InputError(f"{given} exclude one another; give one")
    fixed = choice.dt is not None or choice.order is not None or choice.engine == "coreneuron"
    dt_ms, atol, step_error_mV = choice.dt, choice.cvode, choice.adaptive
    order = choice.order if choice.order is not None else own.order if fixed else 1
    if not choice.steps and fixed:
        dt_ms = own.dt_ms or FIELDS_STEP_ms
    elif choice.engine == "population" and not choice.steps:
        step_error_mV = own.step_error_mV or ADAPTIVE_mV
    elif not choice.steps:
        order, dt_ms, atol, step_error_mV = own.order, own.dt_ms, own.atol, own.step_error_mV
    precision = choice.precision or (own.precision if engine == "population" else "double")
    # All are words; the integrator says which are allowed.
    return Integrator(
        cast("EngineName", engine),
        dt_ms,
        cast("Literal[1, 2]", order),
        atol,
        own.steps_per_ms,
        own.native,
        choice.gpu or own.gpu,
        step_error_mV,
        cast("Precision", precision),
    )


def _calibrated(study: Study, choice: EngineChoice, option: str, check: Check | None) -> Study:
    if choice.steps or choice.order is not None:
        *others, last = (f"{option}{word}" for word in ("dt", "order", "cvode", "adaptive"))
        raise InputError(
            f"{option}engine auto takes step and tolerance from a calibration or a check; leave "
            f"{', '.join(others)} and {last} out"
        )
    found = calibrated(study)
    if found is None and check is not None:
        return check(study if choice.celsius is None else study.with_celsius(choice.celsius))
    if found is None:
        raise InputError(
            f"{option}engine auto: {study.name} has no calibration; `workbench calibrate "
            f"{study.name}` makes one, and `workbench fit` checks by itself what is exact enough"
        )
    setting, table = found
    return replace(_in_lanes(setting.apply(study)), accuracy=str(table))


def _in_lanes(study: Study) -> Study:
    """Return a study whose adaptive steps the population engine takes, where it takes the study.

    Its scheme is that of NEURON's adaptive steps: what was measured of one holds for the other.
    """
    problem = study.problem
    own = problem.own_integrators
    measured = (problem.integrator, *(one for _, one in own))
    if any(one.engine != "neuron" or one.step_error_mV is None for one in measured):
        return study
    lanes = [replace(one, engine="population", native=False) for one in measured]
    try:
        whole = study.asking_all()
        for one in lanes:
            for recipe, done in whole.cells(whole.recipe):
                check_engine(recipe, done, one)
            if problem.block is not None:
                check_engine(problem.recipe, [problem.block.protocol], one)
    except EngineError:
        return study
    names = (name for name, _ in own)
    return study.with_integrator(lanes[0], tuple(zip(names, lanes[1:], strict=True)))
