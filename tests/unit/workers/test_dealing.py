"""Dealing rows: one at a time, to whoever is free, and answers in the batches in which they end."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import StoppedEarly
from workbench.workers import Stop
from workbench.workers.dealing import ATTEMPTS, deal
from workbench.workers.task import Answer


class Place:
    """Holds one row until the test ends it."""

    def __init__(self, name):
        self.name = name
        self.there = True
        self.row = None

    def begin(self, task, number, row):
        assert self.row is None
        self.row = number, row

    def drop(self):
        self.row = None


class Table:
    """Places of which some end at each look; a row may be lost a few times."""

    def __init__(self, count, draw, lost=None):
        self.places = [Place(f"place-{n}") for n in range(count)]
        self.draw = draw
        self.lost = dict(lost or {})
        self.looks = []

    def listen(self):
        busy = [place for place in self.places if place.row is not None]
        ending = self.draw.sample(busy, self.draw.randint(0, len(busy)))
        self.looks.append([])
        for place in ending:
            (number, row), place.row = place.row, None
            if self.lost.get(number, 0) > 0:
                self.lost[number] -= 1
                answer = Answer(number, place.name, 1.0, lost="it died", again=True)
            else:
                answer = Answer(number, place.name, 1.0, float(row[0]))
            self.looks[-1].append(number)
            yield place, answer

    def deal(self, rows, stop=None):
        return deal(None, rows, self.places, self.listen, stop or Stop())


def numbered(count):
    return np.arange(float(count))[:, None]


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 999),
    count=st.integers(0, 20),
    places=st.integers(1, 6),
    lost=st.dictionaries(st.integers(0, 19), st.integers(1, ATTEMPTS)),
)
def test_every_row_has_an_answer_and_comes_with_those_of_its_look(seed, count, places, lost):
    table = Table(places, random.Random(seed), lost)
    answers = list(table.deal(numbered(count)))
    ended = [answer for answer in answers if not answer.again]
    assert sorted(answer.row for answer in ended) == list(range(count))
    for answer in ended:
        if lost.get(answer.row, 0) < ATTEMPTS:
            assert answer.value == answer.row
        else:
            assert answer.lost == f"given up after {ATTEMPTS} attempts; the last: it died"
    batches = [[]]
    for answer in answers:
        batches[-1].append(answer.row)
        if not answer.more:
            batches.append([])
    assert [look for look in table.looks if look] == batches[:-1]
    assert batches[-1] == [], "the last answer of a look says that it is"


def test_a_row_is_made_when_there_is_a_place_for_it():
    """And a place that has ended one has its next before the answer is told."""
    made, table = [], Table(3, random.Random(1))

    def rows():
        for number in range(20):
            made.append(number)
            yield np.array([float(number)])

    told = 0
    for answer in table.deal(rows()):
        settled = sum(len(look) for look in table.looks)
        assert len(made) == min(20, settled + 3)
        told += not answer.again
    assert told == 20


def test_no_rows_are_made_for_a_stop():
    made, stop, table = [], Stop(grace_s=60), Table(2, random.Random(1))

    def rows():
        for number in range(20):
            made.append(number)
            yield np.array([float(number)])

    answers = table.deal(rows(), stop)
    next(answers)
    stop.ask("by the test")
    with pytest.raises(StoppedEarly, match="by the test"):
        list(answers)
    # What was under way has ended; one more was looked at, to know that there is more to do.
    assert len(made) <= 2 + 2 + 1


def test_a_stop_after_the_last_row_stops_nothing():
    stop, table = Stop(grace_s=60), Table(2, random.Random(1))
    answers = []
    for answer in table.deal(numbered(2), stop):
        answers.append(answer)
        stop.ask("too late")
    assert len(answers) == 2


def test_a_place_that_is_away_is_given_nothing_and_its_row_goes_elsewhere():
    """It was lost with its place and not by itself: that counts for nobody."""
    away, *others = places = [Place("away"), Place("one"), Place("two")]
    looks = []

    def listen():
        looks.append(away.row)
        if len(looks) == 4:
            away.there = False
            (number, _), away.row = away.row, None
            yield away, Answer(number, "away", 9.0, lost="silent", again=True, excused=True)
        for place in others:
            if place.row is not None:
                (number, row), place.row = place.row, None
                yield place, Answer(number, place.name, 1.0, float(row[0]))

    answers = list(deal(None, numbered(20), places, listen, Stop()))
    ended = [answer for answer in answers if not answer.again]
    assert sorted(answer.value for answer in ended) == list(range(20))
    [lost] = [answer for answer in answers if answer.again]
    assert (lost.lost, lost.excused) == ("silent", True)
    assert set(looks[4:]) == {None}, "it has no row any more"


def test_a_row_is_not_given_up_for_places_that_go_away():
    """Three come and go with it; the fourth loses it, which is its first loss."""
    place, told = Place("one"), []

    def listen():
        number, row = place.row
        place.row = None
        told.append(number)
        if len(told) < 4:
            yield place, Answer(number, "one", 1.0, lost="gone", again=True, excused=True)
        elif len(told) == 4:
            yield place, Answer(number, "one", 1.0, lost="it died", again=True)
        else:
            yield place, Answer(number, "one", 1.0, float(row[0]))

    answers = list(deal(None, numbered(1), [place], listen, Stop()))
    assert [answer.again for answer in answers] == [True] * 4 + [False]
    assert answers[-1].value == 0.0
