"""POINTERs read what a cell says they read.

Two compartments with a current into the first, and from the second a current g (v2 - v1) whose v1
comes by a POINTER, rest where G (v - E) = I, with the axial conductance between their middles.
"""

import re
from dataclasses import replace
from math import pi
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import RESTING_mV, passive, protocol, step
from tests.physics.engines.small_studies import read_small_study, small_study
from tests.system.command import REPOSITORY
from workbench.api import Pointer, load_cell, simulate
from workbench.cells import CellRecipe, MaximalLength, Placed, told
from workbench.engines import Integrator, Job, adaptive_step, fixed_step
from workbench.engines.neuron import check
from workbench.errors import EngineError, InputError
from workbench.exports.bluepyopt.limits import obstacles
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder
from workbench.protocols import Traces

PAGE = (REPOSITORY / "docs" / "synapses.md").read_text(encoding="utf-8")
[HALF] = re.findall(r"```nmodl\n(.*?)```", PAGE, re.DOTALL)
[WIRED] = re.findall(r"```toml\n(\[place.half\]\n.*?)```", PAGE, re.DOTALL)
DOUBLE = """\
NEURON { SUFFIX twofold NONSPECIFIC_CURRENT i POINTER seen }
UNITS { (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }
ASSIGNED { v (mV) i (mA/cm2) seen (S/cm2) }
BREAKPOINT { i = seen*(v + 70) }
"""
WRITES = """\
NEURON { SUFFIX writes POINTER seen }
ASSIGNED { v (mV) seen }
BREAKPOINT { seen = v }
"""
MODS = {"half": HALF, "twofold": DOUBLE, "writes": WRITES}
SOMA, DENDRITE = Cylinder("somatic", 20, 20), Cylinder("basal", 200, 2, 0)
READS_SOMA = Pointer("half", "pre", "soma(0.5)")
OWN = Pointer("twofold", "seen", variable="g_pas")


@pytest.fixture(scope="module")
def pointing(tmp_path_factory: pytest.TempPathFactory) -> MechanismSet:
    folder: Path = tmp_path_factory.mktemp("pointing")
    for name, text in MODS.items():
        (folder / f"{name}.mod").write_text(text)
    return read_mechanisms(folder)


@pytest.fixture(scope="module")
def two(pointing: MechanismSet) -> CellRecipe:
    recipe = passive([SOMA, DENDRITE], MaximalLength(1e3), g_S_per_cm2=1e-4)
    return replace(recipe, mechanisms=(pointing,))


@pytest.fixture(scope="module")
def coupled(two: CellRecipe) -> CellRecipe:
    half = Placed("half", "Half", "dend[0](0.5)", {"g": 2e-3})
    return replace(two, placed=(half,), pointers=(READS_SOMA,))


def areas_cm2() -> np.ndarray:
    return np.array([pi * one.diameter_um * one.length_um * 1e-8 for one in (SOMA, DENDRITE)])


def at_rest_mV(amplitude_nA: float, g_uS: float) -> np.ndarray:
    """Return both voltages when nothing changes any more; conductances in uS."""
    leaks = 1e-4 * areas_cm2() * 1e6
    halves_MOhm = [
        100 * 1e-2 * (one.length_um / 2) / (pi * one.diameter_um**2 / 4) for one in (SOMA, DENDRITE)
    ]
    axial = 1 / sum(halves_MOhm)
    conductances = np.array([[leaks[0] + axial, -axial], [-axial - g_uS, leaks[1] + axial + g_uS]])
    return RESTING_mV + np.linalg.solve(conductances, [amplitude_nA, 0.0])


@pytest.mark.parametrize("integrator", [fixed_step(0.025), Integrator(atol=1e-6)], ids=str)
def test_a_voltage_of_elsewhere(coupled: CellRecipe, integrator: Integrator) -> None:
    asked = protocol(400, step(0.05), sites={"soma": "soma(0.5)", "dend": "dend[0](0.5)"})
    # Another value in between, on whatever the worker keeps.
    others = [coupled.with_values({"g.half": g}) for g in (2e-3, 1e-2, 2e-3)]
    outcomes = run_in_children([Job(one, asked, integrator) for one in others])
    for outcome, g_uS in zip(outcomes, (2e-3, 1e-2, 2e-3), strict=True):
        assert isinstance(outcome, Traces)
        ends = [outcome[f"{name}.v"].values[-1] for name in ("soma", "dend")]
        assert ends == pytest.approx(at_rest_mV(0.05, g_uS), abs=1e-4)
    assert at_rest_mV(0.05, 2e-3) != pytest.approx(at_rest_mV(0.05, 1e-2), abs=0.1)


@pytest.mark.parametrize("integrator", [fixed_step(0.025), Integrator(atol=1e-6)], ids=str)
def test_a_variable_of_the_own_segment(two: CellRecipe, integrator: Integrator) -> None:
    """A leak that reads `g_pas` of its segment is that leak twice."""
    uneven = replace(
        two, paint=(*two.paint, replace(two.paint[0], region="basal")), segments=MaximalLength(30)
    ).with_values({"g_pas.basal": 3e-4})
    doubled = uneven.with_values({"g_pas.all": 2e-4, "g_pas.basal": 6e-4})
    read = replace(uneven, inserted=(*two.inserted, ("all", "twofold")), pointers=(OWN,))
    asked = protocol(60, step(0.05, 5, 30), sites={"end": "dend[0](1)"})
    one, other = run_in_children([Job(each, asked, integrator) for each in (read, doubled)])
    assert isinstance(one, Traces)
    assert isinstance(other, Traces)
    assert one["end.v"].values.max() > RESTING_mV + 1
    times_ms = np.linspace(0, 60, 200)
    found, expected = (
        np.interp(times_ms, each.t_ms, each["end.v"].values) for each in (one, other)
    )
    atol = 1e-9 if integrator.dt_ms else 1e-3
    np.testing.assert_allclose(found, expected, atol=atol)


def test_a_variable_of_what_is_placed(two: CellRecipe) -> None:
    leak = Placed("leak", "ExpSyn", ["soma(0.5)", "dend[0](0.5)"], {"weight": 1e-3})
    wired = Pointer("twofold", "seen", "leak[1]", "g")
    recipe = replace(two, inserted=(*two.inserted, ("somatic", "twofold")), placed=(leak,))
    check(replace(recipe, pointers=(wired,)), (), fixed_step(0.025))
    # No event has come: the conductance is 0, and the cell at rest.
    [rests] = run_in_children(
        [Job(replace(recipe, pointers=(wired,)), protocol(5), Integrator(atol=1e-3))]
    )
    assert isinstance(rests, Traces)
    assert rests["soma.v"].values == pytest.approx(RESTING_mV)


@pytest.mark.parametrize(
    ("pointer", "said"),
    [
        (None, r"half.mod \(mechanism Half\) reads POINTER pre .*\[pointers.Half\]"),
        (Pointer("hlaf", "pre", "soma(0.5)"), "did you mean 'half'"),
        (Pointer("half", "post", "soma(0.5)"), "POINTER that is only read.*pre"),
        (Pointer("half", "pre", "apic[0](0.5)"), "pointers.half.pre: .*apic"),
        (Pointer("half", "pre", "soma(0.5)", "cai"), "unknown variable there 'cai'"),
        (Pointer("half", "pre", variable="cai"), "unknown variable there 'cai'"),
        (Pointer("half", "pre", "half", "h"), "unknown variable there 'h'"),
        (Pointer("half", "pre", "nobody"), "nobody.*half"),
        (Pointer("writes", "seen", "soma(0.5)"), "POINTER that is only read"),
    ],
)
def test_what_is_refused(coupled: CellRecipe, pointer: Pointer | None, said: str) -> None:
    recipe = replace(coupled, inserted=(*coupled.inserted, ("all", "writes")))
    if pointer is None:
        recipe = replace(coupled, pointers=())
    else:
        recipe = replace(recipe, pointers=(pointer,))
    with pytest.raises((InputError, EngineError), match=said):
        check(recipe, (), fixed_step(0.025))


def test_one_that_is_set_twice(coupled: CellRecipe) -> None:
    twice = replace(coupled, pointers=(READS_SOMA, READS_SOMA))
    with pytest.raises(InputError, match=r"pointers\.half\.pre: it is set twice"):
        check(twice, (), fixed_step(0.025))


def test_one_that_is_set_for_some(coupled: CellRecipe) -> None:
    other = Placed("other", "Half", "soma(0.5)")
    with pytest.raises(EngineError, match="reads POINTER pre"):
        check(replace(coupled, placed=(*coupled.placed, other)), (), fixed_step(0.025))


@pytest.mark.parametrize(
    ("integrator", "said"),
    [
        (adaptive_step(0.02), "adaptive steps cannot advance .*half.mod.*POINTER"),
        (fixed_step(0.025, engine="coreneuron"), "CoreNEURON cannot run .*half.mod.*POINTER"),
    ],
    ids=["adaptive", "coreneuron"],
)
def test_integrators_that_cannot(coupled: CellRecipe, integrator: Integrator, said: str) -> None:
    with pytest.raises(EngineError, match=re.compile(said, re.DOTALL)):
        check(coupled, (), integrator)


def test_coreneuron_whatever_the_file_accepts(tmp_path: Path, coupled: CellRecipe) -> None:
    accepted = HALF.replace("POINTER pre }", "\n: lint: accept pointer - a voltage\nPOINTER pre }")
    (tmp_path / "half.mod").write_text(accepted)
    recipe = replace(coupled, mechanisms=(read_mechanisms(tmp_path),))
    with pytest.raises(EngineError, match="POINTER pre reads a variable of elsewhere"):
        check(recipe, (), fixed_step(0.025, engine="coreneuron"))


def test_a_study_and_the_python_api_say_the_same(tmp_path: Path) -> None:
    mods = {"half": HALF, "twofold": DOUBLE}
    parts = {"insert": 'somatic = ["twofold"]', "dendrite": True}
    study = read_small_study(tmp_path / "said", mods, parameters=WIRED, **parts)
    assert study.problem.recipe.pointers == (READS_SOMA, OWN)
    assert "POINTER pre.half: v at soma[0](0.5)" in set(told(study.problem.recipe))
    assert any("POINTER pre.half" in one for one in obstacles(study.problem))
    there = small_study(tmp_path / "bare", mods, **parts)  # type: ignore[arg-type]
    half = Placed("half", "Half", "dend[0](0.5)", {"g": 2e-3})
    bare = load_cell(str(there)).with_placed(half).with_pointers(READS_SOMA, OWN)
    cells = (load_cell(str(tmp_path / "said")), bare)
    one, other = (
        simulate(each.with_values({"g_pas.all": 1e-4}), "step")["soma.v"].values for each in cells
    )
    assert np.array_equal(one, other)
    with pytest.raises(InputError, match=r"cell.toml: pointers.half.prae: .*pre"):
        read_small_study(tmp_path / "3", mods, parameters=WIRED.replace("pre", "prae"), **parts)
