"""What is told of a race: medians and ranges of hand-made curves."""

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.races import Curves, Entrant, entrants_of
from workbench.reports.race_figure import race_figure, write_race_figure
from workbench.search import ALGORITHMS

QUICK, SLOW, HOPELESS = Entrant("ibea", 2), Entrant("random", 2), Entrant("cma", 4)


@pytest.fixture
def curves():
    inf = np.inf
    return Curves(
        "cell",
        (1, 2, 3),
        {
            HOPELESS: np.full((3, 8), inf),
            SLOW: np.array([[9.0] * 8, [inf, *[7.0] * 7], [8.0] * 4 + [6.0] * 4]),
            QUICK: np.array([[9.0, 5, 5, 5, 5, 5, 5, 1], [8.0] * 8, [7.0] * 7 + [3.0]]),
        },
    )


def test_the_table_has_medians_and_ranges_and_the_best_median_first(curves):
    assert curves.table() == [
        {
            "search": "ibea",
            "population": 2,
            "seeds": 3,
            "median at 1": 8.0,
            "median at 2": 7.0,
            "median at 4": 7.0,
            "median at 8": 3.0,
            "least": 1.0,
            "most": 8.0,
        },
        {
            "search": "random",
            "population": 2,
            "seeds": 3,
            "median at 1": 9.0,
            "median at 2": 8.0,
            "median at 4": 8.0,
            "median at 8": 7.0,
            "least": 6.0,
            "most": 9.0,
        },
        {
            "search": "cma",
            "population": 4,
            "seeds": 3,
            **{f"median at {at}": None for at in (1, 2, 4, 8)},
            "least": None,
            "most": None,
        },
    ]


def test_steps_hold_what_was_better_and_the_end(curves):
    steps = [row for row in curves.steps() if row["search"] != "cma"]
    assert [tuple(row.values())[2:] for row in steps if row["search"] == "random"] == [
        (1, 1, 9.0),
        (1, 8, 9.0),
        (2, 2, 7.0),
        (2, 8, 7.0),
        (3, 1, 8.0),
        (3, 5, 6.0),
        (3, 8, 6.0),
    ]


def test_a_figure_is_drawn_also_of_searches_that_found_nothing(curves, tmp_path):
    [axes] = race_figure(curves).axes
    assert len(axes.lines) == 3
    assert write_race_figure(curves, tmp_path).read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "curves.svg").stat().st_size > 0


def test_searches_are_named_with_or_without_their_population():
    assert entrants_of(["ibea", " cma:8", "ibea:20"], 20) == (
        Entrant("ibea", 20),
        Entrant("cma", 8),
    )
    assert [one.algorithm for one in entrants_of(None, 20)] == list(ALGORITHMS)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("ibae", "ibea"),
        ("ibea:", "write ibea:20"),
        ("ibea:-4", "write ibea:20"),
        ("ibea:2.5", "write ibea:20"),
        ("", "cma"),
    ],
)
def test_what_is_no_search_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        entrants_of([given], 20)
