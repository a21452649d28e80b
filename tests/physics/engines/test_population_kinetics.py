"""STATEs that move one another, in the population engine: closed forms, and NEURON's CVODE."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.emulated import EmulatedEngine
from tests.physics.engines.small_cells import (
    ball_and_stick,
    crossings_ms,
    protocol,
    run,
    same,
    step,
    voltage,
)
from workbench.arrays import Floats
from workbench.cells import CellRecipe
from workbench.engines import Integrator, Job
from workbench.engines.opening import check
from workbench.engines.population import PopulationEngine
from workbench.engines.population.frame import frame_of
from workbench.errors import EngineError
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Traces

PRECISE = Integrator(atol=1e-7, steps_per_ms=2000)


def lanes(step_error_mV: float) -> Integrator:
    return Integrator("population", atol=None, step_error_mV=step_error_mV, steps_per_ms=2000)


@pytest.fixture(scope="module")
def population() -> PopulationEngine:
    return PopulationEngine()


def driven_by(folder: Path, body: str, current: str, method: str = "sparse") -> CellRecipe:
    """A membrane of nothing but a mechanism's current: dv/dt = -current, in mV/ms."""
    (folder / "drive.mod").write_text(
        f"NEURON {{ SUFFIX drive NONSPECIFIC_CURRENT i RANGE r }}\n"
        f"PARAMETER {{ r = 0.4 }}\n"
        f"{body.strip()}\n"
        f"ASSIGNED {{ v (mV) i (mA/cm2) f }}\n"
        f"BREAKPOINT {{ SOLVE moving METHOD {method}  i = 1e-3*({current}) }}\n"
    )
    return CellRecipe(
        "driven",
        cylinder_tree("driven", [Cylinder("somatic", 20, 20)]),
        mechanisms=(read_mechanisms(folder),),
        inserted=(("all", "drive"),),
        v_init_mV=0.0,
    )


CHAIN = """
STATE { a b c }
INITIAL { a = 1 }
KINETIC moving {
    ~ a <-> b (r, 0)
    ~ b -> (r)
    f = f_flux
    ~ c << (f)
}
"""
LOGISTIC = """
STATE { x }
INITIAL { x = 0.01 }
DERIVATIVE moving { x' = r*x*(1 - x) }
"""
CIRCLE = """
STATE { x y }
INITIAL { x = 1 }
DERIVATIVE moving { x' = -r*y  y' = r*x }
"""
PAIRS = """
STATE { a b }
INITIAL { a = 1  b = 0 }
KINETIC moving { COMPARTMENT 2 {a}  COMPARTMENT 0.5 {b}  ~ 2 a <-> b (r, 0) }
"""
KEPT = """
STATE { x }
INITIAL { x = 1  f = 2*x + v }
DERIVATIVE moving { x' = -r*f*x }
"""
ARRAY = """
DEFINE N 4
STATE { n[N] }
INITIAL { FROM i = 0 TO N - 1 { n[i] = 0 } n[0] = 1 }
KINETIC moving {
    COMPARTMENT i, N - 1 {n}
    FROM i = 0 TO N - 2 { ~ n[i] <-> n[i + 1] (3*r, 0) }
}
"""


def test_closed_forms(population: PopulationEngine, tmp_path: Path) -> None:
    """The voltage is the integral of a STATE, of which the equation is solved on paper."""
    r = 0.4
    exact: dict[str, tuple[str, str, Callable[[Floats], Floats]]] = {
        # c = 1 - (1 + rt) exp(-rt)
        "chain": (CHAIN, "-c", lambda t: t - (2 - (2 + r * t) * np.exp(-r * t)) / r),
        "logistic": (LOGISTIC, "-x", lambda t: np.log1p(0.01 * np.expm1(r * t)) / r),
        "circle": (CIRCLE, "-x", lambda t: np.sin(r * t) / r),
        # 2 a' = -2 r a^2, b' / 2 = r a^2: a = 1 / (1 + rt), b = 2 (1 - a)
        "pairs": (PAIRS, "-b", lambda t: 2 * (t - np.log1p(r * t) / r)),
        # f stays at 2, whatever x and the voltage do.
        "kept": (KEPT, "-x", lambda t: -np.expm1(-2 * r * t) / (2 * r)),
        # n[3] = 1 - (1 + rt + (rt)^2 / 2) exp(-rt)
        "array": (
            ARRAY,
            "-n[3]",
            lambda t: t - (3 - (3 + 2 * r * t + (r * t) ** 2 / 2) * np.exp(-r * t)) / r,
        ),
    }
    for name, (body, current, there) in exact.items():
        folder = tmp_path / name
        folder.mkdir()
        found = run(population, driven_by(folder, body, current), protocol(20), lanes(1e-6))
        np.testing.assert_allclose(voltage(found), there(found.t_ms), atol=2e-5)


GATES = """
NEURON { SUFFIX gates USEION k READ ek WRITE ik RANGE g }
PARAMETER { g = 0.001 (S/cm2) k = 0.2 }
STATE { m h n p }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) inf share }
INITIAL { n = 0.3  SOLVE steady  p = half(v) }
BREAKPOINT { SOLVE states METHOD derivimplicit  ik = g*share*(1 + m)*p*(v - ek) }
LINEAR steady { ~ m - half(v)*h = 0  ~ 4*m + h = 1 }
DERIVATIVE states {
    inf = half(v)
    share = n*h/(1 + inf)
    m' = (inf*(1 - h) - m)/2
    h' = (1 - inf)*(1 - m)/5 - h/3
    n' = k*(inf + 0.1)*(1 - n) - 0.3*n*n*m
    p' = (inf - p)/4
}
FUNCTION half(v (mV)) { half = 1/(1 + exp(-(v + 30)/8)) }
"""
SCHEME = """
NEURON { SUFFIX scheme USEION na READ ena WRITE ina RANGE g }
PARAMETER { g = 0.05 (S/cm2) }
STATE { c1 c2 o i1 }
ASSIGNED { v (mV) ena (mV) ina (mA/cm2) a (/ms) b (/ms) }
INITIAL { c1 = 1  SOLVE kin STEADYSTATE sparse }
BREAKPOINT { SOLVE kin METHOD sparse  ina = g*o*(v - ena) }
KINETIC kin {
    rates(v)
    ~ c1 <-> c2 (2*a, b)
    ~ c2 <-> o (a, 2*b)
    ~ o <-> i1 (0.8, 0.05)
    ~ i1 <-> c1 (0.05*b, 0.01)
}
PROCEDURE rates(v (mV)) {
    a = 3/(1 + exp(-(v + 30)/15)) + 0.01
    b = 4*exp(-(v + 50)/18)
}
"""
POOL = """
NEURON { SUFFIX pool USEION ca READ ica WRITE cai RANGE depth }
UNITS { FARADAY = (faraday) (coulomb) }
PARAMETER { depth = 0.1 total = 0.03 on = 50 off = 0.05 vmax = 2e-2 km = 2e-4 rest = 5e-5 }
STATE { cai (mM) free bound }
ASSIGNED { ica (mA/cm2) }
INITIAL { cai = rest  free = total/(1 + on*rest/off)  bound = total - free }
BREAKPOINT { SOLVE pump METHOD sparse }
KINETIC pump {
    ~ cai + free <-> bound (on, off)
    ~ cai << (-(10000)*ica/(2*FARADAY*depth))
    ~ cai << (vmax*rest/(rest + km) - vmax*cai/(cai + km))
    CONSERVE free + bound = total
}
"""


def spiking(folder: Path, hay: MechanismSet, *bodies: str) -> CellRecipe:
    """A spiking ball and stick, with other mechanisms in its soma; a pool takes Hay's place."""
    suffixes = []
    for number, body in enumerate(bodies):
        (folder / f"own{number}.mod").write_text(body)
        suffixes.append(body.split()[3])
    cell = ball_and_stick(hay)
    kept = [one for one in cell.inserted if one[1] != "CaDynamics_E2" or "pool" not in suffixes]
    return replace(
        cell,
        mechanisms=(hay, read_mechanisms(folder)),
        inserted=(*kept, *(("somatic", suffix) for suffix in suffixes)),
    )


def test_equations_solved_together_converge_to_cvode(
    population: PopulationEngine, hay: MechanismSet, tmp_path: Path
) -> None:
    """Gates that move one another, a scheme that begins steady, a pool with buffer and pump."""
    recipe = spiking(tmp_path, hay, GATES, SCHEME, POOL)
    plan = protocol(60, step(0.6, 10, 45))
    [outcome] = run_in_children([Job(recipe, plan, PRECISE)])
    assert isinstance(outcome, Traces), outcome
    true = crossings_ms(outcome, -20)
    assert true.size >= 4
    errors = [
        np.abs(crossings_ms(run(population, recipe, plan, lanes(mV)), -20) - true).max()
        for mV in (1e-2, 1e-5)
    ]
    assert errors[0] < 0.1
    assert errors[1] < 2e-3


def test_single_precision_has_the_same_spikes(
    population: PopulationEngine, hay: MechanismSet, tmp_path: Path
) -> None:
    recipe = spiking(tmp_path, hay, GATES, SCHEME, POOL)
    plan = protocol(60, step(0.6, 10, 45))
    there, found = (
        crossings_ms(run(population, recipe, plan, replace(lanes(0.01), precision=each)), -20)
        for each in ("double", "single")
    )
    assert there.size >= 4
    assert np.abs(found - there).max() < 0.02


def test_a_method_that_is_explicit_is_no_matter(
    population: PopulationEngine, tmp_path: Path
) -> None:
    """The equation is led on by the engine's own means: x = exp(rt) / (99 + exp(rt))."""
    recipe = driven_by(tmp_path, LOGISTIC, "-x", method="euler")
    check(recipe, [protocol(20)], lanes(1e-6))
    found = run(population, recipe, protocol(20), lanes(1e-6))
    assert voltage(found)[-1] == pytest.approx(np.log1p(0.01 * np.expm1(8.0)) / 0.4, abs=2e-5)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (LOGISTIC.replace("x = 0.01", "SOLVE moving STEADYSTATE sparse"), "are not linear"),
        (LOGISTIC.replace("x = 0.01", "SOLVE moving"), "SOLVE moving in INITIAL"),
        (LOGISTIC.replace("r*x", "i*x"), "i is read as an earlier block has left it"),
        (CHAIN.replace("~ b -> (r)", "IF (v > 0) { ~ b -> (r) }"), "~ b -> (r)"),
    ],
)
def test_what_cannot_be_solved_is_refused_by_its_place(
    tmp_path: Path, body: str, said: str
) -> None:
    recipe = driven_by(tmp_path, body, "-v")
    with pytest.raises(EngineError) as refused:
        frame_of(recipe).check()
    assert said in str(refused.value)
    assert "drive.mod, line" in str(refused.value)


def test_company_changes_no_bit_of_what_newton_finds(
    population: PopulationEngine, hay: MechanismSet, tmp_path: Path
) -> None:
    """Lanes need different numbers of turns."""
    recipe = spiking(tmp_path, hay, GATES, SCHEME, POOL)
    plans = [protocol(30 + n, step(0.3 * n - 0.3, 5, 15)) for n in range(4)]
    jobs = [Job(recipe, plan, lanes(0.02)) for plan in plans]
    for alone, beside in zip([population([job])[0] for job in jobs], population(jobs), strict=True):
        assert isinstance(alone, Traces)
        assert isinstance(beside, Traces)
        assert same(alone, beside)


def test_blocks_of_gpus_solve_the_same(
    population: PopulationEngine, hay: MechanismSet, tmp_path: Path
) -> None:
    recipe = spiking(tmp_path, hay, GATES, SCHEME, POOL)
    plan = protocol(40, step(0.6, 10, 25))
    true = crossings_ms(run(population, recipe, plan, lanes(0.005)), -20)
    found = crossings_ms(run(EmulatedEngine(), recipe, plan, lanes(0.005)), -20)
    assert true.size >= 2
    assert np.abs(found - true).max() < 1e-4
