"""GLOBALs of mechanisms, fixed, free and tied: set for a run, and put back behind it.

Two leaks with reversal potentials that are GLOBAL rest where their currents cancel:
V = (g1 e1 + g2 e2) / (g1 + g2).
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import protocol, same, voltage
from tests.physics.engines.small_studies import read_small_study
from workbench.cells import CellRecipe, Paint, Tie
from workbench.engines import Integrator, Job, fixed_step
from workbench.engines.neuron import check
from workbench.errors import EngineError, InputError
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree, parse_site
from workbench.protocols import Protocol, Recording, Step, Traces
from workbench.studies.notes import notes_of

LEAK = """\
NEURON {{ SUFFIX {suffix} NONSPECIFIC_CURRENT i RANGE g GLOBAL e }}
UNITS {{ (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }}
PARAMETER {{ g = 1e-3 (S/cm2) e = -70 (mV) }}
ASSIGNED {{ v (mV) i (mA/cm2) }}
BREAKPOINT {{ i = g*(v - e) }}
"""
GATED = """\
NEURON {{ SUFFIX {suffix} NONSPECIFIC_CURRENT i RANGE g, ninf }}
UNITS {{ (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }}
PARAMETER {{ g = 1e-3 (S/cm2) half = -40 (mV) }}
ASSIGNED {{ v (mV) i (mA/cm2) ninf }}
STATE {{ n }}
INITIAL {{ rates(v) n = ninf }}
BREAKPOINT {{ SOLVE states METHOD cnexp i = g*n*(v + 90) }}
DERIVATIVE states {{ rates(v) n' = (ninf - n)/5 }}
PROCEDURE rates(u (mV)) {{
    {table}
    ninf = 1/(1 + exp(-(u - half)/9))
}}
"""
MODS = {
    "one": LEAK.format(suffix="one"),
    "two": LEAK.format(suffix="two"),
    "tabled": GATED.format(suffix="tabled", table="TABLE ninf FROM -120 TO 80 WITH 2000"),
    "plain": GATED.format(suffix="plain", table=""),
}
LINKED = """\
NEURON {{ SUFFIX {suffix} USEION k READ ek WRITE ik RANGE gbar, ninf, ntau GLOBAL alpha }}
UNITS {{ (mA) = (milliamp) (mV) = (millivolt) (S) = (siemens) }}
PARAMETER {{ gbar = 0.005 (S/cm2) alpha = 1 }}
ASSIGNED {{ v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) }}
STATE {{ n }}
INITIAL {{ rates(v) n = ninf }}
BREAKPOINT {{ SOLVE states METHOD cnexp ik = gbar*n^4*(v - ek) }}
DERIVATIVE states {{ rates(v) n' = (ninf - n)/ntau }}
PROCEDURE rates(u (mV)) {{
    ninf = {share}/(1 + exp(-(u + 40)/9))
    ntau = {slowness} + 6/(1 + exp((u + 50)/10))
}}
"""
FIXED, CORE = fixed_step(0.025), fixed_step(0.025, engine="coreneuron")
REST = protocol(60)


@pytest.fixture(scope="module")
def leaks(tmp_path_factory: pytest.TempPathFactory) -> MechanismSet:
    folder = tmp_path_factory.mktemp("leaks")
    for name in ("one", "two"):
        (folder / f"{name}.mod").write_text(MODS[name])
    return read_mechanisms(folder)


def patch(mechanisms: MechanismSet, *suffixes: str, **more: object) -> CellRecipe:
    return CellRecipe(
        "patch",
        cylinder_tree("patch", [Cylinder("somatic", 20, 20)]),
        mechanisms=(mechanisms,),
        inserted=tuple(("all", suffix) for suffix in suffixes),
        paint=(Paint(f"g_{suffixes[-1]}", "all", 3e-3),),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def linked(leaks: MechanismSet) -> CellRecipe:
    ties = (Tie("e_two", "e_one + 20"),)
    return patch(leaks, "one", "two", global_values={"e_one": None, "e_two": None}, ties=ties)


@pytest.mark.parametrize(
    "integrator", [FIXED, Integrator(), Integrator(atol=None, step_error_mV=0.01)], ids=str
)
def test_a_free_and_a_tied_global_decide_the_rest_in_one_process(
    linked: CellRecipe, leaks: MechanismSet, integrator: Integrator
) -> None:
    """Kept cells, and a cell between that leaves GLOBALs as their files declare them."""
    cells = [linked.with_values({"e_one": e_mV}) for e_mV in (-80.0, -50.0)]
    plain = patch(leaks, "one", "two")
    jobs = [Job(cell, REST, integrator) for cell in (*cells, plain, cells[0])]
    outcomes = run_in_children(jobs)
    # Conductances are 1 and 3: (e + 3 (e + 20)) / 4, and what the files declare.
    for outcome, rest_mV in zip(outcomes, (-65.0, -35.0, -70.0, -65.0), strict=True):
        assert voltage(outcome)[-1] == pytest.approx(rest_mV, abs=1e-4)
    assert isinstance(outcomes[0], Traces)
    assert isinstance(outcomes[3], Traces)
    assert same(outcomes[0], outcomes[3])


def test_two_mechanisms_share_one_free_global_that_they_use_differently(tmp_path: Path) -> None:
    """In one the GLOBAL is a share of the open gates, in the other how slowly they follow."""
    mods = {
        "kmdb": LINKED.format(suffix="kmdb", share="alpha", slowness="2"),
        "kdrx": LINKED.format(suffix="kdrx", share="1", slowness="2*alpha"),
    }
    said = '[parameters.global]\nalpha_kmdb = { bounds = [0.5, 1], scale = "log" }\n'
    parts = {
        "insert": 'all = ["pas", "kmdb", "kdrx"]',
        "parameters": f'{said}alpha_kdrx = "alpha_kmdb"\n',
    }
    problem = read_small_study(tmp_path, mods, **parts).problem
    assert problem.parameter_names == ("g_pas.all", "alpha_kmdb")
    soma = parse_site("soma(0.5)")
    names = ("v", "ninf_kmdb", "ntau_kmdb", "ninf_kdrx", "ntau_kdrx")
    step = Step(soma, 5.0, 20.0, 0.1)
    plan = Protocol("step", 30.0, (step,), tuple(Recording("soma", soma, one) for one in names))
    alphas = (0.5, 1.0, 0.75, 0.5)
    cells = [problem.recipe.with_values({"g_pas.all": 1e-4, "alpha_kmdb": a}) for a in alphas]
    outcomes = run_in_children([Job(one, plan, FIXED) for one in cells])
    for alpha, outcome in zip(alphas, outcomes, strict=True):
        assert isinstance(outcome, Traces)
        v, *found = (outcome[f"soma.{name}"].values for name in names)
        assert v.max() - v.min() > 5
        opened, falling = 1 / (1 + np.exp(-(v + 40) / 9)), 6 / (1 + np.exp((v + 50) / 10))
        expected = (alpha * opened, 2 + falling, opened, 2 * alpha + falling)
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)
    first, *_, last = outcomes
    assert isinstance(first, Traces)
    assert isinstance(last, Traces)
    assert same(first, last)


def test_coreneuron_has_fixed_globals_and_refuses_free_ones_by_name(linked: CellRecipe) -> None:
    fixed = linked.with_values({"e_one": -80.0})
    core, neuron = run_in_children([Job(fixed, REST, one) for one in (CORE, FIXED)])
    assert voltage(core)[-1] == pytest.approx(-65.0, abs=1e-4)
    assert voltage(core)[-1] == pytest.approx(voltage(neuron)[-1], abs=1e-9)
    with pytest.raises(EngineError, match=r"takes GLOBALs once .* and e_one is to differ"):
        check(linked, (), CORE)


def test_a_table_that_does_not_follow_a_global_that_is_set_is_not_used(tmp_path: Path) -> None:
    for name in ("tabled", "plain"):
        (tmp_path / f"{name}.mod").write_text(MODS[name])
    channels = read_mechanisms(tmp_path)
    jobs = [
        Job(patch(channels, suffix, global_values={f"half_{suffix}": half_mV}), REST, FIXED)
        for half_mV in (-40.0, -60.0)
        for suffix in ("tabled", "plain")
    ]
    first, twin, second, other = run_in_children(jobs)
    assert (voltage(first) == voltage(twin)).all()
    assert (voltage(second) == voltage(other)).all()
    assert abs(voltage(second)[-1] - voltage(first)[-1]) > 1


def test_a_study_says_globals_and_gives_what_has_no_value(tmp_path: Path) -> None:
    mods = {"one": MODS["one"].replace("e = -70", "e"), "two": MODS["two"]}
    said = 'e_one = [-90, -50]\ne_two = "e_one + 20"\n'
    parts = {"insert": 'all = ["pas", "one", "two"]', "parameters": f"[parameters.global]\n{said}"}
    problem = read_small_study(tmp_path, mods, **parts).problem
    assert problem.parameter_names == ("g_pas.all", "e_one")
    assert problem.recipe.unit_of("e_one") == "mV"
    assert problem.recipe.with_values({"e_one": -80.0}).values["e_two"] == -60.0
    assert not [note for note in notes_of(problem) if "PARAMETER e has no value" in note]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("e_oen = -60", "parameters.global: unknown GLOBAL of the cell's mechanisms 'e_oen'; did"),
        ("g_one = 1e-3", "unknown GLOBAL of the cell's mechanisms 'g_one'"),
        ("e_two = -60", "unknown GLOBAL of the cell's mechanisms 'e_two'"),
        ('e_one = { value = 1, distribution = "x" }', "no distribution can spread it"),
        ('e_one = "e_one + 1"', "e_one reads e_one: a tie cannot follow itself"),
    ],
)
def test_what_is_no_global_of_the_cell_is_refused(tmp_path: Path, said: str, why: str) -> None:
    parts = {"insert": 'all = ["pas", "one"]', "parameters": f"[parameters.global]\n{said}"}
    with pytest.raises(InputError) as caught:
        read_small_study(tmp_path, {n: MODS[n] for n in ("one", "two")}, **parts)
    assert why in str(caught.value)


def test_globals_enter_the_digest_and_not_the_frame(linked: CellRecipe) -> None:
    cells = [linked.with_values({"e_one": e_mV}) for e_mV in (-80.0, -50.0)]
    assert cells[0].frame == cells[1].frame
    assert replace(cells[0], global_values={}, ties=()) != cells[0]
