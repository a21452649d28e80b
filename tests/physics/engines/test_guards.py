"""What CoreNEURON would abort on or get wrong is refused by name, and leaves the process usable.

A recipe cannot ask for most of it; somebody else in the process can. Unguarded, most of these
tests would end the process of the tests.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.physics.engines.small_cells import (
    ball_and_stick,
    hh_patch,
    protocol,
    run,
    same,
    step,
    voltage,
)
from workbench.cells import CellRecipe
from workbench.engines import Integrator, Job, fixed_step, gpus
from workbench.engines.neuron import NeuronEngine, build_for, door, guards
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Traces

IN_CORE = fixed_step(0.025, engine="coreneuron")
PLAN = protocol(30, step(0.3, 5, 20))

Run = Callable[[], Traces]


@pytest.fixture
def again(engine: NeuronEngine, hay: MechanismSet) -> Iterator[Run]:
    """Run a cell that is kept, so that somebody else can mount something on it."""
    cell = ball_and_stick(hay)
    before = run(engine, cell, PLAN, IN_CORE)
    yield lambda: run(engine, cell, PLAN, IN_CORE)
    assert same(run(engine, cell, PLAN, IN_CORE), before), "the process was not left usable"


@pytest.fixture
def soma(again: Run, engine: NeuronEngine) -> Any:
    return next(iter(engine._h.allsec()))


@pytest.mark.parametrize("name", ["VClamp", "APCount", "AlphaSynapse", "OClamp"])
def test_a_point_process_that_coreneuron_lacks(
    again: Run, engine: NeuronEngine, soma: Any, name: str
) -> None:
    mounted = getattr(engine._h, name)(soma(0.5))
    with pytest.raises(EngineError, match=rf"no point process {name}.*soma.*IClamp.*'neuron'"):
        again()
    del mounted


def test_an_artificial_cell_that_coreneuron_lacks(again: Run, engine: NeuronEngine) -> None:
    cell = engine._h.IntFire1()
    with pytest.raises(EngineError, match="no point process IntFire1"):
        again()
    del cell


def test_point_processes_that_coreneuron_has(
    engine: NeuronEngine, again: Run, soma: Any, hay: MechanismSet
) -> None:
    def ours() -> Traces:
        return run(engine, ball_and_stick(hay), PLAN, fixed_step(0.025))

    h, quiet = engine._h, ours()
    synapse, source = h.ExpSyn(soma(0.5)), h.NetStim()
    source.start, source.number = 3, 2
    connection = h.NetCon(source, synapse, 0, 1, 5e-3)
    difference = abs(voltage(again()) - voltage(ours())).max()
    moved = abs(voltage(ours()) - voltage(quiet)).max()
    del connection, source, synapse
    assert difference < 1e-6
    assert moved > 1, "no event arrived"


@pytest.mark.parametrize("suffix", ["extracellular", "fastpas"])
def test_a_mechanism_that_coreneuron_lacks(engine: NeuronEngine, suffix: str) -> None:
    cell = CellRecipe(
        "ball",
        cylinder_tree("ball", [Cylinder("somatic", 20, 20)]),
        inserted=(("all", "pas"), ("all", suffix)),
    )
    with pytest.raises(EngineError, match=f"no mechanism {suffix}, which is inserted in soma"):
        engine([Job(cell, PLAN, IN_CORE)])
    run(engine, cell, PLAN, fixed_step(0.025))


def test_equations_beside_the_cables(
    again: Run, engine: NeuronEngine, soma: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    h = engine._h
    c, g, y, b, x = h.Matrix(1, 1), h.Matrix(1, 1), h.Vector(1), h.Vector(1), h.Vector([0.5])
    g.setval(0, 0, 1.0)
    mounted = h.LinearMechanism(c, g, y, b, x, sec=soma)
    with pytest.raises(EngineError, match="cannot run LinearMechanism"):
        again()
    del mounted
    from neuron import nonvint_block_supervisor

    monkeypatch.setattr(nonvint_block_supervisor, "call", [print])
    with pytest.raises(EngineError, match=r"cannot run reaction and diffusion \(neuron.rxd\)"):
        again()
    monkeypatch.undo()


def record_at_intervals(h: Any, soma: Any) -> Any:
    return h.Vector().record(soma(0.5)._ref_v, 0.1)


def record_at_times(h: Any, soma: Any) -> Any:
    times = h.Vector([1, 2, 3])
    return times, h.Vector().record(soma(0.5)._ref_v, times)


def play_in_steps(h: Any, soma: Any) -> Any:
    clamp, times, values = h.IClamp(soma(0.5)), h.Vector([0, 1, 2]), h.Vector([0, 1, 0])
    clamp.dur = 1e9
    values.play(clamp._ref_amp, times)
    return clamp, times, values


def play_at_intervals(h: Any, soma: Any) -> Any:
    clamp, values = h.IClamp(soma(0.5)), h.Vector([0, 1, 0])
    clamp.dur = 1e9
    values.play(clamp._ref_amp, 0.5)
    return clamp, values


def call_python(h: Any, soma: Any) -> Any:
    return h.FInitializeHandler(lambda: h.CVode().event(3, lambda: None))


@pytest.mark.parametrize(
    ("mount", "named"),
    [
        (record_at_intervals, "recorded at intervals or at given times.*resample"),
        (record_at_times, "recorded at intervals or at given times.*resample"),
        (play_in_steps, "played in steps.*continuous = True"),
        (play_at_intervals, "played in steps.*continuous = True"),
        (call_python, "call of the interpreter.*remove it"),
    ],
)
def test_events_that_coreneuron_cannot_keep(
    again: Run, engine: NeuronEngine, soma: Any, mount: Callable[[Any, Any], Any], named: str
) -> None:
    mounted = mount(engine._h, soma)
    with pytest.raises(EngineError, match=named):
        again()
    del mounted


def test_a_waveform_is_played(again: Run, engine: NeuronEngine, soma: Any) -> None:
    h = engine._h
    clamp, times, values = h.IClamp(soma(0.5)), h.Vector([0, 10, 30]), h.Vector([0, 0.2, 0])
    clamp.dur = 1e9
    values.play(clamp._ref_amp, times, True)
    assert voltage(again()).max() > -60
    del values, times, clamp


def test_a_global_that_changed(
    again: Run, engine: NeuronEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CoreNEURON would compute with the first value, here with the table of hh's rates."""

    def patch(integrator: Integrator) -> Traces:
        return run(engine, hh_patch(), protocol(5), integrator)

    in_neuron = fixed_step(0.025)
    ours, theirs = patch(in_neuron), patch(IN_CORE)
    engine._h.usetable_hh = 0
    try:
        with pytest.raises(EngineError, match=r"usetable_hh is 0.0 and was 1.0 when CoreNEURON"):
            again()
        monkeypatch.setattr(guards, "check_process", lambda *_: None)
        assert not same(patch(in_neuron), ours)
        assert same(patch(IN_CORE), theirs)
    finally:
        engine._h.usetable_hh = 1
        monkeypatch.undo()


CHANNEL = """\
NEURON {{ {kind} NONSPECIFIC_CURRENT i RANGE g {more} }}
PARAMETER {{ g = 0.001 (S/cm2) e = -50 (mV) }}
ASSIGNED {{ v (mV) i (mA/cm2) {assigned} }}
BREAKPOINT {{ {before}
    i = g * (v - e) }}
"""
UNSAFE: Mapping[str, tuple[Mapping[str, str], str]] = {
    "an assigned GLOBAL": (
        {"more": "GLOBAL gain", "assigned": "gain", "before": "gain = 2"},
        r"odd.mod:4: GLOBAL gain is assigned in .*BREAKPOINT; move gain from GLOBAL to RANGE",
    ),
    "a POINTER": (
        {"more": "POINTER other", "assigned": "other (mV)"},
        r"odd.mod:\d: POINTER other",
    ),
    "VERBATIM": ({"before": "VERBATIM\n ;\nENDVERBATIM"}, r"odd.mod:4: VERBATIM"),
}


def written(folder: Path, **parts: str) -> MechanismSet:
    folder.mkdir(exist_ok=True)
    filled = {"kind": "SUFFIX odd", "more": "", "assigned": "", "before": ""} | parts
    (folder / "odd.mod").write_text(CHANNEL.format(**filled))
    return read_mechanisms(folder)


@pytest.mark.parametrize("what", UNSAFE)
def test_mechanisms_that_the_lint_knows_better(tmp_path: Path, what: str) -> None:
    """Before anything is compiled."""
    parts, expected = UNSAFE[what]
    cell = CellRecipe("one", hh_patch().morphology, (written(tmp_path / "mod", **parts),))
    with pytest.raises(EngineError, match=f"(?s)CoreNEURON cannot run.*{expected}.*'neuron'"):
        build_for(cell, IN_CORE)


def test_what_a_file_accepts_is_accepted(tmp_path: Path) -> None:
    _, refused = UNSAFE["a POINTER"]
    more = "\n: lint: accept pointer - set to a RANGE variable of hh\nPOINTER other\n"
    one = written(tmp_path / "mod", more=more, assigned="other (mV)")
    guards.check_mechanisms([one], gpu=False)
    with pytest.raises(EngineError, match=refused):
        guards.check_mechanisms([written(tmp_path / "2", more="POINTER other")], gpu=False)


def test_a_table_matters_on_a_gpu_alone(tmp_path: Path) -> None:
    table = "TABLE e FROM -100 TO 100 WITH 200"
    one = written(tmp_path / "mod", before=f"rates(v)\n}}\nPROCEDURE rates(v) {{ {table}")
    guards.check_mechanisms([one], gpu=False)
    with pytest.raises(EngineError, match="TABLE"):
        guards.check_mechanisms([one], gpu=True)


def test_neuron_has_no_gpu() -> None:
    with pytest.raises(EngineError, match="only engine = 'coreneuron' and engine = 'population'"):
        Integrator(gpu=True)


@pytest.mark.parametrize(
    ("built", "count", "said"),
    [
        ({"CORENRN_ENABLE_GPU": False, "CORENRN_ENABLE_SHARED": True}, 1, "without GPU support"),
        ({"CORENRN_ENABLE_GPU": True, "CORENRN_ENABLE_SHARED": False}, 1, "static CoreNEURON"),
        ({"CORENRN_ENABLE_GPU": True, "CORENRN_ENABLE_SHARED": True}, 0, "finds no GPU"),
    ],
)
def test_a_gpu_that_is_not_there(
    built: Mapping[str, bool], count: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert built.keys() <= door.configuration().keys()
    monkeypatch.setattr(door, "configuration", lambda: built)
    monkeypatch.setattr(gpus, "count_gpus", lambda: count)
    with pytest.raises(EngineError, match=said):
        build_for(hh_patch(), Integrator("coreneuron", 0.025, atol=None, gpu=True))


def test_a_gpu_is_asked_for(engine: NeuronEngine) -> None:
    """What NEURON tells CoreNEURON; every run on the processor tells it otherwise."""
    from neuron import coreneuron

    on_gpu = Integrator("coreneuron", 0.025, atol=None, gpu=True)
    for integrator, expected in ((IN_CORE, False), (on_gpu, True), (IN_CORE, False)):
        with door.solver(engine._build, integrator):
            asked = coreneuron.nrncore_arg(10)
        assert ("--gpu" in asked) == expected
        assert f"--cell-permute {int(expected)} " in asked
        assert not coreneuron.gpu
        assert coreneuron.cell_permute == 0
