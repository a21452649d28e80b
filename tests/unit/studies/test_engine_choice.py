"""The words of an engine, alike on the command line and in Python."""

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from workbench.calibration import Calibration, Measured, write_calibration
from workbench.cells import MaximalLength
from workbench.digests import digest
from workbench.engines import Integrator, adaptive_step, fixed_step
from workbench.errors import EngineError, InputError, StudyError
from workbench.studies import EngineChoice, Setting, engine_choice, load_study, with_engine

STUDY = load_study("hodgkin_huxley")  # Crank-Nicolson, 0.01 ms
VARIABLE = STUDY.with_integrator(Integrator())


def chosen(study, engine=None, **words):
    return with_engine(study, EngineChoice(engine, **words)).problem.integrator


def test_without_a_word_the_study_is_as_it_was():
    assert with_engine(STUDY, None) is STUDY
    assert with_engine(STUDY, EngineChoice()) is STUDY


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"dt": 0.025}, fixed_step(0.025, 2)),
        ({"dt": 0.1, "order": 1}, fixed_step(0.1, 1)),
        ({"order": 1}, fixed_step(0.01, 1)),
        ({"cvode": 1e-4}, Integrator(atol=1e-4)),
        ({"adaptive": 0.02}, adaptive_step(0.02)),
        ({"engine": "coreneuron"}, fixed_step(0.01, 2, "coreneuron")),
        ({"engine": "neuron"}, fixed_step(0.01, 2)),
        (
            {"engine": "coreneuron", "gpu": True},
            replace(fixed_step(0.01, 2, "coreneuron"), gpu=True),
        ),
        (
            {"engine": "population", "precision": "single"},
            Integrator("population", atol=None, step_error_mV=0.02, precision="single"),
        ),
    ],
)
def test_words_stand_in_place_of_what_the_study_says(words, expected):
    assert chosen(STUDY, **words) == expected


def test_a_fixed_step_that_is_not_said_is_the_fields():
    assert chosen(VARIABLE, order=2) == fixed_step(0.025, 2)
    assert chosen(VARIABLE, "coreneuron") == fixed_step(0.025, 1, "coreneuron")


def test_a_name_alone_is_the_engine():
    assert with_engine(STUDY, "coreneuron").problem.integrator.engine == "coreneuron"


def test_the_temperature_is_the_cells():
    warmer = with_engine(STUDY, EngineChoice(celsius=20.0))
    assert warmer.problem.recipe.celsius_degC == 20.0
    assert warmer.problem.integrator == STUDY.problem.integrator


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"engine": "nest"}, "unknown engine 'nest'. Allowed: auto, coreneuron, neuron"),
        ({"engine": 3}, "unknown engine '3'. Allowed: auto, coreneuron, neuron"),
        ({"dt": 0.1, "cvode": 1e-3}, "-dt and -cvode exclude one another; give one"),
        ({"engine": "auto", "order": 2}, "leave -dt, -order, -cvode and -adaptive out"),
        (
            {"engine": "auto"},
            "-engine auto: hodgkin_huxley has no calibration; `workbench calibrate hodgkin_huxley`",
        ),
        ({"order": 0}, "order is 0; allowed: 1"),
        ({"dt": "x"}, "dt_ms is 'x', it must be a number"),
        ({"engine": "coreneuron", "cvode": 1.0}, "CoreNEURON has no CVODE"),
        ({"gpu": True}, "only engine = 'coreneuron' and engine = 'population' have it"),
        ({"precision": "single"}, "only engine = 'population' has it"),
        ({"engine": "population", "precision": "half"}, "unknown precision 'half'. Allowed"),
        (
            {"engine": "population", "precision": "single", "adaptive": 1e-6},
            "step_error_mV is 1e-06, too little for single precision",
        ),
    ],
)
@pytest.mark.parametrize("option", ["", "--"])
def test_what_cannot_be_chosen(words, said, option):
    """Messages have the words as they were written: with dashes on the command line."""
    with pytest.raises((InputError, EngineError)) as refused:
        with_engine(STUDY, EngineChoice(**words), option)
    assert re.sub(r"(?<![\w-])-(?=[a-z])", option, said) in str(refused.value)


def test_auto_is_what_the_calibration_says():
    study = load_study("l5pc")
    auto = with_engine(study, "auto")
    assert auto.accuracy.startswith("budget 0.25 SD")
    assert auto.problem.recipe.segments != study.problem.recipe.segments
    assert with_engine(study, EngineChoice("auto", celsius=30.0)).accuracy == auto.accuracy


def calibrated_with(folder, integrator):
    """Return what `auto` is in a study that was calibrated with this integrator."""
    shutil.copytree(STUDY.folder, folder)
    study = load_study(folder)
    setting = Setting(study.problem.recipe.segments, integrator)
    errors_SD = np.zeros((1, len(study.problem.objectives)))
    one = Measured(setting, 1, np.ones(1), errors_SD, np.array([True]))
    found = Calibration(study, 0.25, (), (one,), one, one, 0, errors_SD.size)
    write_calibration(found, folder / "calibration.toml")
    return chosen(study, "auto")


def test_lanes_take_adaptive_steps_that_were_measured_in_neuron(tmp_path, monkeypatch):
    measured = adaptive_step(0.01, native=True)
    lanes = Integrator("population", atol=None, step_error_mV=0.01)
    assert calibrated_with(tmp_path / "one", measured) == lanes
    cvode = Integrator(native=True)
    assert calibrated_with(tmp_path / "two", cvode) == cvode

    def refuse(*_):
        raise EngineError("no lanes for this one")

    monkeypatch.setattr(engine_choice, "check_engine", refuse)
    assert calibrated_with(tmp_path / "three", measured) == measured


def test_a_word_of_the_precision_holds_for_protocols_with_an_integrator_of_their_own():
    lanes = Integrator("population", atol=None, step_error_mV=0.02)
    finer, single = replace(lanes, step_error_mV=0.01), {"precision": "single"}
    study = STUDY.with_integrator(lanes, (("pulse", finer),))
    own = with_engine(study, EngineChoice(**single)).problem.own_integrators
    assert own == (("pulse", replace(finer, **single)),)
    assert not with_engine(study, EngineChoice(adaptive=0.05)).problem.own_integrators


def test_auto_is_of_the_study_that_was_calibrated():
    study = load_study("l5pc").with_segments(MaximalLength(10.0))
    with pytest.raises(StudyError, match="belongs to another state of the study"):
        with_engine(study, "auto")


def test_another_engine_leaves_a_precision_behind():
    lanes = Integrator("population", atol=None, step_error_mV=0.02, precision="single")
    study = STUDY.with_integrator(lanes)
    assert with_engine(study, None) is study
    assert chosen(study, adaptive=0.01) == replace(lanes, step_error_mV=0.01)
    assert chosen(study, "neuron") == adaptive_step(0.02)
    assert chosen(study, precision="double") == replace(lanes, precision="double")


def test_a_default_precision_is_not_told_in_digests():
    double = Integrator("population", atol=None, step_error_mV=0.02)
    single = replace(double, precision="single")
    assert digest(double) == digest(replace(double, precision="double")) != digest(single)
