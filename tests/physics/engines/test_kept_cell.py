"""A cell that is kept and painted again is, bit for bit, a cell that was built anew."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import (
    ball_and_stick,
    passive,
    protocol,
    run,
    same,
    step,
    voltage,
)
from workbench.cells import DLambda
from workbench.engines import Integrator, Job, adaptive_step, fixed_step
from workbench.engines.neuron import NeuronEngine
from workbench.mechanisms import MechanismSet
from workbench.morphology import Cylinder
from workbench.protocols import Traces
from workbench.studies import Study

INTEGRATORS = [
    Integrator(),
    fixed_step(0.025),
    fixed_step(0.05, order=2),
    fixed_step(0.025, engine="coreneuron"),
    adaptive_step(0.01),
]


@pytest.fixture(scope="module")
def jobs(l5pc: Study) -> dict[str, list[Job]]:
    """A, B and C: other parameters, protocols and temperatures; one list an integrator."""
    release = l5pc.values("release")
    free = l5pc.problem.recipe
    site = l5pc.protocol("Step1").stimuli[0].site
    bAP = l5pc.protocol("bAP")
    plan = replace(bAP, stimuli=(replace(bAP.stimuli[0], delay_ms=5.0),), duration_ms=25.0)
    recipes = [
        free.with_values(release),
        free.with_values({name: 0.5 * value for name, value in release.items()}),
        replace(
            free.with_values({name: 1.5 * value for name, value in release.items()}),
            celsius_degC=30.0,
            v_init_mV=-70.0,
        ),
    ]
    plans = [
        plan,
        replace(plan, stimuli=(replace(plan.stimuli[0], amplitude_nA=0.7),), duration_ms=15.0),
        replace(plan, stimuli=plan.stimuli * 2),
    ]
    assert plan.stimuli[0].site == site
    return {
        str(i): [Job(r, p, i) for r, p in zip(recipes, plans, strict=True)] for i in INTEGRATORS
    }


@pytest.fixture(scope="module")
def fresh(jobs: dict[str, list[Job]]) -> dict[str, Traces]:
    """A of each integrator, the first job of a new process."""
    return {name: run_in_children(mine[:1])[0] for name, mine in jobs.items()}


@pytest.mark.parametrize("name", [str(i) for i in INTEGRATORS])
def test_a_b_a_c_a(
    engine: NeuronEngine, jobs: dict[str, list[Job]], fresh: dict[str, Traces], name: str
) -> None:
    a, b, c = jobs[name]
    first, other, second, another, third = engine([a, b, a, c, a])
    assert same(first, second)
    assert same(first, third)
    assert same(first, fresh[name])
    assert not same(first, other)
    assert not same(first, another)
    assert voltage(first).max() > 0, "there was no spike"


def test_integrators_take_turns(
    engine: NeuronEngine, jobs: dict[str, list[Job]], fresh: dict[str, Traces]
) -> None:
    names = [str(i) for i in INTEGRATORS]
    for name in (*names, *reversed(names)):
        [outcome] = engine(jobs[name][:1])
        assert same(outcome, fresh[name]), name


def mixed_jobs(hay: MechanismSet) -> list[Job]:
    leaky = ball_and_stick(hay, g_pas=3e-4, gNaTs2_tbar_NaTs2_t=2.0)
    warm = replace(ball_and_stick(hay), celsius_degC=37.0, v_init_mV=-80.0)
    recipes = [ball_and_stick(hay), leaky, warm]
    integrators = [Integrator(), fixed_step(0.025), adaptive_step(0.01)]
    plans = [protocol(30, step(0.3, 3, 20)), protocol(40, step(-0.05), step(0.4, 10, 5))]
    return [
        Job(recipe, plan, integrator)
        for recipe in recipes
        for plan in plans
        for integrator in integrators
    ]


@pytest.fixture(scope="module")
def one_by_one(hay: MechanismSet, engine: NeuronEngine) -> list[Traces]:
    """Each of the mixed jobs on a cell of its own."""
    found = []
    for job in mixed_jobs(hay):
        engine.close()
        [outcome] = engine([job])
        assert isinstance(outcome, Traces), outcome
        found.append(outcome)
    return found


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(18)), length=st.integers(2, 18))
def test_the_order_of_a_batch_does_not_matter(
    engine: NeuronEngine, hay: MechanismSet, one_by_one: list[Traces], order, length: int
) -> None:
    jobs = mixed_jobs(hay)
    chosen = order[:length]
    for number, outcome in zip(chosen, engine([jobs[k] for k in chosen]), strict=True):
        assert same(outcome, one_by_one[number])


def test_other_segments_are_another_cell(engine: NeuronEngine) -> None:
    """The d_lambda rule follows Ra: painting alone would keep the old segments."""

    def recipe(Ra_ohm_cm: float):
        return passive(
            [Cylinder("somatic", 20, 20), Cylinder("basal", 600, 1, parent=0)],
            DLambda(),
            g_S_per_cm2=1e-4,
            Ra_ohm_cm=Ra_ohm_cm,
        )

    coarse, fine = recipe(70.0), recipe(300.0)
    assert coarse.segment_counts != fine.segment_counts
    assert coarse.frame != fine.frame
    plan = protocol(20, step(0.05), sites={"tip": "dend(1)"})
    integrator = fixed_step(0.025)
    before = run(engine, fine, plan, integrator)
    run(engine, coarse, plan, integrator)
    found = [section.nseg for section in engine._h.allsec()]
    assert found == list(coarse.segment_counts)
    assert same(run(engine, fine, plan, integrator), before)
    # Less than a segment's difference: the same sections, painted again.
    assert recipe(70.5).frame == coarse.frame


def test_with_the_same_frame_the_sections_stay(engine: NeuronEngine, hay: MechanismSet) -> None:
    """Else the test above would compare new cells with new cells."""
    plan, integrator = protocol(5), fixed_step(0.025)
    run(engine, ball_and_stick(hay), plan, integrator)
    [soma, dendrite] = engine._h.allsec()
    run(engine, ball_and_stick(hay, g_pas=5e-4), plan, integrator)
    assert [soma, dendrite] == list(engine._h.allsec())
    assert soma.g_pas == 5e-4
