"""Small mechanisms that other ways of computing them got wrong, an individual in each lane."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import passive, protocol, same, step, voltage
from tests.physics.engines.test_population import PRECISE, lanes
from workbench.cells import CellRecipe, MaximalLength, Paint
from workbench.engines import Job
from workbench.engines.population import PopulationEngine
from workbench.mechanisms import MechanismSet, read_mechanisms
from workbench.morphology import Cylinder
from workbench.protocols import Traces

SHIFTED = """
NEURON {
    SUFFIX shifted
    USEION k READ ek WRITE ik
    RANGE gbar, vshift
    GLOBAL ninf, ntau
}
PARAMETER { gbar = 0.01 (S/cm2) vshift = 0 (mV) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) }
STATE { n }
INITIAL { rates(v) n = ninf }
BREAKPOINT { SOLVE states METHOD cnexp ik = gbar*n^4*(v - ek) }
DERIVATIVE states { rates(v) n' = (ninf - n)/ntau }
PROCEDURE rates(u (mV)) {
    TABLE_HERE
    ninf = 1/(1 + exp(-(u + 40 - vshift)/9))
    ntau = 2 + 6/(1 + exp((u + 50 - vshift)/10))
}
"""

BRANCHES = """
NEURON { SUFFIX branches NONSPECIFIC_CURRENT i RANGE g, mode }
PARAMETER { g = 0.001 (S/cm2) mode = 0 }
STATE { m }
ASSIGNED { v (mV) i (mA/cm2) steady }
INITIAL { rate(v) m = steady }
BREAKPOINT { SOLVE states METHOD cnexp i = g*m*(v + 65) }
DERIVATIVE states { rate(v) m' = (steady - m)/3 }
PROCEDURE rate(v (mV)) {
    LOCAL x, y
    x = (v + 65)/20
    if (mode == 1) {
        y = -x^2
        steady = 0.5 + y/100
    } else if (mode == 2) {
        y = 2^3^2
        steady = y/1000
    } else if (mode == 3) {
        steady = 1/2*x/10 + 3/4
    } else if (mode == 4) {
        y = x
        if (!(y > 0)) { steady = 0.1 } else { steady = 0.9 }
    } else if (mode == 5) {
        steady = exp(fabs(x)*-1)*0.5 - -0.2
    } else if (mode == 6) {
        steady = 0.3 + 0.5*(x > 0)
    } else {
        steady = 0.2
    }
}
"""


@pytest.fixture(scope="module")
def population() -> PopulationEngine:
    return PopulationEngine()


@pytest.fixture(scope="module")
def mechanisms(tmp_path_factory: pytest.TempPathFactory) -> MechanismSet:
    """Both, as they are computed: one build of NEURON's."""
    folder = tmp_path_factory.mktemp("exact")
    (folder / "shifted.mod").write_text(SHIFTED.replace("    TABLE_HERE\n", ""))
    (folder / "branches.mod").write_text(BRANCHES)
    return read_mechanisms(folder)


def cells(
    mechanisms: MechanismSet, suffix: str, parameter: str, values: list[float]
) -> list[CellRecipe]:
    """Return individuals that differ in one parameter of one mechanism."""
    plain = passive([Cylinder("somatic", 20, 20)], MaximalLength(), g_S_per_cm2=1e-4)
    return [
        replace(
            plain,
            mechanisms=(mechanisms,),
            inserted=(("all", "pas"), ("all", suffix)),
            paint=(*plain.paint, Paint(f"{parameter}_{suffix}", "all", value)),
        )
        for value in values
    ]


def test_a_table_is_each_individuals_own(
    population: PopulationEngine, mechanisms: MechanismSet, tmp_path: Path
) -> None:
    """Its rates depend on a RANGE variable: NEURON fills the table once for all of a process."""
    table = "TABLE ninf, ntau FROM -120 TO 80 WITH 200"
    (tmp_path / "shifted.mod").write_text(SHIFTED.replace("TABLE_HERE", table))
    shifts = [-20.0, 0.0, 15.0]
    plan = protocol(40, step(0.1, 5, 30))
    tabled, exact = (
        [Job(one, plan, lanes(1e-4)) for one in cells(each, "shifted", "vshift", shifts)]
        for each in (read_mechanisms(tmp_path), mechanisms)
    )
    found = population(tabled)
    true = run_in_children([replace(job, integrator=PRECISE) for job in exact])
    for job, one, other in zip(tabled, found, true, strict=True):
        [alone] = population([job])
        assert isinstance(one, Traces)
        assert isinstance(other, Traces)
        assert isinstance(alone, Traces)
        assert same(one, alone)
        there = np.interp(one.t_ms, other.t_ms, voltage(other))
        assert np.abs(voltage(one) - there).max() < 0.01
    ends = [voltage(one)[-1] for one in found if isinstance(one, Traces)]
    assert min(np.diff(ends)) > 0.1


def test_individuals_take_branches_of_their_own(
    population: PopulationEngine, mechanisms: MechanismSet
) -> None:
    """Signs before powers, powers of powers, comparisons as numbers: in one vector."""
    plan = protocol(40, step(0.05, 5, 15), step(-0.05, 25, 10))
    modes = [float(mode) for mode in range(7)]
    jobs = [Job(one, plan, lanes(1e-4)) for one in cells(mechanisms, "branches", "mode", modes)]
    found = population(jobs)
    true = run_in_children([replace(job, integrator=PRECISE) for job in jobs])
    for one, other in zip(found, true, strict=True):
        assert isinstance(one, Traces)
        assert isinstance(other, Traces)
        there = np.interp(one.t_ms, other.t_ms, voltage(other))
        assert np.abs(voltage(one) - there).max() < 0.01
    peaks = {round(float(voltage(one).max()), 3) for one in found if isinstance(one, Traces)}
    assert len(peaks) == len(modes)
