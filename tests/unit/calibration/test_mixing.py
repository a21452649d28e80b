from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.calibration.measuring import Measured
from workbench.calibration.mixing import WORTHWHILE, mixed
from workbench.cells import MaximalLength
from workbench.engines import adaptive_step, fixed_step
from workbench.studies import Setting, load_study

HH = load_study("hodgkin_huxley").problem
NAMES = [protocol.name for protocol in HH.protocols]
OF_OBJECTIVE = np.array([NAMES.index(objective.protocol) for objective in HH.objectives])
RULE = MaximalLength(40.0)
FINE, MIDDLE, COARSE = map(adaptive_step, (0.001, 0.01, 0.1))


def measured(integrator, seconds_each, error_each, rule=RULE):
    """Return what 20 individuals would show with the same error in all pairs of a protocol."""
    errors_SD = np.tile(np.array(error_each)[OF_OBJECTIVE], (20, 1))
    doing = np.full(len(errors_SD), True)
    return Measured(Setting(rule, integrator), 3, np.array(seconds_each), errors_SD, doing)


def test_the_study_has_what_the_tests_lean_on():
    assert NAMES == ["step", "pulse"]


def test_a_protocol_that_bears_it_gets_a_cheaper_integrator():
    fine = measured(FINE, [4.0, 3.0], [0.01, 0.01])
    coarse = measured(COARSE, [2.0, 1.0], [1.0, 0.1])
    found = mixed(HH, fine, [fine, coarse], 0.25)
    assert found.setting == Setting(RULE, FINE, (("pulse", COARSE),))
    assert found.seconds_each.tolist() == [4.0, 1.0]
    assert (found.errors_SD == np.where(OF_OBJECTIVE == 0, 0.01, 0.1)).all()


def test_a_comparison_of_two_protocols_wants_one_integrator():
    """How far two integrators together are off was not measured."""
    fine = measured(FINE, [4.0, 3.0], [0.01, 0.01])
    coarse = measured(COARSE, [2.0, 1.0], [1.0, 0.1])
    first, *rest = HH.objectives
    compared = replace(HH, objectives=(replace(first, minus=rest[-1].operands[0]), *rest))
    assert compared.objectives[0].protocols == ("step", "pulse")
    assert mixed(compared, fine, [fine, coarse], 0.25) is None


def test_the_integrator_on_which_most_time_is_spent_is_that_of_all_others():
    fine = measured(FINE, [1.0, 9.0], [0.01, 0.01])
    coarse = measured(COARSE, [0.5, 5.0], [1.0, 0.1])
    found = mixed(HH, fine, [fine, coarse], 0.25)
    assert found.setting == Setting(RULE, COARSE, (("step", FINE),))


def test_what_saves_little_is_not_worth_two_integrators():
    fine = measured(FINE, [4.0, 1.0], [0.01, 0.01])
    coarse = measured(COARSE, [2.0, 0.8], [1.0, 0.1])
    assert mixed(HH, fine, [fine, coarse], 0.25) is None


@pytest.mark.parametrize(
    "other",
    [
        measured(fixed_step(0.05, engine="coreneuron"), [0.1, 0.1], [0.0, 0.0]),
        measured(adaptive_step(0.1, native=True), [0.1, 0.1], [0.0, 0.0]),
        measured(COARSE, [0.1, 0.1], [0.0, 0.0], rule=MaximalLength(80.0)),
    ],
    ids=lambda one: str(one.setting),
)
def test_another_build_and_other_segments_do_not_mix(other):
    fine = measured(FINE, [4.0, 3.0], [0.01, 0.01])
    assert mixed(HH, fine, [fine, other], 0.25) is None


def test_one_that_loses_individuals_does_not_mix():
    fine = measured(FINE, [4.0, 3.0], [0.01, 0.01])
    deadly = replace(measured(COARSE, [0.1, 0.1], [0.0, 0.0]), lost=("random 0: it died",))
    assert mixed(HH, fine, [fine, deadly], 0.25) is None


def test_a_start_beyond_the_budget_is_left_as_it_is():
    wrong = measured(FINE, [4.0, 3.0], [1.0, 1.0])
    coarse = measured(COARSE, [2.0, 1.0], [1.0, 0.1])
    assert mixed(HH, wrong, [wrong, coarse], 0.25) is None


costs = st.tuples(st.floats(0.1, 10.0), st.floats(0.1, 10.0))
errors = st.tuples(st.floats(0.0, 0.5), st.floats(0.0, 0.5))


@given(costs, costs, costs, errors, errors)
def test_the_mixture_is_the_cheapest_that_keeps_the_budget(first, second, third, one, two):
    """Where the pairs of a protocol are all right or all wrong, each protocol has its cheapest."""
    start = measured(FINE, first, [0.0, 0.0])
    tried = [start, measured(MIDDLE, second, one), measured(COARSE, third, two)]
    found = mixed(HH, start, tried, 0.25)
    usable = [
        [float(m.seconds_each[p]) for m in tried if m.errors_SD[0, p == OF_OBJECTIVE].max() <= 0.25]
        for p in range(2)
    ]
    cheapest = sum(map(min, usable))
    if cheapest > (1 - WORTHWHILE) * start.seconds:
        assert found is None
    else:
        assert found.is_safe(0.25)
        assert found.seconds == pytest.approx(cheapest)
