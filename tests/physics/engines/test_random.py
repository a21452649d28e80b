"""What RANDOM draws depends on the cell, and not on who was simulated before or beside it."""

from pathlib import Path

import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import protocol, same, step, voltage
from workbench.cells import CellRecipe, MaximalLength, Paint
from workbench.engines import Integrator, Job, fixed_step
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Traces

NOISE = """\
NEURON {{ THREADSAFE SUFFIX {suffix} NONSPECIFIC_CURRENT i RANDOM one, two RANGE amp, first }}
UNITS {{ (mA) = (milliamp) }}
PARAMETER {{ amp = 1e-3 (mA/cm2) }}
ASSIGNED {{ i (mA/cm2) first }}
INITIAL {{ first = random_uniform(one) }}
BREAKPOINT {{ i = -amp*({drawn}) }}
"""
# NEURON asks for the current twice, to learn its slope, and the noise is in the slope 1000 times.
NOISY = "first + 1e-5*random_normal(two)"
INTEGRATORS = {
    "CVODE": Integrator(),
    "fixed": fixed_step(0.025),
    "CoreNEURON": fixed_step(0.025, engine="coreneuron"),
}


@pytest.fixture(scope="module")
def noises(tmp_path_factory: pytest.TempPathFactory) -> MechanismSet:
    folder: Path = tmp_path_factory.mktemp("noises")
    for suffix, drawn in (("offset", "first"), ("noise", NOISY)):
        (folder / f"{suffix}.mod").write_text(NOISE.format(suffix=suffix, drawn=drawn))
    return read_mechanisms(folder)


def cell(noises: MechanismSet, suffix: str, g_S_per_cm2: float = 1e-4) -> CellRecipe:
    tree = [Cylinder("somatic", 20, 20), Cylinder("basal", 100, 2, parent=0)]
    return CellRecipe(
        suffix,
        cylinder_tree("ball and stick", tree),
        mechanisms=(noises,),
        inserted=(("all", "pas"), ("all", suffix)),
        paint=(Paint("g_pas", "all", g_S_per_cm2), Paint("e_pas", "all", -65.0)),
        segments=MaximalLength(40.0),
    )


def job(recipe: CellRecipe, integrator: Integrator, suffix: str, current_nA: float = 0.0) -> Job:
    sites = {"soma": "soma(0.5)", "dend": "dend(0.5)", "tip": "dend(1)"}
    plan = protocol(20, step(current_nA, 2, 15), sites=sites, variable="v")
    return Job(recipe, plan, integrator)


@pytest.mark.parametrize("name", INTEGRATORS)
@pytest.mark.parametrize("suffix", ["offset", "noise"])
def test_a_cell_draws_the_same_whoever_was_there(
    noises: MechanismSet, name: str, suffix: str
) -> None:
    integrator = INTEGRATORS[name]
    a = job(cell(noises, suffix), integrator, suffix)
    painted = job(cell(noises, suffix, 2e-4), integrator, suffix, 0.1)
    other = job(cell(noises, "noise" if suffix == "offset" else "offset"), integrator, suffix)
    [alone] = run_in_children([a])
    together = run_in_children([a, a, painted, a, job(*_fixed(noises)), other, a])
    for outcome in (together[k] for k in (0, 1, 3, 6)):
        assert isinstance(outcome, Traces)
        assert same(outcome, alone)
    assert not same(together[2], alone)


def _fixed(noises: MechanismSet) -> tuple[CellRecipe, Integrator, str]:
    return cell(noises, "noise", 3e-4), INTEGRATORS["fixed"], "noise"


def test_each_segment_and_variable_has_a_stream_of_its_own(noises: MechanismSet) -> None:
    plan = protocol(
        5, sites={"a": "soma(0.5)", "b": "dend(0.2)", "c": "dend(0.9)"}, variable="first_noise"
    )
    recipe = cell(noises, "noise")
    [traces] = run_in_children([Job(recipe, plan, INTEGRATORS["fixed"])])
    drawn = [values[0] for values in traces.recorded.values()]
    assert len(set(drawn)) == 3
    assert all(0 < one < 1 for one in drawn)


def test_the_engines_draw_the_same(noises: MechanismSet) -> None:
    recipe = cell(noises, "noise")
    one, other = (
        run_in_children([job(recipe, INTEGRATORS[name], "noise")])[0]
        for name in ("fixed", "CoreNEURON")
    )
    assert abs(voltage(one) - voltage(other)).max() < 1e-9
    [still] = run_in_children([job(cell(noises, "offset"), INTEGRATORS["fixed"], "offset")])
    assert not same(one, still)
