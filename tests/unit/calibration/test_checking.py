"""What a check makes of values: they are made up here, and no engine is asked."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from workbench.calibration import checking, meeting, precision
from workbench.cells import ByRegion, MaximalLength
from workbench.engines import Integrator
from workbench.errors import EngineError
from workbench.studies import EngineChoice, Study, load_study, setting_of
from workbench.studies import calibrated as calibrated_setting

HH = load_study("hodgkin_huxley")
STEPS_mV = checking.STEPS_mV
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
        wrong_in_single: str = "",
        evaluations: float = 400,
    ):
        def prove(jobs, report):
            integrator = jobs[0][1].integrator
            if integrator.precision == "single" and wrong_in_single:
                raise EngineError(wrong_in_single)
            if integrator.engine == "population" and wrong:
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

        for module in (checking, meeting, precision):
            monkeypatch.setattr(module, "values_under", values)
        monkeypatch.setattr(checking, "_refusal", lambda problem, one, report: refuses(one))
        monkeypatch.setattr(checking, "prove", prove)
        return checking.checked(study, None, said.append, evaluations), said, asked

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
    assert study.problem.integrator.step_error_mV == STEPS_mV[0]
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
    assert study.problem.integrator.step_error_mV == STEPS_mV[-1]
    assert said[-1].startswith("only 50 %")


def test_a_value_that_is_rightly_missing_says_nothing(checked):
    """A feature that nobody shows is no evidence, and with too few shown nothing is certified."""
    study, said, asked = checked(lambda integrator, rule: 0.0, silent=[1])
    assert study.accuracy.startswith("how exact is not known, for 10 individuals show 3 of 4")
    assert study.problem.integrator.step_error_mV == STEPS_mV[-1]
    assert said[-1].endswith(LONG)
    assert len(asked) == 1


def test_the_next_engine_is_asked_where_one_refuses_and_the_reason_is_told(checked):
    study, said, _ = checked(
        lambda integrator, rule: 0.0,
        refuses=lambda one: "" if one.engine == "neuron" else "a map is none of its things",
    )
    assert said[1] == "the population engine is left out: a map is none of its things"
    assert study.problem.integrator == Integrator(native=True, atol=None, step_error_mV=STEPS_mV[0])
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
    monkeypatch.setattr(meeting, "LONGEST_s", 1e-6)
    study, _, asked = checked(lambda integrator, rule: 0.0)
    assert not asked
    assert "it would take longer than a minute" in study.accuracy
    assert study.problem.integrator.step_error_mV == STEPS_mV[-1]


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
    assert len(asked) == meeting.ROUNDS + 2
    assert " of 11 individuals" in study.accuracy


MANY = 10**6
"""Evaluations that win back a second build, even of the squid's patch."""


def in_single(off_SD: float) -> Error:
    """Return errors of nothing in double, and of so much in single precision."""
    return lambda integrator, rule: off_SD if integrator.precision == "single" else 0.0


def test_a_long_fit_is_in_single_precision_where_that_hardly_moves_values(checked):
    study, said, _ = checked(in_single(0.02), evaluations=MANY)
    lanes = Integrator("population", atol=None, step_error_mV=STEPS_mV[0])
    assert study.problem.integrator == dataclasses.replace(lanes, precision="single")
    assert said[-1] == study.accuracy
    moved = "; single precision moves 95 % of 40 feature values by at most 0.02 SD"
    assert said[-1].endswith(f"population engine, adaptive steps {STEPS_mV[0]:g} mV{moved}")
    # What was found for a long fit says nothing of a short one, and the other way round.
    study, said, _ = checked(in_single(0.02))
    assert study.problem.integrator == lanes
    assert "single" not in said[-1]


def test_values_that_single_precision_moves_are_computed_in_double(checked):
    study, said, _ = checked(in_single(0.03), evaluations=MANY)
    assert study.problem.integrator.precision == "double"
    assert said[1:] == [
        "single precision is left out: it does not keep 95 % of 40 feature values within 0.025 SD "
        "of those in double",
        study.accuracy,
    ]


def test_single_precision_that_differs_from_neuron_leaves_double(checked):
    study, said, _ = checked(in_single(0.0), evaluations=MANY, wrong_in_single="off by 3 mV")
    assert study.problem.integrator.precision == "double"
    assert said[1] == "single precision is left out: off by 3 mV"


def test_where_nothing_is_certified_or_neuron_runs_there_is_no_single_precision(checked):
    study, _, _ = checked(in_single(0.0), evaluations=MANY, silent=[1])
    assert study.problem.integrator.precision == "double"
    study, _, _ = checked(
        in_single(0.0),
        study=HH.with_celsius(7.0),
        evaluations=MANY,
        refuses=lambda one: "" if one.engine == "neuron" else "no",
    )
    assert study.problem.integrator.engine == "neuron"


L5PC = load_study("l5pc")


@pytest.fixture
def calibrated(monkeypatch):
    """Fit a calibrated study whose values single precision moves by so many SD."""

    def fit(off_SD: float, engine=None, evaluations=10_000, wrong=()):
        def values(problems, rows, workers):
            objectives = problems[0].objectives
            off = off_SD if problems[0].integrator.precision == "single" else 0.0
            return np.array([[[o.mean + off * o.std for o in objectives]] * len(rows)])

        def prove(jobs, report):
            used = jobs[0][1].integrator
            if used.engine == "population" and used.precision in wrong:
                raise EngineError("Step1 differs by 3 mV")

        monkeypatch.setattr(precision, "values_under", values)
        monkeypatch.setattr(checking, "prove", prove)
        said: list[str] = []
        found = checking.fit_engine(L5PC, engine, None, said.append, evaluations=evaluations)
        return found, found.problem.integrator.precision, said

    return fit


def test_what_was_calibrated_is_taken_in_single_precision_too(calibrated):
    study, found, said = calibrated(0.005)
    assert found == "single"
    moved = "single precision moves 95 % of 350 feature values by at most 0.005 SD"
    assert said == ["checking what single precision would move, a minute at most", moved]
    assert study.accuracy.startswith("budget 0.25 SD")
    assert study.accuracy.endswith(f"; {moved}")
    assert calibrated(9.0)[2] == [moved], "a verdict is kept"
    assert calibrated(0.005, evaluations=10)[1:] == ("double", [])


def test_what_was_calibrated_stays_in_double_where_single_is_another(calibrated):
    study, found, said = calibrated(0.1)
    assert found == "double"
    assert said[1].startswith("single precision is left out: it does not keep 95 % of 350")
    assert "single" not in study.accuracy


def test_what_was_calibrated_stays_in_double_where_single_is_disproven(calibrated):
    study, found, said = calibrated(0.0, wrong=["single"])
    assert (study.problem.integrator.engine, found) == ("population", "double")
    assert said[2:] == ["single precision is left out: Step1 differs by 3 mV"]
    assert "single" not in study.accuracy


def test_what_was_calibrated_runs_in_neuron_where_lanes_are_disproven(calibrated):
    study, _, said = calibrated(0.0, wrong=["single", "double"])
    assert said[3:] == ["the population engine is left out: Step1 differs by 3 mV"]
    setting, table = calibrated_setting(L5PC)
    assert setting_of(study) == setting
    assert study.problem.integrator.engine == "neuron"
    assert study.accuracy == str(table)


def test_a_word_of_the_precision_overrides(calibrated):
    study, found, said = calibrated(0.0, EngineChoice(precision="double"))
    assert (found, said) == ("double", [])
    assert study.accuracy.startswith("budget 0.25 SD")
    # The shortest fit, and values that move: whoever asks for it has it, and no word of accuracy.
    study, found, _ = calibrated(0.1, EngineChoice("auto", precision="single"), evaluations=1)
    assert (found, study.accuracy) == ("single", "")
    assert isinstance(setting_of(study).segments, ByRegion)


def fitted(study, engine, monkeypatch):
    marked = dataclasses.replace(study, accuracy="checked")
    monkeypatch.setattr(checking, "checked", lambda study, workers, report, evaluations: marked)
    monkeypatch.setattr(checking, "prove", lambda jobs, report: None)
    said: list[str] = []
    return checking.fit_engine(study, engine, None, said.append, evaluations=1), said


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
