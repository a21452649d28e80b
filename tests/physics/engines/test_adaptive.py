"""Steps that follow the voltage: as exact as asked for, and refused where blind."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.cells import cell_of
from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import (
    CM2_PER_UM2,
    RESTING_mV,
    ball_and_stick,
    crossings_ms,
    hh_patch,
    passive,
    protocol,
    run,
    step,
    voltage,
)
from workbench.cells import MaximalLength
from workbench.engines import (
    Failure,
    FailureKind,
    Integrator,
    Job,
    adaptive_step,
    fixed_step,
)
from workbench.engines.neuron import NeuronEngine, build_for, check
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder
from workbench.protocols import Traces
from workbench.studies import load_study

ROOT = Path(__file__).parents[3]
PRECISE = Integrator(atol=1e-7, steps_per_ms=2000)


def farthest_ms(
    engine: NeuronEngine, recipe, plan, integrator: Integrator, least: int = 4
) -> float:
    """How far the spikes are from those of CVODE at 1e-7."""
    true, found = (crossings_ms(run(engine, recipe, plan, i), -20.0) for i in (PRECISE, integrator))
    assert true.size >= least
    assert found.size == true.size
    return float(np.abs(found - true).max())


def test_a_spiking_cell_converges_in_third_order(engine: NeuronEngine, hay: MechanismSet) -> None:
    """A local error h^4 that is a thousandth means a 178th of the error."""
    plan = protocol(100, step(0.4, 10, 85))
    errors = [
        farthest_ms(engine, ball_and_stick(hay), plan, replace(adaptive_step(mV), steps_per_ms=999))
        for mV in (1e-2, 1e-5)
    ]
    assert errors[0] < 0.3
    assert errors[1] < max(errors[0] / 50, 2e-3)


def test_a_train_of_333_hz_brings_no_spike_of_its_own(engine: NeuronEngine) -> None:
    """Each pulse jumps twice, and the scheme begins anew at each jump."""
    recipe = hh_patch()
    for amplitude_nA in (1.5, 2.0, 3.0):
        plan = protocol(60, *(step(amplitude_nA, 10 + 3.003 * i, 1.0) for i in range(15)))
        assert farthest_ms(engine, recipe, plan, adaptive_step(0.02), least=2) < 0.5
        assert farthest_ms(engine, recipe, plan, adaptive_step(0.0005), least=2) < 0.1


def test_steps_are_long_where_nothing_happens(engine: NeuronEngine, hay: MechanismSet) -> None:
    plan = protocol(400, step(0.4, 150, 5))
    t_ms = run(engine, ball_and_stick(hay), plan, adaptive_step(0.01)).t_ms
    steps_ms, at_ms = np.diff(t_ms), t_ms[1:]
    assert steps_ms[(at_ms > 100) & (at_ms < 150)].max() > 2
    assert steps_ms[(at_ms > 152) & (at_ms < 156)].max() < 0.5
    assert t_ms.size < 1000


@pytest.mark.parametrize("amplitude_nA", [1e-4, 1e-2, 0.1])
def test_a_stimulus_does_not_act_before_it_begins_nor_after_it_ended(
    engine: NeuronEngine, amplitude_nA: float
) -> None:
    """A passive patch charges by I R (1 - exp(-t / tau)) from the onset on."""
    recipe = passive([Cylinder("somatic", 20, 20)], MaximalLength(40), g_S_per_cm2=1e-4)
    trace = run(engine, recipe, protocol(400, step(amplitude_nA, 100, 100)), adaptive_step(0.02))
    area_cm2, tau_ms = np.pi * 20 * 20 * CM2_PER_UM2, 10.0
    height_mV = amplitude_nA * 1e-6 / (1e-4 * area_cm2)
    since_ms, after_ms = (np.clip(trace.t_ms - at, 0, None) for at in (100, 200))
    charged = np.exp(-after_ms / tau_ms) - np.exp(-since_ms / tau_ms)
    true = RESTING_mV + height_mV * charged
    assert np.abs(voltage(trace) - true).max() < 0.02


def test_a_step_ends_where_a_stimulus_jumps(engine: NeuronEngine) -> None:
    plan = protocol(50.3, step(1.0, 7.123, 11.1), step(0.1, 20, 1e9))
    t_ms = run(engine, hh_patch(), plan, adaptive_step(0.01)).t_ms
    for jump_ms in (7.123, 7.123 + 11.1, 20.0, 50.3):
        assert jump_ms in t_ms
    assert (np.diff(t_ms) > 0).all()


def test_what_a_jump_leaves_in_short_segments_does_not_keep_steps_short(
    engine: NeuronEngine, hay: MechanismSet
) -> None:
    """In depolarisation block a stiff cell is straight: Crank-Nicolson would ring for ever."""
    recipe = ball_and_stick(hay, gSKv3_1bar_SKv3_1=0.01, gCa_HVAbar_Ca_HVA=0.0)
    plan = protocol(600, step(0.5, 10, 590))
    late_ms = {}
    for integrator in (adaptive_step(0.005), Integrator()):
        traces = run(engine, recipe, plan, integrator)
        assert voltage(traces)[-1] > -40, "it is not blocked"
        late_ms[integrator] = np.median(np.diff(traces.t_ms[traces.t_ms > 400]))
    ours_ms, cvode_ms = late_ms.values()
    assert ours_ms > 1.5 * cvode_ms


def test_native_steps_are_the_same_scheme(hay: MechanismSet) -> None:
    plan = protocol(100, step(0.4, 10, 85))
    jobs = [
        [Job(ball_and_stick(hay), plan, adaptive_step(1e-3, native=native))]
        for native in (False, True)
    ]
    [plain], [native] = map(run_in_children, jobs)
    assert isinstance(plain, Traces)
    assert isinstance(native, Traces)
    np.testing.assert_allclose(crossings_ms(native, -20), crossings_ms(plain, -20), atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "params", "which", "parameters", "step_error_mV"),
    [
        ("hay_l5b", "biophys3", "step", {"amplitude_nA": 0.793, "duration_ms": 1200}, 1e-5),
        (
            "traub_ca3",
            "published",
            "constant_current",
            {"amplitude_nA": 0.2, "duration_ms": 300},
            1e-5,
        ),
        # Slow pools keep what was off for hundreds of ms.
        ("halnes_in", "P1", "step", {"amplitude_nA": 0.07, "duration_ms": 1900}, 2e-6),
    ],
)
def test_the_named_models_spike_when_cvode_says(
    name, params, which, parameters, step_error_mV
) -> None:
    cell_of(name)
    study = load_study(name).with_params(params)
    recipe = study.problem.recipe.with_values(study.values(params))
    plan = study.protocol(which).with_parameters(parameters)
    voltages = tuple(r for r in plan.recordings if r.variable == "v")
    plan = replace(plan, recordings=voltages)
    fine = replace(adaptive_step(step_error_mV), steps_per_ms=999)
    jobs = [Job(recipe, plan, integrator) for integrator in (Integrator(atol=1e-6), fine)]
    true, found = run_in_children(jobs)
    assert isinstance(true, Traces), true
    assert isinstance(found, Traces), found
    expected = crossings_ms(true, -20.0)
    assert expected.size >= 5
    np.testing.assert_allclose(crossings_ms(found, -20.0), expected, atol=0.1)


def test_a_budget_counts_what_is_taken_back_too(engine: NeuronEngine) -> None:
    plan = protocol(100, step(1.0, 10, 80))
    [outcome] = engine([Job(hh_patch(), plan, replace(adaptive_step(1e-7), steps_per_ms=1))])
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.TOO_MANY_STEPS
    assert outcome.message.startswith("100 steps led to ")


def test_a_recording_that_is_known_between_steps_is_refused(engine: NeuronEngine) -> None:
    plan = protocol(10, variable="m_hh")
    with pytest.raises(EngineError, match=r"test records soma\.m_hh; adaptive steps know voltages"):
        engine([Job(hh_patch(), plan, adaptive_step(0.01))])


GATE = """
NEURON {{
    SUFFIX gate
    RANGE x
    NONSPECIFIC_CURRENT i
    {declared}
}}
ASSIGNED {{ v (mV) i (mA/cm2) x }}
STATE {{ m }}
INITIAL {{ m = 0 }}
BREAKPOINT {{
    SOLVE {solved}
    i = 0
}}
{blocks}
"""
GATES = "DERIVATIVE gates { m' = (1 - m)/10 }"


def cell_with(folder: Path, **parts: str):
    told = {"declared": "", "solved": "gates METHOD cnexp", "blocks": GATES} | parts
    (folder / "gate.mod").write_text(GATE.format(**told))
    recipe = replace(hh_patch(), inserted=(("all", "gate"),))
    return replace(recipe, mechanisms=(read_mechanisms(folder),))


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ({"blocks": GATES + "\nVERBATIM\n/* */\nENDVERBATIM"}, "VERBATIM"),
        ({"declared": "POINTER x"}, "POINTER"),
        ({"blocks": GATES + "\nBEFORE STEP { x = x + 1 }"}, "BEFORE"),
        ({"solved": "gates", "blocks": "PROCEDURE gates() { m = m + 1 }"}, "without a METHOD"),
        ({"solved": "gates METHOD after_cvode"}, "SOLVE gates METHOD after_cvode"),
        ({"solved": "gates METHOD euler"}, "SOLVE gates METHOD euler"),
        ({"solved": "gates METHOD runge"}, "SOLVE gates METHOD runge"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_states_that_could_not_be_taken_back_are_refused(
    tmp_path: Path, parts: dict[str, str], what: str
) -> None:
    recipe = cell_with(tmp_path, **parts)
    with pytest.raises(EngineError, match="adaptive steps cannot advance") as caught:
        build_for(recipe, adaptive_step(0.01))
    assert f"gate.mod, which holds {what}" in str(caught.value).replace("SOLVE gates w", "w")
    assert "cvode_atol" in str(caught.value)


def test_what_begins_at_a_time_of_its_own_is_refused(tmp_path: Path) -> None:
    text = GATES.replace("(1 - m)", "((t > 30.3) - m)")
    with pytest.raises(EngineError, match=r"gate\.mod, which depends on t \(line 15.*of the prot"):
        build_for(cell_with(tmp_path, blocks=text), adaptive_step(0.01))


def test_what_is_solved_once_may_be_solved_in_any_way(tmp_path: Path) -> None:
    start = "LINEAR start { ~ m = 0.5 }"
    recipe = cell_with(tmp_path, blocks=f"{GATES}\n{start}")
    file = tmp_path / "gate.mod"
    file.write_text(file.read_text().replace("INITIAL { m = 0 }", "INITIAL { SOLVE start }"))
    check(replace(recipe, mechanisms=(read_mechanisms(tmp_path),)), (), adaptive_step(0.01))


CLOCK = """
NEURON {
    SUFFIX clock
    NONSPECIFIC_CURRENT i
}
PARAMETER { rate = 1 (/ms) }
ASSIGNED { i (mA/cm2) }
STATE { east north }
INITIAL { east = 1  north = 0 }
BREAKPOINT {
    SOLVE turn METHOD derivimplicit
    i = -1e-5*east
}
DERIVATIVE turn {
    east' = -rate*north
    north' = rate*east
}
"""


def test_what_moves_while_the_voltage_rests_is_seen(tmp_path: Path) -> None:
    """A current of 0.01 cos(t) uA/cm2 into 1 uF/cm2 and 10 ms moves it by half the step error."""
    (tmp_path / "clock.mod").write_text(CLOCK)
    recipe = passive([Cylinder("somatic", 20, 20)], MaximalLength(40), g_S_per_cm2=1e-4)
    recipe = replace(
        recipe,
        mechanisms=(read_mechanisms(tmp_path),),
        inserted=(*recipe.inserted, ("all", "clock")),
    )
    [traces] = run_in_children([Job(recipe, protocol(60), adaptive_step(0.02))])
    assert isinstance(traces, Traces)
    t_ms, k = traces.t_ms, 0.1
    swing_mV = 0.01 / (1 + k**2) * (k * np.cos(t_ms) + np.sin(t_ms) - k * np.exp(-k * t_ms))
    np.testing.assert_allclose(voltage(traces) - RESTING_mV, swing_mV, atol=1e-3)


def test_words_in_comments_are_harmless(tmp_path: Path) -> None:
    text = "COMMENT\nVERBATIM\nENDCOMMENT\n: a POINTER\n? BEFORE\n" + GATES
    text = "TITLE a gate, AFTER the paper\n" + text
    check(cell_with(tmp_path, blocks=text), (), adaptive_step(0.01))
    # The same file is no obstacle where it is not inserted.
    recipe = cell_with(tmp_path, declared="POINTER x")
    check(replace(recipe, inserted=()), (), adaptive_step(0.01))


HOLDING = """
from tests.physics.engines.small_cells import hh_patch, protocol
from workbench.engines import Job, adaptive_step
from workbench.engines.neuron import NeuronEngine
from workbench.errors import EngineError

engine = NeuronEngine(None)
job = Job(hh_patch(), protocol(5), adaptive_step(0.01))
engine([job])
h = engine._h
{mistake}
try:
    engine([job])
except EngineError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("mistake", "what"),
    [
        ("list(h.allsec())[0].insert('extracellular')", "extracellular or a LinearMechanism"),
        ("h.ParallelContext().nthread(2)", "several threads"),
        ("import neuron.nonvint_block_supervisor as s; s.register([None] * 10)", "reaction and"),
    ],
)
def test_what_the_process_holds_is_refused(mistake: str, what: str) -> None:
    """In a process of its own: NEURON keeps a sparse matrix that was needed once."""
    program = HOLDING.format(mistake=mistake)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert f"adaptive steps cannot advance {what}" in ended.stdout


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"atol": None}, "given: none"),
        ({"step_error_mV": 0.01}, "given: atol, step_error_mV"),
        ({"atol": None, "dt_ms": 0.1, "step_error_mV": 0.01}, "given: dt_ms, step_error_mV"),
        ({"atol": None, "step_error_mV": 0.0}, "step_error_mV is 0.0, it must be a number above"),
        ({"atol": None, "step_error_mV": 0.1, "order": 2}, "order belongs to a fixed step"),
        (
            {"engine": "coreneuron", "atol": None, "step_error_mV": 0.1},
            "CoreNEURON has no adaptive steps",
        ),
    ],
)
def test_integrators_that_cannot_be(given, says: str) -> None:
    with pytest.raises(EngineError, match=says):
        Integrator(**given)


def test_it_says_what_it_is() -> None:
    assert str(adaptive_step(0.005, native=True)) == ("NEURON (native), adaptive steps 0.005 mV")
    assert fixed_step(0.025) != adaptive_step(0.025)
