"""What a mechanism keeps beside its STATEs does not reach the next run; what would is refused."""

from pathlib import Path

import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import protocol, same, step
from workbench.cells import CellRecipe, Paint
from workbench.engines import Integrator, Job, adaptive_step, fixed_step
from workbench.engines.neuron import check
from workbench.engines.neuron.conduct import conduct_of
from workbench.errors import EngineError, WorkerError
from workbench.mechanisms import read_mechanisms, shipped_mechanisms
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Traces

LEAK = """\
NEURON {{ SUFFIX {suffix} NONSPECIFIC_CURRENT i RANGE gbar {declared} }}
PARAMETER {{ gbar = 1e-4 (S/cm2) e = -60 (mV) {parameter} }}
ASSIGNED {{ v (mV) i (mA/cm2) {assigned} }}
{more}
INITIAL {{ {initial} }}
BREAKPOINT {{ {before}
    i = gbar*(v - e){factor} }}
"""
# Each makes the second run of a process another one than the first.
FORGETFUL = {
    "scaled": {"initial": "gbar = gbar*1.5"},
    "counted": {"assigned": "runs", "initial": "runs = runs + 1", "factor": "*runs"},
    "shared": {"parameter": "gain = 1", "initial": "gain = gain*1.5", "factor": "*gain"},
    "read_first": {
        "declared": "GLOBAL runs",
        "assigned": "runs",
        "initial": "runs = runs + 1",
        "factor": "*runs",
    },
}
STEPPED = {"assigned": "seen", "before": "if (v > -55) { seen = 1 }", "factor": "*(1 + seen)"}
INTEGRATORS = {
    "fixed": fixed_step(0.025),
    "CVODE": Integrator(),
    "adaptive": adaptive_step(0.01),
    "CoreNEURON": fixed_step(0.025, engine="coreneuron"),
}
GATE = """\
NEURON {{ SUFFIX gate NONSPECIFIC_CURRENT i RANGE gbar }}
PARAMETER {{ gbar = 1e-4 (S/cm2) e = -60 (mV) dt (ms) }}
ASSIGNED {{ v (mV) i (mA/cm2) minf }}
STATE {{ m }}
INITIAL {{ rates() m = minf }}
BREAKPOINT {{ {states} i = gbar*m*(v - e) }}
PROCEDURE states() {{ rates()
    {moves} }}
PROCEDURE rates() {{ minf = 1/(1 + exp(-(v + 60)/5)) }}
"""
BY_HAND = "m = m + (1 - exp(-dt/10))*(minf - m)"


def cell(folder: Path, *suffixes: str, gbar: float = 1e-4) -> CellRecipe:
    return CellRecipe(
        "one",
        cylinder_tree("one", [Cylinder("somatic", 20, 20)]),
        mechanisms=(read_mechanisms(folder),),
        inserted=(("all", "pas"), *(("all", suffix) for suffix in suffixes)),
        paint=tuple(Paint(f"gbar_{suffix}", "all", gbar) for suffix in suffixes),
    )


def write(folder: Path, suffix: str, text: str = LEAK, **parts: str) -> None:
    empty = dict.fromkeys(
        ("declared", "parameter", "assigned", "more", "initial", "before", "factor"), ""
    )
    folder.mkdir(exist_ok=True)
    (folder / f"{suffix}.mod").write_text(text.format(**{"suffix": suffix, **empty, **parts}))


@pytest.mark.parametrize("name", INTEGRATORS)
def test_a_run_is_that_of_a_new_process(tmp_path: Path, name: str) -> None:
    """In CoreNEURON without the GLOBALs, which its guards refuse."""
    kinds = dict(FORGETFUL)
    if name == "CoreNEURON":
        del kinds["shared"], kinds["read_first"]
    if name != "adaptive":
        kinds["stepped"] = STEPPED
    for suffix, parts in kinds.items():
        write(tmp_path / "mod", suffix, **parts)
    plan = protocol(30, step(0.1, 10, 10))
    a, b = (Job(cell(tmp_path / "mod", *kinds, gbar=g), plan, INTEGRATORS[name]) for g in (1e-4, 3))
    [fresh] = run_in_children([a])
    first, second, _, third = run_in_children([a, a, b, a])
    assert isinstance(fresh, Traces)
    for outcome in (first, second, third):
        assert isinstance(outcome, Traces)
        assert same(outcome, fresh)


def test_steps_made_by_hand_are_for_fixed_steps_only(tmp_path: Path) -> None:
    """CVODE gives -58.013 mV instead of -57.998 in such a cell, without a word of NEURON's."""
    accepted = f": lint: accept state-outside-derivative - as published\n{BY_HAND}"
    for number, moves in enumerate((BY_HAND, accepted)):
        folder = tmp_path / str(number)
        write(folder, "gate", GATE, states="states()", moves=moves)
        recipe = cell(folder, "gate")
        check(recipe, (), fixed_step(0.025))
        for integrator in (Integrator(), adaptive_step(0.01)):
            with pytest.raises(EngineError, match=r"gate.mod.*STATE m moved by hand .*dt_ms"):
                check(recipe, (), integrator)


def test_a_state_that_is_computed_afresh_is_not_moved(tmp_path: Path) -> None:
    write(tmp_path / "mod", "gate", GATE, states="states()", moves="m = minf")
    for integrator in INTEGRATORS.values():
        check(cell(tmp_path / "mod", "gate"), (), integrator)


def test_what_neuron_cannot_use_with_cvode_is_an_error_of_ours(tmp_path: Path) -> None:
    """Here nothing is moved: NEURON refuses each PROCEDURE that is SOLVEd."""
    write(tmp_path / "mod", "gate", GATE, states="SOLVE states", moves="m = minf")
    text = (tmp_path / "mod" / "gate.mod").read_text()
    text = text.replace("STATE { m }", "").replace(" minf }", " minf m }", 1)
    (tmp_path / "mod" / "gate.mod").write_text(text)
    job = Job(cell(tmp_path / "mod", "gate"), protocol(5), Integrator())
    with pytest.raises((EngineError, WorkerError), match="gate cannot be used with CVODE"):
        run_in_children([job])


def test_what_nobody_can_put_back_is_refused(tmp_path: Path) -> None:
    parts = {"more": "LOCAL runs", "initial": "runs = runs + 1", "factor": "*runs"}
    write(tmp_path / "mod", "hidden", **parts)
    with pytest.raises(
        EngineError,
        match=r"hidden.mod \(mechanism hidden\) changes runs, a LOCAL of the whole file",
    ):
        check(cell(tmp_path / "mod", "hidden"), (), fixed_step(0.025))
    comment = "\n: lint: accept file-level-local - the same in each run\n"
    write(tmp_path / "mod", "hidden", **{**parts, "initial": comment + parts["initial"]})
    check(cell(tmp_path / "mod", "hidden"), (), fixed_step(0.025))


def test_a_global_that_coreneuron_would_carry_on_is_refused(tmp_path: Path) -> None:
    accepted = "\n: lint: accept assigned-global - of one segment only\n"
    parts = {"declared": "GLOBAL seen", **STEPPED, "initial": "seen = 0"}
    write(tmp_path / "mod", "kept", **{**parts, "before": accepted + parts["before"]})
    recipe = cell(tmp_path / "mod", "kept")
    text = (tmp_path / "mod" / "kept.mod").read_text()
    text = text.replace("INITIAL { ", f"INITIAL {{ {accepted}")
    (tmp_path / "mod" / "kept.mod").write_text(text)
    recipe = cell(tmp_path / "mod", "kept")
    check(recipe, (), fixed_step(0.025))
    with pytest.raises(EngineError, match=r"kept.mod, which changes the GLOBAL seen"):
        check(recipe, (), fixed_step(0.025, engine="coreneuron"))


@pytest.mark.parametrize("name", shipped_mechanisms())
def test_cells_of_the_shipped_sets_are_kept(name: str) -> None:
    one = read_mechanisms(name)
    suffixes = [m.suffix for m in one.mechanisms if m.kind == "density"]
    recipe = CellRecipe(
        "one",
        cylinder_tree("one", [Cylinder("somatic", 20, 20)]),
        mechanisms=(one,),
        inserted=tuple(("all", suffix) for suffix in suffixes),
    )
    conduct = conduct_of(recipe)
    assert [v.suffix for _, v in conduct.verdicts] == suffixes
    assert not conduct.remembers
    assert conduct.put_back == ()
    for integrator in INTEGRATORS.values():
        check(recipe, (), integrator)
