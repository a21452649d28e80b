"""Trains of events as values."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.cells import CellRecipe, Placed, Scattered
from workbench.digests import digest
from workbench.errors import StudyError
from workbench.mechanisms import read_mechanisms
from workbench.morphology import Cylinder, cylinder_tree
from workbench.protocols import (
    EventSequence,
    EventTimes,
    PoissonEvents,
    Protocol,
    RegularEvents,
)
from workbench.protocols.events import check_events

POISSON = PoissonEvents("syn", 20.0, 200.0, 50.0, seed=3)


def test_given_times_are_late_by_the_delay():
    assert EventTimes("syn", (0, 1.5, 1.5), 2.0).times_of(0).tolist() == [2.0, 3.5, 3.5]


def test_regular_events():
    events = RegularEvents("syn", 5.0, 200.0, 4)
    assert events.times_of(0).tolist() == events.times_of(7).tolist() == [5.0, 10.0, 15.0, 20.0]


@given(
    seed=st.integers(0, 2**32 - 1),
    delay_ms=st.floats(0, 1e3),
    duration_ms=st.floats(0, 1e3),
    rate_Hz=st.floats(0.1, 1e3),
    point=st.integers(0, 1000),
)
@settings(deadline=None)
def test_a_poisson_train_is_in_order_and_within_its_time(
    seed, delay_ms, duration_ms, rate_Hz, point
):
    events = PoissonEvents("syn", delay_ms, duration_ms, rate_Hz, seed)
    times_ms = events.times_of(point)
    assert np.all(np.diff(times_ms) >= 0)
    assert np.all((times_ms >= delay_ms) & (times_ms <= delay_ms + duration_ms))
    assert times_ms.tolist() == events.times_of(point).tolist()
    longer = replace(events, duration_ms=duration_ms + 500).times_of(point)
    assert longer[: times_ms.size].tolist() == times_ms.tolist(), "a longer one begins otherwise"


def test_intervals_of_a_poisson_train_are_exponential():
    """Kolmogorov and Smirnov's statistic: 1.95 is passed once in a thousand times."""
    waits_ms = np.diff(PoissonEvents("syn", 0.0, 2e5, 50.0).times_of(0))
    parts = np.sort(1 - np.exp(-waits_ms / 20.0))
    ranks = np.arange(1, parts.size + 1) / parts.size
    assert np.abs(parts - ranks).max() * np.sqrt(parts.size) < 1.95


def test_points_have_independent_trains_and_seeds_have_others():
    trains = [POISSON.times_of(0), POISSON.times_of(1), replace(POISSON, seed=4).times_of(0)]
    assert len({train.tobytes() for train in trains}) == 3
    slots = [np.histogram(POISSON.times_of(n), 10, (20.0, 220.0))[0] for n in range(400)]
    near = np.corrcoef(np.ravel(slots[:-1]), np.ravel(slots[1:]))[0, 1]
    assert abs(near) < 4 / np.sqrt(3990), "4 SD of a correlation of so many pairs that have none"


def test_amounts_may_be_parameters_of_the_protocol():
    events = PoissonEvents("syn", "begin_ms", 100.0, "rate_Hz", weight="weight_uS")
    plan = Protocol(
        "p",
        300.0,
        parameters={"begin_ms": 10.0, "rate_Hz": 50.0, "weight_uS": -1e-3},
        events=(events,),
    )
    assert plan.bound().events == (PoissonEvents("syn", 10.0, 100.0, 50.0, weight=-1e-3),)
    other = plan.with_parameters({"rate_Hz": "0.1 kHz", "begin_ms": "0.02 s"})
    assert other.bound().events == (PoissonEvents("syn", 20.0, 100.0, 100.0, weight=-1e-3),)
    with pytest.raises(StudyError, match="weight_uS is '1 nS'; write a number without quotes"):
        plan.with_parameters({"weight_uS": "1 nS"})
    with pytest.raises(StudyError, match="protocol p, rate_Hz: unknown parameter 'rate'"):
        Protocol("p", 300.0, events=(replace(events, rate_Hz="rate"),), parameters=plan.parameters)
    with pytest.raises(StudyError, match="protocol p: delay_ms is -1, below 0"):
        Protocol("p", 300.0, events=(replace(POISSON, delay_ms=-1.0),))


def test_a_protocol_without_events_has_the_digest_of_before():
    assert digest(Protocol("p", 300.0)) == digest(Protocol("p", 300.0, events=()))
    assert digest(Protocol("p", 300.0)) != digest(Protocol("p", 300.0, events=(POISSON,)))


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        (EventTimes, {"times_ms": (1.0, 3.0, 2.0)}, "time 3 is 2 ms and comes after 3 ms; sort"),
        (EventTimes, {"times_ms": (-1.0, 3.0)}, "time 1 is -1 ms; each is a finite number from 0"),
        (EventTimes, {"times_ms": (1.0, float("nan"))}, "time 2 is nan ms"),
        (EventTimes, {"times_ms": (1.0, float("inf"))}, "time 2 is inf ms"),
        (EventTimes, {"times_ms": ()}, "times_ms holds no time"),
        (EventTimes, {"times_ms": "abc"}, "no row of numbers"),
        (RegularEvents, {"delay_ms": 0, "frequency_Hz": 0, "count": 1}, "frequency_Hz is 0"),
        (RegularEvents, {"delay_ms": 0, "frequency_Hz": 1, "count": 1.5}, "a whole number"),
        (RegularEvents, {"delay_ms": 0, "frequency_Hz": 1, "count": 2e6}, "at most 1000000"),
        (PoissonEvents, {"delay_ms": 0, "duration_ms": 9, "rate_Hz": -2.0}, "rate_Hz is -2"),
        (PoissonEvents, {"delay_ms": 0, "duration_ms": 1e6, "rate_Hz": 1e6}, "at most 1000000"),
        (PoissonEvents, {"delay_ms": 0, "duration_ms": 9, "rate_Hz": 1, "seed": -1}, "seed is -1"),
    ],
)
def test_what_no_train_can_be(kind, given, says):
    with pytest.raises(StudyError) as caught:
        kind("syn", **given)
    assert str(caught.value).startswith("events on syn: ")
    assert says in str(caught.value)


# What events can drive.


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mods")
    (folder / "kick.mod").write_text(
        "NEURON { POINT_PROCESS Kick NONSPECIFIC_CURRENT i }\nASSIGNED { i }\nSTATE { g }\n"
        "BREAKPOINT { i = -g }\nNET_RECEIVE() { g = 1 }\n"
    )
    placed = (
        Placed("syn", "AMPA", "soma(0.5)", {"weight": 1e-3}),
        Placed("bare", "AMPA", "soma(0.5)"),
        Placed("epsp", "EPSPCurrent", "soma(0.5)"),
        Placed("kick", "Kick", "soma(0.5)"),
        Placed("own", "ExpSyn", "soma(0.5)", {"weight": 1e-3}),
    )
    sets = (read_mechanisms("synapses"), read_mechanisms(folder))
    tree = cylinder_tree("patch", [Cylinder("somatic", 20, 20)])
    return CellRecipe("cell", tree, sets, placed=placed)


@pytest.mark.parametrize(
    ("place", "weight"),
    [("syn", None), ("syn", 1.0), ("syn", "w"), ("bare", 1.0), ("kick", None), ("own", None)],
)
def test_what_drives(recipe, place, weight):
    check_events(replace(POISSON, place=place, weight=weight), recipe)


@pytest.mark.parametrize(
    ("place", "weight", "says"),
    [
        ("sin", None, "unknown placed point process 'sin'; did you mean 'syn'"),
        ("bare", None, "they have no weight; give one to them, or to place.bare"),
        ("epsp", 1.0, "EPSPCurrent has no NET_RECEIVE that does anything"),
        ("epsp", None, "Driven by events are AMPA, AMPANMDA, Exp2Syn, ExpSyn, GABAA, Kick, NMDA"),
        ("kick", 1.0, "NET_RECEIVE of Kick takes no weight; leave it out"),
    ],
)
def test_what_drives_nothing(recipe, place, weight, says):
    with pytest.raises(StudyError) as caught:
        check_events(replace(POISSON, place=place, weight=weight), recipe)
    assert says in str(caught.value)


def test_a_sequence_reaches_one_point_after_the_other():
    events = EventSequence("syn", 5.0, 2.5)
    assert [events.times_of(n).tolist() for n in range(3)] == [[5.0], [7.5], [10.0]]
    assert events.words() == "an event at each of syn in turn, from 5 ms on, every 2.5 ms"


@pytest.mark.parametrize(
    ("events", "total"),
    [
        (PoissonEvents("syn", 0.0, 1e4, 1000.0), "1e+07"),
        (RegularEvents("syn", 0.0, 1000.0, 1001), "1.001e+06"),
        (EventTimes("syn", range(1001)), "1.001e+06"),
    ],
)
def test_all_events_of_a_train_together_are_counted(events, total):
    many = Placed("syn", "ExpSyn", Scattered("all", 1000), {"weight": 1.0})
    recipe = CellRecipe("cell", cylinder_tree("t", [Cylinder("somatic", 20, 20)]), placed=(many,))
    with pytest.raises(StudyError, match="for each of 1000 points are") as caught:
        check_events(events, recipe)
    assert f"{total} events, at most 1000000" in str(caught.value)
    check_events(EventSequence("syn", 0.0, 1.0), recipe)
