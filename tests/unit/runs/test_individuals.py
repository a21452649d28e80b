"""An individual of a run by what it is called, or a message that says what the run holds."""

import contextlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import AllFailed, InputError
from workbench.evaluations import Evaluation, Row
from workbench.fitting import best_rows
from workbench.runs import with_params
from workbench.runs.folder import run_named
from workbench.runs.individuals import split, values_of
from workbench.studies import load_study

HH = load_study("hodgkin_huxley")


def asked(run, which):
    """Return gNa of an individual as --params gives it."""
    return with_params(HH, f"{run}:{which}")[1]["gNa.somatic"]


@pytest.fixture
def run(new_run):
    """Return a run of 2 generations: sums of 3, 1, 2 and 1 SD, one repeated, one that failed."""
    made = new_run()
    made.add(0, 0, [[32.0], [5.0], [45.0]], [0.3, 3.0])
    made.add(0, 1, [[24.0], [5.0], [45.0]], [0.1, 2.0])
    made.add(0, 2, ["it failed"] * 3, [0.9, 9.0], status="ABSURD")
    made.add(1, 0, [[28.0], [5.0], [45.0]], [0.2, 2.0])
    made.add(1, 1, [[24.0], [5.0], [45.0]], [0.1, 2.0])
    return made.write()


@pytest.mark.parametrize(
    ("which", "gNa"),
    [
        ("", 0.1),
        ("best", 0.1),
        ("1", 0.1),
        ("2", 0.2),
        ("3", 0.3),
        ("0/0", 0.3),
        ("1/1", 0.1),
        ("0/2", 0.9),
    ],
)
def test_the_best_the_nth_best_and_each_by_its_number(run, which, gNa):
    assert asked(run, which) == gNa


@pytest.mark.parametrize(
    ("which", "says"),
    [
        ("0", r"has no individual 0: it holds 3 parameter sets .* give 1 \(the best\) to 3"),
        ("4", r"has no individual 4: it holds 3 parameter sets"),
        ("1/2", r"no individual 2 of generation 1: generation 1 holds individuals 0 to 1"),
        ("2/0", r"no individual 0 of generation 2: it holds generations 0 to 1"),
        ("worst", r"'worst' is no individual of .*; write RUN:best, RUN:N for the N-th best"),
        ("-1", r"is no individual"),
        ("1/", r"is no individual"),
        ("1/2/3", r"is no individual"),
        ("9" * 5000, r"is no individual"),
        ("\u0663", r"is no individual"),
    ],
)
def test_what_the_run_does_not_hold_says_what_it_holds(run, which, says):
    with pytest.raises(InputError, match=says):
        asked(run, which)


def test_a_run_that_holds_nothing_says_so(new_run):
    empty = new_run().write()
    with pytest.raises(InputError, match=r"no individual 0 of generation 0: it holds none yet"):
        asked(empty, "0/0")
    with pytest.raises(AllFailed, match="no individual could be simulated"):
        asked(empty, "2")


def test_a_colon_of_the_folders_own_name(run):
    colon = run.rename(run.with_name("a:2"))
    assert split(str(colon)) == (colon, "")
    assert asked(colon, "3") == 0.3
    plain = colon.with_name("a")
    colon.rename(plain)
    assert split(f"{plain}:2") == (plain, "2")
    assert split(f"{plain}/:2")[1] == "2"
    assert split("a:b:c") is None


def test_a_name_in_runs(run, monkeypatch, tmp_path):
    (tmp_path / "runs").mkdir()
    run.rename(tmp_path / "runs" / "first")
    monkeypatch.chdir(tmp_path)
    assert asked("first", "2") == asked("runs/first", "2") == 0.2
    assert str(run_named("first")) == "runs/first"
    assert str(run_named("none")) == "none"


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(which=st.text())
def test_any_text_behind_the_colon(run, which):
    with contextlib.suppress(InputError):
        assert set(values_of(run, which)) == {"gNa.somatic", "decay.axonal"}


@given(most=st.integers(1, 30), sums=st.lists(st.integers(0, 5), max_size=20))
def test_the_best_rows_are_those_of_sorting(most, sums):
    one = np.zeros(1)
    rows = [
        Row(0, i, np.array([float(i)]), Evaluation((one,)), one + s) for i, s in enumerate(sums)
    ]
    ordered = sorted(rows, key=lambda row: (row.scores[0], row.individual))
    assert best_rows([*rows, *rows], most) == ordered[:most]
