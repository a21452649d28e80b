"""Traces of whom a user picks, where the run's study is no longer there, and how many."""

import pytest

from workbench.digests import DIGEST_VERSION
from workbench.errors import InputError
from workbench.runs import trace_few, trace_picked


@pytest.fixture
def run(new_run):
    made = new_run(study="/nowhere/toy", digest_version=DIGEST_VERSION)
    made.add(0, 0, [[20.0], [5.0], [65.0]], [0.1, 2.0])
    made.add(0, 1, [[28.0], [5.0], [45.0]], [0.3, 3.0])
    made.write_traces()
    return made.write()


def test_what_is_kept_is_not_simulated_again(run):
    said = []
    trace_picked(run, "0/0", report=said.append)
    assert said == []


def test_a_study_that_is_gone_leaves_its_traces_undrawn_and_says_so(run):
    said = []
    trace_picked(run, "0/1", report=said.append)
    trace_few(run, 2, report=said.append)
    assert [one.startswith("traces are not drawn: the study of ") for one in said] == [True] * 2
    assert [path.name for path in (run / "traces").iterdir()] == ["best.npz"]


@pytest.mark.parametrize("count", [0, 101, -1])
def test_how_many_there_can_be(run, count):
    with pytest.raises(InputError, match="traces"):
        trace_few(run, count)
