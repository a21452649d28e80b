"""The best individual computed without approximation, as a run keeps it. Nothing is simulated."""

import dataclasses
import json

import numpy as np
import pytest

from workbench.engines import Failure, FailureKind
from workbench.errors import EngineError
from workbench.evaluations import Evaluation, Row, Simulated
from workbench.features import Missing
from workbench.runs import verifying
from workbench.runs.verifying import FILE, Verified, verified, verify_best
from workbench.studies import load_study

HH = load_study("hodgkin_huxley")
NAMES = [objective.name for objective in HH.problem.objectives]
MEANS = [objective.mean for objective in HH.problem.objectives]
STDS = [objective.std for objective in HH.problem.objectives]


def evaluation(*values):
    """Return an evaluation with these values; None is a missing one."""
    measured = [Missing("no spike") if v is None else np.array(v, dtype=float) for v in values]
    return Evaluation(tuple(measured))


def best_of(found, number=3):
    scores = HH.problem.score(found)
    return Row(2, number, HH.problem.row(HH.published["published"]), found, scores)


@pytest.fixture
def computed(tmp_path, monkeypatch):
    """Verify a best individual whose exact values are these; return what is kept."""

    def compute(own, exact, outcome=None):
        asked = []

        def simulate(jobs, workers):
            asked.extend(jobs)
            return [outcome] * len(jobs)

        monkeypatch.setattr(verifying, "simulate", simulate)
        monkeypatch.setattr(Simulated, "evaluation", lambda *_: evaluation(*exact))
        best = best_of(evaluation(*own))
        verify_best(HH, tmp_path, best, None)
        return verified(tmp_path, best), asked, best

    return compute


def test_it_says_by_how_much_features_move_and_what_becomes_of_the_sum(computed):
    two = [[MEANS[1] - 1, MEANS[1] + 1], MEANS[1] + STDS[1]]
    own, exact = list(MEANS), list(MEANS)
    own[1], exact[1] = two
    found, asked, _ = computed(own, exact)
    assert list(found.moves_SD) == NAMES
    np.testing.assert_allclose(list(found.moves_SD.values()), [0, 1, 0, 0], atol=1e-12)
    assert found.sum_SD == pytest.approx(1)
    assert str(found) == (
        "the best individual computed without approximation (10 um, somatic 2 um, axonal 2 um; "
        "NEURON, CVODE atol 1e-05): features move by at most 1 SD (step.soma.spike_intervals), "
        "the sum is 1.000"
    )
    assert {job.integrator.engine for job in asked} == {"neuron"}
    assert {job.integrator.atol for job in asked} == {1e-5}


def test_a_value_that_is_there_in_one_alone_is_named(computed):
    found, _, _ = computed([None, None, *MEANS[2:]], [MEANS[0], None, *MEANS[2:]])
    assert found.moves_SD[NAMES[0]] is None
    assert found.moves_SD[NAMES[1]] == 0
    assert f"{NAMES[0]} with a value in one of the two alone" in str(found)


def test_it_is_done_once_for_an_individual(computed, tmp_path):
    _, asked, best = computed(MEANS, MEANS)
    assert asked
    _, again, _ = computed(MEANS, MEANS)
    assert not again
    assert verified(tmp_path, dataclasses.replace(best, individual=4)) is None
    assert verified(tmp_path, None) is None
    verify_best(HH, tmp_path / "nowhere", None, None)


def test_why_it_cannot_be_done_is_told(computed, monkeypatch):
    failure = Failure(FailureKind.TOO_MANY_STEPS, "enough")
    found, _, _ = computed(MEANS, MEANS, failure)
    assert "was not computed with 10 um" in str(found)
    assert "used up its budget of steps: enough" in str(found)

    def refuse(*_):
        raise EngineError("no CVODE for moved.mod")

    monkeypatch.setattr(verifying, "check", refuse)
    monkeypatch.setattr(verifying, "verified", lambda *_: None)
    found, asked, _ = computed(MEANS, MEANS)
    assert not asked


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"generation": 2, "individual": 3}', "\0", "[" * 100_000]
)
def test_what_cannot_be_read_is_not_there(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    assert verified(tmp_path, best_of(evaluation(*MEANS))) is None


@pytest.mark.parametrize(
    ("key", "value"), [("moves_SD", {"a": "far"}), ("sum_SD", "much"), ("more", 1), ("moves_SD", 3)]
)
def test_what_nobody_wrote_is_not_there(tmp_path, key, value):
    said = {"generation": 2, "individual": 3} | dataclasses.asdict(Verified("fine", 1.0))
    (tmp_path / FILE).write_text(json.dumps(said | {key: value}))
    assert verified(tmp_path, best_of(evaluation(*MEANS))) is None
