"""NEURON is global to its process: nothing leaks into a run, nothing is left behind."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import ball_and_stick, protocol, run, same, step
from workbench.cells import CellRecipe
from workbench.engines import Failure, Integrator, Job, fixed_step
from workbench.engines.neuron import NeuronEngine, door
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet
from workbench.studies import Study

INTEGRATORS = [
    Integrator(atol=1e-4),
    fixed_step(0.025),
    fixed_step(0.05, order=2),
    fixed_step(0.025, engine="coreneuron"),
]
PLAN = protocol(30, step(0.3, 5, 20))

# As NEURON 9.0.2 gives them in a new process.
UNTOUCHED = {
    "celsius": 6.3,
    "dt": 0.025,
    "secondorder": 0,
    "v_init": -65,
    "t": 0,
    "cvode.active": 0,
    "cvode.atol": 1e-3,
    "cvode.rtol": 0,
    "cvode.maxorder": 5,
    "cvode.minstep": 0,
    "cvode.maxstep": 1e9,
    "cvode.jacobian": 0,
    "cvode.stiff": 2,
    "cvode.condition_order": 1,
    "cvode.use_local_dt": 0,
    "coreneuron.enable": False,
    "coreneuron.gpu": False,
    "coreneuron.file_mode": False,
    "coreneuron.cell_permute": 0,
    "coreneuron.verbose": 2,
    "IClamp": 0,
    "NetCon": 0,
    "Vector": 0,
}


def state(h: Any) -> dict[str, float]:
    from neuron import coreneuron

    cvode = h.CVode()
    found: dict[str, float] = {}
    for name in UNTOUCHED:
        room, _, setting = name.rpartition(".")
        if room == "cvode":
            found[name] = getattr(cvode, setting)()
        elif room == "coreneuron":
            found[name] = getattr(coreneuron, setting)
        elif name == "Vector":
            # Those that wait for the next run are empty and record nothing.
            assert not any(vector.size() for vector in door._vectors)
            found[name] = h.List(name).count() - len(door._vectors)
        elif name[0].isupper():
            found[name] = h.List(name).count()
        else:
            found[name] = getattr(h, name)
    return found


@pytest.fixture
def h(engine: NeuronEngine) -> Iterator[Any]:
    """NEURON, put back as it starts whatever a test did to it."""
    yield engine._h
    with door.conditions(engine._h, Integrator(), 6.3, -65.0):
        pass


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=str)
def test_a_batch_leaves_only_the_kept_cells(
    engine: NeuronEngine, h: Any, hay: MechanismSet, integrator: Integrator
) -> None:
    recipe = ball_and_stick(hay)
    engine([Job(recipe, PLAN, integrator)] * 2)
    assert state(h) == UNTOUCHED
    cells = 2 if integrator.engine == "coreneuron" else 1
    assert [section.name() for section in h.allsec()] == list(recipe.morphology.names) * cells
    engine.close()
    assert list(h.allsec()) == []


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=str)
def test_a_failure_leaves_no_more(
    engine: NeuronEngine, h: Any, hay: MechanismSet, integrator: Integrator
) -> None:
    [outcome] = engine([Job(ball_and_stick(hay), protocol(30, step(1e6)), integrator)])
    assert isinstance(outcome, Failure)
    assert state(h) == UNTOUCHED


def test_an_error_that_is_kept_leaves_no_more(
    engine: NeuronEngine, h: Any, hay: MechanismSet
) -> None:
    """Its traceback knows the frames of the run: clamps must not live in them."""
    recipe, integrator = ball_and_stick(hay), fixed_step(0.025)
    reference = run(engine, recipe, PLAN, integrator)
    errors = []
    wrong = protocol(30, step(0.3), step(0.1), variable="gone")
    for _ in range(2):
        try:
            engine([Job(recipe, wrong, integrator)])
        except EngineError as error:
            errors.append(error)
    assert len(errors) == 2
    assert state(h) == UNTOUCHED
    assert same(run(engine, recipe, PLAN, integrator), reference)


def test_a_cell_that_cannot_be_built_leaves_no_sections(
    engine: NeuronEngine, h: Any, hay: MechanismSet
) -> None:
    recipe = ball_and_stick(hay)
    broken = CellRecipe("broken", recipe.morphology, inserted=(("all", "no_such"),))
    try:
        engine([Job(broken, PLAN, Integrator())])
    except EngineError as error:
        kept = error
    assert "no_such" in str(kept)
    assert list(h.allsec()) == []


def disturb(h: Any) -> None:
    """Set everything that a run depends on, as somebody else's script might."""
    from neuron import coreneuron

    h.celsius, h.dt, h.secondorder, h.v_init, h.t = 20.0, 0.2, 2, -50.0, 7.0
    cvode = h.CVode()
    cvode.active(True)
    cvode.atol(0.1)
    cvode.rtol(0.01)
    cvode.maxorder(1)
    cvode.minstep(0.01)
    cvode.maxstep(0.05)
    cvode.jacobian(2)
    cvode.stiff(1)
    cvode.condition_order(2)
    cvode.use_local_dt(1)
    coreneuron.enable = True


@pytest.mark.parametrize("integrator", INTEGRATORS, ids=str)
def test_foreign_settings_change_nothing(
    engine: NeuronEngine, h: Any, hay: MechanismSet, integrator: Integrator
) -> None:
    from neuron import coreneuron

    recipe = ball_and_stick(hay)
    reference = run(engine, recipe, PLAN, integrator)
    # With the kept cell: without sections NEURON does not take use_local_dt.
    disturb(h)
    assert h.CVode().use_local_dt()
    try:
        disturbed = run(engine, recipe, PLAN, integrator)
    finally:
        coreneuron.enable = False
    assert same(disturbed, reference)
    assert state(h) == UNTOUCHED


def test_a_foreign_permutation_changes_nothing(engine: NeuronEngine, h: Any, l5pc: Study) -> None:
    """CoreNEURON's other order of nodes has other last digits, on a cell with many branches."""
    from neuron import coreneuron

    recipe = l5pc.problem.recipe.with_values(l5pc.values("release"))
    plan, integrator = protocol(20, step(2.0, 2)), fixed_step(0.025, engine="coreneuron")
    reference = run(engine, recipe, plan, integrator)
    coreneuron.cell_permute = 1
    try:
        disturbed = run(engine, recipe, plan, integrator)
        assert coreneuron.cell_permute == 1
    finally:
        coreneuron.cell_permute = 0
    assert same(disturbed, reference)


def test_a_cell_that_somebody_deleted(engine: NeuronEngine, h: Any, hay: MechanismSet) -> None:
    recipe = ball_and_stick(hay)
    reference = run(engine, recipe, PLAN, Integrator())
    for section in list(h.allsec()):
        h.delete_section(sec=section)
    engine.close()
    assert same(run(engine, recipe, PLAN, Integrator()), reference)


def test_foreign_sections_are_refused(engine: NeuronEngine, h: Any, hay: MechanismSet) -> None:
    """They would be simulated too, and move the steps of CVODE."""
    foreign = h.Section(name="foreign")
    with pytest.raises(EngineError, match="1 sections besides those of ball and stick"):
        engine([Job(ball_and_stick(hay), PLAN, Integrator())])
    h.delete_section(sec=foreign)
    run(engine, ball_and_stick(hay), PLAN, Integrator())


def test_two_engines_in_one_process_keep_one_cell(
    engine: NeuronEngine, h: Any, hay: MechanismSet
) -> None:
    """A worker that serves two problems must give the scores of a worker that serves one."""
    other_engine = NeuronEngine(engine._build)
    one = ball_and_stick(hay)
    other = one.with_morphology(one.morphology.__class__("stick", one.morphology.sections[:1]))
    other = CellRecipe(
        "ball",
        other.morphology,
        other.mechanisms,
        tuple(pair for pair in other.inserted if pair[0] != "basal"),
        tuple(paint for paint in other.paint if paint.region != "basal"),
        celsius_degC=34.0,
    )
    integrator = Integrator(atol=1e-4)
    alone = run_in_children([Job(one, PLAN, integrator)])[0]
    for _ in range(2):
        assert same(run(engine, one, PLAN, integrator), alone)
        run(other_engine, other, PLAN, integrator)
        assert len(list(h.allsec())) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow(engine: NeuronEngine, hay: MechanismSet) -> None:
    """At most 1 kB an evaluation: NEURON keeps about 0.1 kB of each Vector that it made."""

    def evaluate(count: int) -> int:
        for k in range(count):
            run(engine, ball_and_stick(hay, g_pas=1e-4 * (1 + 1e-3 * k)), PLAN, fixed_step(0.025))
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    before = evaluate(200)
    after = evaluate(600)
    assert (after - before) / 600 < 1024
