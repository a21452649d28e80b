"""A bad parameter set is an answer, a mistake is an error that names it."""

import math
import time
from dataclasses import replace

import pytest

from tests.physics.engines.small_cells import (
    RESTING_mV,
    ball_and_stick,
    hh_patch,
    passive,
    protocol,
    run,
    same,
    step,
)
from workbench.cells import CellRecipe, MaximalLength, Paint
from workbench.engines import (
    Failure,
    FailureKind,
    Integrator,
    Job,
    adaptive_step,
    fixed_step,
)
from workbench.engines.neuron import NeuronEngine
from workbench.errors import EngineError, StudyError
from workbench.mechanisms import MechanismSet
from workbench.morphology import Cylinder, parse_site
from workbench.protocols import Protocol, Recording

INTEGRATORS = [
    Integrator(),
    fixed_step(0.025),
    fixed_step(0.025, order=2),
    fixed_step(0.025, engine="coreneuron"),
    adaptive_step(0.01),
]


def fail(engine: NeuronEngine, recipe: CellRecipe, plan: Protocol, integrator) -> Failure:
    [outcome] = engine([Job(recipe, plan, integrator)])
    assert isinstance(outcome, Failure)
    return outcome


def painted(recipe: CellRecipe, variable: str, value: float) -> CellRecipe:
    """The recipe with a number that every way of saying it would refuse."""
    paint = tuple(replace(p) for p in recipe.paint)
    for one in paint:
        if one.variable == variable:
            object.__setattr__(one, "value", value)
    changed = replace(recipe)
    object.__setattr__(changed, "paint", paint)
    return changed


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_parameter_that_is_no_number_is_refused(hay: MechanismSet, value: float) -> None:
    with pytest.raises(StudyError, match=r"g_pas\.all is .*finite"):
        ball_and_stick(hay).with_values({"g_pas.all": value})


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=str)
@pytest.mark.parametrize("amplitude_nA", [1e6, -1e6, 1e3])
def test_absurd_current(
    engine: NeuronEngine, hay: MechanismSet, integrator: Integrator, amplitude_nA: float
) -> None:
    failure = fail(engine, ball_and_stick(hay), protocol(40, step(amplitude_nA, 5)), integrator)
    # The rates of some mechanisms overflow at such voltages, and NaN is what is told first.
    assert failure.kind in (FailureKind.ABSURD, FailureKind.NOT_FINITE)
    assert failure.message.startswith("soma.v is ")


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=str)
def test_negative_conductance_runs_away(engine: NeuronEngine, integrator: Integrator) -> None:
    """5 mV from the reversal potential grow with exp(t / 10 ms)."""
    recipe = passive(
        [Cylinder("somatic", 20, 20)],
        MaximalLength(),
        g_S_per_cm2=-1e-4,
        v_init_mV=RESTING_mV + 5,
    )
    failure = fail(engine, recipe, protocol(60), integrator)
    assert failure.kind is FailureKind.ABSURD
    found = run(engine, recipe, protocol(30), integrator)["soma.v"].values[-1]
    assert found == pytest.approx(RESTING_mV + 5 * math.exp(3), abs=1.0)


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=str)
@pytest.mark.parametrize("variable", ["g_pas", "cm", "e_pas"])
def test_a_nan_that_got_in_is_never_a_trace(
    engine: NeuronEngine, integrator: Integrator, variable: str
) -> None:
    """CVODE gives up, a fixed step would go on to the end with NaN in every sample."""
    recipe = passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=1e-4)
    good = run(engine, recipe, protocol(5, step(0.01)), integrator)
    failure = fail(engine, painted(recipe, variable, math.nan), protocol(5), integrator)
    assert failure.kind in (FailureKind.NOT_FINITE, FailureKind.SIMULATOR)
    assert same(run(engine, recipe, protocol(5, step(0.01)), integrator), good)


@pytest.mark.parametrize("value", [0.0, -100.0])
def test_a_number_that_neuron_refuses_is_a_failure(engine: NeuronEngine, value: float) -> None:
    recipe = passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=1e-4)
    run(engine, recipe, protocol(1), Integrator())
    failure = fail(engine, painted(recipe, "Ra", value), protocol(1), Integrator())
    assert failure.kind is FailureKind.SIMULATOR
    assert f"Ra = {value}" in failure.message
    run(engine, recipe, protocol(1), Integrator())


def test_a_budget_of_steps_ends_a_run(engine: NeuronEngine) -> None:
    plan = protocol(1000, step(1.0, 0, 1000))
    integrator = Integrator(atol=1e-9, steps_per_ms=20)
    begun = time.perf_counter()
    failure = fail(engine, hh_patch(), plan, integrator)
    assert time.perf_counter() - begun < 2
    assert failure.kind is FailureKind.TOO_MANY_STEPS
    assert failure.message.startswith("20000 steps led to ")
    assert fail(engine, hh_patch(), plan, integrator) == failure, "it depends on more than steps"


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(EngineError, match="steps_per_ms is 0"):
        Integrator(steps_per_ms=0)


def test_a_budget_ends_steps_that_lead_nowhere(engine: NeuronEngine) -> None:
    """With no tolerance at all CVODE's steps shrink: the budget counts each of them."""
    integrator = Integrator(atol=1e-15, steps_per_ms=50)
    begun = time.perf_counter()
    failure = fail(engine, hh_patch(), protocol(100, step(1.0)), integrator)
    assert time.perf_counter() - begun < 2
    assert failure.kind in (FailureKind.TOO_MANY_STEPS, FailureKind.SIMULATOR)


def test_a_failure_does_not_touch_the_next_job(engine: NeuronEngine, hay: MechanismSet) -> None:
    recipe, plan = ball_and_stick(hay), protocol(30, step(0.3, 5))
    wild = protocol(30, step(1e6, 5))
    for integrator in INTEGRATORS:
        alone = run(engine, recipe, plan, integrator)
        bad, good = engine([Job(recipe, wild, integrator), Job(recipe, plan, integrator)])
        assert isinstance(bad, Failure)
        assert same(good, alone)


def test_unknown_mechanism(engine: NeuronEngine) -> None:
    recipe = CellRecipe("c", hh_patch().morphology, inserted=(("all", "KaProx"),))
    with pytest.raises(EngineError, match=r"no mechanism 'KaProx'"):
        engine([Job(recipe, protocol(1), Integrator())])


@pytest.mark.parametrize("variable", ["gbar_nowhere", "g_pas", "insert"])
def test_painting_what_is_not_there(engine: NeuronEngine, variable: str) -> None:
    recipe = replace(hh_patch(), paint=(Paint(variable, "somatic", 1e-4),))
    with pytest.raises(EngineError, match=rf"{variable} cannot be painted in soma\[0\]"):
        engine([Job(recipe, protocol(1), Integrator())])


@pytest.mark.parametrize("variable", ["nai_", "g_pas", "x", ""])
def test_recording_what_is_not_there(engine: NeuronEngine, variable: str) -> None:
    plan = protocol(1, variable=variable)
    with pytest.raises(EngineError, match=rf"soma\[0\]\(0\.5\).*unknown variable '{variable}'"):
        engine([Job(hh_patch(), plan, Integrator())])


def test_an_unknown_recording_gets_a_hint(engine: NeuronEngine) -> None:
    with pytest.raises(EngineError, match="did you mean 'm_hh'"):
        engine([Job(hh_patch(), protocol(1, variable="m_h"), Integrator())])


@pytest.mark.parametrize("integrator", INTEGRATORS[:-1], ids=str)
@pytest.mark.parametrize("variable", ["ina", "m_hh", "cai", "i_cap", "gkbar_hh"])
def test_range_variables_can_be_recorded(
    engine: NeuronEngine, hay: MechanismSet, integrator: Integrator, variable: str
) -> None:
    recipe = ball_and_stick(hay)
    recipe = replace(recipe, inserted=(*recipe.inserted, ("somatic", "hh")))
    site = parse_site("soma(0.5)")
    plan = Protocol(
        "p", 20, (step(0.5, 2),), (Recording("a", site), Recording("b", site, variable))
    )
    traces = run(engine, recipe, plan, integrator)
    values = traces[f"b.{variable}"].values
    assert values.size == traces.t_ms.size
    assert (values.min() < values.max()) == (variable != "gkbar_hh")
