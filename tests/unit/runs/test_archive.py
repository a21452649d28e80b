"""The Pareto archive of a run: by brute force, whatever the ledger holds and whoever came first."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.made_runs import OBJECTIVES
from workbench.errors import AllFailed, InputError
from workbench.evaluations import Evaluation, Row
from workbench.runs import archive as module
from workbench.runs import read_archive, read_run
from workbench.runs.archive import MOST, archive_of, archive_table
from workbench.runs.individuals import values_of

THREE = [
    SimpleNamespace(name=name, protocol=protocol, morphology="")
    for name, protocol, *_ in OBJECTIVES
]
SCORES = st.one_of(st.integers(0, 4).map(float), st.floats(0, 250))


@st.composite
def ledgers(draw):
    """Return rows of a ledger in the order of their keys, some of which failed."""
    scores = draw(st.lists(st.tuples(SCORES, SCORES, SCORES), min_size=1, max_size=60))
    failed = draw(st.sets(st.integers(0, len(scores) - 1), max_size=5))
    return [row_of(i, one, "ABSURD" if i in failed else "OK") for i, one in enumerate(scores)]


def row_of(number, scores, status="OK"):
    values = np.array([float(number), 1.0])
    return Row(number // 7, number % 7, values, Evaluation((), status), np.array(scores))


def dominated(point, points):
    return any((other <= point).all() and (other < point).any() for other in points)


@given(ledgers(), st.sampled_from(["protocols", "features"]), st.integers(1, 9))
def test_it_holds_who_is_not_dominated_and_nobody_else(rows, by, at_once):
    """However many are compared at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_AT_ONCE", at_once)
        found = archive_of(rows, THREE, by)
    sound = [row for row in rows if not row.evaluation.failed]
    points = [row.scores for row in sound]
    if by == "protocols":
        points = [np.array([one[0] + one[1], one[2]]) for one in points]
    assert np.array_equal(points_of(found, by), found.scores.tolist())
    kept = {(row.generation, row.individual) for row in found.rows}
    for place, (row, point) in enumerate(zip(sound, points, strict=True)):
        again = any((point == other).all() for other in points[:place])
        assert ((row.generation, row.individual) in kept) == (
            not dominated(point, points) and not again
        )
    assert found.found == len(found.rows) == len(kept)
    sums = [row.scores.sum() for row in found.rows]
    assert sums == sorted(sums)


def points_of(found, by):
    scores = [row.scores for row in found.rows]
    if by == "features":
        return scores
    return [np.array([one[0] + one[1], one[2]]) for one in scores]


def test_of_many_those_are_kept_that_stand_for_all():
    turns = np.linspace(0, np.pi / 2, 3 * MOST)
    rows = [row_of(i, (np.cos(t), 0.0, np.sin(t))) for i, t in enumerate(turns)]
    found = archive_of(rows, THREE)
    assert (found.found, len(found.rows)) == (3 * MOST, MOST)
    places = sorted(row.parameters[0] for row in found.rows)
    assert (places[0], places[-1]) == (0, 3 * MOST - 1)
    assert max(np.diff(places)) <= 8  # evenly: 3 apart, at most doubled and rounded


def test_a_feature_of_one_protocol_alone_is_an_axis():
    rows = [row_of(0, (0.0, 1.0)), row_of(1, (1.0, 0.0)), row_of(2, (0.6, 0.6))]
    found = archive_of(rows, THREE[:2])
    assert found.axes == ("Step.soma.AP_height", "Step.soma.Spikecount")
    assert len(found.rows) == 3
    assert len(archive_of(rows, THREE[:2], "protocols").rows) == 1


@pytest.fixture
def run(new_run):
    """Return a run of two compromises, one that loses to the first, and one that failed."""
    made = new_run()
    made.add(0, 0, [[20.0], [5.0], [65.0]], [0.1, 2.0])
    made.add(0, 1, [[20.0], [5.5], [65.0]], [0.2, 2.0])
    made.add(0, 2, ["it failed"] * 3, [0.9, 9.0], status="ABSURD")
    made.add(1, 0, [[28.0], [5.0], [45.0]], [0.3, 3.0])
    return made.write()


def test_its_individuals_have_names_and_a_table(run):
    first, second = archive_table(run)
    assert list(first)[:6] == ["pick", "generation", "individual", "sum", "Step [SD]", "bAP [SD]"]
    assert [first["pick"], second["pick"]] == [1, 2]
    assert (first["Step [SD]"], first["bAP [SD]"], first["gNa.somatic"]) == (0.0, 2.0, 0.1)
    assert (second["Step [SD]"], second["bAP [SD]"], second["gNa.somatic"]) == (2.0, 0.0, 0.3)
    assert values_of(run, "pareto/2")["gNa.somatic"] == 0.3
    assert read_run(run, 2).best_values()["gNa.somatic"] == 0.3
    assert [row.individual for row in read_run(run, "0/1").elite] == [1, 0, 0]


def test_what_it_does_not_hold_says_what_it_holds(run, new_run):
    with pytest.raises(InputError, match=r"no compromise 3: its Pareto archive holds 2, so give 1"):
        values_of(run, "pareto/3")
    with pytest.raises(InputError, match=r"no compromise 0"):
        read_run(run, 0)
    with pytest.raises(InputError, match=r"unknown way .* 'spikes'.*protocols"):
        read_archive(run, "spikes")
    with pytest.raises(AllFailed):
        values_of(new_run().write(), "pareto/1")
