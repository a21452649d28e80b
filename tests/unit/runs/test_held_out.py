"""What is held out: scored for the best and the archive, once, and kept with a checksum."""

import json
from dataclasses import replace

import numpy as np
import pytest

from workbench.errors import InputError, StudyError
from workbench.evaluations import Evaluation, Row
from workbench.evaluations.counting import PartDone
from workbench.features import Missing
from workbench.fitting import Repeats
from workbench.runs import held_out, validating
from workbench.runs.held_out import FILE, UNDER, read_held_out, score_held_out
from workbench.runs.provenance import record_of
from workbench.runs.record import Record
from workbench.runs.validation import validated
from workbench.studies import load_study, plan_of
from workbench.studies.targets import Targets
from workbench.workers.task import Answer

WHOLE = load_study("hodgkin_huxley")
HIGHEST, LOWEST = WHOLE.problem.objectives[2:]
REPEATS = {HIGHEST.name: Repeats((40.77, 41.77, 42.77))}
STUDY = replace(
    WHOLE,
    problem=replace(
        WHOLE.problem,
        protocols=WHOLE.problem.protocols[:1],
        objectives=WHOLE.problem.objectives[:2],
    ),
    aims=Targets(WHOLE.problem.objectives[:2], held_out=(HIGHEST, LOWEST), repeats=REPEATS),
)
NAMES = STUDY.problem.parameter_names


class Formulas:
    """Workers that answer each row by its first parameter, and count whom they were asked."""

    places = 1

    def __init__(self):
        self.asked = 0

    def run(self, task, rows):
        for number, row in enumerate(rows):
            self.asked += 1
            lowest = Missing("no trough") if row[0] > 0.3 else np.array([-76.19 - 3.8])
            measured = (np.array([41.77 + 21 * row[0]]), lowest)
            yield Answer(number, "formula", 0.0, Evaluation(measured))


def row(number, sodium, scores):
    values = np.array([sodium, 0.05, 3e-4])
    found = Evaluation((np.array([7.0]), np.array([14.0])))
    return Row(0, number, values, found, np.array(scores, dtype=float))


ROWS = [row(0, 0.1, [1, 3]), row(1, 0.2, [2, 1]), row(2, 0.4, [0, 9]), row(3, 0.4, [5, 5])]


@pytest.fixture
def score(tmp_path, monkeypatch):
    """Score what a study holds out for a run with these rows; return what is kept and who asked."""

    class Told:
        def competitors(self):
            return iter(ROWS)

    record = record_of(STUDY, plan_of(WHOLE), {})
    monkeypatch.setattr(held_out, "record_told_by", lambda *_: record)

    def scored(study=STUDY):
        workers = Formulas()
        score_held_out(study, tmp_path, Told(), workers)
        return read_held_out(tmp_path), workers.asked

    return scored


def test_the_best_and_the_archive_are_scored_and_kept(score):
    found, asked = score()
    assert asked == 3
    assert found.under == UNDER
    assert found.problem == STUDY.held_out_problem.digest
    assert [(one.pick, one.individual, one.fitted_sum) for one in found.individuals] == [
        (1, 1, 3.0),
        (2, 0, 4.0),
        (3, 2, 9.0),
    ]
    highest, lowest = found.individuals[0].met
    assert highest.score == pytest.approx(10 * 0.2)
    assert lowest.score == pytest.approx(1)
    assert found.individuals[0].sum == pytest.approx(3)
    assert found.individuals[2].met[1].reason == "no trough"
    assert found.individuals[2].met[1].score == STUDY.problem.rule.missing


def test_intervals_are_those_of_the_values(score):
    """Three values a unit apart: each extreme mean comes in 1 of 27 resamples, above 2.5 %."""
    found, _ = score()
    assert found.targets[0].interval == pytest.approx((40.77, 42.77))
    assert found.targets[1].interval is None
    one = found.individuals[0]
    assert one.met[0].interval == pytest.approx((2 - 1 / 2.1, 2 + 1 / 2.1))
    assert one.interval == pytest.approx((3 - 1 / 2.1, 3 + 1 / 2.1))
    rows = found.rows()
    assert rows[0]["sum_high"] == pytest.approx(3 + 1 / 2.1)
    assert found.table()[1]["mean_low"] is None


def test_what_was_scored_is_not_simulated_again(score):
    assert score()[1] == 3
    found, asked = score()
    assert asked == 0
    assert found.individuals[0].sum == pytest.approx(3)
    changed = replace(STUDY, aims=replace(STUDY.aims, held_out=(replace(HIGHEST, std=4.2), LOWEST)))
    found, asked = score(changed)
    assert asked == 3
    assert found.individuals[0].met[0].score == pytest.approx(1)


def test_new_individuals_alone_are_simulated(score, monkeypatch):
    score()
    monkeypatch.setitem(globals(), "ROWS", [*ROWS, row(4, 0.0, [0, 0])])
    found, asked = score()
    assert asked == 1
    assert [one.individual for one in found.individuals] == [4]


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-9], lambda t: t.replace("3.0", "2.0"), lambda _: "[]"]
)
def test_what_is_damaged_is_not_there_and_is_made_anew(score, tmp_path, spoil):
    score()
    whole = (tmp_path / FILE).read_text()
    (tmp_path / FILE).write_text(spoil(whole))
    assert read_held_out(tmp_path) is None
    assert score()[1] == 3
    assert (tmp_path / FILE).read_text() == whole


def test_a_record_keeps_what_was_held_out():
    record = record_of(STUDY, plan_of(WHOLE), {})
    again = Record.model_validate(json.loads(json.dumps(record.model_dump(exclude_unset=True))))
    assert [one.name for one in again.held_out.objectives] == [HIGHEST.name, LOWEST.name]
    assert again.repeated() == REPEATS
    assert again.problem.digest == STUDY.problem.digest
    assert "held_out" not in record_of(WHOLE, plan_of(WHOLE), {}).model_dump(exclude_unset=True)


def test_a_study_with_other_parameters_is_refused():
    with pytest.raises(StudyError, match="the run has the free parameters a, and hodgkin_huxley"):
        validated([(1, ROWS[0])], ["a"], STUDY.problem, {}, Formulas())


def test_it_says_how_far_it_is():
    said = []
    rows = [(0, one) for one in ROWS]
    validated(rows, NAMES, STUDY.held_out_problem, {}, Formulas(), said.append)
    assert said[-1] == PartDone(4, 4, "individuals")
    assert str(said[0]) == "1 of 4 individuals simulated"


def test_without_anything_unseen_there_is_nothing_to_validate(tmp_path, monkeypatch):
    monkeypatch.setattr(validating, "study_of", lambda _: (WHOLE, None))
    with pytest.raises(InputError, match="holds out no target"):
        validating.study_under(tmp_path)
    study, words = validating.study_under(tmp_path, morphology="patch")
    assert (words, study.problem.digest) == ("on morphology patch", WHOLE.problem.digest)
