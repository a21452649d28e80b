"""A leak that balances the membrane: each segment carries no current at the voltage asked for.

For the channels of Hodgkin & Huxley (1952) the steady currents are known in closed form.
"""

import math
from pathlib import Path

import pytest

from tests.physics.engines.conftest import run_in_children
from tests.physics.engines.small_cells import protocol, same, voltage
from tests.physics.engines.small_studies import read_small_study
from workbench.cells import Balance, CellRecipe, MaximalLength, Paint, told
from workbench.engines import Failure, Integrator, Job, fixed_step
from workbench.errors import InputError
from workbench.exports.bluepyopt.limits import obstacles
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import Traces

REST_mV = -68.0
FIXED = fixed_step(0.025)
REST = protocol(100, sites={"soma": "soma(0.5)", "end": "dend(1)"})


def cell(g_pas: float = 5e-4, g_na: float = 0.12) -> CellRecipe:
    """A soma with hh on a dendrite with half of its sodium; both have the balanced leak."""
    return CellRecipe(
        "balanced",
        cylinder_tree("two", [Cylinder("somatic", 20, 20), Cylinder("basal", 150, 2, 0)]),
        inserted=(("all", "pas"), ("all", "hh")),
        paint=(
            Paint("gnabar_hh", "all", g_na),
            Paint("gnabar_hh", "basal", 0.5 * g_na),
            Paint("g_pas", "all", g_pas),
            Paint("e_pas", "all", REST_mV, Balance()),
        ),
        segments=MaximalLength(50.0),
        v_init_mV=REST_mV,
    )


def steady_mA_per_cm2(v_mV: float, g_na: float) -> float:
    """Hodgkin & Huxley 1952, with their voltages shifted to a rest at -65 mV."""
    u = v_mV + 65
    m = (0.1 * (25 - u) / (math.exp((25 - u) / 10) - 1), 4 * math.exp(-u / 18))
    h = (0.07 * math.exp(-u / 20), 1 / (math.exp((30 - u) / 10) + 1))
    n = (0.01 * (10 - u) / (math.exp((10 - u) / 10) - 1), 0.125 * math.exp(-u / 80))
    m_inf, h_inf, n_inf = (alpha / (alpha + beta) for alpha, beta in (m, h, n))
    na = g_na * m_inf**3 * h_inf * (v_mV - 50)
    return na + 0.036 * n_inf**4 * (v_mV + 77) + 0.0003 * (v_mV + 54.3)


@pytest.mark.parametrize(
    "integrator",
    [
        FIXED,
        Integrator(atol=1e-6),
        Integrator(atol=None, step_error_mV=0.01),
        fixed_step(0.025, engine="coreneuron"),
    ],
    ids=str,
)
def test_the_cell_rests_at_that_voltage_in_all_its_segments(integrator: Integrator) -> None:
    [outcome] = run_in_children([Job(cell(), REST, integrator)])
    assert isinstance(outcome, Traces)
    for trace in (outcome["soma.v"], outcome["end.v"]):
        # hh takes its rates from a table of 1 mV, which is exact at whole mV.
        assert abs(trace.values - REST_mV).max() < 1e-6


def test_the_reversal_potential_is_that_of_the_closed_form() -> None:
    plan = protocol(1, sites={"soma": "soma(0.5)", "end": "dend(0.5)"}, variable="i_pas")
    [outcome] = run_in_children([Job(cell(), plan, FIXED)])
    assert isinstance(outcome, Traces)
    for name, g_na in (("soma.i_pas", 0.12), ("end.i_pas", 0.06)):
        # i_pas = g (v - e) balances the others.
        expected = -steady_mA_per_cm2(REST_mV, g_na)
        assert outcome[name].values[0] == pytest.approx(expected, rel=1e-6)


def test_a_kept_cell_is_balanced_anew() -> None:
    cells = [cell(), cell(g_pas=1e-4), cell(g_na=0.1), cell()]
    outcomes = run_in_children([Job(one, REST, FIXED) for one in cells])
    for outcome in outcomes:
        assert abs(voltage(outcome) - REST_mV).max() < 1e-6
    first, *_, last = outcomes
    assert isinstance(first, Traces)
    assert isinstance(last, Traces)
    assert same(first, last)


def test_a_leak_without_conductance_is_a_failure_and_says_where() -> None:
    [outcome] = run_in_children([Job(cell(g_pas=0.0), REST, FIXED)])
    assert isinstance(outcome, Failure)
    assert "no e_pas balances soma[0] at -68 mV" in outcome.message


def test_a_study_says_it_and_bluepyopt_is_told_no(tmp_path: Path) -> None:
    said = "[parameters.somatic]\ne_pas = { balance_mV = [-80, -60] }\n"
    problem = read_small_study(tmp_path, {}, parameters=said).problem
    assert problem.parameter_names == ("g_pas.all", "e_pas.somatic")
    assert list(told(problem.recipe)) == [
        "e_pas.somatic balances the membrane of each segment at a free voltage"
    ]
    assert any(one.startswith("e_pas.somatic: it balances") for one in obstacles(problem))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("cm = { balance_mV = -70 }", "such as e_pas; cm is none"),
        ("e_pas = { balance_mV = -70, value = 3 }", "balance_mV stands in place of value"),
    ],
)
def test_what_cannot_balance_is_refused(tmp_path: Path, said: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        read_small_study(tmp_path, {}, parameters=said)
    assert why in str(caught.value)
