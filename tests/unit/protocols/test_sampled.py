"""What a fixed step leaves of a current, against a count of the steps' middles in exact numbers."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbench.morphology import parse_site
from workbench.protocols import EPSP, Protocol, Step, Train, missed, misshapen

SOMA = parse_site("soma(0.5)")


def plan(*stimuli):
    return Protocol("pulse", 100.0, stimuli).bound()


def pulse(delay_ms, duration_ms, amplitude_nA=1.0):
    return Step(SOMA, delay_ms, duration_ms, amplitude_nA)


def middles(begin, end, dt):
    """How many of dt/2, 3 dt/2, ... lie in [begin, end)."""
    return sum(begin <= (n + Fraction(1, 2)) * dt < end for n in range(int(end / dt) + 2))


hundredths = st.integers(1, 500).map(lambda n: Fraction(n, 100))


@given(hundredths, hundredths, st.sampled_from([Fraction(1, 40), Fraction(1, 10), Fraction(1, 5)]))
def test_a_current_lasts_as_many_steps_as_have_their_middle_in_it(begin, lasting, dt):
    end = begin + lasting
    assume(all((at / dt - Fraction(1, 2)).denominator > 1 for at in (begin, end)))
    protocol = plan(pulse(float(begin), float(lasting)))
    assert bool(missed(protocol, float(dt))) == (lasting < dt)
    lasts = middles(begin, end, dt) * dt
    said = misshapen(protocol, float(dt))
    if abs(lasts / lasting - 1) > Fraction(1, 100):
        whose = f"the current of {float(lasting):g} ms from {float(begin):g} ms"
        assert said == f"{whose} lasts {float(lasts):g} ms"
    else:
        assert said == ""


def test_where_rounding_decides_both_are_said():
    assert "lasts 0.2 or 0.4 ms" in misshapen(plan(pulse(5.1, 0.3)), 0.2)


def test_a_current_as_long_as_a_step_between_two_middles_may_be_missed():
    assert missed(plan(pulse(5.0, 0.2)), 0.2) == ""
    assert missed(plan(pulse(5.1, 0.2)), 0.2) == "the current of 0.2 ms from 5.1 ms"


@pytest.mark.parametrize(
    "stimulus", [pulse(5, 0.1, 0.0), pulse(5, 0.0), pulse(200, 0.1)], ids=["0 nA", "0 ms", "after"]
)
def test_what_does_nothing_cannot_be_missed(stimulus):
    assert missed(plan(stimulus), 0.2) == ""
    assert misshapen(plan(stimulus), 0.2) == ""


def test_an_epsp_that_is_over_within_a_step():
    brief, usual = EPSP(SOMA, 5, 0.01, 0.02, 1.0), EPSP(SOMA, 5, 0.5, 5.0, 1.0)
    assert missed(plan(usual, brief), 0.025) == "the EPSP with a decay of 0.02 ms from 5 ms"
    assert missed(plan(usual), 0.025) == ""


def test_the_currents_of_a_train_are_counted():
    train = Train(SOMA, 5.05, 0.13, 1.0, frequency_Hz=100, count=4)
    assert misshapen(plan(train), 0.1).endswith(", and 3 more are off likewise")
