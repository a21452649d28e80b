"""What BluePyOpt cannot express is refused by name, before anything is loaded or built."""

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.exports.small_problem import SOMA, make_problem, stubbed, write_swc
from workbench.cells import Balance, Distribution, DLambda, Paint
from workbench.engines import Integrator, fixed_step
from workbench.errors import InputError
from workbench.exports.bluepyopt import to_bluepyopt
from workbench.exports.bluepyopt.limits import obstacles
from workbench.exports.bluepyopt.tables import tables_of
from workbench.features import DISTANCE, Against, Window
from workbench.fitting import Objective, Parameter, Problem, ScoreRule
from workbench.protocols import (
    EPSP,
    STIMULI,
    Alpha,
    Chirp,
    CurrentFile,
    Noise,
    Ramp,
    Sine,
    Step,
    Train,
    VoltageClamp,
    VoltageFile,
    Waveform,
)


@pytest.fixture(scope="module")
def problem(tmp_path_factory) -> Problem:
    return make_problem(stubbed(write_swc(tmp_path_factory.mktemp("swc"))))


def with_recipe(problem: Problem, **changes) -> Problem:
    return replace(problem, recipe=replace(problem.recipe, **changes))


def with_paint(problem: Problem, *paint: Paint) -> Problem:
    return with_recipe(problem, paint=(*problem.recipe.paint, *paint))


def with_protocol(problem: Problem, **changes) -> Problem:
    return replace(
        problem, protocols=(replace(problem.protocols[0], **changes), *problem.protocols[1:])
    )


def with_feature(problem: Problem, feature: str) -> Problem:
    first: Objective = problem.objectives[0]
    return replace(problem, objectives=(replace(first, feature=feature), *problem.objectives[1:]))


def test_nothing_stands_in_the_way_of_the_small_problem(problem: Problem) -> None:
    assert list(obstacles(problem)) == []
    assert list(obstacles(replace(problem, integrator=Integrator(atol=1e-3)))) == []
    assert list(obstacles(replace(problem, integrator=fixed_step(0.025, 2)))) == []
    assert list(obstacles(replace(problem, rule=ScoreRule(250.0, None, 500.0)))) == []


EPSP_AT_SOMA = EPSP(SOMA, 10.0, 0.5, 5.0, 0.5)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda p: replace(p, integrator=fixed_step(0.025, 1, "coreneuron")), "coreneuron"),
        (lambda p: replace(p, integrator=Integrator(atol=1e-5)), "cvode_atol = 1e-05"),
        (
            lambda p: replace(p, integrator=Integrator(atol=None, step_error_mV=0.01)),
            "step_error_mV = 0.01: it has no adaptive steps; export a fixed step (--dt",
        ),
        (lambda p: with_paint(p, Paint("cm", "all", 3.0)), "cm.all"),
        (
            lambda p: with_paint(p, Paint("e_pas", "basal", -70.0, Balance())),
            "e_pas.basal: it balances the membrane, and it has no such leak; give a number",
        ),
        (
            lambda p: with_paint(
                p, Paint("cm", "basal", 1.0, Distribution("ends", "value", "section's end"))
            ),
            "ends",
        ),
        (lambda p: with_protocol(p, stimuli=(EPSP_AT_SOMA,)), "EPSP"),
        (lambda p: with_feature(p, "first_spike"), "Step.soma.first_spike"),
        (lambda p: with_feature(p, "burst_times"), "Step.soma.burst_times"),
        # eFEL has one of this name, which counts on its grid: the workbench's own is meant.
        (lambda p: with_feature(p, "spike_count"), "Step.soma.spike_count"),
        (lambda p: replace(p, rule=ScoreRule(200.0, 100.0, 300.0)), "cap = 100"),
    ],
)
def test_named(problem: Problem, change, named: str) -> None:
    changed = change(problem)
    [found] = obstacles(changed)
    assert named in found
    with pytest.raises(InputError, match="BluePyOpt cannot express"):
        to_bluepyopt(changed)


def test_segments_that_depend_on_an_individual(problem: Problem) -> None:
    free = tuple(replace(p, value=None) if p.variable == "Ra" else p for p in problem.recipe.paint)
    recipe = replace(problem.recipe, segments=DLambda(), paint=free)
    parameters = (*problem.parameters, replace(problem.parameters[0], name="Ra.all", high=300.0))
    [found] = obstacles(replace(problem, recipe=recipe, parameters=parameters))
    assert "d_lambda" in found
    assert "Ra" in found
    rising = Distribution("rising", "value + slope * distance_um", constants={"slope": None})
    paint = (*problem.recipe.paint, Paint("cm", "basal", 1.0, rising))
    recipe = replace(problem.recipe, segments=DLambda(), paint=paint)
    parameters = (*problem.parameters, Parameter("slope.rising", 0.0, 0.1))
    [found] = obstacles(replace(problem, recipe=recipe, parameters=parameters))
    assert "cm" in found


def test_all_at_once(problem: Problem) -> None:
    changed = with_feature(with_protocol(problem, stimuli=(EPSP_AT_SOMA,)), "first_spike")
    with pytest.raises(InputError) as refused:
        to_bluepyopt(replace(changed, integrator=Integrator(atol=1e-6)))
    for named in ("cvode_atol", "EPSP", "first_spike"):
        assert named in str(refused.value)


EACH = [
    Step(SOMA, 10.0, 20.0, 0.5),
    Train(SOMA, 10.0, 2.0, 1.5, 40.0, 3),
    EPSP_AT_SOMA,
    Alpha(SOMA, 10.0, 5.0, 0.5),
    Ramp(SOMA, 10.0, 20.0, 0.0, 0.5),
    Sine(SOMA, 10.0, 20.0, 0.1, 50.0),
    Chirp(SOMA, 10.0, 20.0, 0.1, 0.0, 50.0),
    Noise(SOMA, 10.0, 20.0, 0.1, 0.05, 3.0, 7),
    Waveform(SOMA, 10.0, CurrentFile("bumps.csv", [0, 2, 2, 5], [0, 0.1, -0.1, 0.3])),
    VoltageClamp(SOMA, 10.0, 20.0, -80.0, -20.0),
]


def test_each_kind_is_looked_at() -> None:
    assert [type(stimulus) for stimulus in EACH] == list(STIMULI)


@pytest.mark.parametrize("stimulus", EACH, ids=lambda stimulus: stimulus.kind)
def test_a_stimulus_is_kept_or_refused_by_name(problem: Problem, stimulus) -> None:
    changed = with_protocol(problem, stimuli=(stimulus,))
    found = list(obstacles(changed))
    if isinstance(stimulus, EPSP | VoltageClamp):
        name = type(stimulus).__name__
        allowed = "Step, Alpha, Ramp, Sine, Chirp, Noise, Waveform"
        assert found == [f"protocol Step: the stimulus {name}; it is given {allowed}"]
        return
    assert found == []
    [table] = [t for t in tables_of(changed)["protocols"] if t["name"] == "Step"]
    kept = [*table["pulses"], *table["played"]]
    assert len(kept) == len(changed.protocols[0].bound().stimuli)
    for one in table["played"]:
        assert one["t_ms"][-1] == 120.0
        middles = np.arange(0.0125, 120, 0.025)
        assert np.interp(middles, one["t_ms"], one["current_nA"]) == pytest.approx(
            stimulus.current_nA(middles), abs=1e-12
        )


def test_a_feature_of_two_recordings(problem: Problem) -> None:
    first = replace(problem.objectives[0], feature="attenuation", to="last")
    two = replace(problem, objectives=(first, *problem.objectives[1:]))
    name = "Step.soma.to.last.attenuation"
    assert list(obstacles(two)) == [
        f"{name}: a feature of two recordings; it has those of eFEL, of one"
    ]


def test_a_recorded_trace(problem: Problem) -> None:
    first, *rest = problem.objectives
    recorded = VoltageFile("recording.csv", [0.0, 1000.0], [-70.0, -70.0])
    trace = replace(first, feature=DISTANCE, against=Against(recorded), window=Window(0.0, 50.0))
    with pytest.raises(InputError, match="has no sample"):
        replace(trace, window=Window(10.0, 50.0))
    [said] = obstacles(replace(problem, objectives=(trace, *rest)))
    assert said == "Step.soma.trace: a recorded trace; it has features of eFEL"


def test_both_sides_of_a_comparison_are_looked_at(problem: Problem) -> None:
    first, *rest = problem.objectives
    [own] = with_feature(problem, "spike_count").objectives[0].operands
    compared = replace(first, minus=own)
    [said] = obstacles(replace(problem, objectives=(compared, *rest)))
    assert said == f"{own.name}: a feature of the workbench's own; it has those of eFEL"


def test_a_constant_of_a_distribution_is_a_number(problem: Problem) -> None:
    fall = Distribution("fall", "value * exp(-distance_um / far_um)", constants={"far_um": 9.5})
    spread = with_paint(problem, Paint("e_pas", "basal", -70.0, fall))
    assert list(obstacles(spread)) == []
    [written] = [one for one in tables_of(spread)["parameters"] if "/ (9.5)" in str(one)]
    assert written["distribution"] == "({value}) * math.exp(-({distance}) / (9.5))"
