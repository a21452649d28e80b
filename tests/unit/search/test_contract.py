"""What every search promises. A new search is tested by its name in `GENERATIONAL`."""

import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.search import GENERATIONAL, make_search, pack_state, unpack_state

every_search = pytest.mark.parametrize("algorithm", GENERATIONAL)
DIMENSION, OBJECTIVES, POPULATION = 4, 3, 8


def make(algorithm, seed=1, **options):
    return make_search(algorithm, DIMENSION, OBJECTIVES, POPULATION, seed, **options)


def spheres(rows, objectives=OBJECTIVES, spread=0.05):
    """One sphere an objective; the best sum lies in the middle of their centres."""
    centres = np.linspace(0.3 - spread, 0.3 + spread, objectives)
    return np.stack([((rows - centre) ** 2).sum(axis=1) for centre in centres], axis=1)


def populations(search, generations, spread=0.05):
    asked = []
    for _ in range(generations):
        asked.append(search.ask())
        search.tell(asked[-1], spheres(asked[-1], spread=spread))
    return asked


def draw_elsewhere():
    random.random()
    random.gauss(0.0, 1.0)
    np.random.standard_normal(3)  # noqa: NPY002 - the generator that must not matter


def global_generators():
    key = np.random.get_state(legacy=False)  # noqa: NPY002
    return random.getstate(), key["state"]["key"].tolist(), key["state"]["pos"], key["has_gauss"]


@every_search
def test_a_population_has_the_size_asked_for_and_lies_in_the_unit_cube(algorithm):
    search = make(algorithm)
    assert (search.dimension, search.objectives, search.population) == (4, 3, 8)
    for generation, rows in enumerate(populations(search, 10)):
        assert rows.shape == (8, 4), generation
        assert rows.dtype == np.float64
        assert rows.min() >= 0.0
        assert rows.max() <= 1.0
    assert search.generation == 10


@every_search
@pytest.mark.parametrize("population", [4, 5, 13])
@pytest.mark.parametrize("dimension", [1, 7])
def test_odd_and_small_sizes(algorithm, population, dimension):
    search = make_search(algorithm, dimension, 2, population, seed=0)
    for _ in range(4):
        rows = search.ask()
        assert rows.shape == (population, dimension)
        search.tell(rows, spheres(rows, 2))


@every_search
def test_rows_are_read_only_and_stay_until_told(algorithm):
    search = make(algorithm)
    rows = search.ask()
    assert np.array_equal(search.ask(), rows)
    with pytest.raises(ValueError, match="read-only"):
        rows[0, 0] = 0.5
    search.tell(rows, spheres(rows))
    assert not np.array_equal(search.ask(), rows)


@every_search
def test_equal_seeds_agree_and_other_seeds_differ(algorithm):
    first, again = populations(make(algorithm), 6), populations(make(algorithm), 6)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    other = populations(make(algorithm, seed=2), 6)
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def through_json(state):
    """Arrays to lists of JSON and back, with their dtype."""
    restored = {}
    for name, value in state.items():
        array = np.asarray(value)
        numbers = json.loads(json.dumps(array.tolist()))
        restored[name] = np.array(numbers, dtype=array.dtype) if array.ndim else numbers
    return restored


@every_search
@pytest.mark.parametrize("travel", [lambda s: unpack_state(pack_state(s)), through_json])
def test_a_search_restored_in_any_generation_goes_on_bit_for_bit(algorithm, travel):
    """Also with foreign draws in between, and into a search that has already run elsewhere."""
    generations = 12
    search, straight, states = make(algorithm), [], []
    for _ in range(generations):
        straight.append(search.ask())
        states.append(travel(search.state()))
        search.tell(straight[-1], spheres(straight[-1]))
    for start, state in enumerate(states):
        resumed = make(algorithm, seed=99)
        populations(resumed, start % 3)
        resumed.restore(state)
        assert resumed.generation == start
        for expected in straight[start:]:
            draw_elsewhere()
            assert np.array_equal(resumed.ask(), expected)
            draw_elsewhere()
            resumed.tell(expected, spheres(expected))


@every_search
def test_the_state_before_the_first_ask_is_that_of_the_first_population(algorithm):
    state, search = make(algorithm).state(), make(algorithm, seed=5)
    search.restore(state)
    assert np.array_equal(search.ask(), make(algorithm).ask())


@every_search
def test_a_state_does_not_change_when_the_search_goes_on(algorithm):
    search = make(algorithm)
    populations(search, 2)
    state = search.state()
    before = pack_state(state)
    populations(search, 2)
    assert pack_state(state) == before
    assert pack_state(search.state()) != before


@every_search
def test_a_state_of_another_search_is_refused(algorithm):
    state = make(algorithm).state()
    other = "random" if algorithm != "random" else "ibea"
    with pytest.raises(InputError, match="stored by another search"):
        make(other).restore(state)
    with pytest.raises(InputError, match="stored by another search"):
        make_search(algorithm, DIMENSION + 1, OBJECTIVES, POPULATION, seed=1).restore(state)
    with pytest.raises(InputError, match="stored by another search"):
        make(algorithm, bounds=[[0.0, 2.0]] * DIMENSION).restore(state)


@every_search
def test_rows_that_were_not_asked_are_refused(algorithm):
    search = make(algorithm)
    rows = search.ask()
    scores = spheres(rows)
    with pytest.raises(ValueError, match=r"row 2 is not the row that was asked \(1 of 8"):
        search.tell(np.where(np.arange(8)[:, None] == 2, 0.123, rows), scores)
    with pytest.raises(ValueError, match="8 of 8 differ"):
        search.tell(rows[::-1], scores)
    with pytest.raises(ValueError, match=r"shape \(7, 4\)"):
        search.tell(rows[:-1], scores[:-1])
    search.tell(rows, scores)
    with pytest.raises(ValueError, match="told once"):
        search.tell(rows, scores)
    assert search.generation == 1


@every_search
@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_a_bad_score_is_refused_and_changes_nothing(algorithm, bad):
    search = make(algorithm)
    rows = search.ask()
    scores = spheres(rows)
    before = pack_state(search.state())
    with pytest.raises(ValueError, match="row 3, objective 1"):
        search.tell(rows, np.where(scores == scores[3, 1], bad, scores))
    with pytest.raises(ValueError, match=r"expected \(8, 3\)"):
        search.tell(rows, scores[:, 0])
    assert pack_state(search.state()) == before


@every_search
def test_the_scores_given_are_not_kept_by_reference(algorithm):
    search, twin = make(algorithm), make(algorithm)
    rows = search.ask()
    scores = spheres(rows)
    search.tell(rows, scores)
    scores[:] = 0.0
    twin.tell(twin.ask(), spheres(rows))
    following = search.ask()
    search.tell(following, spheres(following))
    twin.tell(following, spheres(following))
    assert np.array_equal(search.ask(), twin.ask())


@every_search
def test_the_global_generators_are_left_as_they_were(algorithm):
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002
    np.random.standard_normal(1)  # noqa: NPY002 - leaves half of a pair of normals behind
    before = global_generators()
    search = make(algorithm)
    assert global_generators() == before
    for _ in range(3):
        rows = search.ask()
        assert global_generators() == before
        search.tell(rows, spheres(rows))
        assert global_generators() == before
        search.restore(search.state())
        assert global_generators() == before


@every_search
def test_the_first_population_begins_with_the_initial_rows(algorithm):
    """To the last digit or two: each search rounds in the box that it works in."""
    known = [[0.0, 0.1, 1.0, 1 / 3], [0.9, 0.2, 0.0, 0.7]]
    rows = make(algorithm, initial=known).ask()
    np.testing.assert_allclose(rows[:2], known, rtol=0, atol=1e-15)
    inside = make(algorithm, initial=known, bounds=[[20, 1000], [5e-4, 0.05], [-1, 3], [0, 1e-3]])
    np.testing.assert_allclose(inside.ask()[:2], known, rtol=0, atol=1e-15)


@pytest.mark.parametrize("algorithm", [name for name in GENERATIONAL if name != "random"])
def test_a_search_beats_random_rows_on_spheres(algorithm):
    """The same 800 rows of 6 numbers; a search that learns comes five times nearer."""

    def best_sum(name):
        search, best = make_search(name, 6, 3, population=20, seed=4), np.inf
        for _ in range(40):
            rows = search.ask()
            scores = spheres(rows)
            best = min(best, scores.sum(axis=1).min())
            search.tell(rows, scores)
        return best

    least = spheres(np.full((1, 6), 0.3)).sum()  # the closed form: the centres' mean
    assert best_sum(algorithm) - least < 0.2 * (best_sum("random") - least)


scores_of_any_size = st.lists(
    st.floats(0.0, 1e100) | st.sampled_from([0.0, 1.0, 250.0, 1e12]), min_size=24, max_size=24
)


@every_search
@settings(max_examples=10, deadline=None)
@given(tables=st.lists(scores_of_any_size, min_size=3, max_size=3))
def test_any_scores_give_rows_of_the_unit_cube(algorithm, tables):
    search = make(algorithm)
    for table in tables:
        search.tell(search.ask(), np.reshape(table, (8, 3)))
        assert np.isfinite(search.ask()).all()
        assert search.ask().min() >= 0.0
        assert search.ask().max() <= 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"algorithm": "nsga"}, "did you mean 'nsga2'"),
        ({"dimension": 0}, "dimension must be a whole number of at least 1, not 0"),
        ({"dimension": 2.0}, "dimension must be a whole number"),
        ({"objectives": 0}, "objectives must be a whole number"),
        ({"population": True}, "population must be a whole number"),
        ({"population": 1}, "ibea needs population of at least 2, given 1"),
        ({"algorithm": "cma", "population": 3}, "cma needs population of at least 4"),
        ({"algorithm": "mo-cma", "objectives": 1}, "mo-cma needs objectives of at least 2"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"seed": 2**32}, "at most 4294967295"),
        ({"initial": [[0.5]]}, "must have 4 columns"),
        ({"initial": np.zeros((9, 4))}, "at most 8 rows"),
        ({"initial": [[0.5, 0.5, 0.5, 1.5]]}, "outside of"),
        ({"initial": [[0.5, 0.5, 0.5, np.nan]]}, "outside of"),
        ({"bounds": [[0.0, 1.0]]}, "give 4 pairs"),
        ({"bounds": [[0.0, 1.0]] * 3 + [[1.0, 1.0]]}, "less than its upper bound"),
        ({"bounds": [[0.0, 1.0]] * 3 + [[0.0, np.inf]]}, "finite"),
        ({"etta": 10.0}, "unknown option of the search 'ibea' 'etta'; did you mean 'eta'"),
        ({"gene_mutation": 0.3}, "unknown option of the search 'ibea' 'gene_mutation'"),
        ({"algorithm": "truncation", "gene_mutation": 1.1}, "gene_mutation must be a number"),
        ({"eta": -1.0}, "eta must be a number from 0 to 1e"),
        ({"crossover": 1.5}, "crossover must be a number from 0 to 1"),
        ({"mutation": "often"}, "mutation must be a number"),
        ({"algorithm": "cma", "sigma": 0.0}, "sigma must be a number"),
        ({"algorithm": "mo-cma", "hypervolume_weight": 2.0}, "hypervolume_weight"),
        ({"algorithm": "mo-cma", "samples": 0}, "samples must be a whole number"),
        ({"algorithm": "random", "eta": 10.0}, "Allowed: none"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_can(changes, message):
    given = {"algorithm": "ibea", "dimension": 4, "objectives": 3, "population": 8, "seed": 1}
    with pytest.raises(InputError, match=message):
        make_search(**(given | changes))


def test_options_are_used():
    for algorithm, option in [
        ("ibea", {"eta": 30.0}),
        ("nsga2", {"crossover": 0.1}),
        ("ibea", {"mutation": 0.1}),
        ("truncation", {"crossover": 1.0}),
        ("truncation", {"gene_mutation": 0.9}),
        ("cma", {"sigma": 0.1}),
        ("mo-cma", {"sigma": 0.1}),
        ("mo-cma", {"hypervolume_weight": 0.0}),
    ]:
        usual = populations(make(algorithm), 9, spread=0.25)
        other = populations(make(algorithm, **option), 9, spread=0.25)
        assert not np.array_equal(usual[-1], other[-1]), (algorithm, option)
