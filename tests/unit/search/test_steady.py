"""What every asynchronous search promises. A new one is tested by its name in `STEADY`."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.search import STEADY, make_search

every_search = pytest.mark.parametrize("algorithm", STEADY)
DIMENSION, OBJECTIVES, POPULATION = 4, 3, 8


def make(algorithm, seed=1, **options):
    return make_search(algorithm, DIMENSION, OBJECTIVES, POPULATION, seed, **options)


def spheres(row, spread=0.05):
    """One sphere an objective; the best sum lies in the middle of their centres."""
    centres = np.linspace(0.3 - spread, 0.3 + spread, OBJECTIVES)
    return np.array([((row - centre) ** 2).sum() for centre in centres])


def one_by_one(search, count, spread=0.05):
    rows = []
    for number in range(count):
        rows.append(search.propose(number))
        search.tell(rows[-1], spheres(rows[-1], spread))
    return np.array(rows)


@every_search
def test_rows_lie_in_the_unit_cube_and_are_read_only(algorithm):
    search = make(algorithm)
    rows = one_by_one(search, 60)
    assert rows.shape == (60, DIMENSION)
    assert rows.min() >= 0.0
    assert rows.max() <= 1.0
    assert search.tellings == 60
    with pytest.raises(ValueError, match="read-only"):
        search.propose(60)[0] = 0.5


@every_search
@pytest.mark.parametrize("told", [0, 5, 8, 30])
def test_a_number_has_one_row_until_more_is_told(algorithm, told):
    """In whatever order and however often it is asked, and whoever draws elsewhere."""
    search = make(algorithm)
    one_by_one(search, told)
    forward = [search.propose(number) for number in range(20)]
    random.random()
    backward = [search.propose(number) for number in range(20)[::-1]][::-1]
    assert np.array_equal(forward, backward)
    assert len(np.unique(forward, axis=0)) == 20, "each number has a stream of its own"
    assert search.tellings == told


@every_search
def test_what_is_told_changes_what_is_proposed(algorithm):
    search = make(algorithm)
    one_by_one(search, 30)
    before = search.propose(50)
    search.tell(search.propose(30), np.zeros(OBJECTIVES))
    assert not np.array_equal(search.propose(50), before)


# Whether to ask for one more (None), or which of those under way is told next (a share).
histories = st.lists(st.none() | st.floats(0, 1, exclude_max=True), max_size=120)


@every_search
@settings(max_examples=30, deadline=None)
@given(history=histories, seed=st.integers(0, 2**32 - 1))
def test_the_order_of_telling_is_all_that_a_replay_needs(algorithm, history, seed):
    """Rows asked and told in any order come again from (number, tellings when asked) alone."""
    search = make(algorithm, seed)
    under_way, told, number = [], [], 0
    for choice in history:
        if choice is None or not under_way:
            under_way.append((number, search.tellings, search.propose(number)))
            number += 1
        else:
            one = under_way.pop(int(choice * len(under_way)))
            search.tell(one[2], spheres(one[2]))
            told.append(one)
    again = make(algorithm, seed)
    for number, asked_after, row in under_way:
        told.append((number, asked_after, row))
    found = {}
    for step in range(len(told) + 1):
        for number, asked_after, _ in told:
            if asked_after == again.tellings:
                found[number] = again.propose(number)
        if step < search.tellings:
            again.tell(found[told[step][0]], spheres(found[told[step][0]]))
    assert all(found[number].tobytes() == row.tobytes() for number, _, row in told)


@every_search
def test_other_seeds_give_other_rows(algorithm):
    ours, theirs = one_by_one(make(algorithm), 40), one_by_one(make(algorithm, seed=2), 40)
    assert not (ours == theirs).all(axis=1).any()


@every_search
def test_the_first_rows_are_the_initial_ones(algorithm):
    known = [[0.0, 0.1, 1.0, 1 / 3], [0.9, 0.2, 0.0, 0.7]]
    search = make(algorithm, initial=known)
    assert [search.propose(n).tolist() for n in range(2)] == known
    assert search.propose(2).tolist() == make(algorithm).propose(2).tolist()


@every_search
def test_bounds_do_not_matter_but_for_rounding(algorithm):
    inside = make(algorithm, bounds=[[20, 1000], [5e-4, 0.05], [-1, 3], [0, 1e-3]])
    unit = one_by_one(make(algorithm), 20)
    np.testing.assert_allclose(one_by_one(inside, 20), unit, rtol=0, atol=1e-9)


@every_search
@pytest.mark.parametrize(
    ("row", "scores", "says"),
    [
        ([0.5] * 3, [1.0] * 3, r"row of shape \(3,\), expected \(4,\)"),
        ([0.5, 0.5, 0.5, 1.5], [1.0] * 3, "outside of the unit cube"),
        ([0.5, 0.5, 0.5, np.nan], [1.0] * 3, "outside of the unit cube"),
        ([0.5] * 4, [1.0] * 2, r"expected \(1, 3\)"),
        ([0.5] * 4, [1.0, np.nan, 1.0], "objective 1, is nan"),
        ([0.5] * 4, [1.0, 1.0, -1.0], "objective 2, is -1"),
    ],
)
def test_what_cannot_be_told_is_refused_and_changes_nothing(algorithm, row, scores, says):
    search = make(algorithm)
    one_by_one(search, 20)
    before = search.propose(20)
    with pytest.raises(ValueError, match=says):
        search.tell(row, scores)
    assert search.tellings == 20
    assert np.array_equal(search.propose(20), before)


@every_search
def test_what_was_told_is_not_kept_by_reference(algorithm):
    search, twin = make(algorithm), make(algorithm)
    one_by_one(search, 20)
    one_by_one(twin, 20)
    row, scores = np.full(4, 0.3), np.full(3, 1e-3)
    search.tell(row, scores)
    twin.tell(row.copy(), scores.copy())
    row[:], scores[:] = 0.9, 7.0
    assert [search.propose(n).tolist() for n in range(9)] == [
        twin.propose(n).tolist() for n in range(9)
    ]


@every_search
def test_the_global_generators_are_left_as_they_were(algorithm):
    random.seed(3)
    before, numpys = random.getstate(), str(np.random.get_state())  # noqa: NPY002
    one_by_one(make(algorithm), 20)
    assert random.getstate() == before
    assert str(np.random.get_state()) == numpys  # noqa: NPY002


@every_search
@settings(max_examples=20, deadline=None)
@given(
    table=st.lists(
        st.lists(
            st.floats(0.0, 1e100) | st.sampled_from([0.0, 1.0, 250.0, 500.0, 1e12]),
            min_size=3,
            max_size=3,
        ),
        min_size=30,
        max_size=30,
    )
)
def test_any_scores_give_rows_of_the_unit_cube(algorithm, table):
    search = make(algorithm)
    for number, scores in enumerate(table):
        search.tell(search.propose(number), scores)
    rows = np.array([search.propose(number) for number in range(5)])
    assert np.isfinite(rows).all()
    assert rows.min() >= 0.0
    assert rows.max() <= 1.0


@every_search
@pytest.mark.parametrize("workers", [1, 16])
def test_it_beats_random_rows_on_spheres(algorithm, workers):
    """Also when every row is proposed long before its last ones are told."""

    def best_sum(rows):
        return min(spheres(row).sum() for row in rows)

    search, asked = make(algorithm, seed=4), []
    for number in range(800):
        asked.append(search.propose(number))
        if number >= workers:
            row = asked[number - workers]
            search.tell(row, spheres(row))
    least = spheres(np.full(DIMENSION, 0.3)).sum()  # the closed form: the centres' mean
    uniform = np.random.default_rng(4).random((800, DIMENSION))
    assert best_sum(asked) - least < 0.1 * (best_sum(uniform) - least)


def test_options_are_used():
    usual = one_by_one(make("steady-ibea"), 40, spread=0.25)
    for option in ({"eta": 30.0}, {"crossover": 0.1}, {"mutation": 0.1}):
        other = one_by_one(make("steady-ibea", **option), 40, spread=0.25)
        assert not np.array_equal(usual[-1], other[-1]), option


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"population": 1}, "steady-ibea needs population of at least 2, given 1"),
        ({"etta": 10.0}, "did you mean 'eta'"),
        ({"eta": -1.0}, "eta must be a number from 0 to 1e"),
        ({"crossover": 1.5}, "crossover must be a number from 0 to 1"),
        ({"mutation": "often"}, "mutation must be a number"),
    ],
)
def test_what_cannot_be_used_is_refused(changes, message):
    size = {"dimension": 4, "objectives": 3, "population": 8, "seed": 1}
    with pytest.raises(InputError, match=message):
        make_search("steady-ibea", **(size | changes))
