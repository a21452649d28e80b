"""What a check makes of values: they are made up here, and no engine is asked."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from workbench.calibration import checking
from workbench.cells import ByRegion, MaximalLength
from workbench.engines import Integrator
from workbench.errors import EngineError
from workbench.studies import EngineChoice, Study, load_study, setting_of

HH = load_study("hodgkin_huxley")
MEANS = np.array([objective.mean for objective in HH.problem.objectives])
STDS = np.array([objective.std for objective in HH.problem.objectives])
LONG = "; `workbench calibrate hodgkin_huxley` looks further"

Error = Callable[[Integrator, object], float]
"""How many SD a setting is off."""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))


@pytest.fixture
def checked(monkeypatch):
    """Check a study whose settings are off by so many SD; return it and what was said."""

    def check(
        error: Error,
        study: Study = HH,
        refuses: Callable[[Integrator], str] = lambda integrator: "",
        silent: Sequence[int] = (),
        wrong: str = "",
    ):
        def prove(jobs, report):
            if wrong and jobs[0][1].integrator.engine == "population":
                raise EngineError(wrong)

        said: list[str] = []
        own = study.problem.recipe.segments
        asked: list[int] = []

        def values(problems, rows, workers):
            asked.append(len(problems))
            found = np.tile(MEANS, (len(problems), len(rows), 1))
            for m, one in enumerate(problems):
                rule = one.recipe.segments
                reference = one.integrator.step_error_mV == 0.0025 or one.integrator.atol == 1e-5
                off = 0.0 if reference else error(one.integrator, "own" if rule == own else rule)
                found[m, : max(1, len(rows) // 2)] += off * STDS
            found[:, :, list(silent)] = np.nan
            return found

        monkeypatch.setattr(checking, "values_under", values)
        monkeypatch.setattr(checking, "_refusal", lambda problem, one, report: refuses(one))
        monkeypatch.setattr(checking, "prove", prove)
        return checking.checked(study, None, said.append), said, asked

    return check


def test_the_cheapest_that_is_exact_enough_is_taken(checked):
    study, said, _ = checked(lambda integrator, rule: 10 * integrator.step_error_mV)
    assert study.problem.integrator.step_error_mV == 0.02
    assert study.problem.recipe.segments == HH.problem.recipe.segments
    [_, sentence] = said
    assert sentence == study.accuracy
    assert sentence.startswith("100 % of 40 feature values of 10 individuals are within 0.25 SD")


def test_segments_are_finer_where_that_is_needed_and_the_studys_own_are_told(checked):
    study, said, _ = checked(lambda integrator, rule: 1.0 if rule == "own" else 0.1)
    assert study.problem.integrator.step_error_mV == 0.1
    assert study.problem.recipe.segments != HH.problem.recipe.segments
    assert said[-1].endswith("(50 % with its own 40 um)")


def test_segments_that_are_the_model_stay(checked):
    fit = HH.fit.model_copy(update={"keep_segments": True})
    kept = dataclasses.replace(HH, fit=fit)
    study, said, _ = checked(lambda integrator, rule: 1.0 if rule == "own" else 0.1, kept)
    assert study.problem.recipe.segments == HH.problem.recipe.segments
    assert said[-1].startswith("only 50 % of 40 feature values")
    assert said[-1].endswith(LONG)


def test_the_most_exact_is_taken_where_none_is_exact_enough(checked):
    study, said, _ = checked(lambda integrator, rule: 0.3 + integrator.step_error_mV)
    assert study.problem.integrator.step_error_mV == 0.005
    assert said[-1].startswith("only 50 %")


def test_a_value_that_is_rightly_missing_says_nothing(checked):
    """A feature that nobody shows is no evidence, and with too few shown nothing is certified."""
    study, said, asked = checked(lambda integrator, rule: 0.0, silent=[1])
    assert study.accuracy.startswith("how exact is not known, for 10 individuals show 3 of 4")
    assert study.problem.integrator.step_error_mV == 0.005
    assert said[-1].endswith(LONG)
    assert len(asked) == 1


def test_the_next_engine_is_asked_where_one_refuses_and_the_reason_is_told(checked):
    study, said, _ = checked(
        lambda integrator, rule: 0.0,
        refuses=lambda one: "" if one.engine == "neuron" else "a map is none of its things",
    )
    assert said[1] == "the population engine is left out: a map is none of its things"
    assert study.problem.integrator == Integrator(native=True, atol=None, step_error_mV=0.1)
    study, said, _ = checked(
        lambda integrator, rule: 0.0,
        study=HH.with_celsius(7.0),
        refuses=lambda one: "" if one.atol else "no",
    )
    assert study.problem.integrator == Integrator(native=True, atol=3e-3)
    assert said[2] == "NEURON with adaptive steps is left out: no"


def test_an_engine_that_computes_something_else_is_not_chosen(checked):
    study, said, _ = checked(lambda integrator, rule: 0.0, wrong="pulse differs by 3 mV")
    assert study.problem.integrator.engine == "neuron"
    assert said[1] == "the population engine is left out: pulse differs by 3 mV"


def test_what_would_take_too_long_is_not_begun(checked, monkeypatch):
    monkeypatch.setattr(checking, "LONGEST_s", 1e-6)
    study, _, asked = checked(lambda integrator, rule: 0.0)
    assert not asked
    assert "it would take longer than a minute" in study.accuracy
    assert study.problem.integrator.step_error_mV == 0.005


def test_a_verdict_is_kept_by_the_problem(checked):
    first, _, asked = checked(lambda integrator, rule: 0.0)
    again, said, anew = checked(lambda integrator, rule: 9.0)
    assert asked
    assert not anew
    assert again == first
    assert said == [first.accuracy]
    _, _, anew = checked(lambda integrator, rule: 9.0, HH.with_celsius(7.0))
    assert anew


def test_individuals_are_sought_where_none_is_published(checked):
    unknown = dataclasses.replace(HH, published={})
    study, _, asked = checked(lambda integrator, rule: 0.0, unknown)
    assert len(asked) == checking.ROUNDS + 2
    assert " of 11 individuals" in study.accuracy


def fitted(study, engine, monkeypatch):
    marked = dataclasses.replace(study, accuracy="checked")
    monkeypatch.setattr(checking, "checked", lambda study, workers, report: marked)
    said: list[str] = []
    return checking.fit_engine(study, engine, None, said.append), said


def test_only_a_study_that_does_not_say_how_is_checked(monkeypatch):
    silent = dataclasses.replace(HH, says_how=False)
    assert fitted(HH, None, monkeypatch)[0] is HH
    assert fitted(silent, None, monkeypatch)[0].accuracy == "checked"
    assert fitted(HH, "auto", monkeypatch)[0].accuracy == "checked"
    for words in ({"engine": "neuron"}, {"dt": 0.01}, {"cvode": 1e-3}, {"order": 2}):
        assert fitted(silent, EngineChoice(**words), monkeypatch)[0].accuracy == ""


def test_a_calibration_is_taken_before_a_check_unless_it_is_outdated(monkeypatch):
    l5pc = load_study("l5pc")
    assert not l5pc.says_how
    assert fitted(l5pc, None, monkeypatch)[0].accuracy.startswith("budget 0.25 SD")
    other = l5pc.with_segments(MaximalLength(10.0))
    found, said = fitted(other, None, monkeypatch)
    assert found.accuracy == "checked"
    assert "belongs to another state of the study" in said[0]
    assert isinstance(setting_of(fitted(l5pc, None, monkeypatch)[0]).segments, ByRegion)
