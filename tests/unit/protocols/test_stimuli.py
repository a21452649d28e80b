import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import MorphologyError, StudyError
from workbench.morphology import parse_site
from workbench.protocols import EPSP, Protocol, Recording, Step, Train

SOMA, TUFT = parse_site("soma(0.5)"), parse_site("apical@620um")
TRAIN = Train(SOMA, 100.0, 2.0, 1.5, 40.0, 3)


def protocol(*stimuli, **parameters):
    return Protocol("P", 1000.0, stimuli, (Recording("soma", SOMA),), parameters)


def test_a_train_is_steps_at_a_frequency():
    """40 Hz is a step each 25 ms."""
    assert protocol(TRAIN).bound().stimuli == (
        Step(SOMA, 100.0, 2.0, 1.5),
        Step(SOMA, 125.0, 2.0, 1.5),
        Step(SOMA, 150.0, 2.0, 1.5),
    )
    assert protocol(TRAIN).window_ms() == (100.0, 152.0)


@given(st.integers(1, 50), st.floats(1.0, 500.0))
def test_a_train_begins_with_its_delay_and_keeps_its_period(count, frequency_Hz):
    begins = [s.delay_ms for s in Train(SOMA, 7.0, 1.0, 1.0, frequency_Hz, count).steps()]
    assert len(begins) == count
    assert begins[0] == 7.0
    assert begins[-1] == pytest.approx(7.0 + 1000.0 * (count - 1) / frequency_Hz)


def test_every_amount_of_a_train_may_be_a_parameter():
    named = Train(SOMA, "delay", "duration", "amplitude", "frequency", "count")
    numbers = {"delay": 100.0, "duration": 2.0, "amplitude": 1.5, "frequency": 40.0, "count": 3.0}
    assert protocol(named, **numbers).bound().stimuli == protocol(TRAIN).bound().stimuli
    fewer = protocol(named, **numbers).with_parameters({"count": 1})
    assert fewer.window_ms() == (100.0, 102.0)


@pytest.mark.parametrize(
    ("name", "number", "says"),
    [
        ("frequency", 0.0, "frequency_Hz is 0, it must be above 0"),
        ("frequency", -40.0, "frequency_Hz is -40"),
        ("count", 0.0, "count is 0, it must be above 0"),
        ("count", 2.5, r"count is 2\.5, it must be a whole number"),
        ("count", math.nan, "count is nan"),
        ("count", 1e7, r"count is 1e\+07, it must be at most 100000"),
    ],
)
def test_a_train_without_steps_is_refused(name, number, says):
    named = Train(SOMA, 0.0, 1.0, 1.0, "frequency", "count")
    good = protocol(named, frequency=40.0, count=3.0)
    with pytest.raises(StudyError, match=says):
        good.with_parameters({name: number})
    numbers = {"frequency": 40.0, "count": 3.0, name: number}
    with pytest.raises(StudyError, match=says):
        protocol(Train(SOMA, 0.0, 1.0, 1.0, numbers["frequency"], numbers["count"]))


def test_the_window_of_an_epsp_is_the_rest_of_the_run():
    assert protocol(EPSP(SOMA, 295.0, 0.5, 5.0, 0.5)).window_ms() == (295.0, 1000.0)


@pytest.mark.parametrize("taus", [(0.0, 5.0), (0.5, 0.0), (-0.5, 5.0)])
def test_an_epsp_has_a_shape(taus):
    with pytest.raises(StudyError, match=r"epsp: tau_(rise|decay)_ms is .*above 0"):
        protocol(EPSP(SOMA, 295.0, *taus, 0.5))


def test_a_site_may_be_a_parameter():
    moving = protocol(Step("where", 0.0, 1.0, 1.0), where=SOMA)
    assert moving.bound().stimuli[0].site == SOMA
    moved = moving.with_parameters({"where": "apical@620um"})
    assert moved.bound().stimuli[0].site == TUFT
    assert moved.sites() == (TUFT, SOMA)
    assert moving.sites() == (SOMA, SOMA)


def test_sites_and_numbers_are_not_confused():
    with pytest.raises(StudyError, match=r"P: unknown site 'amplitude'.*Allowed: where"):
        protocol(Step("amplitude", 0.0, 1.0, 1.0), where=SOMA, amplitude=1.0)
    with pytest.raises(StudyError):
        protocol(Step(SOMA, 0.0, 1.0, "where"), where=SOMA)
    moving = protocol(Step("where", 0.0, 1.0, 1.0), where=SOMA)
    with pytest.raises(StudyError):
        moving.with_parameters({"where": 3.0})
    with pytest.raises(MorphologyError, match="'nowhere' is not a site"):
        moving.with_parameters({"where": "nowhere"})


def test_a_protocol_may_start_at_its_own_voltage():
    assert protocol().v_init_mV is None
    own = Protocol("P", 10.0, (), (), {"rest_mV": -80.0}, "rest_mV")
    assert own.bound().v_init_mV == -80.0
    assert own.with_parameters({"rest_mV": -60.0}).bound().v_init_mV == -60.0
    with pytest.raises(StudyError, match=r"v_init_mV is nan.*finite"):
        Protocol("P", 10.0, v_init_mV=math.nan)


def test_every_protocol_can_be_made_longer():
    assert protocol(TRAIN).with_parameters({"duration_ms": 50.0}).duration_ms == 50.0
    with pytest.raises(StudyError, match="duration_ms is 0"):
        protocol(TRAIN).with_parameters({"duration_ms": 0.0})
    with pytest.raises(StudyError, match="duration_ms: 'long' is not a quantity"):
        protocol(TRAIN).with_parameters({"duration_ms": "long"})
    with pytest.raises(StudyError, match="did you mean 'duration_ms'"):
        protocol(TRAIN).with_parameters({"duration": 50.0})


@pytest.mark.parametrize(
    ("field", "text", "number"),
    [
        (1, "0.5 s", 500.0),
        (2, "20 ms", 20.0),
        (3, "-400 pA", -0.4),
        (3, "0.4", None),
        (3, "400 mV", None),
        (3, "soma(0.5)", None),
    ],
)
def test_a_parameter_is_read_in_the_unit_of_the_amount_that_it_stands_for(field, text, number):
    amounts = [SOMA, 100.0, 50.0, 1.0]
    amounts[field] = "mine"
    plan = protocol(Step(*amounts), mine=1.0)
    if number is None:
        with pytest.raises(StudyError, match=f"P: mine: '{re.escape(text)}' .*nA"):
            plan.with_parameters({"mine": text})
        return
    bound = plan.with_parameters({"mine": text}).bound().stimuli[0]
    assert (bound.delay_ms, bound.duration_ms, bound.amplitude_nA)[field - 1] == number


def test_units_of_a_frequency_a_voltage_and_a_whole_run():
    named = Train(SOMA, 0.0, 2.0, 1.5, "often", "times")
    plan = protocol(named, often=40.0, times=3.0).with_parameters({"often": "0.1 kHz"})
    assert plan.bound().stimuli[1].delay_ms == 10.0
    with pytest.raises(StudyError, match="times is '3'; write a number without quotes"):
        plan.with_parameters({"times": "3"})
    own = Protocol("P", 10.0, (), (), {"rest": -80.0}, "rest")
    assert own.with_parameters({"rest": "-0.06 V"}).bound().v_init_mV == -60.0
    assert own.with_parameters({"duration_ms": "2 s"}).duration_ms == 2000.0


@pytest.mark.parametrize("near", [1.0, 1.00001, 0.99995])
def test_an_epsp_of_equal_time_constants_is_an_alpha_function(near):
    """The limit of the difference: t/tau exp(1 - t/tau), here to what 1e-4 of tau makes of it."""
    t_ms = np.linspace(0, 30, 301)
    since = np.maximum(t_ms - 10, 0) / 2
    found = EPSP(SOMA, 10.0, 2.0 * near, 2.0, 0.5).current_nA(t_ms)
    np.testing.assert_allclose(found, 0.5 * since * np.exp(1 - since), atol=1e-4)
